"""A sweep: a hundred promises fall due, among many that do not."""

import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import select

from alliance.ids import PulseId
from bench.figure import Figure, Measuring, Reading, ratio_at_most
from bench.large import Large, large
from bench.servers import Store
from handlers.time_intents import ClosePulse
from schedules.clock import SystemClock
from schedules.sweep import sweep
from storage.codec import encode
from storage.tables import PulseRow, TimerRow
from tests.fakes.postgresql import running_postgresql

DUE = 100
MANY, FEW = 100_000, 1_000
MEMBERS = 12
"""On each side, as in the sample alliance."""
AHEAD = dt.timedelta(days=7)


@asynccontextmanager
async def _measuring(store: Store) -> AsyncIterator[Measuring]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(running_postgresql()) if store is Store.POSTGRESQL else None
        many = await stack.enter_async_context(_among(MANY, url))
        few = await stack.enter_async_context(_among(FEW, url and stack.enter_context(running_postgresql())))
        yield Measuring(partial(_swept, *many), partial(_swept, *few))


@asynccontextmanager
async def _among(timers: int, url: str | None) -> AsyncIterator[tuple[Large, PulseId]]:
    """A database with so many timers that are not due, and a round that has closed."""
    async with large(MEMBERS, url) as here:
        await here.open_pulse(await here.promise_pulse())
        async with here.database.engine.begin() as connection:
            (pulse,) = (await connection.execute(select(PulseRow.id))).scalars()
            await connection.execute(delete(TimerRow))
        await _put(here, PulseId(pulse), 1, SystemClock().now())
        await sweep(here.dispatch, SystemClock())
        await _put(here, PulseId(pulse), timers - DUE, SystemClock().now() + AHEAD)
        yield here, PulseId(pulse)


async def _swept(here: Large, pulse: PulseId) -> Reading:
    """Sweep those that are due: each is a promise about a round that has closed meanwhile, and needs no more."""
    await _put(here, pulse, DUE, SystemClock().now())
    began = time.perf_counter()
    done = await sweep(here.dispatch, SystemClock())
    took = time.perf_counter() - began
    if done != DUE:
        raise AssertionError(f"{done} timers of {DUE} happened")
    return Reading(took)


async def _put(here: Large, pulse: PulseId, count: int, first: dt.datetime) -> None:
    """Store so many timers, a second apart from `first` on, or all at once where that is now."""
    alliance = here.roster.alliance_id
    apart = dt.timedelta(seconds=1) if first > SystemClock().now() else dt.timedelta()
    body = encode(ClosePulse(alliance_id=alliance, pulse_id=pulse))
    rows: list[dict[str, Any]] = [
        {
            "key": f"{first.timestamp()}:{number}",
            "alliance_id": alliance if not apart else f"another {number % 1_000}",
            "intent": ClosePulse.__name__,
            "body": body,
            "due_at": first + number * apart,
            "attempts": 0,
        }
        for number in range(count)
    ]
    async with here.database.engine.begin() as connection:
        await connection.execute(insert(TimerRow), rows)


FIGURES = tuple(
    Figure(
        name=f"sweeping-{store.lower()}",
        title=f"A sweep of {DUE} due timers among {MANY:,} on {store}",
        unit="s",
        against=f"the same among {FEW:,}",
        must=ratio_at_most(1.3),
        measuring=partial(_measuring, store),
    )
    for store in Store
)
