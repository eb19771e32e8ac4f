"""A copy of the database while it is in use: whole, private, and as good as the original when it is put back."""

import asyncio
import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest

from alliance.audit import AuditFact
from alliance.ids import WorkspaceId
from alliance.roster import Platform
from storage.backup import CannotBackUp, back_up, file_of
from storage.opening import DatabaseTrouble, opened
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, MONDAY, make_roster

SECRET = "a secret key for tests"
SLACK = Workspace(WorkspaceId("w1"), Platform.SLACK, "T0DC", "DC", {"bot": "xoxb-1"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "liaison.db"


def url(file: Path) -> str:
    return f"sqlite:///{file}"


async def filled(file: Path) -> None:
    async with opened(url(file), SECRET) as database, database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.workspaces.save(SLACK)
        await uow.audit.append(ALLIANCE, MONDAY, AuditFact("signed", "charter 1"))
        await uow.commit()


async def is_all_there(file: Path) -> None:
    async with opened(url(file), SECRET, migrate=False) as database, database.open_uow(reads=True) as uow:
        assert await uow.workspaces.all() == [SLACK]
        assert await uow.rosters.all() == [make_roster()]
        assert await uow.audit.verify(ALLIANCE) is None


def test_what_is_put_back_is_what_was_there(file: Path, tmp_path: Path) -> None:
    asyncio.run(filled(file))
    copy = tmp_path / "copy.db"

    size = back_up(file, copy)
    file.unlink()
    copy.rename(file)

    assert size == file.stat().st_size
    asyncio.run(is_all_there(file))


async def test_a_copy_while_somebody_writes_holds_all_of_it_or_nothing(file: Path, tmp_path: Path) -> None:
    await filled(file)
    copy = tmp_path / "copy.db"
    async with opened(url(file), SECRET) as database, database.open_uow() as uow:
        await uow.audit.append(ALLIANCE, MONDAY, AuditFact("not yet", "charter 2"))
        back_up(file, copy)
        await uow.commit()

    async with opened(url(copy), SECRET) as database, database.open_uow(reads=True) as uow:
        assert [entry.event for entry in await uow.audit.entries(ALLIANCE)] == ["signed"]
        assert await uow.audit.verify(ALLIANCE) is None


def test_a_writer_between_two_pages_does_not_change_the_copy(file: Path, tmp_path: Path) -> None:
    asyncio.run(filled(file))
    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("CREATE TABLE ballast AS SELECT randomblob(4000000) AS bytes")
    seen: list[int] = []

    def write(_done: int, whole: int) -> None:
        seen.append(whole)
        with contextlib.closing(sqlite3.connect(file)) as plain, plain:
            plain.execute("INSERT INTO ballast VALUES (randomblob(100))")

    back_up(file, tmp_path / "copy.db", told=write)

    assert len(seen) > 1
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as plain:
        assert plain.execute("SELECT count(*) FROM ballast").fetchone() == (1,)


def test_a_copy_is_one_file_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    asyncio.run(filled(file))
    folder = tmp_path / "copies"
    folder.mkdir()

    back_up(file, folder / "copy.db")

    assert [found.name for found in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600


def test_what_cannot_be_copied_leaves_the_copy_of_before(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"this is no database, but long enough to look like one" * 100)
    copy = tmp_path / "copy.db"
    copy.write_text("yesterday's")

    with pytest.raises(CannotBackUp, match="The database was not copied"):
        back_up(file, copy)

    assert copy.read_text() == "yesterday's"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["copy.db", "liaison.db"]


def test_a_place_that_cannot_be_written_and_the_database_itself_are_refused(file: Path) -> None:
    asyncio.run(filled(file))

    with pytest.raises(CannotBackUp, match="No such file or directory"):
        back_up(file, file.parent / "nowhere" / "copy.db")
    with pytest.raises(CannotBackUp, match="is the database itself"):
        back_up(file, file)


def test_only_a_file_that_is_there_can_be_copied(file: Path) -> None:
    with pytest.raises(CannotBackUp, match="pg_dump"):
        file_of("postgresql://ann@host/name")
    with pytest.raises(CannotBackUp, match="There is no database at"):
        file_of(url(file))
    with pytest.raises(DatabaseTrouble, match="name a file"):
        file_of("liaison.db")
