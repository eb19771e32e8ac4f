"""What further replicas on one PostgreSQL add while the web side is saturated, and what processes without any add."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from bench.figure import Figure, Measuring, Must, Reading, ratio_at_least
from bench.load import closed_loop
from bench.presses import slack_answers
from bench.servers import Store, process, whole_site

ALLIANCES, MEMBERS = 10, 100
CONNECTIONS = 32
MOST = 4
THROUGH_ONE = "the same through one of them"


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


@asynccontextmanager
async def _bare() -> AsyncIterator[Measuring]:
    """What a second process gains where nothing is stored: they share the cores with the load alone."""
    async with (
        whole_site(Store.SQLITE, alliances=ALLIANCES, members=MEMBERS, liaisons=0) as here,
        process("bench.bare_slack", here.far_url) as one,
        process("bench.bare_slack", here.far_url) as another,
    ):

        async def loaded(*through: int) -> Reading:
            requests = slack_answers(await here.open_rounds(), here.far_url)
            return Reading((await closed_loop(through, requests, CONNECTIONS)).per_second)

        yield Measuring(partial(loaded, one, another), partial(loaded, one))


def _must(replicas: int) -> Must | None:
    """The promise is one for two cores, which two replicas fill."""
    return ratio_at_least(1.5) if replicas == 2 else None


FIGURES = (
    *(
        Figure(
            name=f"replicas-{number}",
            title=f"Slack pulse answers by {number} replicas on one PostgreSQL, {CONNECTIONS} connections",
            unit="/s",
            against=THROUGH_ONE,
            must=_must(number),
            measuring=partial(_measuring, number),
        )
        for number in range(2, MOST + 1)
    ),
    Figure(
        name="replicas-bare",
        title=f"Acknowledging by 2 bare slack-bolt AsyncApps, without any storage, {CONNECTIONS} connections",
        unit="/s",
        against=THROUGH_ONE,
        must=None,
        measuring=_bare,
    ),
)
