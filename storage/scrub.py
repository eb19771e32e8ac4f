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

from storage.engine import BUSY_TIMEOUT, is_sqlite
from storage.tables import PulseAnswerRow, PulseCommentRow, PulseParticipationRow, PulseRow

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
    """Scrubs one database's files after something was deleted, and keeps in mind what is still due.

    What a process that died had left due is unknown to the next one, which therefore scrubs when it starts.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._deleted = 0
        self._scrubbed = 0

    async def __call__(self, *, deleted: bool = True) -> bool:
        """Scrub after a deletion, or (not `deleted`) what is still due; True when nothing is due any more.

        A database that is in the way, or away, is no error: what was asked for is done, and this comes later.
        """
        self._deleted += deleted
        asked = self._deleted
        if asked == self._scrubbed:
            return True
        try:
            done = await _scrub(self._engine)
        except SQLAlchemyError as error:
            log.warning("files not scrubbed yet", extra={"because": type(error).__name__})
            return False
        if done:
            self._scrubbed = max(self._scrubbed, asked)
        return done


async def _scrub(engine: AsyncEngine) -> bool:
    """On SQLite the write-ahead log, which still holds old pages, is copied back and truncated.

    On PostgreSQL old row versions are vacuumed; its own log archive is the operator's to keep or drop (see docs).
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        return await (_truncate_log(connection) if is_sqlite(engine) else _vacuum(connection))


async def _vacuum(connection: AsyncConnection) -> bool:
    """Raises a DBAPIError when somebody holds one of the tables."""
    await connection.execute(text(f"SET lock_timeout = {LONGEST_WAIT}"))
    try:
        await connection.execute(text(_WRITTEN_ANEW))
        await connection.execute(text(_VACUUMED))
    finally:
        await connection.execute(text("RESET lock_timeout"))
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
        await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
    return False
