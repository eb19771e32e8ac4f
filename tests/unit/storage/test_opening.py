"""Opening a database: at this version's schema or refused with what to do, and honest about being usable."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engine import parse_url
from storage.opening import Database, DatabaseTrouble, opened
from storage.scrub import Scrubber
from storage.seal import Seal
from storage.unit_of_work import unit_of_work

SECRET = "a secret key for tests"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new/folder/liaison.db"


async def test_a_new_file_is_made_with_its_folder_and_is_ready(url: str) -> None:
    async with opened(url, SECRET) as database:
        assert await database.answers()
        assert await database.can_write()
        assert await database.scrub()


async def test_opening_again_finds_what_is_there(url: str) -> None:
    async with opened(url, SECRET):
        pass
    async with opened(url, SECRET, migrate=False) as database:
        assert await database.answers()


async def test_nothing_is_brought_up_to_date_unasked(url: str) -> None:
    with pytest.raises(DatabaseTrouble, match=r"at schema none and this version needs \d+\. Run: liaison db upgrade"):
        async with opened(url, SECRET, migrate=False):
            pass


async def test_a_database_that_a_later_version_made_is_refused_and_not_touched(url: str, tmp_path: Path) -> None:
    async with opened(url, SECRET):
        pass
    file = tmp_path / "new" / "folder" / "liaison.db"
    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")

    for migrate in (True, None):
        with pytest.raises(DatabaseTrouble, match="schema 9999, which this version does not know"):
            async with opened(url, SECRET, migrate=migrate):
                pass

    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "minutes.db").write_text("minutes of a meeting " * 100)

    with pytest.raises(DatabaseTrouble) as trouble:
        async with opened(f"sqlite:///{tmp_path}/minutes.db", SECRET):
            pass

    assert str(trouble.value) == "The database cannot be opened: file is not a database"


async def test_a_database_that_takes_no_writes_still_answers(url: str, tmp_path: Path) -> None:
    async with opened(url, SECRET):
        pass
    read_only = create_async_engine(f"sqlite+aiosqlite:///file:{tmp_path}/new/folder/liaison.db?mode=ro&uri=true")
    seal = Seal(SECRET)
    database = Database(read_only, seal, unit_of_work(read_only, seal), Scrubber(read_only))

    assert await database.answers()
    assert not await database.can_write()

    await read_only.dispose()


async def test_a_database_whose_tables_are_gone_does_not_answer(url: str) -> None:
    async with opened(url, SECRET) as database:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE inbox")
            await connection.exec_driver_sql("DROP TABLE alembic_version")

        assert not await database.answers()
        assert not await database.can_write()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///liaison.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///liaison.db", "sqlite+aiosqlite"),
        ("postgresql://ann:pw@host/name", "postgresql+psycopg"),
        ("postgres://ann:pw@host/name", "postgresql+psycopg"),
        ("postgresql+asyncpg://ann:pw@host/name", "postgresql+psycopg"),
    ],
)
def test_the_driver_is_ours_whatever_the_address_says(url: str, driver: str) -> None:
    assert parse_url(url).drivername == driver


@pytest.mark.parametrize("url", ["", "liaison.db", "oracle://host/name", "postgresql://host:port/name"])
def test_an_address_of_no_database_of_ours_is_refused_with_examples(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///liaison\.db, or a server, postgresql://"):
        parse_url(url)
