"""The time of a sandbox: what a stand-in asks for the time, and a clock that only moves when told to."""

import asyncio
import datetime as dt
import heapq
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits, in whatever time the sandbox lives."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once this clock shows `seconds` more than it does now."""
        ...


class MovableClock:
    """A clock that stands still until it is moved forward.

    Sleepers wake in the order of their instants; those of one instant in the order in which they fell asleep.
    A jump wakes everybody it passes, each seeing the instant jumped to. To let every sleeper see its own
    instant, move from one `next_sleeper()` to the next.
    """

    def __init__(self, start: dt.datetime) -> None:
        """Begin at `start`, which must be aware (ValueError otherwise)."""
        self._start = self._now = _in_utc(start)
        self._sleepers: list[tuple[dt.datetime, int, asyncio.Future[None]]] = []
        self._fallen_asleep = 0
        self._somebody_sleeps = asyncio.Event()
        self._watchers: list[Callable[[], None]] = []

    def on_move(self, watcher: Callable[[], None]) -> None:
        """Call the watcher whenever the clock has been moved."""
        self._watchers.append(watcher)

    def now(self) -> dt.datetime:
        """Return the instant this clock was last moved to, in UTC."""
        return self._now

    def steady(self) -> float:
        """Return the seconds that this clock has been moved by since it began."""
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was moved `seconds` ahead; after one turn of the loop if not positive."""
        due = self._now + dt.timedelta(seconds=seconds)
        if due <= self._now:  # also when it is less than this clock can tell apart
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fallen_asleep += 1
        heapq.heappush(self._sleepers, (due, self._fallen_asleep, waiter))
        self._somebody_sleeps.set()
        await waiter

    def move_to(self, instant: dt.datetime) -> None:
        """Show `instant` and wake all who waited for it or for an earlier one; never back (ValueError)."""
        instant = _in_utc(instant)
        if instant < self._now:
            raise ValueError(f"the clock shows {self._now} and does not go back to {instant}")
        self._now = instant
        while self._sleepers and self._sleepers[0][0] <= instant:
            _, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
        for watcher in self._watchers:
            watcher()

    def move_by(self, step: dt.timedelta) -> None:
        """Move `step` ahead, as `move_to` does."""
        self.move_to(self._now + step)

    def next_sleeper(self) -> dt.datetime | None:
        """Return the earliest instant somebody waits for, None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def somebody_sleeps(self) -> dt.datetime:
        """Return the earliest instant somebody waits for, once there is one."""
        while (instant := self.next_sleeper()) is None:
            self._somebody_sleeps.clear()
            await self._somebody_sleeps.wait()
        return instant


def _in_utc(instant: dt.datetime) -> dt.datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(dt.UTC)
