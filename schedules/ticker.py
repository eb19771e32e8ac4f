"""The ticker: APScheduler calls the sweep and the housekeeping; it holds no jobs of ours.

Its job stores cannot be shared between processes, and its calendar rules skip and double at daylight saving
(platforms.md 5.3), so recurrence is ours and lives in the database.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from schedules.clock import SystemClock
from storage.unit_of_work import Interrupted

log = logging.getLogger(__name__)

SWEEP_EVERY = 1.0
"""Seconds between two sweeps: what a person may wait beyond a promised instant."""
HOUSEKEEPING_EVERY = 600.0
"""Seconds between two rounds of housekeeping."""
LATE = dt.timedelta(seconds=1)
"""By so much the next tick may be further ahead than it should be, before the clock is taken to have been put back."""


class Ticker:
    """Calls `sweep` every second and `housekeep` every ten minutes, never two of the same at once."""

    def __init__(self, *, sweep: Callable[[], Awaitable[object]], housekeep: Callable[[], Awaitable[object]]) -> None:
        self._sweep = sweep
        self._housekeep = housekeep
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._under_way: set[asyncio.Task[object]] = set()
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tick in the running event loop."""
        steady = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(self._guarded, "interval", seconds=SWEEP_EVERY, args=[self._sweep], **steady)
        self._scheduler.add_job(self._guarded, "interval", seconds=HOUSEKEEPING_EVERY, args=[self._housekeep], **steady)
        self._scheduler.start()
        self._watch = asyncio.create_task(self._keep_ticking(), name="watches the ticks")

    async def stop(self) -> None:
        """Begin nothing new, and return once what is under way has ended."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        self._scheduler.remove_all_jobs()
        await asyncio.sleep(0)  # a tick that was called a moment ago begins, and is waited for like the others
        while self._under_way:
            await asyncio.wait(self._under_way)
        # It cancels whatever still runs, which by now is nothing.
        self._scheduler.shutdown(wait=False)

    async def _keep_ticking(self) -> None:
        """Tick at once when the clock was put back; the scheduler would wait until it shows that time again."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            now = SystemClock().now()
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.interval + LATE:
                    log.warning(
                        "the clock was put back", extra={"seconds": int((job.next_run_time - now).total_seconds())}
                    )
                    job.modify(next_run_time=now)

    async def _guarded(self, work: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await work()
        except Interrupted as broken:
            # What lasts is said by storage.trouble, once; the next tick looks whether it is over.
            log.warning("tick broken off", extra={"because": str(broken)})
        except Exception:
            # A tick that fails must not end the ticking; the next one tries again.
            log.exception("tick failed")
