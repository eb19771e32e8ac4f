"""Teams pulse answers: signed token in, validated, stored durably, invoke response."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bench.figure import Figure, Measuring, Reading, ratio_at_least
from bench.load import closed_loop
from bench.presses import teams_answers
from bench.servers import Store, far_end, new_key, process, site

ALLIANCES, MEMBERS = 10, 100
CONNECTIONS = 16
OF_BASELINE = 300
"""Requests in a round of the baseline, which needs some milliseconds for each."""


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    key = new_key()
    async with (
        far_end(key) as far_url,
        site(store, alliances=ALLIANCES, members=MEMBERS, far_url=far_url, key=key) as here,
        process("bench.bare_teams", far_url) as bare,
    ):

        async def ours() -> Reading:
            requests = teams_answers(await here.open_rounds(), key, here.service_url)
            done = await closed_loop([here.liaisons[0].port], requests, CONNECTIONS)
            stored = await here.all_stored(len(requests))
            return Reading(done.per_second, {"p50 ms": done.percentile(0.5) * 1000, "answers": stored})

        async def baseline() -> Reading:
            requests = teams_answers(await here.open_rounds(), key, here.service_url)[:OF_BASELINE]
            done = await closed_loop([bare], requests, CONNECTIONS)
            return Reading(done.per_second)

        yield Measuring(ours, baseline)


FIGURES = tuple(
    Figure(
        name=f"teams-answers-{store.lower()}",
        title=f"Teams pulse answers on {store}, one process, {CONNECTIONS} connections",
        unit="/s",
        against="an echo bot on the stock CloudAdapter, mended, without storage",
        must=ratio_at_least(4),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
