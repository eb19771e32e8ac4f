"""What keeps the database from its work: kept in mind, and said once, now and then while it lasts, and when it ends."""

import asyncio
import logging

log = logging.getLogger(__name__)

SAID_AGAIN_AFTER = 600.0
"""Seconds, in the computer's own time, between two lines of the log about the same trouble."""


class Trouble:
    """What is wrong with a database at present: full, read-only, away. A transaction's bad luck is none.

    What met it does not say so in the log itself: a tick a second would fill a disk that is full already.
    """

    def __init__(self) -> None:
        self._because: str | None = None
        self._said_at = 0.0
        self._times = 0

    @property
    def because(self) -> str | None:
        """What is wrong and what to do, in a sentence; None when all is well as far as anybody knows."""
        return self._because

    def met(self, because: str) -> None:
        """Keep in mind that the database did not do its work."""
        self._times += 1
        now = asyncio.get_running_loop().time()
        if because != self._because or now - self._said_at >= SAID_AGAIN_AFTER:
            log.error("database does not work", extra={"because": because, "times": self._times})
            self._said_at = now
        self._because = because

    def over(self) -> None:
        """Keep in mind that it was seen to do its work."""
        if self._because is not None:
            log.warning("database works again", extra={"times": self._times})
        self._because, self._times = None, 0
