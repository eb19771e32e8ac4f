"""Which schema a database is at, and whom that fits.

Alembic is not asked: it takes a sixth of the memory of a liaison that has nothing to migrate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import reading

MIGRATIONS = Path(__file__).parent / "migrations"

Told = Callable[[int, int], None]
"""Hears after each migration how many are done, and of how many."""
Waits = Callable[[str], None]
"""Hears in a sentence who is in the way, each time it is tried again."""

FLOORS = Table("schema_floors", MetaData(), Column("revision", String(32), primary_key=True))
"""Made by the first migration that takes something away; not among our tables, as Alembic's own is not."""
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own note of where it is."""


class InUse(Exception):
    """Somebody holds what has to be changed, and did so for as long as was waited; the text says who."""


@cache
def known_revisions() -> tuple[str, ...]:
    """Newest first; the revisions are one line, without branches, and their files begin with their numbers."""
    return tuple(sorted((file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True))


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    return known_revisions()[0]


async def current_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    async with reading(engine).connect() as connection:
        return await connection.run_sync(revision_of)


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return _highest(connection, _VERSION, "version_num")


@dataclass(frozen=True, slots=True)
class Standing:
    """The schema that a database is at. `floor` is the oldest version's that can work with it; None when any can."""

    revision: str | None
    floor: str | None = None

    @property
    def is_older(self) -> bool:
        """Whether migrations that this version needs are missing."""
        return self.revision is None or (self.revision in known_revisions() and self.revision != newest_revision())

    @property
    def is_newer(self) -> bool:
        """Whether a later version has brought it further; revisions are numbers of four digits."""
        revision = self.revision or ""
        return revision not in known_revisions() and revision.isdecimal() and revision > newest_revision()

    @property
    def fits(self) -> bool:
        """Whether this version can work with it: it is what this version made, or later and only added to."""
        return self.revision == newest_revision() or (self.is_newer and (self.floor or "") <= newest_revision())

    @property
    def in_words(self) -> str:
        """What is wrong with it, and what to do."""
        if self.is_older:
            at = f"The database is at schema {self.revision or 'none'} and this version needs {newest_revision()}. "
            return f"{at}Run: liaison db upgrade"
        if self.is_newer:
            return (
                f"The database is at schema {self.revision}, which took away what this version ({newest_revision()}) "
                f"needs. Use a version that needs {self.floor} or later."
            )
        at = f"The database is at schema {self.revision}, which this version does not know. "
        return f"{at}Use the version that made it."


async def standing(engine: AsyncEngine) -> Standing:
    """Look at which schema the database is, and whom it fits."""

    def look(connection: Connection) -> Standing:
        revision = revision_of(connection)
        is_ours = revision is None or revision == newest_revision()
        return Standing(revision, None if is_ours else _highest(connection, FLOORS, "revision"))

    async with reading(engine).connect() as connection:
        return await connection.run_sync(look)


def _highest(connection: Connection, table: Table, column: str) -> str | None:
    if not inspect(connection).has_table(table.name):
        return None
    highest: str | None = connection.execute(select(func.max(table.c[column]))).scalar_one()
    return highest
