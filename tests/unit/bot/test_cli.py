"""The command line as operators meet it: what it says, what it changes, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli import LATER, app, command_line
from bot.settings import Settings
from tests.fakes.charter_files import SAMPLE
from tests.fakes.processes import ROOT, environment

HEAVY = {"aiohttp", "alembic", "apscheduler", "botbuilder", "holidays", "prometheus_client", "slack_bolt", "sqlalchemy"}


def liaison(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with a secret key and nothing else set."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    monkeypatch.setenv("LIAISON_SECRET_KEY", "a secret key for tests")
    return tmp_path


def test_help_names_every_command_without_loading_what_they_need() -> None:
    show = "import sys; from bot.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", show], capture_output=True, text=True, check=True, cwd=ROOT, env=environment()
    )

    *_, loaded = shown.stdout.splitlines()
    assert set(loaded.split()) & HEAVY == set()
    for name in ("run", "settings", "doctor", "db", "keys", *LATER):
        assert f" {name} " in shown.stdout


@pytest.mark.parametrize("name", LATER)
def test_help_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    (said,) = [
        command.help
        for shown, command in typer.main.get_command(command_line()).commands.items()  # type: ignore[attr-defined]
        if shown == name
    ]

    assert said.splitlines()[0] == LATER[name][0]


def test_version() -> None:
    result = liaison("--version")

    assert (result.exit_code, result.output) == (0, "liaison 0.1.0\n")


def test_a_wrong_command_is_a_wrong_use() -> None:
    result = liaison("alliancee")

    assert result.exit_code == 2
    assert "Did you mean 'alliance'?" in result.output


def test_commands_that_load_later_work_like_the_others(installation: Path) -> None:
    checked = liaison("alliance", "check", str(SAMPLE))
    wrong = liaison("alliance", "check", str(installation / "missing.yaml"))
    demo = liaison("demo", "--help")

    assert (checked.exit_code, wrong.exit_code, demo.exit_code) == (0, 2, 0)
    assert "all is well" in checked.output
    assert "--weeks" in demo.output


# --- settings -------------------------------------------------------------------------------------------


def test_settings_are_shown_with_secrets_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_DATABASE_URL", "postgresql://ann:very-secret@host/[bold]name")
    monkeypatch.setenv("LIAISON_TEAMS_OPENID_URL", f"https://openid.example/{'x' * 100}")

    table, as_json = liaison("settings"), liaison("settings", "--json")

    assert "very-secret" not in table.output + as_json.output
    assert "[bold]name" in table.output
    assert json.loads(as_json.output)["LIAISON_PORT"] == "8000"
    assert table.output.count("x") >= 100


def test_bad_settings_are_told_whole_and_end_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_SECRET_KEY", "short")
    monkeypatch.setenv("LIAISON_PORT", "eight")

    result = liaison("settings")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "The settings need another look:",
        "  LIAISON_SECRET_KEY: use at least 16 random characters, for example: openssl rand -hex 32",
        "  LIAISON_PORT: write a whole number",
        "Set them in the environment or in a file named .env; nothing was started or changed.",
    ]


# --- the database ---------------------------------------------------------------------------------------


def test_the_database_is_brought_up_to_date_once(installation: Path) -> None:
    first, second = liaison("db", "upgrade"), liaison("db", "upgrade")

    assert (installation / "liaison.db").exists()
    assert first.exit_code == second.exit_code == 0
    assert first.output == second.output == "The database is at this version's schema.\n"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "a database in memory would be lost at the end"),
        ("sqlite:///:memory:", "a database in memory would be lost at the end"),
        ("liaison.db", "name a file, sqlite:///liaison.db, or a server, postgresql://"),
        ("mysql://host/name", "mysql is not known here; name a file"),
        ("postgresql://host:port/name", "name a file, sqlite:///liaison.db, or a server"),
        ("sqlite:////proc/nowhere/liaison.db", "No such file or directory"),
    ],
)
def test_an_address_that_is_no_database_is_refused_in_words(
    url: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIAISON_DATABASE_URL", url)

    result = liaison("db", "upgrade")

    assert result.exit_code == 1
    assert says in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_everything_is_moved_to_the_database_of_the_settings_and_not_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    liaison("workspace", "add", "teams", "tenant-1")
    monkeypatch.setenv("LIAISON_DATABASE_URL", "sqlite:///another.db")

    first = liaison("db", "copy", "--from", "sqlite:///liaison.db")
    again = liaison("db", "copy", "--from", "sqlite:///liaison.db")
    elsewhere = liaison("db", "copy", "--from", "sqlite:///liaison.db", "--to", "sqlite:///third.db", "--json")

    assert (first.exit_code, again.exit_code, elsewhere.exit_code) == (0, 1, 0)
    assert first.output.startswith("Copied 1 rows of ")
    assert again.stderr.startswith("Nothing was copied. The target holds something already: workspaces. It was left")
    assert json.loads(elsewhere.output)["rows"]["workspaces"] == 1
    assert "tenant-1" in liaison("workspace", "list").output


# --- keys -----------------------------------------------------------------------------------------------


def test_a_key_is_replaced_without_losing_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "the first key of all", "a second key in use"
    monkeypatch.setenv("LIAISON_SECRET_KEY", old)
    liaison("workspace", "add", "teams", "tenant-1")

    monkeypatch.setenv("LIAISON_SECRET_KEY", new)
    locked_out = liaison("workspace", "list")
    monkeypatch.setenv("LIAISON_SECRET_KEY", f"{new},{old}")
    rotated = liaison("keys", "rotate")
    monkeypatch.setenv("LIAISON_SECRET_KEY", new)
    after = liaison("workspace", "list")

    assert locked_out.exit_code == 1
    assert "put the former key back, after the new one" in locked_out.stderr
    assert rotated.exit_code == 0
    assert "Sealed anew: 1 workspaces, 0 open pulses." in rotated.output
    assert "tenant-1" in after.output


def test_a_key_cannot_be_replaced_without_the_former_one(monkeypatch: pytest.MonkeyPatch) -> None:
    liaison("workspace", "add", "teams", "tenant-1")
    monkeypatch.setenv("LIAISON_SECRET_KEY", "a second key in use")

    result = liaison("keys", "rotate")
    monkeypatch.setenv("LIAISON_SECRET_KEY", "a secret key for tests")

    assert result.exit_code == 1
    assert liaison("workspace", "list").exit_code == 0
