"""SQLite in the event loop: it waits for other processes without holding up its own, and its log stays small."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import opening
from storage.opening import Database
from tests.fakes.live import SECRET_KEY


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opening.opened(f"sqlite:///{tmp_path}/liaison.db", SECRET_KEY) as opened:
        yield opened


async def write(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.chores.owe("something")
        await uow.commit()


async def test_a_writer_waits_for_another_process_and_everything_else_goes_on(
    database: Database, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "liaison.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(write(database))
        for _ in range(20):
            await asyncio.sleep(0)
            async with database.open_uow(reads=True) as uow:
                assert await uow.chores.owed("something") is None
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting

    async with database.open_uow(reads=True) as uow:
        assert await uow.chores.owed("something") is not None


async def test_one_transaction_after_the_other_keeps_nobody_from_their_turn(database: Database) -> None:
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    for _ in range(10):
        await write(database)
    other.cancel()

    assert turns >= 10


async def test_the_log_is_copied_back_while_the_process_runs(database: Database, tmp_path: Path) -> None:
    log = tmp_path / "liaison.db-wal"
    for _ in range(130):
        await write(database)
    size = log.stat().st_size

    for _ in range(130):
        await write(database)

    assert log.stat().st_size == size, "it begins at its start again"
