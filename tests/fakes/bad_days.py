"""Looking at an assembled liaison on a bad day: what is stored, what is still to be sent, who saw what how often."""

import datetime as dt
from collections import Counter
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from bot.app import Installation
from sandbox.agenda import Timeline
from sandbox.people import Teammate
from sandbox.seats import Seen
from sandbox.stage import Stage
from storage.outbox import DeliveryState

Tables = dict[str, list[dict[str, Any]]]


class OnStage(Protocol):
    """A liaison on the stage, as far as it is needed here: `tests.scenarios.conftest.Scene`."""

    stage: Stage
    liaison: Installation
    timeline: Timeline
    address: str

    def person(self, key: str) -> Teammate: ...


async def tables(engine: AsyncEngine, *, but: tuple[str, ...] = ()) -> Tables:
    """Everything that is stored, table by table, in an order of its own; `but` names tables to leave out."""
    found: Tables = {}
    async with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in but:
                rows = (await connection.execute(table.select())).mappings().all()
                found[table.name] = sorted((dict(row) for row in rows), key=repr)
    return found


async def let_pass(scene: OnStage, seconds: float, step: float = 10.0) -> None:
    """Let time pass as on a real day: the liaison ticks all the while."""
    end = scene.stage.clock.now() + dt.timedelta(seconds=seconds)
    while scene.stage.clock.now() < end:
        scene.stage.clock.move_by(dt.timedelta(seconds=step))
        await scene.liaison.tick()
        await scene.timeline.settle()


async def deliveries(scene: OnStage) -> Counter[DeliveryState]:
    """How many deliveries are in which state, over all lanes."""
    async with scene.liaison.database.open_uow() as uow:
        counts = await uow.outbox.counts()
    totals: Counter[DeliveryState] = Counter()
    for (_, state), count in counts.items():
        totals[state] += count
    return totals


async def given_up(scene: OnStage) -> list[str]:
    """Why deliveries were given up."""
    async with scene.liaison.database.open_uow() as uow:
        return [dead.error for dead in await uow.outbox.given_up()]


def telling(scene: OnStage, key: str, words: str) -> list[Seen]:
    """The messages in somebody's chat whose one line holds these words."""
    return [seen for seen in scene.person(key).seat.inbox() if words in seen.summary]
