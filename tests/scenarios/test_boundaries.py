"""`kill -9` at each boundary between storing and sending: nothing accepted is lost, nothing happens twice."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from storage.opening import Database
from storage.outbox import DeliveryState
from storage.schema import current_revision, newest_revision
from storage.tables import (
    DeliveryRow,
    EscalationRow,
    InboxRow,
    PulseAnswerRow,
    PulseParticipationRow,
    PulseRow,
)
from tests.fakes import boundaries as at
from tests.fakes.mortals import (
    Mortals,
    cards_sent_twice,
    mortals,
    new_on_slack,
    new_on_teams,
    redrawn_on_slack,
    reply_on_slack,
)
from tests.fakes.nothing_lost import markers_posted
from tests.fakes.reliability import Counted

pytestmark = pytest.mark.heavy

STEPS = {
    "charter signed": 2,
    "check-in closed": 1,
    "escalation raised": 0,
    "escalation acknowledged": 2,
    "pulse opened": 4,
    "pulse closed": 2,
}
"""How often each stands in the audit trail at the end; of escalations, as many as were accepted."""
LOST_RESPONSES = {
    "Slack accepted a message, its answer unread": new_on_slack,
    "Teams accepted a message, its answer unread": new_on_teams,
}


@pytest.mark.parametrize("shared", [False, True], ids=["sqlite", "postgresql"])
async def test_killed_once_at_every_boundary_it_loses_and_doubles_nothing(
    tmp_path: Path, counted: Counted, shared: bool
) -> None:
    async with mortals(tmp_path, shared=shared) as stage:
        await migrations(stage)
        await stage.stage.set_up()
        await stage.start()
        await stage.stage.install_on_teams()

        await charter(stage)
        await requests(stage)
        await sending(stage)
        await in_doubt_again_and_again(stage)
        await timers(stage)
        answered = await pulse(stage)
        await housekeeping(stage)

        counts = await nothing_lost_or_doubled(stage)
        engine = "PostgreSQL, two replicas" if shared else "SQLite"
        counted(
            "2 kill -9 at every boundary",
            f"{engine}: {len(stage.deaths)} boundaries, killed at each and taken over or started again",
            killed=stage.deaths.total(),
            pulse_answers_accepted_and_stored=answered,
            **counts,
        )


# --- what is done -----------------------------------------------------------------------------------


async def migrations(stage: Mortals) -> None:
    """An upgrade dies on its way and at its end; then two do it at once."""
    for boundary in (at.MIGRATING, at.MIGRATION_UNCOMMITTED):
        stage.nursery.arm(boundary)
        assert await stage.run("db", "upgrade") == -9
        stage.deaths[boundary.words] += 1

    codes = await asyncio.gather(*(stage.run("db", "upgrade") for _ in range(2)))

    async with stage.stage.opened() as database:
        assert await current_revision(database.engine) == newest_revision()
    assert codes == [0, 0]


async def charter(stage: Mortals) -> None:
    await stage.dies_at(at.OPENED_UNKEPT, stage.sign(0))
    await stage.sign(1)
    await stage.sign(2)
    await stage.stage.in_time(stage.stage.quiet())


async def requests(stage: Mortals) -> None:
    """Whoever was not answered submits again; that has one effect."""
    for key, boundary in (
        ("dc-ana", at.REQUEST_UNCOMMITTED),
        ("mc-jonas", at.REQUEST_UNCOMMITTED),
        ("dc-tyrone", at.REQUEST_UNANSWERED),
        ("mc-aylin", at.REQUEST_UNANSWERED),
    ):
        await stage.dies_at(boundary, await stage.ready_to_raise(key, f"{boundary.words}, by {key}"))
    words = "a request answered, its lane not woken"
    await stage.dies_unwoken(words, at.CLAIMING, await stage.ready_to_raise("dc-mei", words))


async def sending(stage: Mortals) -> None:
    """The process dies at each step of a delivery, of something new each time."""
    people = iter(("mc-greta", "dc-priya", "mc-milan", "dc-sam", "mc-thi", "dc-olu", "mc-felix"))
    steps = [at.CLAIMED, at.SENT_UNNOTED, at.SENT_NOTED, at.ANCHOR_UNKEPT, at.ANCHOR_KEPT]
    if stage.shared:
        steps += [at.LOOKING, at.DRAINED]
    for boundary in steps:
        await stage.dies_at(boundary, await stage.ready_to_raise(next(people), boundary.words))


async def in_doubt_again_and_again(stage: Mortals) -> None:
    """What a platform accepted and nobody heard of; and dying once more while that is found out."""
    for who, (words, is_it) in zip(("dc-kate", "mc-jonas"), LOST_RESPONSES.items(), strict=True):
        await stage.dies_when_posted(words, await stage.ready_to_raise(who, words), is_it)
    await stage.dies_when_posted(
        "Slack accepted a reply in a thread, its answer unread",
        stage.stage.press("net1/dc-kate", "escalation.acknowledge"),
        reply_on_slack,
    )
    await stage.dies_when_posted(
        "Slack accepted a redraw, its answer unread",
        stage.stage.press("net1/dc-mei", "escalation.acknowledge"),
        redrawn_on_slack,
    )
    title = "in doubt again and again"
    await stage.dies_one_after_another(
        [at.LOOKING, at.ANCHOR_UNKEPT, at.SENT_UNNOTED],
        await stage.ready_to_raise("dc-ana", title),
        new_on_slack,
    )


async def timers(stage: Mortals) -> None:
    """A round opens for both sides and closes for both, whenever the process dies."""
    await stage.dies_at(at.TIMER_DONE, stage.stage.bring_forward("OpenCheckin"))
    await stage.dies_at(at.TIMER_UNCOMMITTED, stage.stage.bring_forward("CloseCheckin"))


async def pulse(stage: Mortals) -> int:
    """Two rounds: opened, answered by everybody and closed while the process dies; returns how many answered."""
    answered = 0
    for opening, closing in ((at.TIMER_DONE, at.CLOSE_UNCOMMITTED), (at.TIMER_UNCOMMITTED, at.CLOSE_UNSCRUBBED)):
        await stage.dies_at(opening, stage.stage.bring_forward("OpenPulse"))
        first, second, *others = stage.stage.net.people
        await stage.dies_at(at.ANSWER_UNCOMMITTED, stage.stage.answer_pulse(first))
        await stage.dies_at(at.ANSWER_UNANSWERED, stage.stage.answer_pulse(second))
        await stage.stage.in_time(asyncio.gather(*(stage.stage.answer_pulse(name) for name in others)))
        answered += await every_answer_is_there(stage)
        keys = await secrets_of_the_round(stage)
        await stage.dies_at(closing, stage.stage.bring_forward("ClosePulse"))
        await stage.stage.in_time(stage.stage.no_pulse_is_open())
        await stage.stage.in_time(nowhere(stage, keys))
    return answered


async def housekeeping(stage: Mortals) -> None:
    for replica in stage.stage.replicas:
        assert await replica.terminate() == 0
    async with stage.stage.opened() as database, database.engine.begin() as connection:
        await connection.execute(text("UPDATE inbox SET received_at = '2020-01-01 00:00:00+00:00'"))
    for boundary in (at.HOUSEKEEPING_UNCOMMITTED, at.HOUSEKEEPING_DONE):
        stage.nursery.arm(boundary)
        assert await stage.run("housekeep") == -9
        stage.deaths[boundary.words] += 1
    async with stage.stage.opened() as database:
        assert await of(database, select(InboxRow)) == []
    await stage.start()


# --- what is looked at ------------------------------------------------------------------------------


async def of(database: Database, query: Any) -> list[Any]:
    async with database.engine.connect() as connection:
        return list((await connection.execute(query)).all())


async def every_answer_is_there(stage: Mortals) -> int:
    async with stage.stage.opened() as database:
        ((newest,),) = await of(database, select(col(PulseRow.id)).where(col(PulseRow.state) == "open"))
        stored = await of(database, select(PulseAnswerRow).where(col(PulseAnswerRow.pulse_id) == newest))
        took_part = await of(
            database, select(PulseParticipationRow).where(col(PulseParticipationRow.pulse_id) == newest)
        )
    assert len(stored) == len(took_part) == len(stage.stage.net.people)
    return len(stored)


async def secrets_of_the_round(stage: Mortals) -> list[bytes]:
    """What must be in no file any more after the close: the sealed secret, and the keys of answers."""
    async with stage.stage.opened() as database:
        ((newest, sealed),) = await of(
            database, select(col(PulseRow.id), col(PulseRow.secret)).where(col(PulseRow.state) == "open")
        )
        keys = await of(database, select(col(PulseAnswerRow.key)).where(col(PulseAnswerRow.pulse_id) == newest))
    found = [str(sealed).encode(), *(str(key).encode() for (key,) in keys)]
    held = await stage.files()
    assert all(one in held for one in found)
    return found


async def nowhere(stage: Mortals, needles: list[bytes]) -> None:
    """Return once none of them is in a file of the database: at once or, where others were in the way, with the next
    housekeeping, for which nobody here waits ten minutes."""
    while True:
        held = await stage.files()
        if not any(needle in held for needle in needles):
            return
        await asyncio.sleep(1.0)
        assert await stage.run("housekeep") == 0


async def nothing_lost_or_doubled(stage: Mortals) -> dict[str, int]:
    await stage.stage.in_time(stage.stage.quiet())
    async with stage.stage.opened() as database:
        titles = Counter(row["title"] for (row,) in await of(database, select(col(EscalationRow.document))))
        states = {state for (state,) in await of(database, select(col(DeliveryRow.state)).distinct())}
        async with database.open_uow(reads=True) as uow:
            (roster,) = await uow.rosters.all()
            assert await uow.audit.verify(roster.alliance_id) is None
            events = Counter(entry.event for entry in await uow.audit.entries(roster.alliance_id))
            assert (await uow.outbox.given_up(), await uow.timers.set_aside()) == ([], [])
    posted = Counter(markers_posted(stage.stage.slack))
    assert {event: events[event] for event in STEPS} == {**STEPS, "escalation raised": len(stage.raised)}
    assert titles == Counter(stage.raised)
    assert set(titles.values()) == {1}
    assert states <= {DeliveryState.SENT, DeliveryState.UNWANTED}
    assert set(posted.values()) == {1}
    return {
        "escalations_accepted": len(stage.raised),
        "stored": titles.total(),
        "messages_on_Slack": len(posted),
        "twice_there": sum(times > 1 for times in posted.values()),
        "twice_on_Teams": cards_sent_twice(stage.stage),
    }
