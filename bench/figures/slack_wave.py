"""What people who answer notice of a wave: a pulse opens in many alliances at once, and everybody is told of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from bench.answering import mostly_within
from bench.figure import Figure, Measuring, Reading, value_at_most
from bench.load import TOO_LATE, open_loop
from bench.population import Place, converse, sent, tell_of
from bench.presses import slack_answers
from bench.servers import Site, Store, whole_site

ALLIANCES, MEMBERS = 40, 50
"""Members on each side: 4,000 messages in all, which both platforms' limits let go within some five seconds."""
PRESSES, PER_SECOND = 120, 20.0
LOOKED_AGAIN_AFTER = 0.2
"""Seconds between two looks whether all of them are sent."""


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    async with whole_site(store, alliances=ALLIANCES, members=MEMBERS) as here:
        for place in await here.open_rounds():
            await converse(here.database, place.roster.members)

        async def calm() -> Reading:
            return await _answered(here, await here.open_rounds())

        async def in_a_wave() -> Reading:
            places = await here.open_rounds()
            before = await sent(here.database)
            told = await tell_of(here.database, places)
            answered = await _answered(here, places)
            async with asyncio.timeout(TOO_LATE):
                while await sent(here.database) - before < told:  # noqa: ASYNC110 - another process has no Event of ours
                    await asyncio.sleep(LOOKED_AGAIN_AFTER)
            return answered

        yield Measuring(in_a_wave, calm)


async def _answered(here: Site, places: Sequence[Place]) -> Reading:
    done = await open_loop(here.liaisons[0].port, slack_answers(places, here.far_url)[:PRESSES], PER_SECOND)
    await here.all_stored(PRESSES)
    return mostly_within(done)


FIGURES = tuple(
    Figure(
        name=f"slack-wave-{store.lower()}",
        title=f"Slack pulse answers on {store} while {ALLIANCES} alliances' pulses open and "
        f"{2 * ALLIANCES * MEMBERS:,} people are told: 95 of 100 are acknowledged within",
        unit="ms",
        against="the same while nobody is told anything",
        must=value_at_most(500),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
