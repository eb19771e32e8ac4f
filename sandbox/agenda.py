"""What is still to happen in a sandbox, and the loop that lets it happen in order on a movable clock."""

import asyncio
import datetime as dt
import heapq
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sandbox.clock import MovableClock

T = TypeVar("T")
Act = Callable[[], Awaitable[None]]


class Agenda:
    """Acts with their instants; those of one instant happen in the order of their names."""

    def __init__(self) -> None:
        self._entries: list[tuple[dt.datetime, str, int, Act]] = []
        self._count = 0

    def add(self, at: dt.datetime, name: str, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._entries, (at, name, self._count, act))

    def drop(self, unwanted: Callable[[str], bool]) -> None:
        """Take back every act with such a name."""
        self._entries = [entry for entry in self._entries if not unwanted(entry[1])]
        heapq.heapify(self._entries)

    def next_at(self) -> dt.datetime | None:
        return self._entries[0][0] if self._entries else None

    def next_name(self) -> str | None:
        return self._entries[0][1] if self._entries else None

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
        self._turn = asyncio.Lock()

    async def run_until(self, end: dt.datetime) -> None:
        """Let everything up to `end` happen, each at its own time, and stand at `end`.

        Who wants to do something meanwhile gets a turn between two instants.
        """
        await self.settle()
        while await self._live_once(end):
            pass
        async with self._turn:
            self._move_to(end)
            await self._settle()

    async def doing(self, work: Awaitable[T]) -> T:
        """Do one thing when it is its turn; whoever waits for their turn at a platform meanwhile gets it."""
        async with self._turn:
            return await self._do(work)

    async def settle(self) -> None:
        """Return once nothing is on its way."""
        async with self._turn:
            await self._settle()

    async def next_at(self) -> dt.datetime | None:
        """When the next thing happens: what the bot promised, or what somebody is about to do."""
        instants = [instant for instant in (self._agenda.next_at(), await self._next_due()) if instant is not None]
        return min(instants, default=None)

    async def _live_once(self, end: dt.datetime) -> bool:
        """Let what comes next happen, unless it is later than `end`; False then."""
        async with self._turn:
            instant = await self.next_at()
            if instant is None or instant > end:
                return False
            self._move_to(instant)
            await self._tick()
            await self._settle()
            while act := self._agenda.take(self._clock.now()):
                await self._do(act())
                await self._settle()
            return True

    async def _settle(self) -> None:
        await self._do(self._idle())

    async def _do(self, work: Awaitable[T]) -> T:
        """Wait for the work, moving the clock to each instant that somebody sleeps for."""
        task = asyncio.ensure_future(work)
        sleeper: asyncio.Future[dt.datetime] | None = None
        try:
            while not task.done():
                sleeper = asyncio.ensure_future(self._clock.somebody_sleeps())
                await asyncio.wait((task, sleeper), return_when=asyncio.FIRST_COMPLETED)
                if sleeper.done() and not task.done():
                    self._move_to(sleeper.result())
                    await asyncio.sleep(0)
                sleeper.cancel()
            return await task
        finally:
            for open_end in (task, sleeper):
                if open_end is not None:
                    open_end.cancel()

    def _move_to(self, instant: dt.datetime) -> None:
        if instant > self._clock.now():
            self._clock.move_to(instant)
