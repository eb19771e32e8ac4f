"""The last requests between the platforms and the bot, both ways, as a developer wants to look at them."""

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST = 100


class Direction(StrEnum):
    TO_BOT = "platform→bot"
    FROM_BOT = "bot→platform"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, told when the answer is known; status 0 when none came."""

    at: dt.datetime
    platform: str
    direction: Direction
    method: str
    name: str
    status: int
    request: Any
    response: Any


Listener = Callable[[Exchange], None]


class Journal:
    """Keeps the newest exchanges, numbered from 1 in the order in which they ended."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: deque[tuple[int, Exchange]] = deque(maxlen=most)
        self._count = 0

    def note(self, exchange: Exchange) -> None:
        self._count += 1
        self._kept.append((self._count, exchange))

    def after(self, number: int) -> list[tuple[int, Exchange]]:
        """What is still kept of those with a higher number, oldest first."""
        return [(kept, exchange) for kept, exchange in self._kept if kept > number]
