"""One event, one piece of work, however often Slack delivers it."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from schedules.clock import Clock

_KEPT = dt.timedelta(minutes=15)
"""Slack's last retry comes about six minutes after the first attempt (docs.slack.dev/apis/events-api)."""


class Once:
    """Runs the work of an event once; a repeat waits for the first and gets what came of it.

    In memory, to keep a retry from being answered twice; that it has one effect is the inbox's promise.
    Work that failed is forgotten, so that the next attempt does it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[dt.datetime, asyncio.Task[None]]] = {}

    async def run(self, key: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, or wait for the same one; raises what it raised."""
        now = self._clock.now()
        self._forget_before(now - _KEPT)
        if key not in self._known:
            self._known[key] = (now, asyncio.ensure_future(_run(work)))
        task = self._known[key][1]
        try:
            await asyncio.shield(task)
        except Exception:
            self._known.pop(key, None)
            raise

    def _forget_before(self, instant: dt.datetime) -> None:
        while self._known:
            oldest = next(iter(self._known))
            at, task = self._known[oldest]
            if at >= instant or not task.done():
                return
            del self._known[oldest]


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()
