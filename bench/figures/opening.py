"""Opening a pulse for 10,000 members: from the two timers to every delivery stored."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import sqlalchemy
from sqlalchemy import insert, select

from bench.figure import Figure, Measuring, Reading, ratio_at_most
from bench.large import Large, large
from bench.servers import Store
from storage.tables import DeliveryRow
from tests.fakes.postgresql import running_postgresql

MEMBERS = 5_000
"""On each side."""


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(running_postgresql()) if store is Store.POSTGRESQL else None
        here = await stack.enter_async_context(large(MEMBERS, url))
        rows = await _rows(here)

        async def ours() -> Reading:
            await here.clear()
            at = await here.promise_pulse()
            began = time.perf_counter()
            await here.open_pulse(at)
            took = time.perf_counter() - began
            await _require(here)
            return Reading(took)

        async def baseline() -> Reading:
            await here.clear()
            began = time.perf_counter()
            async with here.database.engine.begin() as connection:
                await connection.execute(insert(DeliveryRow), rows)
            took = time.perf_counter() - began
            await _require(here)
            return Reading(took)

        yield Measuring(ours, baseline)


async def _rows(here: Large) -> list[dict[str, Any]]:
    """The rows that an opening stores, as plain sqlalchemy takes them."""
    await here.clear()
    await here.open_pulse(await here.promise_pulse())
    await _require(here)
    async with here.database.engine.connect() as connection:
        found = await connection.execute(select(sqlalchemy.inspect(DeliveryRow).local_table))
        return [dict(row) for row in found.mappings()]


async def _require(here: Large) -> None:
    if (stored := await here.stored(DeliveryRow)) != 2 * MEMBERS:
        raise AssertionError(f"{stored} deliveries of {2 * MEMBERS} are stored")


FIGURES = tuple(
    Figure(
        name=f"opening-{store.lower()}",
        title=f"Opening a pulse for {2 * MEMBERS:,} members on {store}: timers to all deliveries stored",
        unit="s",
        against="one bulk insert of the same rows by plain sqlalchemy",
        must=ratio_at_most(4),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
