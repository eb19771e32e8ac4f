"""The one module that knows which database engine is used."""

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_HOW_TO_NAME_ONE = "name a file, sqlite:///liaison.db, or a server, postgresql://user:password@host/name"
CONNECT_TIMEOUT = 10
"""Seconds for a server to take a connection, where the address does not say `connect_timeout`."""
BUSY_TIMEOUT = 15_000
"""Milliseconds for which a SQLite connection waits for another process that writes."""
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    # Deleted answers are overwritten with zeros at once, so that no free page of the file still holds them.
    "PRAGMA secure_delete=ON",
)
_READS = "reads"
"""Execution option of connections that only read; also where a SQLite connection notes that it refuses to write."""


def parse_url(database_url: str) -> URL:
    """Return the URL with our async driver; `sqlite:///file.db` and `postgresql://…` are understood.

    Raises ValueError for anything else; its text says what to write.
    """
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise ValueError(_HOW_TO_NAME_ONE) from None
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise ValueError(f"{url.get_backend_name()} is not known here; {_HOW_TO_NAME_ONE}")
    return url.set(drivername=driver)


def make_engine(database_url: str) -> AsyncEngine:
    """Make the engine; nothing is connected before the first use. A SQLite file's folder is made when missing.

    Raises ValueError for SQLite in memory and for what is no address of a database.
    """
    url = parse_url(database_url)
    if not url.drivername.startswith("sqlite"):
        patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT}
        return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, connect_args=patience)
    if url.database in (None, "", ":memory:"):
        raise ValueError("a database in memory would be lost at the end; name a file: sqlite:///liaison.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def connection_parameters(engine: AsyncEngine) -> dict[str, str] | None:
    """What libpq connects by, password included; None for SQLite, which no other process shares with us."""
    if is_sqlite(engine):
        return None
    asked = {name: value if isinstance(value, str) else ",".join(value) for name, value in engine.url.query.items()}
    parts = engine.url.translate_connect_args(username="user", database="dbname")
    return {**{name: str(value) for name, value in parts.items()}, **asked}


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that only read: on SQLite they wait for no writer, and a write is refused."""
    return engine.execution_options(**{_READS: True})


def writers_turn(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    """What this process' writers hold while they write.

    SQLite lets one write at a time and has the others ask again and again, the unlucky ones for long; here they
    queue in the order they came. PostgreSQL locks rows, and everybody may go on.
    """
    return _Turn() if is_sqlite(engine) else nullcontext()


class _Turn:
    """A lock that whoever holds it cannot wait for: that would last for ever."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if self._writer is not None and self._writer is task:
            raise RuntimeError("a unit of work that writes was opened inside another, and would wait for it for ever")
        await self._lock.acquire()
        self._writer = task

    async def __aexit__(self, *_raised: object) -> None:
        self._writer = None
        self._lock.release()


def wait_for_turn(connection: Connection, what: str) -> None:
    """Let only one transaction at a time go on with `what`, until it ends; SQLite's writers do so anyhow."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


def broke_off(error: DBAPIError) -> bool:
    """Whether the database itself is the trouble, not what it was asked: away, restarting, full, in a deadlock."""
    if not isinstance(error, OperationalError):
        return error.connection_invalidated
    # SQLite files also what was asked wrongly under this, such as a table that is not there.
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    reads = bool(options.get(_READS))
    if reads is not connection.info.get(_READS, False):
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        connection.info[_READS] = reads
    # A writer takes the lock at the start: a transaction that read first could not be upgraded safely later.
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def is_sqlite(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "sqlite"
