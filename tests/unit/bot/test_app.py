"""The installation put together: its first workspaces, the address it listens on, and how it ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from alliance.roster import Platform
from bot.app import Installation, assembled, listening, serve
from bot.http import CannotListen
from bot.settings import Settings
from sandbox.clock import MovableClock
from sandbox.slack import SlackStandIn
from storage.opening import DatabaseTrouble
from storage.seal import CannotUnseal
from storage.workspaces import Workspace
from tests.fakes.slack_bot import BOT, SECRET, START, TEAM, TOKEN, make_slack


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    made = make_slack(MovableClock(START))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


def make_settings(folder: Path, **more: Any) -> Settings:
    given = {"database_url": f"sqlite:///{folder}/liaison.db", "secret_key": "a secret key for tests", "port": 0}
    return Settings.model_validate({**given, **more})


def on_slack(slack: SlackStandIn, **more: Any) -> dict[str, Any]:
    return {
        "slack_bot_token": TOKEN,
        "slack_signing_secret": SECRET,
        "slack_api_url": f"{slack.base_url}/api/",
        **more,
    }


async def workspaces(installation: Installation) -> list[Workspace]:
    async with installation.database.open_uow() as uow:
        return await uow.workspaces.all()


async def slack_is_connected(installation: Installation, clock: MovableClock) -> Workspace:
    """Let time pass until the workspace is there."""
    async with asyncio.timeout(20):
        while not (found := await workspaces(installation)):
            clock.move_to(await clock.somebody_sleeps())
            await asyncio.sleep(0.01)
    return found[0]


async def test_the_first_workspaces_are_those_of_the_settings(
    tmp_path: Path, slack: SlackStandIn, clock: MovableClock
) -> None:
    settings = make_settings(
        tmp_path, **on_slack(slack), teams_app_id="app", teams_app_password="pw", teams_tenant_id="tenant-mc"
    )

    async with assembled(settings, clock) as installation, listening(installation):
        first, second = await workspaces(installation)

    assert (first.platform, first.external_id, first.bot_user) == (Platform.SLACK, TEAM, BOT)
    assert first.tokens == {"bot": TOKEN}
    assert (second.platform, second.external_id) == (Platform.TEAMS, "tenant-mc")


async def test_a_restart_renews_the_token_and_keeps_the_workspace(
    tmp_path: Path, slack: SlackStandIn, clock: MovableClock
) -> None:
    async with assembled(make_settings(tmp_path, **on_slack(slack)), clock) as installation:
        async with listening(installation):
            (before,) = await workspaces(installation)
        async with installation.database.open_uow() as uow:
            await uow.workspaces.save(Workspace(before.id, before.platform, TEAM, "Renamed", {"bot": "xoxb-old"}))
            await uow.commit()
        async with listening(installation):
            (after,) = await workspaces(installation)

    assert (after.id, after.name, after.tokens) == (before.id, "Renamed", {"bot": TOKEN})


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"error": "internal_error"}, {"error": "invalid_auth"}, {"error": "ratelimited"}]
)
async def test_a_slack_that_is_away_at_the_start_is_connected_once_it_is_there(
    tmp_path: Path, slack: SlackStandIn, clock: MovableClock, fault: dict[str, Any]
) -> None:
    slack.fail_next("auth.test", times=3, **fault)

    settings = make_settings(tmp_path, **on_slack(slack))
    async with assembled(settings, clock) as installation, listening(installation):
        at_first = await workspaces(installation)
        connected = await slack_is_connected(installation, clock)

    assert at_first == []
    assert connected.external_id == TEAM
    assert clock.now() > START


async def test_it_ends_while_it_still_waits_for_slack(tmp_path: Path, slack: SlackStandIn, clock: MovableClock) -> None:
    settings = make_settings(tmp_path, **on_slack(slack))
    await slack.stop()

    async with (
        asyncio.timeout(20),
        assembled(settings, clock) as installation,
        listening(installation) as address,
        aiohttp.ClientSession() as session,
    ):
        ready = await session.get(f"{address}/health/ready")

    assert ready.status == 200


@pytest.mark.parametrize("end", ["", "/", "/api", "/api/"])
async def test_the_address_of_slack_may_be_written_in_any_usual_way(
    tmp_path: Path, slack: SlackStandIn, clock: MovableClock, end: str
) -> None:
    settings = make_settings(tmp_path, **on_slack(slack, slack_api_url=f"{slack.base_url}{end}"))

    async with assembled(settings, clock) as installation, listening(installation):
        (found,) = await workspaces(installation)

    assert found.external_id == TEAM


async def test_another_secret_key_is_told_before_anything_is_served(
    tmp_path: Path, slack: SlackStandIn, clock: MovableClock
) -> None:
    async with assembled(make_settings(tmp_path, **on_slack(slack)), clock) as installation, listening(installation):
        pass
    other = make_settings(tmp_path, **on_slack(slack), secret_key="another key than before")

    async with assembled(other, clock) as installation:
        with pytest.raises(CannotUnseal):
            async with listening(installation):
                pass


async def test_an_address_that_is_taken_is_named(tmp_path: Path, clock: MovableClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = make_settings(tmp_path, port=taken.getsockname()[1])
        async with assembled(settings, clock) as installation:
            with pytest.raises(CannotListen, match="cannot be listened on: Address already in use"):
                async with listening(installation):
                    pass


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "a" * 70])
async def test_an_address_that_is_not_of_this_machine_is_named(tmp_path: Path, clock: MovableClock, host: str) -> None:
    async with assembled(make_settings(tmp_path, host=host), clock) as installation:
        with pytest.raises(CannotListen, match=rf"^{host}:0 cannot be listened on"):
            async with listening(installation):
                pass


async def test_serve_runs_until_it_is_asked_to_stop(tmp_path: Path, clock: MovableClock) -> None:
    seen: list[str] = []

    async def until(address: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{address}/health/live") as answer:
            seen.append(await answer.text())

    await serve(make_settings(tmp_path), clock, until=until)

    assert seen == ['{"status": "live"}']


async def test_a_database_that_cannot_be_used_ends_it_before_it_listens(tmp_path: Path, clock: MovableClock) -> None:
    settings = make_settings(tmp_path, database_url="postgresql://ann:pw@127.0.0.1:1/name")

    with pytest.raises(DatabaseTrouble, match="Connection refused"):
        async with assembled(settings, clock):
            pass
