"""Scrubbing: when it is owed, by one of several, in nobody's way, and later when somebody was in its own."""

import asyncio

import pytest
from sqlalchemy import text

from bot.app import assembled
from bot.settings import Settings
from sandbox.clock import MovableClock
from storage.chores import SCRUB
from storage.engine import is_sqlite, only_one, reading
from storage.opening import Database, opened
from tests.fakes.builders import MONDAY


async def written_anew(database: Database) -> int:
    """What changes whenever PostgreSQL writes the table of pulse answers anew."""
    async with database.engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_relation_filenode('pulse_answers')"))).scalar_one())


async def press(database: Database, key: str) -> None:
    async with database.open_uow() as uow:
        assert await uow.inbox.is_first(key, MONDAY)
        await uow.commit()


async def owe(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.chores.owe(SCRUB)
        await uow.commit()


async def is_owed(database: Database) -> bool:
    async with database.open_uow(reads=True) as uow:
        return await uow.chores.owed(SCRUB) is not None


def settings(database_url: str) -> Settings:
    return Settings.model_validate({"database_url": database_url, "secret_key": "a secret key for tests"})


async def test_without_a_deletion_nothing_is_scrubbed_not_at_a_start_nor_at_an_end(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database.engine):
        pytest.skip("seen at PostgreSQL's files")
    before = await written_anew(database)

    async with assembled(settings(database_url), MovableClock(MONDAY)):
        pass

    assert await written_anew(database) == before


async def test_what_is_owed_is_done_once(database: Database) -> None:
    await owe(database)
    first = await database.scrub()

    assert first
    assert not await is_owed(database)
    assert await database.scrub()


async def test_what_a_process_that_was_killed_owed_is_scrubbed_at_the_next_start_of_any(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database.engine):
        pytest.skip("seen at PostgreSQL's files")
    await owe(database)
    before = await written_anew(database)

    async with assembled(settings(database_url), MovableClock(MONDAY)):
        first = await written_anew(database)
    async with assembled(settings(database_url), MovableClock(MONDAY)):
        second = await written_anew(database)

    assert first != before
    assert second == first


async def test_of_several_replicas_one_scrubs_and_to_the_others_it_stays_owed(
    database: Database, database_url: str
) -> None:
    if is_sqlite(database.engine):
        pytest.skip("SQLite has one process")
    await owe(database)
    async with opened(database_url, "a secret key for tests") as other:
        async with other.engine.connect() as plain, only_one(plain, "scrub") as mine:
            assert mine
            assert not await database.scrub()
            assert await is_owed(database)
        assert await other.scrub()

    assert not await is_owed(database)


async def test_what_is_deleted_while_it_goes_on_stays_owed(database: Database) -> None:
    await owe(database)
    async with database.open_uow(reads=True) as uow:
        occasion = await uow.chores.owed(SCRUB)
    assert occasion is not None

    await owe(database)
    async with database.open_uow() as uow:
        await uow.chores.done(SCRUB, occasion)
        await uow.commit()

    assert await is_owed(database)


async def test_somebody_who_reads_does_not_hold_it_up_for_long_and_it_stays_due(database: Database) -> None:
    await owe(database)
    async with reading(database.engine).connect() as reader:
        await reader.execute(text("SELECT * FROM pulses"))
        async with asyncio.timeout(10):
            assert not await database.scrub()
        await press(database, "while there is a reader")

    assert await is_owed(database)
    assert await database.scrub()


async def test_a_database_that_is_away_is_no_error_and_is_scrubbed_when_it_is_back(database: Database) -> None:
    await owe(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE chores RENAME TO elsewhere"))
    away = await database.scrub()
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO chores"))

    assert not away
    assert await is_owed(database)
    assert await database.scrub()


async def test_who_writes_meanwhile_is_let_through(database: Database) -> None:
    await owe(database)
    async with asyncio.timeout(10):
        await asyncio.gather(database.scrub(), *(press(database, f"press {number}") for number in range(8)))

    assert await database.scrub()
