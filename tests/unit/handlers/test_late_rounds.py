"""After an outage that is longer than a round: it closes for both, and nobody is asked what is over."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.notices import CheckinClosed, CheckinOpened, PulseClosed, PulseOpened
from alliance.roster import Roster
from handlers import checkins, pulses
from handlers.call import Call
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import MC, MONDAY, make_charter_version
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    version = make_charter_version()
    async with open_uow() as uow:
        call = Call(uow=uow, roster=roster, member=None, now=MONDAY)
        await checkins.schedule_first(call, version)
        await pulses.schedule_first(call, version)
        await uow.commit()
    return Driver(engine, open_uow, MONDAY)


async def test_a_side_that_was_down_until_after_the_close_is_not_asked_any_more(driver: Driver) -> None:
    await driver.run_until(utc("2026-02-04T09:30"))  # MC's pulse is open; DC's opens at 16:00
    driver.now = utc("2026-02-09T17:00")  # it closed at 16:00

    await driver.run_until(driver.now)

    opened = [n for n in await driver.notices(PulseOpened) if isinstance(n, PulseOpened)]
    assert [notice.side for notice in opened] == [MC]
    assert len(await driver.notices(PulseClosed)) == 1


async def test_the_same_holds_for_a_check_in(driver: Driver) -> None:
    await driver.run_until(utc("2026-02-03T09:30"))  # MC's check-in is open; DC's opens at 16:00
    driver.now = utc("2026-02-05T17:00")  # it closed at 16:00

    await driver.run_until(driver.now)

    opened = [n for n in await driver.notices(CheckinOpened) if isinstance(n, CheckinOpened)]
    assert [notice.side for notice in opened] == [MC]
    assert len(await driver.notices(CheckinClosed)) == 1
