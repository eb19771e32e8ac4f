"""What further replicas on one PostgreSQL add while the web side is saturated."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from bench.figure import Figure, Measuring, Must, Reading, ratio_at_least
from bench.load import closed_loop
from bench.presses import slack_answers
from bench.servers import Store, whole_site

ALLIANCES, MEMBERS = 10, 100
CONNECTIONS = 32
MOST = 4


@asynccontextmanager
async def _measuring(replicas: int) -> AsyncIterator[Measuring]:
    async with whole_site(Store.POSTGRESQL, alliances=ALLIANCES, members=MEMBERS, liaisons=replicas) as here:
        ports = [one.port for one in here.liaisons]

        async def loaded(through: Sequence[int]) -> Reading:
            requests = slack_answers(await here.open_rounds(), here.far_url)
            done = await closed_loop(through, requests, CONNECTIONS)
            await here.all_stored(len(requests))
            return Reading(done.per_second, {"p99 ms": done.percentile(0.99) * 1000})

        yield Measuring(partial(loaded, ports), partial(loaded, ports[:1]))


def _must(replicas: int) -> Must | None:
    """The promise is one for two cores, which two replicas fill."""
    return ratio_at_least(1.5) if replicas == 2 else None


FIGURES = tuple(
    Figure(
        name=f"replicas-{number}",
        title=f"Slack pulse answers by {number} replicas on one PostgreSQL, {CONNECTIONS} connections",
        unit="/s",
        against="the same through one of them",
        must=_must(number),
        measuring=partial(_measuring, number),
    )
    for number in range(2, MOST + 1)
)
