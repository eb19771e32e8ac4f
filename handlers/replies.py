"""Replies: what the one who asked is told at once, as facts. `bot/messages/` says the words.

Each feature's module adds its own replies beside its handlers; here are those that any of them may give.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to the one who asked."""


@dataclass(frozen=True, slots=True)
class Nothing(Reply):
    """The outbox says it all: the message that was pressed is drawn anew."""


@dataclass(frozen=True, slots=True)
class AlreadyDone(Reply):
    """The same request was taken before; it had its effect then."""
