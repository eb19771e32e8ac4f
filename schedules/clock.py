"""The clock: the only place that asks the computer what time it is."""

import asyncio
import datetime as dt
import sys
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Everything that needs either is given one."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        ...

    def steady(self) -> float:
        """Seconds since some moment, that go on evenly when somebody sets the clock: for pauses within a process."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once that many seconds have passed, whatever the clock is set to meanwhile."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def steady(self) -> float:
        # Linux' own count goes on while a machine sleeps; elsewhere Python has none that does.
        return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
