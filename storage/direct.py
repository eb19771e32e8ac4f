"""SQLite, spoken to in the event loop's own thread (docs/decisions/018).

A statement of ours keeps SQLite busy for some hundredths of a millisecond. To hand it to a thread and to take the
answer back costs ten times as much, and the one writer at a time makes all others wait for it. So only what can take
long goes to a thread: copying the write-ahead log back into the file, with its waits for the disk. A commit does not
wait for the disk (WAL with synchronous=NORMAL), and `storage.engine` waits for other processes without holding up the
loop.
"""

import asyncio
import os
import sqlite3
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import await_only

NAME = "sqlite+direct"
_LONG = ("PRAGMA wal_checkpoint", "VACUUM")
"""Statements that copy the log or the whole file, and wait for the disk."""
_COMMITS = 64
_GROWTH = 4 * 1024 * 1024
"""After so many commits, or so many bytes by which its file grew, the log is copied back: about as often as SQLite does
by itself, after a thousand pages."""


class _Cursor(sqlite3.Cursor):
    """What the asynchronous engine asks of a cursor beside the standard's."""

    async def _async_soft_close(self) -> None:
        """Nothing: the rows that are left come without waiting."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class Direct(SQLiteDialect_pysqlite):
    """Python's own driver under SQLAlchemy's asynchronous engine."""

    driver = "direct"
    is_async = True
    supports_statement_cache = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._log = ""
        self._size = 0
        self._commits = 0
        self._is_behind = False

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:  # noqa: ARG003 - SQLAlchemy's own signature
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        positional, named = super().create_connect_args(url)
        self._log = f"{url.database}-wal"
        return positional, {**named, "check_same_thread": False, "factory": _Connection}

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ARG002
        if statement.startswith(_LONG):
            loop = asyncio.get_running_loop()
            await_only(loop.run_in_executor(None, cursor.execute, statement, parameters))
        else:
            await_only(_nothing())  # the engine insists on one await in every statement
            cursor.execute(statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ARG002
        await_only(_nothing())
        cursor.executemany(statement, parameters)

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit, and copy the log back when it is time: then this writer waits for the disk, and nobody who reads."""
        dbapi_connection.commit()
        self._commits += 1
        if self._is_behind or self._commits >= _COMMITS or _size_of(self._log) >= self._size + _GROWTH:
            self._is_behind = not await_only(asyncio.get_running_loop().run_in_executor(None, _copy, dbapi_connection))
            self._commits, self._size = 0, _size_of(self._log)


def _copy(connection: sqlite3.Connection) -> bool:
    """Copy the log into the file; False when some had to stay, as safe as before: somebody reads what was then."""
    try:
        ((_, pages, copied),) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error:
        return False
    return bool(pages == copied)


def _size_of(log: str) -> int:
    try:
        return os.stat(log).st_size
    except OSError:
        return 0


async def _nothing() -> None:
    return


registry.register("sqlite.direct", __name__, Direct.__name__)
