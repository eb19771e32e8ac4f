"""Opening a database for use: connected, at this version's schema, with its units of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import is_sqlite, make_engine
from storage.schema import Told, UnknownRevision, current_revision, newest_revision, upgrade
from storage.scrub import Scrubber
from storage.seal import Seal
from storage.unit_of_work import OpenUnitOfWork, unit_of_work


class DatabaseTrouble(Exception):
    """The database cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `scrub` makes sure that what was deleted is in no file any more."""

    engine: AsyncEngine
    seal: Seal
    open_uow: OpenUnitOfWork
    scrub: Scrubber

    async def answers(self) -> bool:
        """Whether the database can be read and is at this version's schema."""
        try:
            return await current_revision(self.engine) == newest_revision()
        except (SQLAlchemyError, OSError):
            return False

    async def upgrade(self) -> None:
        await upgrade(self.engine)

    async def can_write(self) -> bool:
        """Whether a write would be taken; nothing is changed."""
        try:
            async with self.engine.begin() as connection:
                await connection.execute(text("DELETE FROM inbox WHERE key = ''"))
        except (SQLAlchemyError, OSError):
            return False
        return True


@asynccontextmanager
async def opened(
    database_url: str, secret_key: str, *, migrate: bool | None = None, told: Told = lambda _done, _all: None
) -> AsyncIterator[Database]:
    """Open the database; `migrate` None brings SQLite up to date by itself and asks of PostgreSQL that it is.

    `told` hears how far that is.
    Raises DatabaseTrouble when it cannot be reached, or is at another schema than this version needs.
    """
    try:
        engine = make_engine(database_url)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise DatabaseTrouble(f"The database address cannot be used: {error}") from error
    seal = Seal(secret_key)
    database = Database(engine, seal, unit_of_work(engine, seal), Scrubber(engine))
    try:
        await _prepare(engine, migrate=is_sqlite(engine) if migrate is None else migrate, told=told)
        yield database
        # What could not be scrubbed while others were in the way goes before the files are left alone.
        await database.scrub(deleted=False)
    except DatabaseError as error:
        if not _is_its_own_fault(error):
            raise
        raise DatabaseTrouble(
            f"The database does not do its work: {_in_short(error)}. If it is damaged, go back to a copy."
        ) from error
    finally:
        await engine.dispose()


async def _prepare(engine: AsyncEngine, *, migrate: bool, told: Told) -> None:
    try:
        current = await current_revision(engine)
        if migrate and current != newest_revision():
            await upgrade(engine, told=told)
            current = await current_revision(engine)
    except UnknownRevision as unknown:
        raise DatabaseTrouble(
            f"The database is at schema {unknown}, which this version does not know. Use the version that made it."
        ) from None
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseTrouble(f"The database cannot be opened: {_in_short(error)}") from error
    if current != newest_revision():
        raise DatabaseTrouble(
            f"The database is at schema {current or 'none'} and this version needs {newest_revision()}. "
            "Run: liaison db upgrade"
        )


def _is_its_own_fault(error: DatabaseError) -> bool:
    """Whether it is the database's trouble (damaged, full, gone) and not a statement of ours that is wrong."""
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def _in_short(error: Exception) -> str:
    """What the driver itself says, in one line, without SQLAlchemy's statement and links."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error)
    return " ".join(said.split())
