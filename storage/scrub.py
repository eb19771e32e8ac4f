"""Scrubbing: what was deleted leaves the database's files too, not only its tables.

A deletion that has to be seen to be gone (a pulse that closed, a person who is forgotten) says so, and is scrubbed once
its transaction has ended. Without one nothing is scrubbed. One that could not be scrubbed at once stays due: nobody who
reads or writes waits longer for it than `LONGEST_WAIT`.
"""

import asyncio
import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import SQLModel

from storage.chores import SCRUB
from storage.engine import AT_ONCE, is_sqlite, limited, only_one
from storage.tables import PulseAnswerRow, PulseCommentRow, PulseParticipationRow, PulseRow
from storage.unit_of_work import Interrupted, OpenUnitOfWork

log = logging.getLogger(__name__)

LONGEST_WAIT = 200
"""Milliseconds for which scrubbing waits for others, and so others for it; then it is tried again later."""
TRIES = 3
_OF_PULSES = (PulseAnswerRow, PulseCommentRow, PulseParticipationRow, PulseRow)
_WRITTEN_ANEW = f"VACUUM (FULL) {', '.join(str(row.__tablename__) for row in _OF_PULSES)}"
"""A plain vacuum leaves old bytes in the pages. These tables are small: to write them anew takes milliseconds."""
_VACUUMED = f"VACUUM {', '.join(sorted(SQLModel.metadata.tables))}"
"""All tables: what is deleted there is freed at once, in nobody's way, and overwritten by what comes next."""


class Scrubber:
    """Scrubs one database's files after something was deleted.

    That it is due stands in the database, in the transaction of the deletion: whoever starts after a process that died
    sees it, and one of several replicas does it.
    """

    def __init__(self, engine: AsyncEngine, open_uow: OpenUnitOfWork) -> None:
        self._engine = engine
        self._open_uow = open_uow

    async def __call__(self) -> bool:
        """Scrub when it is due; True when nothing is due any more.

        A database that is in the way, or away, is no error: what was asked for is done, and this comes later.
        """
        try:
            async with self._open_uow(reads=True) as uow:
                occasion = await uow.chores.owed(SCRUB)
            if occasion is None:
                return True
            if not await _scrub(self._engine):
                return False
            async with self._open_uow() as uow:
                await uow.chores.done(SCRUB, occasion)
                await uow.commit()
        except (SQLAlchemyError, Interrupted) as error:
            log.warning("files not scrubbed yet", extra={"because": type(error).__name__})
            return False
        return True


async def _scrub(engine: AsyncEngine) -> bool:
    """On SQLite the write-ahead log, which still holds old pages, is copied back and truncated.

    On PostgreSQL old row versions are vacuumed; its own log archive is the operator's to keep or drop (see docs).
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        return await (_truncate_log(connection) if is_sqlite(engine) else _vacuum(connection))


async def _vacuum(connection: AsyncConnection) -> bool:
    """Raises a DBAPIError when somebody holds one of the tables."""
    async with only_one(connection, "scrub") as mine:
        if not mine:
            return False  # another replica is at it
        async with limited(connection, lock_timeout=LONGEST_WAIT, statement_timeout=0):
            await connection.execute(text(_WRITTEN_ANEW))
            await connection.execute(text(_VACUUMED))
    return True


async def _truncate_log(connection: AsyncConnection) -> bool:
    await connection.exec_driver_sql(f"PRAGMA busy_timeout={LONGEST_WAIT}")
    try:
        for _ in range(TRIES):
            row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            if row[0] == 0:
                return True
            await asyncio.sleep(0.05)
    finally:
        await connection.exec_driver_sql(f"PRAGMA busy_timeout={AT_ONCE}")
    return False
