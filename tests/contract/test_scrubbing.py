"""Scrubbing: after a deletion and not without one, in nobody's way, and later when somebody was in its own."""

import asyncio

import pytest
from sqlalchemy import text

from bot.app import assembled
from bot.settings import Settings
from sandbox.clock import MovableClock
from storage.engine import is_sqlite, reading
from storage.opening import Database, opened
from storage.scrub import Scrubber
from tests.fakes.builders import MONDAY


async def written_anew(database: Database) -> int:
    """What changes whenever PostgreSQL writes the table of pulse answers anew."""
    async with database.engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_relation_filenode('pulse_answers')"))).scalar_one())


async def press(database: Database, key: str) -> None:
    async with database.open_uow() as uow:
        assert await uow.inbox.is_first(key, MONDAY)
        await uow.commit()


async def test_without_a_deletion_nothing_is_scrubbed_not_even_at_the_end(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database.engine):
        pytest.skip("SQLite's log is emptied by whoever closes the file last")
    before = await written_anew(database)

    async with opened(database_url, "a secret key for tests") as reader:
        assert await reader.scrub(deleted=False)
    assert await written_anew(database) == before

    assert await database.scrub()
    after = await written_anew(database)
    assert await database.scrub(deleted=False)

    assert after != before
    assert await written_anew(database) == after


async def test_what_a_process_that_was_killed_left_is_scrubbed_at_the_next_start(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database.engine):
        pytest.skip("seen at PostgreSQL's files")
    settings = Settings.model_validate({"database_url": database_url, "secret_key": "a secret key for tests"})
    before = await written_anew(database)

    async with assembled(settings, MovableClock(MONDAY)):
        assert await written_anew(database) != before


async def test_somebody_who_reads_does_not_hold_it_up_for_long_and_it_stays_due(database: Database) -> None:
    await press(database, "before the reader")
    async with reading(database.engine).connect() as reader:
        await reader.execute(text("SELECT * FROM pulses"))
        async with asyncio.timeout(10):
            assert not await database.scrub()

    assert await database.scrub(deleted=False)


async def test_a_database_that_is_away_is_no_error_and_is_scrubbed_when_it_is_back(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE pulse_comments RENAME TO elsewhere"))
    gone = Scrubber(database.engine)
    first = await gone()
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO pulse_comments"))

    assert first is is_sqlite(database.engine)
    assert await gone(deleted=False)


async def test_who_writes_meanwhile_is_let_through(database: Database) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(database.scrub(), *(press(database, f"press {number}") for number in range(8)))

    assert await database.scrub(deleted=False)
