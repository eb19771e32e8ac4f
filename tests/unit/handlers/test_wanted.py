"""What waited to be sent is said only while it is still true: an open round, and somebody who has not answered."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.checkin import Course
from alliance.ids import CheckinId, MemberId
from alliance.notices import CheckinOpened, CheckinReminder, Notice, PulseOpened, PulseReminder
from alliance.roster import Roster
from handlers import checkins, pulses
from handlers.call import Call
from handlers.intents import AnswerCheckin
from handlers.wanted import still_wanted
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY, make_charter_version
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver
from tests.fakes.pulse_rounds import answer

BOTH_OPEN, PULSE_CLOSES = utc("2026-02-04T17:00"), utc("2026-02-09T16:00")
ANSWERED, SILENT = MemberId("dc-op1"), MemberId("dc-op2")


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """A check-in and a pulse are open, and one person has answered both."""
    version = make_charter_version()
    async with open_uow() as uow:
        call = Call(uow=uow, roster=roster, member=None, now=MONDAY)
        await checkins.schedule_first(call, version)
        await pulses.schedule_first(call, version)
        await uow.commit()
    made = Driver(engine, open_uow, MONDAY)
    await made.run_until(BOTH_OPEN)
    await answer(made, ANSWERED, 3)
    given = {"course": Course.ON_TRACK, "moved": "A list.", "next": "", "in_the_way": ""}
    intent = AnswerCheckin(alliance_id=ALLIANCE, checkin_id=await the_checkin(made), **given)  # type: ignore[arg-type]
    await made.ask(ANSWERED, intent)
    return made


async def the_checkin(driver: Driver) -> CheckinId:
    async with driver.open_uow() as uow:
        (checkin,) = await uow.checkins.open_rounds(ALLIANCE)
    return checkin.id


async def invitations(driver: Driver) -> list[Notice]:
    return [*await driver.notices(CheckinOpened), *await driver.notices(PulseOpened)]


async def reminders(driver: Driver) -> list[Notice]:
    """A reminder of each open round, as it was written before anybody had answered."""
    common: dict[str, Any] = {"alliance_id": ALLIANCE, "members": (ANSWERED, SILENT), "last": False}
    (pulse,) = {n.pulse_id for n in await driver.notices(PulseOpened) if isinstance(n, PulseOpened)}
    return [
        CheckinReminder(checkin_id=await the_checkin(driver), closes_at=PULSE_CLOSES, **common),
        PulseReminder(pulse_id=pulse, closes_at=PULSE_CLOSES, **common),
    ]


async def wanted(driver: Driver, notices: list[Notice], member: MemberId) -> list[bool]:
    async with driver.open_uow(reads=True) as uow:
        return [bool(await still_wanted(uow, notice, member)) for notice in notices]


async def test_who_answered_while_a_reminder_waited_does_not_get_it(driver: Driver) -> None:
    waiting = await reminders(driver)

    assert await wanted(driver, waiting, ANSWERED) == [False, False]
    assert await wanted(driver, waiting, SILENT) == [True, True]


async def test_nobody_is_asked_or_reminded_once_the_round_has_closed(driver: Driver) -> None:
    waiting = [*await invitations(driver), *await reminders(driver)]
    assert all(await wanted(driver, waiting, SILENT))

    await driver.run_until(PULSE_CLOSES + dt.timedelta(minutes=1))

    assert not any(await wanted(driver, waiting, SILENT))
