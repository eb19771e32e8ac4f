"""Statements that people wait for: made once, and said on the transaction's own connection, past the mapper."""

from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

_KEPT = "connection"


async def connection_of(session: AsyncSession) -> AsyncConnection:
    """The connection of the session's one transaction; a unit of work has no second."""
    found: AsyncConnection | None = session.info.get(_KEPT)
    if found is None:
        found = session.info[_KEPT] = await session.connection()
    return found


async def said(session: AsyncSession, statement: Executable, **values: object) -> Any:
    """Execute a statement whose bound parameters have these values, and return its result."""
    return await (await connection_of(session)).execute(statement, values)
