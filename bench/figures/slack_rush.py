"""What the people of one alliance notice of a rush in another: many who answer, or look, at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from alliance.roster import Platform
from bench.answering import mostly_within
from bench.figure import Figure, Measuring, Reading, value_at_most
from bench.load import closed_loop, open_loop
from bench.population import Place
from bench.presses import slack_answers, slack_button
from bench.servers import Store, whole_site
from bot.actions.tokens import token

MEMBERS = 240
"""On each side: an alliance's file takes 500 people."""
RUSHING = 64
"""Connections by which one alliance presses, each again as soon as it is answered."""
PRESSES, PER_SECOND = 60, 100.0
"""Of the other alliance: over before the rush is."""

Presses = Callable[[Place, str], list[bytes]]
"""One press by each person of an alliance who is on Slack, at that address."""


def _answers(place: Place, slack_url: str) -> list[bytes]:
    return slack_answers([place], slack_url)


def _looks(place: Place, slack_url: str) -> list[bytes]:
    status = token("status.show", place.roster.alliance_id)
    return [slack_button(member, status, {}, slack_url) for member in place.members_on(Platform.SLACK)]


@asynccontextmanager
async def _measuring(store: Store, rush_of: Presses) -> AsyncIterator[Measuring]:
    async with whole_site(store, alliances=2, members=MEMBERS) as here:
        port = here.liaisons[0].port

        async def loaded(*, rushing: int) -> Reading:
            one, another = await here.open_rounds()
            rush = rush_of(one, here.far_url) if rushing else []
            presses = _answers(another, here.far_url)[:PRESSES]
            done, _ = await asyncio.gather(open_loop(port, presses, PER_SECOND), closed_loop([port], rush, rushing))
            await here.all_stored(len(presses) + (len(rush) if rush_of is _answers else 0))
            return mostly_within(done)

        yield Measuring(partial(loaded, rushing=RUSHING), partial(loaded, rushing=0))


FIGURES = tuple(
    Figure(
        name=f"slack-rush-{name}-{store.lower()}",
        title=f"Slack pulse answers on {store} while people of another alliance {do} by {RUSHING} connections: "
        "95 of 100 are acknowledged within",
        unit="ms",
        against="the same without the other alliance",
        must=value_at_most(100),
        measuring=partial(_measuring, store, rush_of),
    )
    for name, do, rush_of in (("answers", "answer", _answers), ("looks", "look at how it stands", _looks))
    for store in Store
)
