"""Opening a database for use: connected, at this version's schema, with its units of work."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from storage.engine import in_words, is_sqlite, lasts, make_engine
from storage.schema import InUse, Standing, Told, Waits, standing
from storage.scrub import Scrubber
from storage.seal import Seal
from storage.tables import ChoreRow
from storage.trouble import Trouble
from storage.unit_of_work import OpenUnitOfWork, unit_of_work

log = logging.getLogger(__name__)

ROOM_AFTER_TROUBLE = 64 * 1024
"""Letters that have to find room before work is begun again: more than a transaction of ours usually writes."""


class DatabaseTrouble(Exception):
    """The database cannot be used; the text says why and what to do."""


class OtherSchema(DatabaseTrouble):
    """The database is at another schema than this version needs."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `scrub` makes sure that what was deleted is in no file any more."""

    engine: AsyncEngine
    seal: Seal
    open_uow: OpenUnitOfWork
    scrub: Scrubber
    trouble: Trouble

    async def unreadable(self) -> str | None:
        """Why the database cannot be read by this version, and what to do; None when it can."""
        try:
            schema = await standing(self.engine)
        except (SQLAlchemyError, OSError) as error:
            return _said(error, self.engine)
        return None if schema.fits else schema.in_words

    async def unwritable(self) -> str | None:
        """Why a write would not be taken, and what to do; None when it would. It is tried; nothing is changed by it.

        After trouble it is tried with more than a page: what is small may find room where the next answer would not.
        """
        size = 1 if self.trouble.because is None else ROOM_AFTER_TROUBLE
        probe = {"name": f"probe {secrets.token_hex(8)}", "occasion": "x" * size}
        try:
            async with self.engine.begin() as connection:
                await connection.execute(insert(ChoreRow).values(**probe))
                await connection.execute(delete(ChoreRow).where(col(ChoreRow.name) == probe["name"]))
        except (SQLAlchemyError, OSError) as error:
            because = _said(error, self.engine)
            if not isinstance(error, DBAPIError) or lasts(error):
                self.trouble.met(because)
            return because
        self.trouble.over()
        return None

    async def works(self) -> bool:
        """Whether work can be begun: after trouble only once a write was seen to be taken again."""
        return self.trouble.because is None or await self.unwritable() is None

    async def standing(self) -> Standing:
        """Which schema it is at, and whom that fits."""
        return await standing(self.engine)


@asynccontextmanager
async def opened(
    database_url: str,
    secret_key: str,
    *,
    migrate: bool | None = None,
    told: Told = lambda _done, _all: None,
    waits: Waits = lambda _because: None,
) -> AsyncIterator[Database]:
    """Open the database; `migrate` None brings SQLite up to date by itself and asks of PostgreSQL that it is.

    `told` hears how far that is, `waits` for whom it has to wait. A schema that a later version has only added to fits.
    Raises DatabaseTrouble when it cannot be reached, or is at another schema than this version needs.
    """
    try:
        engine = make_engine(database_url)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise DatabaseTrouble(f"The database address cannot be used: {error}") from error
    seal = Seal(secret_key)
    trouble = Trouble()
    open_uow = unit_of_work(engine, seal, trouble)
    database = Database(engine, seal, open_uow, Scrubber(engine, open_uow), trouble)
    try:
        await _prepare(engine, migrate=is_sqlite(engine) if migrate is None else migrate, told=told, waits=waits)
        yield database
        # What could not be scrubbed while others were in the way goes before the files are left alone.
        await database.scrub()
    except DatabaseError as error:
        if not _is_its_own_fault(error):
            raise
        said = _said(error, engine).rstrip(".")
        raise DatabaseTrouble(
            f"The database does not do its work: {said}. If it is damaged, go back to a copy."
        ) from error
    finally:
        await engine.dispose()


async def _prepare(engine: AsyncEngine, *, migrate: bool, told: Told, waits: Waits) -> None:
    try:
        schema = await standing(engine)
        if migrate and schema.is_older:
            from storage.upgrading import upgrade  # brings Alembic, whose memory is not given back

            await upgrade(engine, told=told, waits=waits)
            schema = await standing(engine)
    except InUse as used:
        raise DatabaseTrouble(f"{used} Nothing was changed: end that, or ask again later.") from used
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseTrouble(f"The database cannot be opened: {_said(error, engine)}") from error
    if not schema.fits:
        raise OtherSchema(schema.in_words)
    if schema.is_newer:
        log.info("database is at a later schema, which fits", extra={"schema": schema.revision})


def _is_its_own_fault(error: DatabaseError) -> bool:
    """Whether it is the database's trouble (damaged, full, gone) and not a statement of ours that is wrong."""
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def _said(error: Exception, engine: AsyncEngine) -> str:
    return in_words(error, engine) if isinstance(error, DBAPIError) else in_short(error)


def in_short(error: Exception) -> str:
    """What the driver itself says, in one line, without SQLAlchemy's statement and links."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error)
    return " ".join(said.split())
