"""Pacing: calls wait here, in order, so that a platform's limits are met rather than run into.

Kept in memory: a lane is drained by one runner at a time, so nobody else has to count with us. All of it is counted in
the clock's steady seconds: a clock that is put back by an hour makes no pause an hour longer.
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from schedules.clock import Clock

PATIENCE = 90.0
"""Seconds that a call waits for its turn; what has to wait for longer, as a whole hour's share may, goes back."""


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
        self._between = 1 / rate_per_second
        self._burst = burst
        self._free: float | None = None
        self._held_until = -math.inf

    async def wait(self) -> None:
        """Return when the next call may go out."""
        seconds = self.take()
        if seconds > 0:
            await self._clock.sleep(seconds)

    def take(self) -> float:
        """Take the next turn and return in how many seconds it is; 0 when it is now."""
        now = self._clock.steady()
        turn = self._next(now)
        self._free = turn + self._between
        return max(0.0, turn - now)

    def due_in(self) -> float:
        """Return in how many seconds the next turn is, without taking it."""
        now = self._clock.steady()
        return max(0.0, self._next(now) - now)

    def held_for(self) -> float:
        """Return for how many seconds more nothing may go out, because the platform asked for it."""
        return max(0.0, self._held_until - self._clock.steady())

    def hold(self, seconds: float) -> None:
        """Let nothing more through for so many seconds, because the platform asked for it."""
        self._held_until = max(self._held_until, self._clock.steady() + seconds)

    def _next(self, now: float) -> float:
        """The next turn; those that a rested bucket has saved up lie in the past."""
        earliest = now - self._between * (self._burst - 1)
        return max(earliest, self._held_until, earliest if self._free is None else self._free)


class Pace:
    """Lets calls through so that no window of any of their keys holds too many of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[Hashable, deque[float]] = {}
        self._held: dict[Hashable, float] = {}

    async def wait(self, *lanes: tuple[Hashable, Windows]) -> None:
        """Return when the next call may go out on all these lanes; its turn is taken at once, in order."""
        now = self._clock.steady()
        turn = self._turn(lanes, now)
        for key, windows in lanes:
            most = max((window.count for window in windows), default=0)
            self._calls.setdefault(key, deque(maxlen=most)).append(turn)
        if turn > now:
            await self._clock.sleep(turn - now)

    def due_in(self, *lanes: tuple[Hashable, Windows]) -> float:
        """Return in how many seconds the next call may go out on all these lanes, without taking that turn."""
        now = self._clock.steady()
        return self._turn(lanes, now) - now

    def held_for(self, key: Hashable) -> float:
        """Return for how many seconds more nothing may go out, because the platform asked for it."""
        left = self._held.get(key, -math.inf) - self._clock.steady()
        if left <= 0:
            self._held.pop(key, None)
        return max(0.0, left)

    def hold(self, key: Hashable, seconds: float) -> None:
        """Let nothing more through for so many seconds, because the platform asked for it."""
        self._held[key] = max(self._held.get(key, -math.inf), self._clock.steady() + seconds)

    def _turn(self, lanes: tuple[tuple[Hashable, Windows], ...], now: float) -> float:
        return max([now, *(self._free(key, windows, now) for key, windows in lanes)])

    def _free(self, key: Hashable, windows: Windows, now: float) -> float:
        calls = self._calls.get(key, ())
        full = [window for window in windows if len(calls) >= window.count]
        return max([now + self.held_for(key), *(calls[-window.count] + window.seconds for window in full)])
