"""The one module that knows which database engine is used."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, false, func, make_url, select, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from storage import direct, postgresql

_DRIVERS = {
    "sqlite": direct.NAME,
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_HOW_TO_NAME_ONE = "name a file, sqlite:///liaison.db, or a server, postgresql://user:password@host/name"
BUSY_TIMEOUT = 15_000
"""Milliseconds for which a SQLite connection waits for another process that writes."""
AT_ONCE = 50
"""Milliseconds of that for which it holds up the event loop; then it asks again every now and then."""
_ASKED_AGAIN_AFTER = 0.02
LARGEST_LOG = 16 * 1024 * 1024
"""Bytes that SQLite's write-ahead log keeps at most once it was copied back; four times what it usually grows to."""
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={AT_ONCE}",
    # The log is copied back by storage.direct, in a thread.
    "PRAGMA wal_autocheckpoint=0",
    # Deleted answers are overwritten with zeros at once, so that no free page of the file still holds them.
    "PRAGMA secure_delete=ON",
    # Answers are set aside for the time of a statement (storage.anew): in memory, never in a file of their own.
    "PRAGMA temp_store=MEMORY",
    # The log grows while somebody reads one instant for long, such as a backup; afterwards it is cut to this again.
    f"PRAGMA journal_size_limit={LARGEST_LOG}",
)
_PRIMARY = 0xFF
"""The part of SQLite's result codes that says which kind of trouble it is."""
_SQLITE_SAYS = {
    sqlite3.SQLITE_FULL: "The disk with {file} is full. Make room on it.",
    sqlite3.SQLITE_IOERR: "The disk with {file} does not take what is written: it is full, over a quota, or out of "
    "order ({said}). Make room on it, or mend it.",
    sqlite3.SQLITE_READONLY: "{file} cannot be written. Let the user that the liaison runs as own the file, what lies "
    "beside it and their folder, on a disk that is not read-only.",
    sqlite3.SQLITE_CANTOPEN: "{file} cannot be opened. Let it be there, and let the user that the liaison runs as own "
    "the file, what lies beside it and their folder.",
}
"""By kind of trouble: what happened, and what to do."""
_A_LITTLE = 64 * 1024
"""Bytes; with less the disk is full, whatever SQLite calls it when it cannot make its files larger."""
_BAD_LUCK = ("40", "55", "57014")
"""PostgreSQL's states of one transaction only: deadlock, not serializable, a lock not got in time, cancelled."""
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


def file_of(database_url: str) -> Path | None:
    """The file that a SQLite address names; None for a server. Raises ValueError as `parse_url` does."""
    url = parse_url(database_url)
    return Path(str(url.database)) if url.drivername.startswith("sqlite") else None


def make_engine(database_url: str) -> AsyncEngine:
    """Make the engine; nothing is connected before the first use. A SQLite file's folder is made when missing.

    Raises ValueError for SQLite in memory and for what is no address of a database.
    """
    url = parse_url(database_url)
    if not url.drivername.startswith("sqlite"):
        return postgresql.made(url)
    if url.database in (None, "", ":memory:"):
        raise ValueError("a database in memory would be lost at the end; name a file: sqlite:///liaison.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "handle_error", _leave_connection)
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


def of_one_instant(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that only read, and see none of what others commit after they began."""
    if is_sqlite(engine):
        return reading(engine)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writers_turn(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    """What this process' writers hold while they write.

    SQLite lets one write at a time and has the others ask again and again, the unlucky ones for long; here they
    queue in the order they came. PostgreSQL locks rows, and everybody may go on.
    """
    return _Turn() if is_sqlite(engine) else nullcontext()


def at_once(engine: AsyncEngine) -> int:
    """How many transactions of this process get on side by side; SQLite works in the event loop's own thread."""
    return 1 if is_sqlite(engine) else postgresql.MOST


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
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


def change_schema_briefly(connection: Connection, seconds: float) -> None:
    """Let this transaction work for as long as it takes, and wait for a table, with others behind it, only so long."""
    if not is_sqlite(connection):
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = {int(seconds * 1000)}"))


def has_to_wait(error: DBAPIError) -> bool:
    """Whether somebody else held what was asked for (or waited for us): later it may well be free."""
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(("40", "55P03"))


def at_work(connection: Connection) -> Sequence[str]:
    """Who else has a transaction open in the database, the longest first; a few of them, as far as we may know."""
    if is_sqlite(connection):
        return ()
    others = connection.execute(
        text(
            "SELECT pid, coalesce(nullif(application_name, ''), 'unnamed'), coalesce(state, 'unknown'), "
            "round(extract(epoch FROM now() - xact_start)) FROM pg_stat_activity WHERE xact_start IS NOT NULL "
            "AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 3"
        )
    )
    return [f"process {pid} ({name}), {state}, for {seconds} seconds" for pid, name, state, seconds in others]


@asynccontextmanager
async def only_one(connection: AsyncConnection, what: str) -> AsyncIterator[bool]:
    """Whether nobody else does this at the time, and then not before the end; on SQLite there is nobody else."""
    if is_sqlite(connection):
        yield True
        return
    asked, which = "SELECT pg_{}advisory_{}lock(hashtextextended(:what, 0))", {"what": what}
    mine = bool((await connection.execute(text(asked.format("try_", "")), which)).scalar_one())
    try:
        yield mine
    finally:
        if mine:
            await connection.execute(text(asked.format("", "un")), which)


@asynccontextmanager
async def limited(connection: AsyncConnection, **milliseconds: int) -> AsyncIterator[None]:
    """Let a connection of PostgreSQL that commits each statement by itself have other limits for a while."""
    before = {name: (await connection.execute(text(f"SHOW {name}"))).scalar_one() for name in milliseconds}
    ours = text("SELECT set_config(:name, :limit, false)")
    try:
        for name, limit in milliseconds.items():
            await connection.execute(ours, {"name": name, "limit": str(limit)})
        yield
    finally:
        for name, limit in before.items():
            await connection.execute(ours, {"name": name, "limit": limit})


def take_as_long_as_needed(connection: Connection) -> None:
    """Let this transaction last, and rest in between, for longer than the server lets others."""
    if not is_sqlite(connection):
        connection.execute(
            text(
                "SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN "
                "('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')"
            )
        )


def keep_writers_out(connection: Connection, tables: Iterable[Table]) -> None:
    """Let nobody else write to those tables until this transaction ends; on SQLite a writer does so anyhow."""
    if not is_sqlite(connection):
        names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in tables)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def count_on(connection: Connection, table: Table) -> None:
    """Let the numbers that the database gives to rows go on after the highest; SQLite's do so anyhow."""
    column = table.autoincrement_column
    if column is None or is_sqlite(connection):
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = select(func.coalesce(func.max(column), 0)).scalar_subquery()
    connection.execute(select(func.setval(sequence, highest + 1, false())))


def broke_off(error: DBAPIError) -> bool:
    """Whether the database itself is the trouble, not what it was asked: away, restarting, full, in a deadlock."""
    if not isinstance(error, OperationalError):
        return error.connection_invalidated
    # SQLite files also what was asked wrongly under this, such as a table that is not there.
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def lasts(error: DBAPIError) -> bool:
    """Whether that is a state of the database, which the next transaction meets too: full, read-only, away."""
    if not broke_off(error):
        return False
    if (code := getattr(error.orig, "sqlite_errorcode", None)) is not None:
        return code & _PRIMARY not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return not str(getattr(error.orig, "sqlstate", None) or "").startswith(_BAD_LUCK)


def in_words(error: DBAPIError, engine: AsyncEngine) -> str:
    """What the database says is wrong, in a sentence or two of ours with what to do where we know more."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    said = " ".join(str(error.orig or error).split())
    if code is None or (words := _SQLITE_SAYS.get(code & _PRIMARY)) is None:
        return said
    if code & _PRIMARY == sqlite3.SQLITE_IOERR and _is_full(Path(str(engine.url.database)).parent):
        words = _SQLITE_SAYS[sqlite3.SQLITE_FULL]
    return words.format(file=engine.url.database, said=said)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _A_LITTLE
    except OSError:
        return False


def refuses_to_write(error: DBAPIError, *, reads: bool) -> bool:
    """Whether it is a bug of ours: a write where we had said that we only read."""
    return reads and getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY


def _leave_connection(context: ExceptionContext) -> None:
    """Let no connection be used again that may have been opened while the file could not be written, or had a fault."""
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    refuses = context.connection is not None and context.connection.info.get(_READS, False)
    if (
        code is not None
        and not refuses
        and code & _PRIMARY in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
    ):
        context.is_disconnect = True
        if context.execution_context is not None and (cursor := context.execution_context.cursor) is not None:
            # SQLAlchemy leaves it open now, and with it the file as it could be opened, until garbage is collected.
            cursor.close()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    try:
        with closing(connection.cursor()) as cursor:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
    except sqlite3.Error:
        connection.close()  # SQLAlchemy has not got it yet, and would leave it open
        raise


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    reads = bool(options.get(_READS))
    if reads is not connection.info.get(_READS, False):
        _said_directly(connection, f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        connection.info[_READS] = reads
    await_only(asyncio.sleep(0))  # between two transactions everybody else has their turn
    # A writer takes the lock at the start: a transaction that read first could not be upgraded safely later.
    _when_free(connection, "BEGIN" if reads else "BEGIN IMMEDIATE")


def _when_free(connection: Connection, statement: str) -> None:
    """Execute it once no other process is in the way, and let this process go on with other things meanwhile."""
    clock = asyncio.get_running_loop().time
    until = clock() + BUSY_TIMEOUT / 1000
    while True:
        try:
            _said_directly(connection, statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or clock() >= until:
                connection.exec_driver_sql(statement)  # fails again, and SQLAlchemy says how
                return
            await_only(asyncio.sleep(_ASKED_AGAIN_AFTER))
        else:
            return


def _said_directly(connection: Connection, statement: str) -> None:
    """Without what SQLAlchemy does around a statement, which takes longer than these do."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(statement).close()


def is_sqlite(database: AsyncEngine | AsyncConnection | Connection) -> bool:
    return database.dialect.name == "sqlite"
