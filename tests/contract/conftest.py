"""One suite, two engines: every contract test that asks for `database` runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from storage.engine import make_engine
from storage.opening import Database, opened
from tests.fakes.postgresql import running_postgresql

SECRET = "a secret key for tests"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test session."""
    with running_postgresql() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/liaison.db"
        return
    async with empty_database(request.getfixturevalue("postgresql")) as address:
        yield address


@asynccontextmanager
async def empty_database(server: str) -> AsyncIterator[str]:
    """The address of a new database on that server, which is dropped at the end."""
    name = f"test_{uuid4().hex}"
    engine = make_engine(server)
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.replace("/postgres?", f"/{name}?")
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database at the newest schema."""
    async with opened(database_url, SECRET, migrate=True) as made:
        yield made
