"""How often a bot may call, measured on the stand-in's clock.

Source: Microsoft's "Optimize your bot with rate limiting in Teams": per bot and conversation, and 50 calls a
second per app and tenant.
"""

import datetime as dt
import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` calls within any `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The windows of each kind of call, and of all calls into one tenant together; no windows, no limit."""

    writes: tuple[Window, ...] = ()
    creations: tuple[Window, ...] = ()
    members: tuple[Window, ...] = ()
    tenant: tuple[Window, ...] = ()


_SENDING = (Window(7, 1), Window(8, 2), Window(60, 30), Window(1800, 3600))
_READING = (Window(14, 1), Window(16, 2), Window(120, 30), Window(3600, 3600))
REAL_LIMITS = Limits(writes=_SENDING, creations=_SENDING, members=_READING, tenant=(Window(50, 1),))
NO_LIMITS = Limits()


@dataclass(slots=True)
class Meter:
    """Counts the calls that were let through; a refused call costs nothing."""

    calls: dict[str, deque[dt.datetime]] = field(default_factory=dict)

    def wait(self, key: str, windows: tuple[Window, ...], now: dt.datetime) -> int:
        """Return for how many whole seconds the caller must wait before `key` is free; 0 when it is."""
        made = self.calls.get(key, deque())
        longest = 0
        for window in windows:
            if len(made) >= window.count:
                free = made[-window.count] + dt.timedelta(seconds=window.seconds)
                longest = max(longest, math.ceil((free - now).total_seconds()))
        return longest

    def count(self, key: str, windows: tuple[Window, ...], now: dt.datetime) -> None:
        if windows:
            most = max(window.count for window in windows)
            self.calls.setdefault(key, deque(maxlen=most)).append(now)
