"""Changing the schema of a PostgreSQL that is in use: in nobody's way for long, and said of whom it waits for."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import upgrading
from storage.engine import connection_parameters, make_engine
from storage.opening import DatabaseTrouble, opened
from storage.schema import current_revision, newest_revision
from storage.upgrading import upgrade

BEFORE = "0003"
"""What follows it reads the pulses."""
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrading, "LOCKS_WITHIN", 0.1)
    monkeypatch.setattr(upgrading, "TRIED_AGAIN_AFTER", 0.0)
    monkeypatch.setattr(upgrading, "TRIES", 5)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database_url)
    await upgrade(made, BEFORE)
    yield made
    await made.dispose()


@contextlib.contextmanager
def connected(engine: AsyncEngine, name: str) -> Iterator[psycopg.Connection]:
    parameters = connection_parameters(engine)
    assert parameters is not None
    with psycopg.connect(**{**parameters, "application_name": name}) as connection:  # type: ignore[arg-type]  # words
        yield connection


async def test_while_a_table_is_in_use_nobody_queues_behind_the_upgrade_which_comes_again(engine: AsyncEngine) -> None:
    told: list[str] = []

    with connected(engine, "somebody's report") as report, connected(engine, "a replica") as replica:
        report.execute("LOCK TABLE pulses IN ACCESS EXCLUSIVE MODE")

        def waits(because: str) -> None:
            told.append(because)
            replica.execute("INSERT INTO inbox (key, received_at) VALUES (%s, now())", (str(len(told)),))
            replica.commit()
            if len(told) == 3:
                report.rollback()

        await upgrade(engine, waits=waits)

    assert await current_revision(engine) == newest_revision()
    assert len(told) == 3
    assert all("in use: process" in one and "(somebody's report), idle in transaction, for" in one for one in told)


async def test_an_upgrade_that_never_gets_its_turn_ends_with_who_was_in_the_way_and_changes_nothing(
    engine: AsyncEngine, database_url: str
) -> None:
    with connected(engine, "somebody's report") as report:
        report.execute("LOCK TABLE pulses IN ACCESS EXCLUSIVE MODE")

        with pytest.raises(DatabaseTrouble, match=r"somebody's report.*Nothing was changed: end that, or ask again"):
            async with opened(database_url, "a secret key for tests", migrate=True):
                pass

    assert await current_revision(engine) == BEFORE
