"""The ticker: APScheduler calls the sweep and the housekeeping; it holds no jobs of ours.

Its job stores cannot be shared between processes, and its calendar rules skip and double at daylight saving
(platforms.md 5.3), so recurrence is ours and lives in the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

SWEEP_EVERY = 1.0
"""Seconds between two sweeps: what a person may wait beyond a promised instant."""
HOUSEKEEPING_EVERY = 600.0
"""Seconds between two rounds of housekeeping."""


class Ticker:
    """Calls `sweep` every second and `housekeep` every ten minutes, never two of the same at once."""

    def __init__(self, *, sweep: Callable[[], Awaitable[object]], housekeep: Callable[[], Awaitable[object]]) -> None:
        self._sweep = sweep
        self._housekeep = housekeep
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._under_way: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Begin to tick in the running event loop."""
        steady = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(self._guarded, "interval", seconds=SWEEP_EVERY, args=[self._sweep], **steady)
        self._scheduler.add_job(self._guarded, "interval", seconds=HOUSEKEEPING_EVERY, args=[self._housekeep], **steady)
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin nothing new, and return once what is under way has ended."""
        self._scheduler.remove_all_jobs()
        await asyncio.sleep(0)  # a tick that was called a moment ago begins, and is waited for like the others
        while self._under_way:
            await asyncio.wait(self._under_way)
        # It cancels whatever still runs, which by now is nothing.
        self._scheduler.shutdown(wait=False)

    async def _guarded(self, work: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await work()
        except Exception:
            # A tick that fails (the database is away) must not end the ticking; the next one tries again.
            log.exception("tick failed")
