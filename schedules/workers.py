"""Who drains the lanes: one small interface, and the implementation that works in this process.

The other implementation, in which any replica does, is `schedules.replicas`.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from schedules.clock import Clock
from schedules.deliveries import Lane
from storage.unit_of_work import Interrupted, OpenUnitOfWork

log = logging.getLogger(__name__)

LAST_MOMENTS = 12.0
"""Seconds, in the computer's own time, that a send in flight is given when the process stops.

A call of either platform ends within ten by itself, so that nothing is left in doubt but what waits for its turn.
"""


class Workers(Protocol):
    """Wakes lanes: each is drained by exactly one runner at a time."""

    async def start(self) -> None:
        """Begin to drain what is woken."""
        ...

    def wake(self, lanes: Iterable[str]) -> None:
        """Say that these lanes have something to send; returns at once."""
        ...

    async def wake_waiting(self) -> None:
        """Wake every lane that has something due: retries whose time has come, and what a dead process left."""
        ...

    async def idle(self) -> None:
        """Return once no lane is being drained."""
        ...

    async def stop(self) -> None:
        """Take nothing new, and finish within seconds what is in flight; what then waits is sent after a restart."""
        ...


class InThisProcess:
    """One task per lane that is awake; nothing else drains them (SQLite, one machine)."""

    def __init__(self, make_lane: Callable[[str], Lane], *, open_uow: OpenUnitOfWork, clock: Clock) -> None:
        self._make_lane = make_lane
        self._open_uow = open_uow
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopping = False

    async def start(self) -> None:
        """Nothing has to begin: a lane is drained as soon as it is woken."""

    def wake(self, lanes: Iterable[str]) -> None:
        for name in lanes:
            if self._stopping:
                return
            if name in self._running:
                self._again.add(name)
            else:
                self._start(name)

    async def wake_waiting(self) -> None:
        async with self._open_uow(reads=True) as uow:
            waiting = await uow.outbox.waiting_lanes(self._clock.now())
        self.wake(name for name in waiting if name not in self._running)

    async def idle(self) -> None:
        while self._running:
            await asyncio.wait(self._running.values())

    async def stop(self) -> None:
        self._stopping = True
        for lane in self._lanes.values():
            lane.stop()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=LAST_MOMENTS)
        for late in self._running.values():
            # It waits for its turn, or for a platform that is slow: in doubt, and looked up after a restart.
            late.cancel()
        await self.idle()

    def _start(self, name: str) -> None:
        task = asyncio.create_task(self._run(name), name=f"lane {name}")
        self._running[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))

    async def _run(self, name: str) -> None:
        if name not in self._lanes:
            self._lanes[name] = self._make_lane(name)
            await self._lanes[name].recover()
        self._again.discard(name)
        await self._lanes[name].drain()

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        if not task.cancelled() and (error := task.exception()):
            # The lane stays as it was in the database; the next tick that finds the database at work wakes it again.
            if isinstance(error, Interrupted):
                log.warning("lane broken off", extra={"lane": name, "because": str(error)})
            else:
                log.error("lane failed", exc_info=error, extra={"lane": name})
            self._lanes.pop(name, None)
        elif name in self._again and not self._stopping:
            self._again.discard(name)
            self._start(name)
