"""Homes are redrawn for whom something changed, once for many changes, and give nobody's pulse away."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToHome
from alliance.ids import AllianceId, MemberId
from alliance.notices import HomeChanged
from alliance.roster import Roster
from handlers.intents import AnswerPulse, SetAway
from handlers.own_intents import PlaceHome, ShowHome
from handlers.status import HomeShown
from handlers.time_intents import OpenCheckin
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MONDAY, make_roster
from tests.fakes.driving import Driver
from tests.fakes.homes import looked_at_home
from tests.fakes.pulses import make_pulse

ME, LANE = MemberId("dc-op1"), "slack:T0DC"
A_DAY = dt.timedelta(days=1)


@pytest.fixture
def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def redrawn(driver: Driver) -> list[tuple[MemberId, ...]]:
    return [notice.members for notice in await driver.notices(HomeChanged) if isinstance(notice, HomeChanged)]


def away(days: int) -> SetAway:
    return SetAway(alliance_id=ALLIANCE, until=MONDAY.date() + days * A_DAY)


async def test_who_never_looked_has_no_home_to_redraw(driver: Driver) -> None:
    await driver.ask(ME, away(1))

    assert await redrawn(driver) == []


async def test_many_changes_are_one_redraw_until_its_turn_has_come(driver: Driver) -> None:
    await looked_at_home(driver.open_uow, ME)

    for days in (1, 2, 3):
        await driver.ask(ME, away(days))
    before = await redrawn(driver)
    async with driver.open_uow() as uow:
        lane = next(iter(driver.woken))
        claimed = await uow.outbox.claim(lane, MONDAY, 10)
        await uow.commit()
    await driver.ask(ME, away(4))

    assert before == [(ME,)]
    assert [delivery.recipient for delivery in claimed] == [ToHome(ME)]
    assert await redrawn(driver) == [(ME,), (ME,)]


async def test_a_home_that_was_asked_for_is_shown_anew_and_said(driver: Driver) -> None:
    reply = await driver.ask(ME, PlaceHome(alliance_id=ALLIANCE))

    (notice,) = await driver.notices(HomeChanged)
    assert isinstance(notice, HomeChanged)
    assert (notice.members, notice.anew, notice.homes) == ((ME,), True, ())
    assert isinstance(reply, HomeShown)
    assert [home.member.id for home in reply.homes] == [ME]


async def test_what_comes_next_moves_for_everybody_who_looked(driver: Driver) -> None:
    await looked_at_home(driver.open_uow, "dc-op1", "mc-ex1")
    async with driver.open_uow() as uow:
        await uow.timers.set("t", ALLIANCE, OpenCheckin(alliance_id=ALLIANCE, side=DC, day=MONDAY.date()), MONDAY)
        await uow.commit()

    await driver.run_until(MONDAY)

    assert await redrawn(driver) == [("dc-op1", "mc-ex1")]


async def test_answering_a_pulse_leaves_no_row_that_says_when(driver: Driver) -> None:
    await looked_at_home(driver.open_uow, ME)
    pulse = replace(make_pulse(dc=(ME,), mc=()), closes_at=MONDAY + A_DAY)
    async with driver.open_uow() as uow:
        await uow.pulses.add(pulse)
        await uow.commit()

    await driver.ask(
        ME, AnswerPulse(alliance_id=ALLIANCE, pulse_id=pulse.id, ratings=dict.fromkeys(pulse.items, 4), comment="")
    )

    assert await redrawn(driver) == []


async def test_one_home_shows_every_alliance_of_a_person(driver: Driver) -> None:
    other = make_roster(AllianceId("al2"))
    async with driver.open_uow() as uow:
        mine = (await uow.rosters.get(ALLIANCE)).by_key(ME)
        same = [
            replace(m, platform=mine.platform, workspace=mine.workspace, address=mine.address)
            if m.key.endswith("dc-op2")
            else m
            for m in other.members
        ]
        await uow.rosters.save(replace(other, members=tuple(same)))
        await uow.commit()

    reply = await driver.ask(ME, ShowHome(alliance_id=ALLIANCE))

    assert isinstance(reply, HomeShown)
    assert {home.alliance_id for home in reply.homes} == {ALLIANCE, other.alliance_id}
