"""From a press on an escalation in Slack until its card changes in the other company's Teams; nothing else to do."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp

from alliance.escalation import Escalation
from alliance.escalation_people import waits_on
from alliance.roster import Member, Platform, Roster
from bench.far_end import FarEnd
from bench.figure import Figure, Measuring, Reading, value_at_most
from bench.load import closed_loop
from bench.presses import slack_button
from bench.servers import Site, Store, new_key, process, public, site
from bot.actions.tokens import token
from schedules.clock import SystemClock

SAMPLES = 20
TOO_LATE = 20.0
"""Seconds; more than an idle liaison ever needs."""
REST = 1.7
"""Seconds before each sample, of which each writes three times to one person: without them the liaison would not be
idle, but would keep to what Teams takes of one conversation (8 in 2 seconds, 60 in 30; `bot/teams/limits.py`)."""


class Screen:
    """What the other company sees: whether something came since somebody last looked."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def heard(self, call: str, _body: bytes) -> None:
        if call.startswith(("PUT /teams/v3/", "POST /teams/v3/")) and "/activities" in call:
            self._changed.set()

    def look_away(self) -> None:
        self._changed.clear()

    async def changes(self) -> None:
        async with asyncio.timeout(TOO_LATE):
            await self._changed.wait()


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    key, screen = new_key(), Screen()
    far = FarEnd(public(key), screen.heard)
    await far.listen()
    async with (
        site(store, alliances=1, members=12, far_url=far.url, key=key) as here,
        process("bench.bare_slack", far.url) as bare,
        aiohttp.ClientSession() as session,
    ):
        (place,) = await here.open_rounds()

        async def ours() -> Reading:
            taken = [await _acknowledged(here, place.roster, screen) for _ in range(SAMPLES)]
            return Reading(_p95(taken), {"median ms": statistics.median(taken)})

        async def baseline() -> Reading:
            return Reading(_p95([await _two_calls(session, bare, far.url) for _ in range(SAMPLES)]))

        yield Measuring(ours, baseline)
    far.close()


async def _acknowledged(here: Site, roster: Roster, screen: Screen) -> float:
    """Raise an escalation, wait until all have it, then press; milliseconds until the other side's card changes."""
    author = next(member for member in roster.members if member.platform is Platform.SLACK and member.key == "dc-ana")
    await asyncio.sleep(REST)
    inputs = {"title": f"Milestone {time.perf_counter_ns()}", "facts": "It slipped.", "need": "A date."}
    await _press(here, author, token("escalation.raise", roster.alliance_id), inputs)
    case = await _newest(here, roster)
    await _quiet(here)
    asked = [member for member in roster.members if member.id in waits_on(case, roster)]
    one = next(member for member in asked if member.platform is Platform.SLACK)
    screen.look_away()
    began = time.perf_counter()
    await _press(here, one, token("escalation.acknowledge", roster.alliance_id, case.id, case.level), {})
    await screen.changes()
    took = (time.perf_counter() - began) * 1000
    await _quiet(here)
    return took


async def _press(here: Site, member: Member, button: str, inputs: dict[str, str]) -> None:
    request = slack_button(member, button, inputs, here.far_url)
    await closed_loop([here.liaisons[0].port], [request], 1)


async def _newest(here: Site, roster: Roster) -> Escalation:
    async with here.database.open_uow(reads=True) as uow:
        cases = await uow.escalations.open_ones(roster.alliance_id)
    return max(cases, key=lambda case: case.number)


async def _quiet(here: Site) -> None:
    """Return once nothing waits to be sent."""
    async with asyncio.timeout(TOO_LATE):
        while True:
            async with here.database.open_uow(reads=True) as uow:
                if not await uow.outbox.waiting_lanes(SystemClock().now()):
                    return
            await asyncio.sleep(0.05)


async def _two_calls(session: aiohttp.ClientSession, bare: int, far_url: str) -> float:
    """One call to a server that does nothing, and one to the far end; milliseconds."""
    began = time.perf_counter()
    async with session.get(f"http://127.0.0.1:{bare}/slack/events") as answer:
        await answer.read()
    async with session.put(f"{far_url}/teams/v3/conversations/a/activities/b", json={}) as answer:
        await answer.read()
    return (time.perf_counter() - began) * 1000


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(0.95 * len(taken)) - 1] if len(taken) > 1 else taken[0]


FIGURES = tuple(
    Figure(
        name=f"escalating-{store.lower()}",
        title=f"An escalation's button to the other company's screen, idle, on {store}: 95 of 100 within",
        unit="ms",
        against="two bare HTTP calls",
        must=value_at_most(300),
        measuring=partial(_measuring, store),
        rounds=5,
    )
    for store in Store
)
