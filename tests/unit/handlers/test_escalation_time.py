"""Escalations that time carries on: reminded, joined by the next level, moved up, asked about."""

import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance import escalation_notices as en
from alliance.escalation import Event, Happened
from alliance.roster import Roster
from handlers.time_intents import EscalationFallsDue
from handlers.wanted import still_wanted
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY
from tests.fakes.driving import Driver
from tests.fakes.escalating import (
    acknowledged,
    acknowledging,
    raise_one,
    the_case,
    told,
)

FRIDAY_NEXT_WEEK = MONDAY + dt.timedelta(days=11)


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def test_time_reminds_joins_levels_and_waits_at_the_top(driver: Driver) -> None:
    await raise_one(driver)

    await driver.run_until(FRIDAY_NEXT_WEEK)

    case = await the_case(driver)
    assert case.reach == case.protocol.top
    joined = await told(driver, en.EscalationLevelJoined)
    assert [notice.members for notice in joined] == [
        ("dc-mgr1", "dc-mgr2", "mc-mgr1", "mc-mgr2"),
        ("dc-am", "mc-am"),
        ("dc-ex1", "dc-ex2", "mc-ex1", "mc-ex2"),
    ]
    assert any(notice.ended for notice in await told(driver, en.EscalationReminder))


async def test_late_acknowledgements_are_counted_for_the_early_warnings(driver: Driver) -> None:
    await raise_one(driver)

    await driver.run_until(FRIDAY_NEXT_WEEK)

    async with driver.open_uow() as uow:
        entries = await uow.audit.entries(ALLIANCE)
    assert [e.facts["side"] for e in entries if e.event == "acknowledgement missed"][:2] == [DC, MC]


async def test_no_resolution_in_time_moves_it_up_by_itself(driver: Driver) -> None:
    await acknowledged(driver)

    await driver.run_until(FRIDAY_NEXT_WEEK)

    case = await the_case(driver)
    assert case.level == 1
    assert Happened.STATEMENTS_ASKED in [entry.what for entry in case.history]
    assert len(await told(driver, en.EscalationQuiet)) == 1


async def test_a_stale_timer_does_nothing(driver: Driver) -> None:
    case = await acknowledged(driver)
    before = await the_case(driver)
    stale = [
        EscalationFallsDue(alliance_id=ALLIANCE, escalation_id=case, event=name)
        for name in (Event.HALF_TIME.name, Event.RESOLUTION_ENDED.name, "NO_SUCH_EVENT")
    ]
    async with driver.open_uow() as uow:
        for position, intent in enumerate(stale):
            await uow.timers.set(f"stale {position}", ALLIANCE, intent, MONDAY)
        await uow.commit()

    await driver.run_until(MONDAY)

    assert await the_case(driver) == before
    async with driver.open_uow() as uow:
        assert not [timer for timer in await uow.timers.of(ALLIANCE) if timer.key.startswith("stale")]


async def test_a_reminder_and_an_older_redraw_are_not_sent_once_they_are_outrun(driver: Driver) -> None:
    case = await raise_one(driver)
    await driver.ask("mc-op1", acknowledging(case))
    (redrawn,) = await told(driver, en.EscalationRedrawn)
    await driver.run_until(MONDAY + dt.timedelta(hours=23, minutes=45))
    (reminder,) = await told(driver, en.EscalationReminder)

    async with driver.open_uow() as uow:
        before = [await still_wanted(uow, notice, None) for notice in (redrawn, reminder)]
    await driver.ask("dc-op1", acknowledging(case))
    async with driver.open_uow() as uow:
        after = [await still_wanted(uow, notice, None) for notice in (redrawn, reminder)]

    assert before == [False, True]
    assert after == [False, False]
