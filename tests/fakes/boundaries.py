"""The boundaries at which a process can die, told by what it says to its database, and dying there.

Nothing of this is in the product. `die_at` runs in a process that `tests.fakes.dying` started; a test arms a boundary
by a file, and the first process that comes there takes the file away and kills itself.
"""

import asyncio
import os
import re
import signal
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.util import await_only

from storage import unit_of_work


class Moment(StrEnum):
    REACHED = "reached"
    """A statement is about to be executed."""
    BEFORE = "before"
    """Everything of a transaction was said, and its commit comes next."""
    AFTER = "after"
    """The commit is done."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A moment by what was said in its transaction, or is said now; `but` tells it from others that are alike."""

    words: str
    moment: Moment
    said: str
    but: str = r"(?!)"

    @property
    def key(self) -> str:
        return re.sub(r"\W+", "-", self.words)

    def is_here(self, moment: Moment, said: str) -> bool:
        return moment is self.moment and bool(re.search(self.said, said)) and not re.search(self.but, said)


_CLAIM = r"FROM deliveries\b[\s\S]* LIMIT"
_ON_SLACK = r"""UPDATE deliveries SET state=[\s\S]*'sent'[\s\S]*["']conversation["']: ?["']D"""
_TIMER = r'DELETE FROM timers WHERE timers\."?key'

REQUEST_UNCOMMITTED = Boundary("a request, before its commit", Moment.BEFORE, "INSERT INTO inbox")
REQUEST_UNANSWERED = Boundary("a request committed, not answered", Moment.AFTER, "INSERT INTO inbox")
ANSWER_UNCOMMITTED = Boundary("an answer to a pulse, before its commit", Moment.BEFORE, "INSERT INTO pulse_answers")
ANSWER_UNANSWERED = Boundary("an answer to a pulse committed, not answered", Moment.AFTER, "INSERT INTO pulse_answers")
TIMER_UNCOMMITTED = Boundary("a timer, before its commit", Moment.BEFORE, _TIMER)
TIMER_DONE = Boundary("a timer committed: one side's round open, the other's not", Moment.AFTER, _TIMER)
CLAIMING = Boundary("a lane woken, nothing claimed", Moment.REACHED, _CLAIM)
CLAIMED = Boundary("deliveries claimed, none sent", Moment.AFTER, r"UPDATE deliveries SET state=[\s\S]*'sending'")
SENT_UNNOTED = Boundary("a message sent, not noted", Moment.BEFORE, _ON_SLACK)
SENT_NOTED = Boundary("a message noted, the next not sent", Moment.AFTER, _ON_SLACK)
OPENED_UNKEPT = Boundary("a chat opened, not kept", Moment.BEFORE, "INSERT INTO conversations")
ANCHOR_UNKEPT = Boundary("a message sent, not kept as the subject's", Moment.BEFORE, "INSERT INTO posts")
ANCHOR_KEPT = Boundary("a message kept as the subject's, not noted", Moment.AFTER, "INSERT INTO posts")
LOOKING = Boundary(
    "a lane taken over, what is in doubt not read",
    Moment.REACHED,
    r"WHERE deliveries\.lane = \S+ AND deliveries\.state = \S+ ORDER BY deliveries\.id [\s\S]*'sending'",
)
DRAINED = Boundary("a lane drained, its job not finished", Moment.AFTER, _CLAIM, "UPDATE deliveries")
CLOSE_UNCOMMITTED = Boundary(
    "the close of a pulse, before its commit", Moment.BEFORE, "DELETE FROM pulse_participations"
)
CLOSE_UNSCRUBBED = Boundary(
    "the close of a pulse committed, nothing scrubbed", Moment.AFTER, "DELETE FROM pulse_participations"
)
HOUSEKEEPING_UNCOMMITTED = Boundary("housekeeping, before its commit", Moment.BEFORE, r"DELETE FROM inbox WHERE inbox")
HOUSEKEEPING_DONE = Boundary("housekeeping committed", Moment.AFTER, r"DELETE FROM inbox WHERE inbox")
MIGRATING = Boundary("a migration, between two of its steps", Moment.REACHED, "CREATE TABLE drafts")
MIGRATION_UNCOMMITTED = Boundary("a migration, before its commit", Moment.BEFORE, "CREATE TABLE drafts")

ALL = tuple(value for value in globals().values() if isinstance(value, Boundary))
STAND_STILL = "stand still"
"""Written instead of a number: whoever comes there waits for ever, and the others of its process go on."""


def arm(folder: Path, boundary: Boundary, at: str = "1") -> None:
    """Let the process of this folder that comes there for the so-manieth time die."""
    (folder / boundary.key).write_text(at, encoding="utf-8")


def die_at(folder: Path) -> None:
    """From now on, whatever this process says to a database may be its last."""
    committing: ContextVar[str] = ContextVar("committing")

    def passes(moment: Moment, said: str) -> None:
        for boundary in ALL:
            if boundary.is_here(moment, said):
                _at(folder / boundary.key)

    def begin(connection: Any) -> None:
        connection.info["said"] = []

    def say(connection: Any, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        said = f"{statement} {parameters!r}"
        connection.info.setdefault("said", []).append(said)
        passes(Moment.REACHED, said)

    commit_of_ours = unit_of_work.UnitOfWork.commit

    async def committed(uow: unit_of_work.UnitOfWork) -> None:
        await commit_of_ours(uow)
        passes(Moment.AFTER, committing.get(""))

    def commit(connection: Any) -> None:
        said = "\n".join(connection.info.pop("said", ()))
        committing.set(said)
        passes(Moment.BEFORE, said)

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", say)
    event.listen(Engine, "commit", commit)
    unit_of_work.UnitOfWork.commit = committed  # type: ignore[assignment, method-assign]


def _at(file: Path) -> None:
    try:
        armed = file.read_text(encoding="utf-8")
        if armed not in ("1", STAND_STILL):
            file.write_text(str(int(armed) - 1), encoding="utf-8")
            return
        file.unlink()
    except FileNotFoundError:
        return  # not armed, or another process was first
    if armed == STAND_STILL:
        await_only(asyncio.Event().wait())
    os.kill(os.getpid(), signal.SIGKILL)
