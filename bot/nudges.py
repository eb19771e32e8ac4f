"""Homes that are drawn again beside the outbox, since no row may say when: whoever answered a pulse sees it at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from alliance.roster import Member

log = logging.getLogger(__name__)

LAST_MOMENTS = 3.0
"""Seconds that drawings on their way are given when the process stops."""


class Nudges:
    """Draws in the background, in this process alone; a drawing that is lost is made up for by the next one."""

    def __init__(self, redraw: Callable[[Member], Awaitable[None]]) -> None:
        self._redraw = redraw
        self._at_work: set[asyncio.Task[None]] = set()

    def __call__(self, member: Member) -> None:
        """Have this person's home drawn as things stand now."""
        task = asyncio.create_task(self._quietly(member))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def idle(self) -> None:
        """Return once nothing is being drawn."""
        while self._at_work:
            await asyncio.wait(set(self._at_work))

    async def stop(self) -> None:
        """Give drawings on their way a few seconds."""
        if self._at_work:
            await asyncio.wait(set(self._at_work), timeout=LAST_MOMENTS)
        for late in set(self._at_work):
            late.cancel()

    async def _quietly(self, member: Member) -> None:
        try:
            await self._redraw(member)
        except Exception:
            # Without the person: a line in a log has a time beside it.
            log.exception("home not drawn again")
