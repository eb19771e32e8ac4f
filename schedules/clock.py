"""The clock: the only place that asks the computer what time it is."""

import asyncio
import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Everything that needs either is given one."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed on this clock."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
