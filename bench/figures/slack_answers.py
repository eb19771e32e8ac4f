"""Slack pulse answers: signed HTTP in, verified, stored durably, shown to the person, acknowledged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bench.figure import Figure, Measuring, Reading, ratio_at_least
from bench.load import closed_loop
from bench.presses import slack_answers
from bench.servers import Store, far_end, new_key, process, site

ALLIANCES, MEMBERS = 10, 100
"""Members on each side: a round of 1,000 answers on Slack."""
CONNECTIONS = 16


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    key = new_key()
    async with (
        far_end(key) as far_url,
        site(store, alliances=ALLIANCES, members=MEMBERS, far_url=far_url, key=key) as here,
        process("bench.bare_slack", far_url) as bare,
    ):

        async def ours() -> Reading:
            requests = slack_answers(await here.open_rounds(), far_url)
            done = await closed_loop([here.liaisons[0].port], requests, CONNECTIONS)
            stored = await here.all_stored(len(requests))
            return Reading(done.per_second, {"p50 ms": done.percentile(0.5) * 1000, "answers": stored})

        async def baseline() -> Reading:
            requests = slack_answers(await here.open_rounds(), far_url)
            done = await closed_loop([bare], requests, CONNECTIONS)
            return Reading(done.per_second)

        yield Measuring(ours, baseline)


FIGURES = tuple(
    Figure(
        name=f"slack-answers-{store.lower()}",
        title=f"Slack pulse answers on {store}, one process, {CONNECTIONS} connections",
        unit="/s",
        against="a bare slack-bolt AsyncApp that acknowledges",
        must=ratio_at_least(0.4),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
