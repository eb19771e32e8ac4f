"""Turns: of those who want the same, one goes on at a time, in the order they came."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each key, within this process; one that nobody holds or waits for is forgotten."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
