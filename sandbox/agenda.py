"""What is still to happen in a sandbox, and the loop that lets it happen in order on a movable clock."""

import asyncio
import datetime as dt
import heapq
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.clock import MovableClock

Act = Callable[[], Awaitable[None]]


class Agenda:
    """Acts with their instants; those of one instant happen in the order of their names."""

    def __init__(self) -> None:
        self._entries: list[tuple[dt.datetime, str, int, Act]] = []
        self._count = 0

    def add(self, at: dt.datetime, name: str, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._entries, (at, name, self._count, act))

    def next_at(self) -> dt.datetime | None:
        return self._entries[0][0] if self._entries else None

    def take(self, now: dt.datetime) -> Act | None:
        """Take the next act that is due."""
        if not self._entries or self._entries[0][0] > now:
            return None
        return heapq.heappop(self._entries)[3]


class Timeline:
    """Moves the clock from one thing to the next: what the bot promised, what people do, what waits for its turn.

    `tick` lets the bot do what is due, `next_due` says when that is next, `idle` returns once nothing is being sent.
    """

    def __init__(
        self,
        clock: MovableClock,
        agenda: Agenda,
        *,
        tick: Act,
        next_due: Callable[[], Awaitable[dt.datetime | None]],
        idle: Act,
    ) -> None:
        self._clock = clock
        self._agenda = agenda
        self._tick = tick
        self._next_due = next_due
        self._idle = idle

    async def run_until(self, end: dt.datetime) -> None:
        """Let everything up to `end` happen, each at its own time, and stand at `end`."""
        await self.settle()
        while (instant := await self._next()) is not None and instant <= end:
            self._move_to(instant)
            await self._tick()
            await self.settle()
            while act := self._agenda.take(self._clock.now()):
                await self.doing(act())
                await self.settle()
        self._move_to(end)
        await self.settle()

    async def doing(self, work: Awaitable[None]) -> None:
        """Do one thing; whoever waits for their turn meanwhile gets it."""
        await self._waking_sleepers(asyncio.ensure_future(work))

    async def settle(self) -> None:
        """Return once nothing is on its way."""
        await self._waking_sleepers(asyncio.ensure_future(self._idle()))

    async def _waking_sleepers(self, task: asyncio.Future[Any]) -> None:
        while not task.done():
            sleeper: asyncio.Future[Any] = asyncio.ensure_future(self._clock.somebody_sleeps())
            await asyncio.wait((task, sleeper), return_when=asyncio.FIRST_COMPLETED)
            if sleeper.done() and not task.done():
                self._move_to(sleeper.result())
                await asyncio.sleep(0)
            sleeper.cancel()
        await task

    async def _next(self) -> dt.datetime | None:
        instants = [instant for instant in (self._agenda.next_at(), await self._next_due()) if instant is not None]
        return min(instants, default=None)

    def _move_to(self, instant: dt.datetime) -> None:
        if instant > self._clock.now():
            self._clock.move_to(instant)
