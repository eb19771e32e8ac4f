"""An amendment in the middle of things: no round twice, none left out, no term that one company sets alone."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.cadence import Cadence
from alliance.charter import Charter, CharterState, CheckinTerms, CheckpointTerms, PulseTerms
from alliance.notices import CharterProposed, CheckinOpened, CheckpointOpened, PulseOpened
from handlers.intents import ProposeCharter, SignCharter
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version, make_roster
from tests.fakes.driving import Driver

TWO_WEEKS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


def every_two_weeks() -> Charter:
    return replace(
        make_charter(),
        checkin=CheckinTerms(Cadence(TWO_WEEKS, dt.time(10))),
        pulse=PulseTerms(Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", dt.time(10))),
        checkpoints=CheckpointTerms(cadence=Cadence("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15", dt.time(9))),
    )


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork) -> Driver:
    """An alliance whose first charter has just come into force."""
    async with open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()
    made = Driver(engine, open_uow, MONDAY)
    await agree(made, every_two_weeks(), 1)
    return made


async def agree(driver: Driver, charter: Charter, version: int) -> None:
    """Draft, propose and sign a version by both companies, now."""
    draft = make_charter_version(charter, state=CharterState.DRAFT, version=version, at=driver.now)
    async with driver.open_uow() as uow:
        await uow.charters.save(draft)
        await uow.commit()
    await driver.ask("mc-am", ProposeCharter(alliance_id=ALLIANCE))
    for executive in ("dc-ex1", "mc-ex1"):
        await driver.ask(executive, SignCharter(alliance_id=ALLIANCE))


async def opened(driver: Driver, kind: type[CheckinOpened] | type[PulseOpened]) -> list[tuple[str, dt.date]]:
    """Which side's rounds closed on which date, in the order in which they opened."""
    told = [n for n in await driver.notices(kind) if isinstance(n, CheckinOpened | PulseOpened)]
    return [(notice.side, notice.closes_at.date()) for notice in told]


def rounds(*closing: tuple[int, int]) -> list[tuple[str, dt.date]]:
    """Each round once a side, Stuttgart first."""
    return [(side, dt.date(2026, *day)) for day in closing for side in (MC, DC)]


@pytest.mark.parametrize("days_later", [1, 2, 5, 8, 9, 13, 15, 20])
async def test_an_amendment_of_other_terms_keeps_the_rhythm_of_two_weeks(driver: Driver, days_later: int) -> None:
    await driver.run_until(MONDAY + days_later * DAY)
    await agree(driver, replace(every_two_weeks(), purpose="Launch it together."), 2)
    await driver.run_until(MONDAY + 6 * WEEK)

    assert await opened(driver, CheckinOpened) == rounds((2, 5), (2, 19), (3, 5))
    assert [day for _, day in await opened(driver, PulseOpened)] == [day for _, day in rounds((2, 9), (2, 23), (3, 9))]


async def test_another_hour_keeps_the_rhythm_too(driver: Driver) -> None:
    await driver.run_until(MONDAY + 9 * DAY)
    at_two = replace(every_two_weeks(), checkin=CheckinTerms(Cadence(TWO_WEEKS, dt.time(14))))
    await agree(driver, at_two, 2)
    await driver.run_until(MONDAY + 6 * WEEK)

    assert await opened(driver, CheckinOpened) == rounds((2, 5), (2, 19), (3, 5))


@pytest.mark.parametrize("hours_later", [3, 19, 22, 25, 30, 47, 60])
async def test_a_new_day_of_the_week_does_not_ask_while_the_old_round_runs(driver: Driver, hours_later: int) -> None:
    """Tuesday's round, which runs until Thursday, is followed by Wednesday's of the week after."""
    await driver.run_until(MONDAY + hours_later * dt.timedelta(hours=1))
    asked_before = hours_later > 17
    weekly = replace(every_two_weeks(), checkin=CheckinTerms(Cadence("FREQ=WEEKLY;BYDAY=WE", dt.time(10))))
    await agree(driver, weekly, 2)
    await driver.run_until(MONDAY + 2 * WEEK)

    first = (2, 5) if asked_before else (2, 6)
    assert await opened(driver, CheckinOpened) == rounds(first, (2, 13))


async def test_a_quarterly_checkpoint_keeps_its_quarter(driver: Driver) -> None:
    await driver.run_until(dt.datetime(2026, 4, 7, 15, 0, tzinfo=dt.UTC))
    await agree(driver, replace(every_two_weeks(), purpose="Launch it together."), 2)
    await driver.run_until(dt.datetime(2026, 6, 1, 15, 0, tzinfo=dt.UTC))

    told = [n for n in await driver.notices(CheckpointOpened) if isinstance(n, CheckpointOpened)]
    assert [notice.day for notice in told] == [dt.date(2026, 2, 15), dt.date(2026, 5, 15)]


async def test_the_days_for_signing_an_amendment_are_those_that_both_agreed(driver: Driver) -> None:
    """Else whoever drafts it could give silence as much or as little time as they like."""
    draft = make_charter_version(
        replace(every_two_weeks(), sign_within_days=90), state=CharterState.DRAFT, version=2, at=driver.now
    )
    async with driver.open_uow() as uow:
        await uow.charters.save(draft)
        await uow.commit()

    await driver.ask("dc-am", ProposeCharter(alliance_id=ALLIANCE))

    *_, told = await driver.notices(CharterProposed)
    assert isinstance(told, CharterProposed)
    assert told.lapses_at == driver.now + 10 * DAY
