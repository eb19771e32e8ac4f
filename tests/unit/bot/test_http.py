"""Health and metrics over real HTTP, with a database that is well and one that is not."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.http import LARGEST_BODY, make_web_app
from bot.metrics import Metrics
from storage.opening import Database, opened
from tests.fakes.builders import MONDAY
from tests.fakes.clock import FakeClock

SECRET = "a secret key for tests"


async def echo(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


@asynccontextmanager
async def served(database: Database, metrics: Metrics) -> AsyncIterator[str]:
    app = make_web_app(database, metrics, FakeClock(MONDAY), {"/slack/events": echo})
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(f"sqlite:///{tmp_path}/liaison.db", SECRET) as made:
        yield made


@pytest.fixture
async def url(database: Database) -> AsyncIterator[str]:
    async with served(database, Metrics()) as address:
        yield address


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_all_is_well(url: str) -> None:
    assert await get(f"{url}/health/live") == (200, '{"status": "live"}')
    status, body = await get(f"{url}/health/ready")
    assert (status, json.loads(body)) == (200, {"status": "ready", "checks": {"database": True, "writable": True}})


async def test_a_database_at_another_schema_is_not_ready_but_alive(url: str, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'theirs'")

    status, body = await get(f"{url}/health/ready")

    assert status == 503
    assert json.loads(body) == {
        "status": "not ready",
        "checks": {"database": False, "writable": True},
        "because": "The database is at schema theirs, which this version does not know. Use the version that made it.",
    }
    assert (await get(f"{url}/health/live"))[0] == 200


async def test_metrics_of_a_database_that_is_away_are_refused_without_a_trace(
    url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE alembic_version")

    assert await get(f"{url}/metrics") == (503, "the database does not answer")
    assert not [record for record in caplog.records if record.exc_info]


async def test_metrics_are_plain_text(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "liaison_timers_set_aside 0.0" in await answer.text()


async def test_entrances_take_posts_alone_and_no_more_than_the_largest_body(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        taken = await session.post(f"{url}/slack/events", data=b"x" * 1000)
        too_large = await session.post(f"{url}/slack/events", data=b"x" * (LARGEST_BODY + 1))
        read = await session.get(f"{url}/slack/events")
        elsewhere = await session.post(f"{url}/health/live")

        assert (taken.status, await taken.text()) == (200, "1000")
        assert (too_large.status, read.status, elsewhere.status) == (413, 405, 405)
