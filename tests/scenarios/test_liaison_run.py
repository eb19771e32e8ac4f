"""`liaison run` as a service manager and an operator meet it: a real process, real signals, real exit codes."""

import contextlib
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.postgresql import running_postgresql
from tests.fakes.processes import liaison, running

pytestmark = pytest.mark.slow


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_with_neither_platform_it_runs_answers_and_stops_when_asked(tmp_path: Path) -> None:
    async with running(tmp_path) as started:
        live = await get(f"{started.address}/health/live")
        ready = await get(f"{started.address}/health/ready")
        status, metrics = await get(f"{started.address}/metrics")

    assert live == (200, '{"status": "live"}')
    assert ready == (200, '{"status": "ready", "checks": {"database": true, "writable": true}}')
    assert status == 200
    assert "liaison_timers_late 0.0" in metrics
    assert started.code == 0
    assert [line["event"] for line in started.logs if line["level"] in ("warning", "error")] == []
    assert started.logs[-1]["event"] == "liaison is stopping"


async def test_asked_to_stop_in_the_moment_it_runs_it_stops_in_order(tmp_path: Path) -> None:
    async with running(tmp_path) as started:
        pass

    assert started.code == 0
    assert started.logs[-1]["event"] == "liaison is stopping"


async def test_two_on_one_port_the_second_says_so_and_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await liaison(tmp_path, "run", settings={"PORT": port})

    assert ended.code == 1
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use." in ended.err
    assert "Traceback" not in ended.err


async def test_a_database_that_no_version_of_ours_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "liaison.db").write_text("These are minutes of a meeting, not a database. " * 100)
    ended = await liaison(tmp_path, "run")

    assert (ended.code, ended.err) == (1, "The database cannot be opened: file is not a database\n")
    assert (tmp_path / "liaison.db").read_text().startswith("These are minutes")


async def test_a_database_whose_schema_nobody_knows_is_left_alone(tmp_path: Path) -> None:
    await liaison(tmp_path, "db", "upgrade")
    with contextlib.closing(sqlite3.connect(tmp_path / "liaison.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'theirs'")

    ended = await liaison(tmp_path, "run")

    assert ended.code == 1
    assert ended.err.startswith("The database is at schema theirs, which this version does not know.")


@pytest.fixture
def postgresql() -> Iterator[str]:
    with running_postgresql() as address:
        yield address


async def test_postgresql_is_used_once_an_operator_has_brought_it_up_to_date(tmp_path: Path, postgresql: str) -> None:
    settings = {"DATABASE_URL": postgresql}

    early = await liaison(tmp_path, "run", settings=settings)
    upgraded = await liaison(tmp_path, "db", "upgrade", settings=settings)
    async with running(tmp_path, **settings) as started:
        ready = await get(f"{started.address}/health/ready")

    assert early.code == 1
    assert early.err.endswith("Run: liaison db upgrade\n")
    assert upgraded.code == 0, upgraded.err
    assert ready[0] == 200
    assert started.code == 0


async def test_a_postgresql_that_is_away_is_named(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgresql://ann:secret-word@127.0.0.1:{free.getsockname()[1]}/liaison"
        ended = await liaison(tmp_path, "run", settings={"DATABASE_URL": url})

    assert ended.code == 1
    assert "Connection refused" in ended.err
    assert "secret-word" not in ended.err
    assert "Traceback" not in ended.err
