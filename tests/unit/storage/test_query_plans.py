"""No query of the request path reads what other alliances have: SQLite says by which index each finds its rows."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToMember
from alliance.ids import AllianceId, CheckinId, CheckpointId, MemberId, NoticeId, PulseId, WorkspaceId
from alliance.roster import Platform, Roster
from handlers.intents import ForgetMe, ShowStatus, ShowStored
from storage.outbox import Delivery
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, MONDAY, make_charter_version, make_roster
from tests.fakes.driving import Driver
from tests.fakes.escalating import accepting, acknowledged, proposing
from tests.fakes.pulse_rounds import closed_pulse, schedule

Query = Callable[[UnitOfWork], Awaitable[object]]

READS_A_TABLE = re.compile(r"SCAN (?!\(|CONSTANT|\d+ CONSTANT)")
"""Not the scan of a subquery's few rows, nor of rows that the statement brings along."""
TODAY = MONDAY.date()
HERE, PERSON, LANE = ALLIANCE, MemberId("dc-op1"), "slack:T0DC"
CHECKIN, PULSE, CHECKPOINT = CheckinId("c1"), PulseId("p1"), CheckpointId("cp1")
DELIVERY = Delivery(7, NoticeId("n1"), HERE, "CharterLapsed", ToMember(PERSON), LANE, urgent=False, attempts=0)

WORKSPACE = Workspace(WorkspaceId("w1"), Platform.SLACK, "T0DC", "DC")

QUERIES: dict[str, Query] = {
    "rosters.by_key": lambda uow: uow.rosters.by_key("dc-mc"),
    "rosters.several": lambda uow: uow.rosters.several([HERE, AllianceId("al2")]),
    "rosters.memberships": lambda uow: uow.rosters.memberships(Platform.SLACK, "T0DC", "U1"),
    "rosters.lock": lambda uow: uow.rosters.lock(HERE),
    "charters.newest": lambda uow: uow.charters.newest(HERE),
    "charters.ever_in_force": lambda uow: uow.charters.ever_in_force(HERE),
    "charters.pending": lambda uow: uow.charters.pending(HERE),
    "checkins.on": lambda uow: uow.checkins.on(HERE, TODAY),
    "checkins.open_rounds": lambda uow: uow.checkins.open_rounds(HERE),
    "checkins.answers": lambda uow: uow.checkins.answers(CHECKIN),
    "checkins.summaries": lambda uow: uow.checkins.summaries(HERE, 60),
    "pulses.newest": lambda uow: uow.pulses.newest(HERE),
    "pulses.open_rounds": lambda uow: uow.pulses.open_rounds(HERE),
    "pulses.on_day": lambda uow: uow.pulses.on_day(HERE, TODAY),
    "pulses.answers": lambda uow: uow.pulses.answers(PULSE),
    "pulses.comments": lambda uow: uow.pulses.comments(PULSE, DC),
    "pulses.participants": lambda uow: uow.pulses.participants(PULSE),
    "pulses.earlier": lambda uow: uow.pulses.earlier(HERE, 60),
    "escalations.numbered": lambda uow: uow.escalations.numbered(HERE, 1),
    "escalations.next_number": lambda uow: uow.escalations.next_number(HERE),
    "escalations.from_source": lambda uow: uow.escalations.from_source(HERE, "warning:w1"),
    "escalations.open_ones": lambda uow: uow.escalations.open_ones(HERE),
    "escalations.ended_since": lambda uow: uow.escalations.ended_since(HERE, MONDAY),
    "escalations.raised_since": lambda uow: uow.escalations.raised_since(HERE, MONDAY),
    "checkpoints.on": lambda uow: uow.checkpoints.on(HERE, TODAY),
    "checkpoints.open_rounds": lambda uow: uow.checkpoints.open_rounds(HERE),
    "checkpoints.answers": lambda uow: uow.checkpoints.answers(CHECKPOINT),
    "checkpoints.retrospectives": lambda uow: uow.checkpoints.retrospectives(HERE, 26),
    "action_items.numbered": lambda uow: uow.action_items.numbered(HERE, 1),
    "action_items.next_number": lambda uow: uow.action_items.next_number(HERE),
    "action_items.open_ones": lambda uow: uow.action_items.open_ones(HERE),
    "warnings.since": lambda uow: uow.warnings.since(HERE, MONDAY),
    "digests.newest": lambda uow: uow.digests.newest(HERE),
    "timers.cancel": lambda uow: uow.timers.cancel(HERE, "al1:pulse:p1"),
    "timers.take_due": lambda uow: uow.timers.take_due(MONDAY),
    "timers.next_due": lambda uow: uow.timers.next_due(),
    "timers.of": lambda uow: uow.timers.of(HERE),
    "timers.set_aside": lambda uow: uow.timers.set_aside(),
    "timers.overdue": lambda uow: uow.timers.overdue(MONDAY),
    "outbox.claim": lambda uow: uow.outbox.claim(LANE, MONDAY, limit=50),
    "outbox.in_doubt": lambda uow: uow.outbox.in_doubt(LANE),
    "outbox.revive": lambda uow: uow.outbox.revive(PERSON, LANE, MONDAY),
    "outbox.missed_before": lambda uow: uow.outbox.missed_before(DELIVERY),
    "outbox.waiting_lanes": lambda uow: uow.outbox.waiting_lanes(MONDAY),
    "outbox.next_at": lambda uow: uow.outbox.next_at(LANE),
    "outbox.next_at of any lane": lambda uow: uow.outbox.next_at(),
    "outbox.sent_by_recipient": lambda uow: uow.outbox.sent_by_recipient(HERE, "DigestReady"),
    "outbox.given_up": lambda uow: uow.outbox.given_up(),
    "outbox.stuck": lambda uow: uow.outbox.stuck(),
    "pulse_notices.forget_reminded": lambda uow: uow.pulse_notices.forget_reminded(HERE, PULSE),
    "outbox.forget_person": lambda uow: uow.outbox.forget_person(PERSON),
    "outbox.forget": lambda uow: uow.outbox.forget(MONDAY),
    "inbox.forget": lambda uow: uow.inbox.forget(MONDAY),
    "audit.entries": lambda uow: uow.audit.entries(HERE),
    "audit.since": lambda uow: uow.audit.since(HERE, MONDAY),
    "audit.details": lambda uow: uow.audit.details(HERE),
    "audit.verify": lambda uow: uow.audit.verify(HERE),
    "audit.forget_details": lambda uow: uow.audit.forget_details(PERSON),
    "traces.count": lambda uow: uow.traces.count(make_roster().by_key("dc-op1")),
    "traces.remove": lambda uow: uow.traces.remove(make_roster().by_key("dc-op1")),
    "workspaces.find": lambda uow: uow.workspaces.find(Platform.SLACK, "T0DC"),
    "workspaces.hurry": lambda uow: uow.workspaces.hurry(WORKSPACE, MONDAY),
}

FOR_THE_OPERATOR: dict[str, Query] = {
    "rosters.all": lambda uow: uow.rosters.all(),
    "workspaces.all": lambda uow: uow.workspaces.all(),
    "outbox.counts": lambda uow: uow.outbox.counts(),
}
"""These are about the whole installation, and are asked by the command line and by /metrics alone."""


@contextmanager
def watched(engine: AsyncEngine) -> Iterator[set[str]]:
    """Collect the statements that SQLite is told meanwhile, with the values of their parameters in them."""
    seen: set[str] = set()

    def listen(connection: Any, _record: object, _borrowed: object) -> None:
        connection.set_trace_callback(seen.add)

    def leave(connection: Any, _record: object) -> None:
        connection.set_trace_callback(None)

    event.listen(engine.sync_engine, "checkout", listen)
    event.listen(engine.sync_engine, "checkin", leave)
    yield seen
    event.remove(engine.sync_engine, "checkout", listen)
    event.remove(engine.sync_engine, "checkin", leave)


async def steps_of(engine: AsyncEngine, statements: Collection[str]) -> list[tuple[str, str]]:
    """Each step in which SQLite would do what was asked, with its statement; not where it copies one round's rows."""
    found: list[tuple[str, str]] = []
    async with engine.connect() as connection:
        for statement in sorted(statements):
            if statement.startswith(("SELECT", "DELETE", "UPDATE", "INSERT")) and "temp." not in statement:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
                found += [(str(row.detail), statement) for row in plan]
    return found


async def scans(engine: AsyncEngine, statements: Collection[str]) -> list[str]:
    """The steps in which SQLite would read a table from its first row to its last, with their statements."""
    steps = await steps_of(engine, statements)
    return [f"{step}: {statement}" for step, statement in steps if READS_A_TABLE.match(step)]


@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_finds_its_rows_by_an_index(engine: AsyncEngine, open_uow: OpenUnitOfWork, name: str) -> None:
    with watched(engine) as seen:
        async with open_uow() as uow:
            await QUERIES[name](uow)

    assert seen
    assert await scans(engine, seen) == []


@pytest.mark.parametrize("name", FOR_THE_OPERATOR)
async def test_the_test_sees_a_query_that_reads_everything(
    engine: AsyncEngine, open_uow: OpenUnitOfWork, name: str
) -> None:
    with watched(engine) as seen:
        async with open_uow() as uow:
            await FOR_THE_OPERATOR[name](uow)

    assert await scans(engine, seen)


async def test_the_main_job_reads_nothing_whole(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> None:
    """A pulse from its opening to its close, an escalation to its end, and a person who asks and leaves."""
    with watched(engine) as seen:
        driver = Driver(engine, open_uow, MONDAY)
        await schedule(driver, roster, make_charter_version())
        await closed_pulse(driver, comment="A thought")
        case = await acknowledged(driver)
        await driver.ask("dc-op1", proposing(case))
        await driver.ask("mc-op1", accepting(case))
        for intent in (ShowStatus, ShowStored):
            await driver.ask("dc-op2", intent(alliance_id=ALLIANCE))
        await driver.ask("dc-op2", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    assert len(seen) > 50
    assert await scans(engine, seen) == []


async def test_of_many_timers_only_the_earliest_is_looked_at(engine: AsyncEngine, open_uow: OpenUnitOfWork) -> None:
    with watched(engine) as seen:
        async with open_uow() as uow:
            await uow.timers.take_due(MONDAY)
            await uow.timers.next_due()

    selected = [statement for statement in seen if statement.startswith("SELECT")]
    steps = await steps_of(engine, selected)
    assert steps
    assert not [step for step, _ in steps if "TEMP B-TREE" in step], "sorted after all were read"
