"""Pacing: calls wait here, in order, so that a platform's limits are met rather than run into.

Kept in memory: a lane is drained by one runner at a time, so nobody else has to count with us.
"""

import datetime as dt
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from schedules.clock import Clock


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` calls within any `seconds`."""

    count: int
    seconds: float


Windows = tuple[Window, ...]


class Bucket:
    """Lets `burst` calls through at once, `rate_per_second` in the long run, first come, first served."""

    def __init__(self, clock: Clock, rate_per_second: float, burst: int = 1) -> None:
        self._clock = clock
        self._between = dt.timedelta(seconds=1 / rate_per_second)
        self._burst = burst
        self._free: dt.datetime | None = None

    async def wait(self) -> None:
        """Return when the next call may go out."""
        seconds = self.take()
        if seconds > 0:
            await self._clock.sleep(seconds)

    def take(self) -> float:
        """Take the next turn and return in how many seconds it is; 0 when it is now."""
        now = self._clock.now()
        earliest = now - self._between * (self._burst - 1)
        turn = earliest if self._free is None else max(self._free, earliest)
        self._free = turn + self._between
        return max(0.0, (turn - now).total_seconds())

    def hold(self, seconds: float) -> None:
        """Let nothing more through for so many seconds, because the platform asked for it."""
        until = self._clock.now() + dt.timedelta(seconds=seconds)
        self._free = until if self._free is None else max(self._free, until)


class Pace:
    """Lets calls through so that no window of any of their keys holds too many of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[Hashable, deque[dt.datetime]] = {}

    async def wait(self, *lanes: tuple[Hashable, Windows]) -> None:
        """Return when the next call may go out on all these lanes; its turn is taken at once, in order."""
        now = self._clock.now()
        turn = max([now, *(self._free(key, windows, now) for key, windows in lanes)])
        for key, windows in lanes:
            most = max((window.count for window in windows), default=0)
            self._calls.setdefault(key, deque(maxlen=most)).append(turn)
        if turn > now:
            await self._clock.sleep((turn - now).total_seconds())

    def _free(self, key: Hashable, windows: Windows, now: dt.datetime) -> dt.datetime:
        calls = self._calls.get(key, ())
        full = [window for window in windows if len(calls) >= window.count]
        return max([now, *(calls[-window.count] + dt.timedelta(seconds=window.seconds) for window in full)])
