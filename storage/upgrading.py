"""Bringing a database to this version's schema by Alembic; only who has to is to import this."""

import asyncio
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import at_work, change_schema_briefly, has_to_wait, wait_for_turn
from storage.schema import FLOORS, MIGRATIONS, InUse, Told, Waits, known_revisions, revision_of

LOCKS_WITHIN = 3.0
"""Seconds for which a change waits for a table, and so others who come after it for the same table."""
TRIED_AGAIN_AFTER = 5.0
TRIES = 60
"""Some minutes in all: longer than any transaction of ours, shorter than an operator's patience."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; with the connection that its scripts shall use."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


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
        before, known = revision_of(connection), known_revisions()
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


def _raise_floor(connection: Connection, applied: Iterable[ModuleType]) -> None:
    """Note what the migrations that were applied say of themselves: `contracts`, the oldest that still fits."""
    if floors := [module.contracts for module in applied if hasattr(module, "contracts")]:
        FLOORS.create(connection, checkfirst=True)
        connection.execute(insert(FLOORS), [{"revision": revision} for revision in floors])
