"""What both companies were told can be read again: the same by either, and by nobody whom it was not for."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audit import AuditFact
from alliance.errors import NotPermitted
from alliance.roster import Roster
from bot import alliance_reading
from handlers.reading_intents import ShowPulseResults, ShowTrail
from handlers.readings import NEWEST, NoResultsYet, PulseResultsShown, TrailShown
from storage.tables import AuditRow
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY, make_charter_version
from tests.fakes.driving import Driver
from tests.fakes.pulse_rounds import closed_pulse, schedule

RESULTS = ShowPulseResults(alliance_id=ALLIANCE)
TRAIL = ShowTrail(alliance_id=ALLIANCE)


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    made = Driver(engine, open_uow, MONDAY)
    await schedule(made, roster, make_charter_version())
    return made


async def trail(driver: Driver, key: str = "dc-am") -> TrailShown:
    shown = await driver.ask(key, TRAIL)
    assert isinstance(shown, TrailShown)
    return shown


async def record(driver: Driver, count: int) -> None:
    async with driver.open_uow() as uow:
        facts = (
            AuditFact(f"event {number}", "escalation 1", details={"text": "their words"}) for number in range(count)
        )
        await uow.audit.append(ALLIANCE, MONDAY, *facts)
        await uow.commit()


async def test_the_leads_of_both_read_the_results_that_were_published(driver: Driver) -> None:
    told = await closed_pulse(driver, dc=6, mc=5)

    for key in ("dc-am", "dc-mgr1", "mc-am", "mc-mgr1"):
        assert await driver.ask(key, RESULTS) == PulseResultsShown(told.results)


async def test_before_the_first_pulse_has_closed_there_are_no_results(driver: Driver) -> None:
    with pytest.raises(NoResultsYet):
        await driver.ask("dc-am", RESULTS)


@pytest.mark.parametrize(("intent", "key"), [(RESULTS, "dc-op1"), (RESULTS, "mc-ex1"), (TRAIL, "dc-op1")])
async def test_it_is_read_by_those_alone_who_were_told(driver: Driver, intent: ShowTrail, key: str) -> None:
    with pytest.raises(NotPermitted):
        await driver.ask(key, intent)


async def test_both_companies_read_one_trail_that_says_whether_it_holds(driver: Driver) -> None:
    await record(driver, NEWEST + 3)

    first, second = await trail(driver, "dc-am"), await trail(driver, "mc-ex1")

    assert first == second
    assert (first.count, first.broken) == (NEWEST + 3, None)
    assert [entry.event for entry in first.entries] == [f"event {number}" for number in range(3, NEWEST + 3)]
    assert "their words" not in str(first)


async def test_a_trail_that_was_changed_says_where(driver: Driver) -> None:
    await record(driver, 3)
    async with driver.open_uow() as uow:
        row = await uow.audit._session.get_one(AuditRow, (ALLIANCE, 2))
        row.document = {**row.document, "event": "something else"}
        await uow.commit()

    broken = (await trail(driver)).broken

    assert broken is not None
    assert broken.seq == 2


async def test_an_operators_reading_is_in_the_trail_that_both_read(driver: Driver, roster: Roster) -> None:
    await alliance_reading.shown(driver.open_uow, roster.key, now=MONDAY)

    for key in ("dc-am", "mc-am"):
        newest = (await trail(driver, key)).entries[-1]
        assert (newest.event, newest.facts) == ("administrative read", {"what": "the charter"})
