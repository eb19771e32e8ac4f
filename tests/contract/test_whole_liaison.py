"""The first days of the sample alliance, by the requests of both platforms, on each engine."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from alliance.escalation import State
from alliance.ids import SideKey
from alliance.rounds import RoundState
from handlers.dispatch import ChatIdentity
from sandbox.stage import START
from storage.opening import opened
from storage.postgresql import MOST
from tests.contract.conftest import SECRET
from tests.scenarios.conftest import Scene, scene_on

TUESDAY, WEDNESDAY, FRIDAY, NEXT_MONDAY = (START + dt.timedelta(days=days, hours=2) for days in (1, 2, 4, 7))
ANSWERING = ("ana", "ben", "cleo", "dana", "hiro"), ("jonas", "katrin", "lars", "mara", "samira")
WORDS = "It\0 slips: \u202ehalf \ud83d of it, and <!channel> {{ words }} it is."
"""With a NUL, half a surrogate pair, a direction mark and markup: what databases and platforms dislike."""
ON_TRACK = {"course": "on track", "moved": "The list is done.", "next": "The training.", "in_the_way": ""}


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with opened(database_url, SECRET, migrate=True):
        pass
    async with scene_on(database_url) as made:
        yield made


async def test_the_first_days_go_alike_on_both_engines(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(TUESDAY)
    await scene.press("dc-ana", "checkin.answer", {**ON_TRACK, "course": "blocked", "in_the_way": WORDS})
    await scene.press("mc-jonas", "checkin.answer", ON_TRACK)
    await scene.timeline.run_until(WEDNESDAY)
    await answer_the_pulse(scene)
    await scene.timeline.run_until(FRIDAY)
    await settle_the_blocker(scene)
    await scene.timeline.run_until(NEXT_MONDAY)

    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow(reads=True) as uow:
        (summary,) = await uow.checkins.summaries(here, 5)
        case = await uow.escalations.numbered(here, 1)
        pulse = await uow.pulses.newest(here)
        assert pulse is not None
        answers = await uow.pulses.answers(pulse.id)
        comments = [comment for side in ("dc", "mc") for comment in await uow.pulses.comments(pulse.id, SideKey(side))]
        assert await uow.pulses.participants(pulse.id) == frozenset()
        assert await uow.audit.verify(here) is None
        assert (await uow.timers.set_aside(), await uow.outbox.given_up()) == ([], [])
    assert ([side.answered for side in summary.sides], len(summary.points)) == ([1, 1], 1)
    assert case is not None
    assert case.state is State.RESOLVED
    assert (pulse.state, len(answers), len(comments)) == (RoundState.CLOSED, 10, 0)
    for key in ("dc-cleo", "mc-lars"):
        assert any("Results of pulse 1: 5 of" in seen.summary for seen in scene.person(key).seat.inbox())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_many_lanes_at_work_take_no_connection_from_people(scene: Scene) -> None:
    member = (await scene.roster()).by_key("dc-ana")
    ana = ChatIdentity(member.platform, member.workspace, member.address)
    async with scene.liaison.database.engine.connect() as somebody:
        await somebody.execute(text("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE"))
        scene.liaison.workers.wake(f"slack:T{number}" for number in range(2 * MOST))
        await no_more_wait(somebody)

        async with asyncio.timeout(5):
            answer = await scene.liaison.desk.said(ana, "status", key="a question")

        assert not answer.refused
    await scene.liaison.idle()


async def no_more_wait(somebody: AsyncConnection) -> None:
    """Return once those who wait for a lock have not become more for a while."""
    seen, times = 0, 0
    while not seen or times < 300:
        waiting = (await somebody.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one()
        seen, times = waiting, times + 1 if waiting == seen else 0


async def answer_the_pulse(scene: Scene) -> None:
    for side, people in zip(("dc", "mc"), ANSWERING, strict=True):
        for number, name in enumerate(people):
            seen, _ = scene.sees(f"{side}-{name}", "pulse.answer")
            ratings = {box.name: str(number % 5 + 1) for box in seen.inputs if box.name != "comment"}
            await scene.press(f"{side}-{name}", "pulse.answer", {**ratings, "comment": WORDS})


async def settle_the_blocker(scene: Scene) -> None:
    """Raised from what was told, acknowledged by both sides, proposed by one of them and accepted by the other."""
    matter = {"title": "It slips", "facts": WORDS, "need": "One date.", "urgency": "routine"}
    await scene.press("mc-jonas", "escalation.ask-raise", matter)
    for key in ("dc-ana", "mc-jonas"):
        await scene.press(key, "escalation.acknowledge")
    await scene.press("dc-ana", "escalation.ask.resolution", {"decision": "13 April.", "reason": "It holds."})
    await scene.press("mc-jonas", "escalation.accept")
