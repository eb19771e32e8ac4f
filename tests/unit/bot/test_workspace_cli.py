"""`liaison workspace`: connected, renewed, listed and taken out, against Slack's stand-in and a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.settings import Settings
from bot.workspace_cli import app
from sandbox.clock import MovableClock
from sandbox.slack import SlackStandIn
from tests.fakes.slack_bot import BOT, START, TEAM, TOKEN, make_slack

KEY = "a secret key for tests"


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def workspace(*arguments: str) -> Result:
    """Run the command in a thread: it has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


@pytest.fixture
async def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackStandIn]:
    """A Slack that knows one workspace's token, and settings that point at it."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    made = make_slack(MovableClock(START))
    monkeypatch.setenv("LIAISON_SECRET_KEY", KEY)
    monkeypatch.setenv("LIAISON_SLACK_API_URL", f"{await made.start()}/api/")
    yield made
    await made.stop()


@pytest.mark.usefixtures("slack")
async def test_at_first_nothing_is_connected() -> None:
    assert (await workspace("list")).output == "No workspace is connected yet.\n"
    assert json.loads((await workspace("list", "--json")).output) == []


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize("external_id", [TEAM, "-"])
async def test_slack_says_itself_whose_token_it_is(external_id: str, tmp_path: Path) -> None:
    added = await workspace("add", "slack", external_id, "--token", TOKEN, "--name", "DC")
    listed = await workspace("list")

    assert (added.exit_code, added.output) == (0, f"Connected: slack {TEAM} (DC)\n")
    assert TEAM in listed.output
    assert TOKEN not in listed.output
    assert TOKEN.encode() not in on_disk(tmp_path)


@pytest.mark.usefixtures("slack")
async def test_a_token_may_come_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_NEW_TOKEN", TOKEN)

    assert (await workspace("add", "slack", TEAM)).exit_code == 0


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("slack", TEAM), 2, "needs its bot token"),
        (("slack", TEAM, "--token", "xoxb-wrong"), 1, "Slack did not take the token"),
        (("slack", "T9OTHER", "--token", TOKEN), 1, f"belongs to {TEAM}, not to T9OTHER"),
        (("discord", "D1"), 2, "discord"),
        (("teams", "t1", "--service-url", "smba.example"), 2, "whole address"),
    ],
)
async def test_what_cannot_be_connected_changes_nothing(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = await workspace("add", *arguments)

    assert result.exit_code == code
    assert says in result.output
    assert json.loads((await workspace("list", "--json")).output) == []


async def test_a_slack_that_is_away_is_named(slack: SlackStandIn) -> None:
    await slack.stop()

    result = await workspace("add", "slack", TEAM, "--token", TOKEN)

    assert result.exit_code == 1
    assert "Slack did not answer" in result.output


@pytest.mark.usefixtures("slack")
async def test_a_known_workspace_is_renewed_and_keeps_what_is_not_said_anew() -> None:
    await workspace(
        "add", "teams", "tenant-1", "--name", "MC", "--service-url", "https://smba.trafficmanager.net/emea/"
    )

    renewed = await workspace("add", "teams", "tenant-1")

    assert renewed.output == "Renewed: teams tenant-1 (MC)\n"
    assert json.loads((await workspace("list", "--json")).output) == [
        {
            "platform": "teams",
            "id": "tenant-1",
            "name": "MC",
            "service_url": "https://smba.trafficmanager.net/emea/",
            "locked": False,
        }
    ]


@pytest.mark.usefixtures("slack")
async def test_one_of_several_is_taken_out() -> None:
    await workspace("add", "slack", TEAM, "--token", TOKEN)
    await workspace("add", "teams", "tenant-1")
    await workspace("add", "teams", "tenant-2")

    removed, again = await workspace("remove", "teams", "tenant-1"), await workspace("remove", "teams", "tenant-1")
    left = json.loads((await workspace("list", "--json")).output)

    assert (removed.exit_code, removed.output) == (0, "Disconnected: teams tenant-1\n")
    assert again.exit_code == 1
    assert "There is no teams workspace tenant-1" in again.output
    assert [one["id"] for one in left] == [TEAM, "tenant-2"]


@pytest.mark.usefixtures("slack")
async def test_who_takes_out_the_first_workspace_is_told_that_it_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    await workspace("add", "slack", TEAM, "--token", TOKEN)
    monkeypatch.setenv("LIAISON_SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("LIAISON_SLACK_SIGNING_SECRET", "s")

    result = await workspace("remove", "slack", TEAM)

    assert "The settings describe it" in result.output
    assert BOT not in result.output
