"""Keeping what has happened outside already: a database that is full or away is waited for, for as long as it takes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schedules.clock import Clock
from storage.unit_of_work import Interrupted, OpenUnitOfWork, UnitOfWork

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
"""Seconds between two tries."""

COME_ALONG = 20
"""Turns of the event loop, without a pause, in which others that end at about the same time join."""

T = TypeVar("T")
Write = Callable[[UnitOfWork], Awaitable[None]]


class Keep:
    """Does one unit of work, again until the database takes it.

    For what a platform has accepted: forgotten here, it would be sent twice. A process that dies meanwhile leaves it
    in doubt, as ever. What keeps the database from its work is said by storage.trouble.
    """

    def __init__(self, open_uow: OpenUnitOfWork, clock: Clock) -> None:
        self._open_uow = open_uow
        self._clock = clock

    async def __call__(self, write: Write) -> None:
        """Let `write` do its part, and commit; returns once that went through."""
        pause = FIRST_PAUSE
        while not await self._taken(write):
            await self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _taken(self, write: Write) -> bool:
        try:
            async with self._open_uow() as uow:
                await write(uow)
                await uow.commit()
        except Interrupted:
            return False
        return True


@dataclass(slots=True, eq=False)
class _Asked(Generic[T]):
    item: T
    is_kept: bool = False


class KeepTogether(Generic[T]):
    """Keeps in one unit of work what comes at about the same time: one alone waits for nobody."""

    def __init__(self, keep: Keep, write: Callable[[UnitOfWork, Sequence[T]], Awaitable[None]]) -> None:
        self._keep = keep
        self._write = write
        self._asked: list[_Asked[T]] = []
        self._turn = asyncio.Lock()

    async def __call__(self, item: T) -> None:
        """Keep the item, as `Keep` does; returns once it is, and raises what writing it raised."""
        mine = _Asked(item)
        self._asked.append(mine)
        try:
            async with self._turn:
                for _ in range(COME_ALONG):
                    if mine.is_kept:
                        return
                    await asyncio.sleep(0)
                await self._keep_all(mine)
        finally:
            if mine in self._asked:
                self._asked.remove(mine)

    async def _keep_all(self, mine: _Asked[T]) -> None:
        all_of_them = list(self._asked)
        try:
            await self._keep(lambda uow: self._write(uow, [one.item for one in all_of_them]))
        except Exception:
            if len(all_of_them) == 1:
                raise
            # One of them cannot be written; each goes by itself, so that the others are.
            all_of_them = [mine]
            await self._keep(lambda uow: self._write(uow, [mine.item]))
        for one in all_of_them:
            one.is_kept = True
            self._asked.remove(one)
