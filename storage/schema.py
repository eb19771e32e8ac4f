"""Bringing a database to this version's schema, and telling whether it is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import reading, wait_for_turn

MIGRATIONS = Path(__file__).parent / "migrations"

Told = Callable[[int, int], None]
"""Hears after each migration how many are done, and of how many."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; with the connection that its scripts shall use."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


class UnknownRevision(Exception):
    """The database is at a revision that this version of the program has never heard of."""


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


async def upgrade(engine: AsyncEngine, revision: str = "head", *, told: Told = lambda _done, _all: None) -> None:
    """Run the migrations that are missing, in one transaction; nothing happens when there are none.

    Of two processes that begin at once, one waits for the other and then finds nothing missing. Raises
    UnknownRevision for a database that another version of the program has brought further.
    """
    before, known = await current_revision(engine), _known_revisions()
    if before is not None and before not in known:
        raise UnknownRevision(before)
    missing = known.index(before) if before is not None else len(known)
    done: list[Any] = []

    def applied(step: Any, **_more: object) -> None:
        done.append(step)
        told(len(done), missing)

    def run(connection: Connection) -> None:
        wait_for_turn(connection, "schema")
        config = alembic_config(connection)
        config.attributes["applied"] = applied
        command.upgrade(config, revision)

    async with engine.begin() as connection:
        await connection.run_sync(run)
