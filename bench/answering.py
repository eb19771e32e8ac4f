"""Pulse answers as fast as they are taken, through us and through a baseline that takes the same requests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from bench.figure import Measuring, Reading
from bench.load import Loaded, closed_loop
from bench.population import Place
from bench.servers import Site, Store, process, whole_site

ALLIANCES, MEMBERS = 10, 100
"""Members on each side: a round of 1,000 answers on each platform."""
CONNECTIONS = 16

Requests = Callable[[Sequence[Place], Site], Sequence[bytes]]
"""Makes an answer of each member who is invited to the rounds."""


def mostly_within(done: Loaded) -> Reading:
    """Milliseconds within which 95 of 100 were answered."""
    return Reading(done.percentile(0.95) * 1000, {"p50 ms": done.percentile(0.5) * 1000})


@asynccontextmanager
async def answering(
    store: Store, requests: Requests, baseline: str, *, of_baseline: int | None = None
) -> AsyncIterator[Measuring]:
    """Measure requests per second; `baseline` is the module to run, which is asked `of_baseline` of them, or all."""
    async with (
        whole_site(store, alliances=ALLIANCES, members=MEMBERS) as here,
        process(baseline, here.far_url) as bare,
    ):

        async def ours() -> Reading:
            made = requests(await here.open_rounds(), here)
            done = await closed_loop([here.liaisons[0].port], made, CONNECTIONS)
            stored = await here.all_stored(len(made))
            return Reading(done.per_second, {"p50 ms": done.percentile(0.5) * 1000, "answers": stored})

        async def theirs() -> Reading:
            made = requests(await here.open_rounds(), here)[:of_baseline]
            done = await closed_loop([bare], made, CONNECTIONS)
            return Reading(done.per_second)

        yield Measuring(ours, theirs)
