"""The disk is full, or the database cannot be written: said clearly, nothing lost or damaged, over by itself."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.disks import BOUND_BY_RIGHTS, set_writable, small_disk, takes_bytes, takes_no_bytes
from tests.fakes.live import Live, live
from tests.fakes.processes import Ended, liaison, running
from tests.fakes.reliability import Counted

pytestmark = pytest.mark.slow

FAULT = "6 the disk is full"
LOOKS = 20
"""How often is asked whether it is over before it is; each time a write is tried."""


async def begun(played: Live) -> None:
    """The process runs, and the charter is proposed: one executive of each company is asked to sign."""
    await played.set_up()
    await played.start()
    await played.install_on_teams()
    assert await played.press("dc-cleo", "charter.propose")
    await played.in_sight("dc-dana", "charter.sign")
    await played.in_sight("mc-mara", "charter.sign")
    await played.quiet()


async def refused(played: Live) -> int:
    """Both sign, and neither is told that it was taken; how many were refused."""
    taken = [await played.press(key, "charter.sign") for key in ("dc-dana", "mc-mara")]
    assert not any(taken)
    return len(taken)


async def signed(played: Live) -> int:
    """Both sign, and it was taken; how many accepted presses are in the audit trail of an undamaged file."""
    assert await played.press("dc-dana", "charter.sign")
    assert await played.press("mc-mara", "charter.sign")
    await played.quiet()
    assert (await played.terminate())[0] == 0
    with closing(sqlite3.connect(played.database)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    async with played.opened() as database, database.open_uow(reads=True) as uow:
        (roster,) = await uow.rosters.all()
        version = await uow.charters.in_force(roster.alliance_id)
        assert await uow.audit.verify(roster.alliance_id) is None
        assert await uow.outbox.given_up() == []
    return 1 + len(version.signatures)


async def looked(played: Live) -> str:
    """Why the process says, again and again, that it is not ready; it says so in its log once."""
    because = {str((await played.until_ready_is(503))["because"]) for _ in range(LOOKS)}
    said = [line for line in played.logged() if "database does not work" in line and min(because) in line]
    assert len(because) == len(said) == 1
    assert not [line for line in played.logged() if "Traceback" in line]
    return because.pop()


async def examined(played: Live) -> tuple[str, str]:
    """How the doctor finds the database, and what it saw."""
    ended: Ended = await liaison(
        played.folder,
        *("doctor", "--json"),
        settings={name.removeprefix("LIAISON_"): value for name, value in played.environment.items()},
        through=played.through,
    )
    (finding,) = [found for found in json.loads(ended.out) if found["what"] == "database"]
    return finding["health"], finding["seen"]


def is_over(played: Live) -> None:
    """It goes on by itself, and says that."""
    assert len([line for line in played.logged() if "database works again" in line]) == 1


async def test_a_disk_that_is_full_takes_nothing_and_loses_nothing(tmp_path: Path, counted: Counted) -> None:
    with small_disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("the tests may mount no file system here; a quota is tried in the next one")
        async with live(tmp_path, disk=disk.folder) as played:
            await begun(played)

            disk.fill()
            because = await looked(played)
            not_taken = await refused(played)
            found = await examined(played)
            disk.free()
            await played.until_ready_is(200)
            stored = await signed(played)

            assert because == f"The disk with {played.database} is full. Make room on it."
            assert found == ("mend", because)
            assert stored == len(played.accepted)
            is_over(played)
    did = "SQLite on a file system of 8 MB, filled to the last byte and emptied again, without a restart"
    counted(FAULT, did, refused=not_taken, accepted=len(played.accepted), stored=stored, lines_in_the_log=1)


async def test_a_disk_that_takes_no_more_is_the_same(tmp_path: Path, counted: Counted) -> None:
    async with live(tmp_path) as played:
        await begun(played)
        assert played.process is not None

        takes_no_bytes(played.process.pid)
        because = await looked(played)
        not_taken = await refused(played)
        takes_bytes(played.process.pid)
        await played.until_ready_is(200)
        stored = await signed(played)

    assert because.startswith(f"The disk with {played.database} does not take what is written")
    assert stored == len(played.accepted)
    is_over(played)
    did = "SQLite, every write of the process refused as over a quota, then allowed again, without a restart"
    counted(FAULT, did, refused=not_taken, accepted=len(played.accepted), stored=stored, lines_in_the_log=1)


async def test_a_file_that_cannot_be_written_any_more_is_the_same(tmp_path: Path, counted: Counted) -> None:
    (tmp_path / "disk").mkdir()
    async with live(tmp_path, disk=tmp_path / "disk", through=BOUND_BY_RIGHTS) as played:
        await begun(played)
        assert played.process is not None

        takes_no_bytes(played.process.pid)  # connections that are open already do not mind the rights
        await played.until_ready_is(503)
        set_writable(played.database, writable=False)
        takes_bytes(played.process.pid)
        because = await looked(played)
        not_taken = await refused(played)
        found = await examined(played)
        set_writable(played.database, writable=True)
        await played.until_ready_is(200)
        stored = await signed(played)

    assert because.startswith(f"{played.database} cannot be written. Let the user that the liaison runs as own")
    assert found == ("mend", because)
    assert stored == len(played.accepted)
    is_over(played)
    did = "SQLite, file and folder made read-only, then writable again, without a restart"
    counted(FAULT, did, refused=not_taken, accepted=len(played.accepted), stored=stored, lines_in_the_log=1)


async def test_a_file_that_cannot_be_written_at_the_start_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    await liaison(tmp_path, "db", "upgrade")
    file = tmp_path / "liaison.db"
    before = file.read_bytes()

    set_writable(file, writable=False)
    ended = await liaison(tmp_path, "run", through=BOUND_BY_RIGHTS)
    after = file.read_bytes()
    set_writable(file, writable=True)
    async with running(tmp_path) as started, aiohttp.ClientSession() as session:
        ready = await session.get(f"{started.address}/health/ready")

    assert ended.code == 1
    assert ended.err.startswith(f"The database cannot be opened: {file.name} cannot be written.")
    assert len(ended.err.splitlines()) == 1
    assert after == before
    assert (ready.status, started.code) == (200, 0)
