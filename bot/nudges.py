"""Homes that are drawn again beside the outbox, since no row may say when: whoever answered a pulse sees it at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from alliance.audience import ToHome
from alliance.ids import MemberId
from alliance.roster import Member
from bot.errands import Errands
from storage.homes import HOME
from storage.unit_of_work import OpenUnitOfWork

log = logging.getLogger(__name__)

TOGETHER = 0.1
"""Seconds, in the computer's own time, within which whoever answers is looked after together."""
LAST_MOMENTS = 3.0
"""Seconds that drawings on their way are given when the process stops."""


class Nudges:
    """Draws in the background, in this process alone; a drawing that is lost is made up for by the next one."""

    def __init__(self, open_uow: OpenUnitOfWork, redraw: Callable[[Member], Awaitable[None]]) -> None:
        self._open_uow = open_uow
        self._redraw = redraw
        self._waiting: dict[MemberId, Member] = {}
        self._errands = Errands()

    def __call__(self, member: Member) -> None:
        """Have this person's home, if they have one, drawn as things stand then."""
        self._waiting[member.id] = member
        if len(self._waiting) == 1:
            self._errands.begin(self._quietly(self._soon()))

    async def idle(self) -> None:
        """Return once nothing is being drawn."""
        await self._errands.idle()

    async def stop(self) -> None:
        """Give drawings on their way a few seconds."""
        await self._errands.stop(LAST_MOMENTS)

    async def _soon(self) -> None:
        await asyncio.sleep(TOGETHER)
        members, self._waiting = self._waiting, {}
        async with self._open_uow(reads=True) as uow:
            homes = await uow.posts.several([ToHome(member) for member in members], HOME)
        for member in members.values():
            if ToHome(member.id) in homes:
                self._errands.begin(self._quietly(self._redraw(member)))

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            # Without the person: a line in a log has a time beside it.
            log.exception("home not drawn again")
