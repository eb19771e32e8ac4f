"""Opening a database: at this version's schema or refused with what to do, and honest about being usable."""

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engine import parse_url
from storage.opening import Database, DatabaseTrouble, opened
from storage.schema import newest_revision
from storage.scrub import Scrubber
from storage.seal import Seal
from storage.trouble import Trouble
from storage.unit_of_work import unit_of_work

SECRET = "a secret key for tests"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new/folder/liaison.db"


async def test_a_new_file_is_made_with_its_folder_and_is_ready(url: str) -> None:
    async with opened(url, SECRET) as database:
        assert await database.unreadable() is None
        assert await database.unwritable() is None
        assert await database.scrub()


async def test_opening_again_finds_what_is_there(url: str) -> None:
    async with opened(url, SECRET):
        pass
    async with opened(url, SECRET, migrate=False) as database:
        assert await database.unreadable() is None


async def test_nothing_is_brought_up_to_date_unasked(url: str) -> None:
    with pytest.raises(DatabaseTrouble, match=r"at schema none and this version needs \d+\. Run: liaison db upgrade"):
        async with opened(url, SECRET, migrate=False):
            pass


async def test_a_database_whose_schema_nobody_knows_is_refused_and_not_touched(url: str, tmp_path: Path) -> None:
    async with opened(url, SECRET):
        pass
    file = tmp_path / "new" / "folder" / "liaison.db"
    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = 'theirs'")

    for migrate in (True, None):
        with pytest.raises(DatabaseTrouble, match="schema theirs, which this version does not know"):
            async with opened(url, SECRET, migrate=migrate):
                pass

    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("theirs",)]


def made_by_a_later_version(file: Path, floor: str | None = None) -> None:
    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = '9998'")
        if floor is not None:
            plain.execute("CREATE TABLE schema_floors (revision VARCHAR(32) PRIMARY KEY)")
            plain.execute("INSERT INTO schema_floors VALUES ('0002'), (?)", (floor,))


@pytest.mark.parametrize("floor", [None, "0003", newest_revision()])
@pytest.mark.parametrize("migrate", [True, False, None])
async def test_a_later_schema_that_leaves_us_what_we_need_is_used_and_not_touched(
    url: str, tmp_path: Path, floor: str | None, migrate: bool | None
) -> None:
    async with opened(url, SECRET):
        pass
    made_by_a_later_version(tmp_path / "new" / "folder" / "liaison.db", floor)

    async with opened(url, SECRET, migrate=migrate) as database:
        assert await database.unreadable() is None
        assert (await database.standing()).is_newer


async def test_a_later_schema_that_took_away_what_we_need_is_refused_also_while_we_run(
    url: str, tmp_path: Path
) -> None:
    async with opened(url, SECRET) as database:
        made_by_a_later_version(tmp_path / "new" / "folder" / "liaison.db", "9998")
        while_it_runs = await database.unreadable()

    refused = (
        "The database is at schema 9998, which took away what this version .* needs. Use a version that needs 9998"
    )
    assert while_it_runs is not None
    assert re.match(refused, while_it_runs)
    with pytest.raises(DatabaseTrouble, match=refused):
        async with opened(url, SECRET):
            pass


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "minutes.db").write_text("minutes of a meeting " * 100)

    with pytest.raises(DatabaseTrouble) as trouble:
        async with opened(f"sqlite:///{tmp_path}/minutes.db", SECRET):
            pass

    assert str(trouble.value) == "The database cannot be opened: file is not a database"


async def test_a_database_that_takes_no_writes_still_answers(url: str, tmp_path: Path) -> None:
    async with opened(url, SECRET):
        pass
    read_only = create_async_engine(f"sqlite+direct:///file:{tmp_path}/new/folder/liaison.db?mode=ro&uri=true")
    seal, trouble = Seal(SECRET), Trouble()
    open_uow = unit_of_work(read_only, seal, trouble)
    database = Database(read_only, seal, open_uow, Scrubber(read_only, open_uow), trouble)

    assert await database.unreadable() is None
    assert "cannot be written. Let the user that the liaison runs as own the file" in str(await database.unwritable())
    assert not await database.works()

    await read_only.dispose()


async def test_a_database_whose_tables_are_gone_does_not_answer(url: str) -> None:
    async with opened(url, SECRET) as database:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE chores")
            await connection.exec_driver_sql("DROP TABLE alembic_version")

        assert await database.unreadable() is not None
        assert await database.unwritable() is not None


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///liaison.db", "sqlite+direct"),
        ("sqlite+aiosqlite:///liaison.db", "sqlite+direct"),
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
