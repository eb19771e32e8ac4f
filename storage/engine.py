"""The one module that knows which database engine is used."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=15000",
    # Deleted answers are overwritten with zeros at once, so that no free page of the file still holds them.
    "PRAGMA secure_delete=ON",
)
_SCRUBBED = (
    # A plain vacuum leaves old bytes in the pages; these tables are small, so they are written anew.
    "VACUUM (FULL) pulse_answers, pulse_comments, pulse_participations, pulses",
    "VACUUM notices, deliveries",
)


def parse_url(database_url: str) -> URL:
    """Return the URL with our async driver; `sqlite:///file.db` and `postgresql://…` are understood."""
    url = make_url(database_url)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def make_engine(database_url: str) -> AsyncEngine:
    """Make the engine; nothing is connected before the first use. A SQLite file's folder is made when missing.

    Raises ValueError for SQLite in memory, sqlalchemy.exc.ArgumentError for what is no address of a database.
    """
    url = parse_url(database_url)
    if not url.drivername.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    if url.database in (None, "", ":memory:"):
        raise ValueError("a database in memory would be lost at the end; name a file: sqlite:///liaison.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    # The write lock is taken at the start: a transaction that read first could not be upgraded safely later.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def is_sqlite(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "sqlite"


async def scrub(engine: AsyncEngine) -> bool:
    """Make sure that what was deleted is in no file any more; True when done, False when a reader was in the way.

    On SQLite the write-ahead log, which still holds old pages, is copied back and truncated. On PostgreSQL old row
    versions are vacuumed; its own log archive is the operator's to keep or drop (see docs).
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        if not is_sqlite(engine):
            for statement in _SCRUBBED:
                await connection.execute(text(statement))
            return True
        for _ in range(20):
            row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            if row[0] == 0:
                return True
            await asyncio.sleep(0.05)
        return False
