"""A database that does not do its work: said once, in words that help, and work begins when a write was taken again."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.engine import LARGEST_LOG, lasts, reading
from storage.opening import Database, opened
from storage.trouble import Trouble
from storage.unit_of_work import Interrupted


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(f"sqlite:///{tmp_path}/liaison.db", "a secret key for tests") as made:
        yield made


async def may_grow(database: Database, pages: int) -> None:
    """Let no connection make the file larger than it is, or let all of them."""

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}").close()

    event.listen(database.engine.sync_engine, "connect", limit)
    await database.engine.dispose()


async def write_much(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.chores.owe("a long name " * 5000)
        await uow.commit()


async def test_a_full_disk_is_said_once_and_work_waits_until_there_is_room(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await may_grow(database, 1)
    for _ in range(5):
        with pytest.raises(Interrupted, match=r"The disk with .*liaison\.db is full\. Make room on it\."):
            await write_much(database)
        assert not await database.works()
    await may_grow(database, 1_000_000)
    works = await database.works()

    assert works
    assert database.trouble.because is None
    assert [message for message in caplog.messages if message.startswith("database")] == [
        "database does not work",
        "database works again",
    ]


async def test_what_is_small_may_still_go_through_and_proves_nothing_after_trouble(database: Database) -> None:
    await may_grow(database, 1)
    small = await database.unwritable()
    with pytest.raises(Interrupted):
        await write_much(database)

    assert small is None
    assert await database.unwritable() is not None


def sqlite_error(code: int) -> DBAPIError:
    said = sqlite3.OperationalError("said by SQLite")
    said.sqlite_errorcode = code
    return OperationalError("UPDATE", {}, said)


@pytest.mark.parametrize(
    ("error", "is_lasting"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), True),
        (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY), True),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), False),
        (sqlite_error(sqlite3.SQLITE_ERROR), False),
        (OperationalError("UPDATE", {}, psycopg.OperationalError("connection refused")), True),
        (OperationalError("UPDATE", {}, psycopg.errors.DiskFull("no space")), True),
        (OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected("deadlock")), False),
        (OperationalError("UPDATE", {}, psycopg.errors.LockNotAvailable("a lock")), False),
    ],
)
def test_bad_luck_of_one_transaction_is_no_trouble(error: DBAPIError, is_lasting: bool) -> None:
    assert lasts(error) is is_lasting


async def test_trouble_is_said_again_when_it_is_another(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble()
    for because in ("full", "full", "cannot be written", "full"):
        trouble.met(because)
    trouble.over()
    trouble.over()

    assert caplog.messages == ["database does not work"] * 3 + ["database works again"]


async def test_the_log_that_grew_while_somebody_read_one_instant_is_cut_afterwards(
    database: Database, tmp_path: Path
) -> None:
    log = tmp_path / "liaison.db-wal"
    sizes: list[int] = []

    async with reading(database.engine).connect() as report:
        await report.exec_driver_sql("SELECT count(*) FROM chores")
        for _ in range(2):
            async with database.open_uow() as uow:
                await uow.chores.owe("x" * LARGEST_LOG)
                await uow.commit()
        sizes.append(log.stat().st_size)
    for _ in range(3):
        await write_much(database)
    sizes.append(log.stat().st_size)

    assert sizes[0] > LARGEST_LOG >= sizes[1]
