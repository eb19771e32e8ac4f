"""`liaison init`: asked through a pipe, given by options, refused, broken off; and what it leaves behind."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner, Result

from bot.charter_file.checking import check
from bot.cli import app
from bot.settings import Settings
from sandbox.clock import MovableClock
from sandbox.slack import SlackStandIn
from sandbox.teams import TeamsStandIn
from schedules.clock import SystemClock
from tests.fakes.slack_bot import START, TEAM, TOKEN, make_slack
from tests.fakes.teams_bot import APP_ID, HOME
from tests.fakes.teams_keys import keys_made_before

PASSWORD = "a-client-secret"
NAMES = ("Cleo Park", "Dana Whitfield", "Ana Ruiz", "Lars Brandt", "Mara Schmidt", "Jo")
PEOPLE = [row for name in NAMES for row in (name, "U0DCCLEO" if name == "Cleo Park" else "")]
SCRIPT = ("--no-input", "--offline", "--first", "DC", "--second", "MC")
ZONES = ("--first-zone", "America/Chicago", "--second-zone", "Europe/Berlin")


def init(*arguments: str, typed: list[str] | None = None) -> Result:
    return CliRunner().invoke(app, ["init", *arguments], input="".join(f"{row}\n" for row in typed or []))


def asked(*, tokens: list[str], zones: tuple[str, str] = ("America/Chicago", "Europe/Berlin")) -> list[str]:
    """Answers to every question, in order: DC on Slack over HTTP, MC on Teams."""
    first = ["DC", "slack", "MC", "teams", "", "", "https://liaison.example.com", "no"]
    return [*first, *tokens, zones[0], "", "US", "", zones[1], "", "DE-BW", "", *PEOPLE]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    return tmp_path


def test_answers_become_two_files_that_pass(folder: Path) -> None:
    result = init("--offline", typed=asked(tokens=[TOKEN, "secret", APP_ID, HOME, PASSWORD]))

    assert result.exit_code == 0, result.output
    held = dotenv_values(folder / ".env")
    assert held["LIAISON_SLACK_BOT_TOKEN"] == TOKEN
    assert held["LIAISON_TEAMS_APP_PASSWORD"] == PASSWORD
    assert len(held["LIAISON_SECRET_KEY"] or "") >= 32
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert check((folder / "alliance.yaml").read_bytes()).problems == ()
    assert sorted(file.name for file in folder.iterdir()) == [".env", "alliance.yaml"]
    assert CliRunner().invoke(app, ["settings"]).exit_code == 0


def test_a_wrong_answer_is_named_and_asked_again() -> None:
    typed = asked(tokens=["xoxp-1", TOKEN, "secret", "", "", ""], zones=("Chicago", "America/Chicago"))
    typed.insert(typed.index("America/Chicago") + 4, "Europe/Berlin")

    result = init("--offline", typed=typed)

    assert "A bot token begins with xoxb-; this is a user token." in result.output
    assert "Did you mean America/Chicago" in result.output


def test_two_companies_in_one_workspace_share_its_ids(folder: Path) -> None:
    typed = ["DC", "slack", "MC", "slack", "", "", "https://liaison.example.com", "no", "", ""]
    typed += ["UTC", "", "", "T0DC", "UTC", "", "", "T0DC"]
    typed += ["Cleo", "U0CLEO", "Dana", "", "Ana", "", "Lars", "U0CLEO", "U0LARS", "Mara", "", "Jo", ""]

    result = init("--offline", typed=typed)

    assert result.exit_code == 0, result.output
    assert "Cleo has this id already." in result.output
    assert check((folder / "alliance.yaml").read_bytes()).problems == ()


def test_input_that_ends_early_writes_nothing(folder: Path) -> None:
    result = init("--offline", typed=["DC", "slack", "MC"])

    assert result.exit_code == 1
    assert result.stderr == "The answers ended before the questions did. Nothing was written.\n"
    assert list(folder.iterdir()) == []


def test_companies_that_never_work_together_are_asked_for_other_hours(folder: Path) -> None:
    typed = ["DC", "", "MC", "", "", "", "", "no", "", "", "", "", ""]
    typed += ["America/Los_Angeles", "9-12", "", "", "Asia/Tokyo", "9-12", "", ""]
    typed += ["America/Los_Angeles", "9-18", "", "", "Asia/Tokyo", "8-17", "", "", *PEOPLE]

    result = init("--offline", typed=typed)

    assert result.exit_code == 0, result.output
    assert "work at the same time for 0 minutes a week" in result.output
    assert check((folder / "alliance.yaml").read_bytes()).problems == ()


# --- again ----------------------------------------------------------------------------------------------


def test_nothing_is_replaced_unasked(folder: Path) -> None:
    (folder / ".env").write_text("LIAISON_SECRET_KEY=a secret key of before\n")
    (folder / "alliance.yaml").write_text("mine")

    refused, by_script = init(typed=["no"]), init(*SCRIPT, *ZONES)

    assert (refused.exit_code, by_script.exit_code) == (1, 1)
    assert "Change .env and alliance.yaml? [no]" in refused.output
    assert "--force" in by_script.stderr
    assert (folder / ".env").read_text() == "LIAISON_SECRET_KEY=a secret key of before\n"
    assert (folder / "alliance.yaml").read_text() == "mine"


def test_a_second_time_keeps_the_secret_key_and_what_was_not_asked_about(folder: Path) -> None:
    (folder / ".env").write_text(
        "# mine\nLIAISON_PORT=9000\nLIAISON_SECRET_KEY='a secret key of before'\nLIAISON_SLACK_BOT_TOKEN=xoxb-old\n"
    )

    result = init("--offline", typed=["yes", *asked(tokens=["", "secret", "", "", ""])])

    assert result.exit_code == 0, result.output
    text = (folder / ".env").read_text()
    assert text.startswith("# mine\nLIAISON_PORT=9000\nLIAISON_SECRET_KEY='a secret key of before'\n")
    assert dotenv_values(folder / ".env")["LIAISON_SLACK_BOT_TOKEN"] == "xoxb-old"
    assert "xoxb-old" not in result.output
    assert "secret key of before" not in result.output


# --- by options --------------------------------------------------------------------------------------------


def test_a_script_gives_options_and_tokens_by_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_SLACK_BOT_TOKEN", TOKEN)

    result = init(*SCRIPT, *ZONES, "--public-url", "https://liaison.example.com", "--first-country", "US")

    assert result.exit_code == 0, result.output
    assert dotenv_values(folder / ".env")["LIAISON_SLACK_BOT_TOKEN"] == TOKEN
    assert check((folder / "alliance.yaml").read_bytes()).problems == ()
    assert "6 addresses that begin with FILL-IN" in result.output


def test_a_script_is_told_everything_that_is_missing_or_wrong_at_once(folder: Path) -> None:
    result = init("--no-input", "--first", "DC", "--first-zone", "Chicago", "--public-url", "http://x")

    assert result.exit_code == 2
    assert [row.split(":")[0].strip() for row in result.stderr.splitlines()[1:-1]] == [
        "--second",
        "--public-url",
        "--first-zone",
        "--second-zone",
    ]
    assert result.stderr.endswith("Nothing was written.\n")
    assert list(folder.iterdir()) == []


def test_by_socket_mode_no_address_is_needed(folder: Path) -> None:
    result = init(*SCRIPT, *ZONES, "--second-platform", "slack")

    assert result.exit_code == 0, result.output
    assert "LIAISON_SLACK_APP_TOKEN" in dotenv_values(folder / ".env")
    assert "connect the other company's workspace: liaison workspace add slack" in result.output


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "liaison.env").write_text("LIAISON_PORT=9000\n")
    (folder / ".env").symlink_to("secrets/liaison.env")

    assert init(*SCRIPT, *ZONES, "--force").exit_code == 0

    assert (folder / ".env").is_symlink()
    assert (folder / "secrets" / "liaison.env").read_text().startswith("LIAISON_PORT=9000\nLIAISON_DATABASE_URL=")


def test_a_secret_key_that_could_not_be_used_is_made_anew(folder: Path) -> None:
    (folder / ".env").write_text("LIAISON_SECRET_KEY=short\n")

    assert init(*SCRIPT, *ZONES, "--force").exit_code == 0

    assert len(dotenv_values(folder / ".env")["LIAISON_SECRET_KEY"] or "") >= 32


def test_an_env_file_that_cannot_be_read_is_left_alone(folder: Path) -> None:
    (folder / ".env").write_bytes(b"LIAISON_PORT=\xff\n")

    result = init(*SCRIPT, *ZONES, "--force")

    assert result.exit_code == 1
    assert ".env: it cannot be read" in result.stderr
    assert (folder / ".env").read_bytes() == b"LIAISON_PORT=\xff\n"


def test_a_folder_that_cannot_be_written_changes_nothing(folder: Path) -> None:
    (folder / "alliance.yaml").mkdir()

    result = init(*SCRIPT, *ZONES, "--force")

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


# --- the platforms are asked --------------------------------------------------------------------------------


@pytest.fixture
async def platforms(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackStandIn]:
    slack = make_slack(MovableClock(START))
    monkeypatch.setenv("LIAISON_SLACK_API_URL", f"{await slack.start()}/api/")
    clock = MovableClock(SystemClock().now())
    async with TeamsStandIn(
        clock=clock, app_id=APP_ID, app_password=PASSWORD, home_tenant_id=HOME, keys=keys_made_before()
    ) as teams:
        monkeypatch.setenv("LIAISON_TEAMS_LOGIN_URL", teams.base_url)
        yield slack
    await slack.stop()


@pytest.mark.usefixtures("platforms")
async def test_tokens_are_proven_on_the_spot_and_name_their_workspaces(folder: Path) -> None:
    tokens = ["xoxb-wrong", TOKEN, "secret", APP_ID, HOME, "wrong", PASSWORD]

    result = await asyncio.to_thread(init, typed=asked(tokens=tokens))

    assert result.exit_code == 0, result.output
    assert "Slack does not take this token" in result.output
    assert f"Slack says: this token belongs to Delta Corp ({TEAM})." in result.output
    assert "Microsoft does not let the app log in" in result.output
    assert "Microsoft says: the app can log in." in result.output
    text = (folder / "alliance.yaml").read_text()
    assert f'id: "{TEAM}"' in text
    assert f'id: "{HOME}"' in text


async def test_a_platform_that_is_away_is_no_obstacle(platforms: SlackStandIn) -> None:
    await platforms.stop()

    result = await asyncio.to_thread(init, typed=asked(tokens=[TOKEN, "secret", "", "", ""]))

    assert result.exit_code == 0, result.output
    assert "Slack could not be asked now" in result.output
