"""Bringing a database to this version's schema, and telling whether it is there."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, String, Table, func, insert, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import at_work, change_schema_briefly, has_to_wait, reading, wait_for_turn

MIGRATIONS = Path(__file__).parent / "migrations"

LOCKS_WITHIN = 3.0
"""Seconds for which a change waits for a table, and so others who come after it for the same table."""
TRIED_AGAIN_AFTER = 5.0
TRIES = 60
"""Some minutes in all: longer than any transaction of ours, shorter than an operator's patience."""

Told = Callable[[int, int], None]
"""Hears after each migration how many are done, and of how many."""
Waits = Callable[[str], None]
"""Hears in a sentence who is in the way, each time it is tried again."""

_FLOORS = Table("schema_floors", MetaData(), Column("revision", String(32), primary_key=True))
"""Made by the first migration that takes something away; not among our tables, as Alembic's own is not."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; with the connection that its scripts shall use."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


class InUse(Exception):
    """Somebody holds what has to be changed, and did so for as long as was waited; the text says who."""


def _known_revisions() -> list[str]:
    """Newest first; the revisions are one line, without branches."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


async def current_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    async with reading(engine).connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


@dataclass(frozen=True, slots=True)
class Standing:
    """The schema that a database is at. `floor` is the oldest version's that can work with it; None when any can."""

    revision: str | None
    floor: str | None = None

    @property
    def is_older(self) -> bool:
        """Whether migrations that this version needs are missing."""
        return self.revision is None or (self.revision in _known_revisions() and self.revision != newest_revision())

    @property
    def is_newer(self) -> bool:
        """Whether a later version has brought it further; revisions are numbers of four digits."""
        revision = self.revision or ""
        return revision not in _known_revisions() and revision.isdecimal() and revision > newest_revision()

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
        revision = MigrationContext.configure(connection).get_current_revision()
        is_ours = revision is None or revision == newest_revision()
        return Standing(revision, None if is_ours else _floor(connection))

    async with reading(engine).connect() as connection:
        return await connection.run_sync(look)


async def upgrade(
    engine: AsyncEngine,
    revision: str = "head",
    *,
    told: Told = lambda _done, _all: None,
    waits: Waits = lambda _because: None,
) -> None:
    """Run the migrations that are missing, in one transaction; nothing happens when there are none.

    Of two processes that begin at once, one waits for the other and then finds nothing missing. It stands in nobody's
    way for longer than `LOCKS_WITHIN`: when somebody holds a table, it lets go of everything and comes again; `waits`
    hears of whom. Raises InUse when that lasts.
    """
    for _ in range(TRIES - 1):
        try:
            return await _upgrade(engine, revision, told)
        except DBAPIError as error:
            if not has_to_wait(error):
                raise
        waits(await _in_the_way(engine))
        await asyncio.sleep(TRIED_AGAIN_AFTER)
    try:
        await _upgrade(engine, revision, told)
    except DBAPIError as error:
        if not has_to_wait(error):
            raise
        raise InUse(await _in_the_way(engine)) from error


async def _upgrade(engine: AsyncEngine, revision: str, told: Told) -> None:
    done: list[Any] = []

    def run(connection: Connection) -> None:
        change_schema_briefly(connection, LOCKS_WITHIN)
        wait_for_turn(connection, "schema")
        before, known = MigrationContext.configure(connection).get_current_revision(), _known_revisions()
        missing = known.index(before) if before is not None else len(known)

        def applied(step: Any, **_more: object) -> None:
            done.append(step)
            told(len(done), missing)

        config = alembic_config(connection)
        config.attributes["applied"] = applied
        command.upgrade(config, revision)
        _raise_floor(connection, [step.up_revision.module for step in done])

    async with engine.begin() as connection:
        await connection.run_sync(run)


async def _in_the_way(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        holders = await connection.run_sync(at_work)
    return f"Tables that are to be changed are in use{': ' if holders else ''}{'; '.join(holders)}."


# --- the floor ------------------------------------------------------------------------------------------


def _floor(connection: Connection) -> str | None:
    """The oldest version's schema that can work with the database; it is noted there once something was taken away."""
    if not inspect(connection).has_table(_FLOORS.name):
        return None
    highest: str | None = connection.execute(select(func.max(_FLOORS.c.revision))).scalar_one()
    return highest


def _raise_floor(connection: Connection, applied: Iterable[ModuleType]) -> None:
    """Note what the migrations that were applied say of themselves: `contracts`, the oldest that still fits."""
    if floors := [module.contracts for module in applied if hasattr(module, "contracts")]:
        _FLOORS.create(connection, checkfirst=True)
        connection.execute(insert(_FLOORS), [{"revision": revision} for revision in floors])
