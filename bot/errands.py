"""Work that goes on beside what began it: let be while the process runs, given a moment when it stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Errands:
    """Holds on to its tasks, which the event loop itself would forget."""

    def __init__(self) -> None:
        self._at_work: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin it now, and return at once; what it raises is for whoever waits for the task."""
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return task

    async def idle(self) -> None:
        """Return once none is under way."""
        while self._at_work:
            await asyncio.wait(set(self._at_work))

    async def stop(self, within: float) -> None:
        """Give those under way so many seconds, in the computer's own time, and break the others off."""
        if self._at_work:
            await asyncio.wait(set(self._at_work), timeout=within)
        for late in set(self._at_work):
            late.cancel()
