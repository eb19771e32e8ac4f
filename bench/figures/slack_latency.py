"""How long Slack waits for its acknowledgement while answers come at a steady rate, whether or not we keep up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bench.figure import Figure, Measuring, Reading, value_at_most
from bench.load import open_loop
from bench.presses import slack_answers
from bench.servers import Store, whole_site

ALLIANCES, MEMBERS = 10, 100
PER_SECOND = 150.0


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    async with whole_site(store, alliances=ALLIANCES, members=MEMBERS) as here:

        async def ours() -> Reading:
            requests = slack_answers(await here.open_rounds(), here.far_url)
            done = await open_loop(here.liaisons[0].port, requests, PER_SECOND)
            await here.all_stored(len(requests))
            return Reading(
                done.percentile(0.99) * 1000,
                {"p50 ms": done.percentile(0.5) * 1000, "slowest ms": done.percentile(1.0) * 1000},
            )

        yield Measuring(ours)


FIGURES = tuple(
    Figure(
        name=f"slack-latency-{store.lower()}",
        title=f"Slack pulse answers on {store} at {PER_SECOND:g}/s, open loop: 99 of 100 are acknowledged within",
        unit="ms",
        against="",
        must=value_at_most(100),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
