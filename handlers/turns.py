"""Turns: of those who want the same, one goes on at a time, in the order they came."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from storage.unit_of_work import Interrupted

LONGEST_WAIT = 10.0
"""Seconds, as long as PostgreSQL lets one of our transactions wait for a row (`storage.postgresql.LIMITS`)."""


class Turns:
    """A turn for each key, within this process; a key that nobody holds or waits for is forgotten."""

    def __init__(self, longest_wait: float = LONGEST_WAIT) -> None:
        self._longest_wait = longest_wait
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the turn of that key. Raises Interrupted when others hold it for too long."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        try:
            async with asyncio.timeout(self._longest_wait):
                await lock.acquire()
        except TimeoutError:
            raise Interrupted("others of the same alliance have been at work for too long") from None
        try:
            yield
        finally:
            lock.release()
