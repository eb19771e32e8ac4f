"""The main job met by strangers: emulators that share no line with our sandbox, and a real process that knows them by
settings alone.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from sandbox.stage import ALLIANCE_FILE
from tests.fakes.emulated_slack import BOT_TOKEN, SIGNING_SECRET, EmulatedSlack, emulated_slack
from tests.fakes.emulated_teams import APP_ID, APP_PASSWORD, EmulatedTeams, emulated_teams
from tests.fakes.processes import liaison, running

pytestmark = pytest.mark.slow

DESCRIBED = yaml.safe_load(ALLIANCE_FILE.read_text(encoding="utf-8"))
TENANT = str(DESCRIBED["companies"]["mc"]["workspace"]["id"])
PEOPLE: Mapping[str, str] = {key: str(person["address"]) for key, person in DESCRIBED["people"].items()}
ON_TEAMS = [address for key, address in PEOPLE.items() if key.startswith("mc-")]
CONCERN = {
    "title": "No test machine",
    "facts": "The machine was promised for Monday & is <not> here.",
    "need": "A new date",
    "urgency": "routine",
}


def pointed_at(folder: Path, slack: EmulatedSlack, teams: EmulatedTeams) -> dict[str, str]:
    """Settings as an operator would write them; Slack's address by its host alone."""
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/liaison.db",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.url,
        "TEAMS_TENANT_ID": TENANT,
        "TEAMS_LOGIN_URL": f"{teams.login_url}/",
        "TEAMS_OPENID_URL": f"{teams.login_url}/openid",
    }
    if teams.signed:
        return {**settings, "TEAMS_APP_ID": APP_ID, "TEAMS_APP_PASSWORD": APP_PASSWORD}
    return {**settings, "TEAMS_ALLOW_UNSIGNED": "true"}


async def brought_into_force(
    folder: Path, settings: Mapping[str, str], slack: EmulatedSlack, teams: EmulatedTeams
) -> None:
    """Import, install, propose on Slack, sign on both platforms."""
    shutil.copy(ALLIANCE_FILE, folder / "alliance.yaml")
    imported = await liaison(folder, "alliance", "import", "alliance.yaml", "--yes", settings=settings)
    assert imported.code == 0, imported.err
    for person in ON_TEAMS:
        await teams.install(person)
    await slack.command(PEOPLE["dc-cleo"], "propose")
    await slack.press(PEOPLE["dc-dana"], await slack.message_with(PEOPLE["dc-dana"], "Sign"), "Sign")
    card = await teams.activity_with("Sign", PEOPLE["mc-mara"])
    await teams.execute(PEOPLE["mc-mara"], card, "Sign")


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned on this machine"])
async def test_a_concern_raised_on_slack_is_acknowledged_on_teams(tmp_path: Path, signed: bool) -> None:
    async with emulated_slack() as slack, emulated_teams(TENANT, signed=signed) as teams:
        settings = pointed_at(tmp_path, slack, teams)
        async with running(tmp_path, **settings) as bot:
            slack.bot = teams.bot = bot.address
            await brought_into_force(tmp_path, settings, slack, teams)

            helped = await slack.command(PEOPLE["dc-ana"], "help")
            await slack.command(PEOPLE["dc-ana"], "raise")
            view = await slack.until(lambda: slack.views[-1] if slack.views else None)
            closed = await slack.submit(PEOPLE["dc-ana"], view, CONCERN)
            card = await teams.activity_with("Acknowledge")
            acknowledged = await teams.execute(card["chat"].removeprefix("a:"), card, "Acknowledge")
            told = await slack.until(lambda: _saying(slack, PEOPLE["dc-ana"], "acknowledged"))
        problems = [line for line in bot.logs if line["level"] in ("warning", "error")]

    assert "raise" in str(helped)
    assert closed == {}
    assert acknowledged["statusCode"] == 200
    assert CONCERN["facts"] in str(told["blocks"]) or CONCERN["title"] in str(told)
    assert teams.refused == []
    assert set(slack.called) <= {
        "auth.test",
        "conversations.open",
        "chat.postMessage",
        "chat.update",
        "views.open",
        "chat.postEphemeral",
        "conversations.history",
    }
    assert problems == []
    assert bot.code == 0


async def test_a_client_without_universal_actions_can_sign_too(tmp_path: Path) -> None:
    async with emulated_slack() as slack, emulated_teams(TENANT) as teams:
        settings = pointed_at(tmp_path, slack, teams)
        async with running(tmp_path, **settings) as bot:
            slack.bot = teams.bot = bot.address
            await liaison(tmp_path, "alliance", "import", str(ALLIANCE_FILE), "--yes", settings=settings)
            for person in ON_TEAMS:
                await teams.install(person)
            await slack.command(PEOPLE["dc-cleo"], "propose")
            card = await teams.activity_with("Sign", PEOPLE["mc-mara"])
            await teams.submit(PEOPLE["mc-mara"], card, "Sign")
            await slack.press(PEOPLE["dc-dana"], await slack.message_with(PEOPLE["dc-dana"], "Sign"), "Sign")
            in_force = await slack.until(lambda: _saying(slack, PEOPLE["dc-cleo"], "is in force"))

    assert in_force


def _saying(slack: EmulatedSlack, user: str, words: str) -> dict[str, object] | None:
    seen = [message for (where, _), message in slack.messages.items() if where == f"D{user[1:]}"]
    return next((message for message in seen if words in str(message).lower()), None)
