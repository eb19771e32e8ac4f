"""Statements that people wait for: compiled once, and said to the driver itself, on the transaction's own connection.

What SQLAlchemy does around each takes ten times as long as SQLite takes for one of these, and as long again as the way
to PostgreSQL. It keeps the connection, the transaction and what becomes of an error (docs/decisions/018).
"""

from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.direct import Direct
from storage.engine import is_sqlite

Row = tuple[Any, ...]
_KEPT = "driver"
_BY_NAME = Direct(paramstyle="named")


async def said(session: AsyncSession, *statements: ClauseElement, **values: str | None) -> list[Row]:
    """Say the statements one after the other, all with these values, and return the rows of the last.

    Every parameter is a `bindparam` without a value. Values go in, and come back, as the driver has them: as text, and
    so JSON has to be cast to it.
    """
    connection = connection_of(session)
    if not connection.in_transaction():
        await connection.begin()
    driver = session.info.get(_KEPT) or _keep(session)
    dialect = _BY_NAME if is_sqlite(connection) else connection.dialect
    rows: list[Row] = []
    for statement in statements:
        sql = _compiled(statement, dialect)
        try:
            await _tell(connection, sql, values)
            if dialect is _BY_NAME:
                rows = driver.execute(sql, values).fetchall()
            else:
                await driver.execute(sql, values, prepare=True)
                rows = await driver.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            await connection.run_sync(_raise, error, sql)
    return rows


async def _tell(connection: AsyncConnection, sql: str, values: Mapping[str, str | None]) -> None:
    """Let whoever listens to what SQLAlchemy says hear of this statement too."""

    def tell(kept: Connection) -> None:
        context, are_many = None, False
        with closing(kept.connection.cursor()) as cursor:
            for hear in kept.engine.dispatch.before_cursor_execute:
                hear(kept, cursor, sql, values, context, are_many)

    if connection.sync_engine.dispatch.before_cursor_execute:
        await connection.run_sync(tell)


def connection_of(session: AsyncSession) -> AsyncConnection:
    """The connection in whose transaction the session of a unit of work works, once somebody asks by it."""
    connection = session.bind
    assert isinstance(connection, AsyncConnection), "the session of a unit of work"
    return connection


def _keep(session: AsyncSession) -> Any:
    """What the driver takes statements by: on SQLite its connection, on PostgreSQL a cursor for all of them."""
    connection = connection_of(session)
    assert connection.sync_connection is not None, "it was begun"
    driver: Any = connection.sync_connection.connection.driver_connection
    kept = session.info[_KEPT] = driver if is_sqlite(connection) else driver.cursor()
    return kept


@cache
def _compiled(statement: ClauseElement, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))


def _raise(connection: Connection, error: Exception, sql: str) -> NoReturn:
    """Let SQLAlchemy raise it as its own, and give up the connections that it tells are lost."""
    connection._handle_dbapi_exception(error, sql, None, None, None)  # noqa: SLF001 - the only door to all of that
