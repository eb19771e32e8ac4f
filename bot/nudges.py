"""Homes that are drawn again beside the outbox, since no row may say when: whoever answered a pulse sees it at once."""

import logging
from collections.abc import Awaitable, Callable

from alliance.roster import Member
from bot.errands import Errands

log = logging.getLogger(__name__)

LAST_MOMENTS = 3.0
"""Seconds that drawings on their way are given when the process stops."""


class Nudges:
    """Draws in the background, in this process alone; a drawing that is lost is made up for by the next one."""

    def __init__(self, redraw: Callable[[Member], Awaitable[None]]) -> None:
        self._redraw = redraw
        self._errands = Errands()

    def __call__(self, member: Member) -> None:
        """Have this person's home drawn as things stand now."""
        self._errands.begin(self._quietly(member))

    async def idle(self) -> None:
        """Return once nothing is being drawn."""
        await self._errands.idle()

    async def stop(self) -> None:
        """Give drawings on their way a few seconds."""
        await self._errands.stop(LAST_MOMENTS)

    async def _quietly(self, member: Member) -> None:
        try:
            await self._redraw(member)
        except Exception:
            # Without the person: a line in a log has a time beside it.
            log.exception("home not drawn again")
