"""Listings, copies, keys and the trail on the command line: for people and, with --json, for scripts."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from alliance.audit import AuditEntry, verify
from bot.cli import app
from bot.progress import progress
from bot.settings import Settings
from bot.terminal import EXIT_CODES
from storage.codec import decode
from storage.opening import opened
from tests.fakes.charter_files import SAMPLE

KEY = "a secret key for tests"


def liaison(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    monkeypatch.setenv("LIAISON_SECRET_KEY", KEY)
    return tmp_path


@pytest.fixture
def imported(folder: Path) -> Path:
    assert liaison("alliance", "import", str(SAMPLE), "--yes").exit_code == 0
    return folder


# --- alliances ------------------------------------------------------------------------------------------


def test_alliances_are_listed() -> None:
    assert "There is no alliance here yet" in liaison("alliance", "list").output
    assert json.loads(liaison("alliance", "list", "--json").output) == []


@pytest.mark.usefixtures("imported")
def test_a_list_says_who_they_are_and_nothing_of_what_was_said() -> None:
    shown, as_json = liaison("alliance", "list"), json.loads(liaison("alliance", "list", "--json").output)

    assert "DC (slack), MC (teams)" in shown.output
    assert as_json == [
        {
            "key": "dc-mc",
            "name": "DC and MC service launch",
            "companies": [
                {"name": "DC", "platform": "slack", "workspace": "T0DC"},
                {"name": "MC", "platform": "teams", "workspace": "6d632d73-7475-7474-6761-727400000000"},
            ],
            "people": 25,
            "charter": None,
        }
    ]
    assert "administrative read" not in liaison("alliance", "audit", "dc-mc").output


@pytest.mark.usefixtures("imported")
def test_a_charter_can_be_read_by_a_script_and_that_is_recorded() -> None:
    shown = json.loads(liaison("alliance", "show", "dc-mc", "--json").output)

    assert (shown["version"], shown["state"]) == (1, "draft")
    assert shown["charter"]["sign_within_days"] == 10
    assert "what: the charter" in liaison("alliance", "audit", "dc-mc").output


def test_a_check_can_be_read_by_a_script(folder: Path) -> None:
    (folder / "alliance.yaml").write_text("alliance: {}\n")

    wrong, fine = (
        liaison("alliance", "check", "alliance.yaml", "--json"),
        liaison("alliance", "check", str(SAMPLE), "--json"),
    )

    assert (wrong.exit_code, fine.exit_code) == (1, 0)
    assert json.loads(fine.output) == {"file": str(SAMPLE), "fine": True, "problems": []}
    assert {"line": 1, "field": "companies", "problem": "This field is missing."} in json.loads(wrong.output)[
        "problems"
    ]


# --- the trail ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("imported")
def test_each_reading_of_the_trail_is_an_entry_of_it() -> None:
    first, second = liaison("alliance", "audit", "dc-mc"), liaison("alliance", "audit", "dc-mc")

    assert "charter 1: charter drafted" in first.output
    assert "what: the audit trail" not in first.output
    assert second.output.count("what: the audit trail") == 1


@pytest.mark.usefixtures("imported")
def test_a_script_gets_all_that_the_hashes_were_made_of() -> None:
    entries = json.loads(liaison("alliance", "audit", "dc-mc", "--json").output)

    chain = [decode(AuditEntry, entry) for entry in entries]
    assert [entry.seq for entry in chain] == [1, 2, 3]
    assert verify(chain) is None
    assert verify([*chain[:1], *chain[2:]]) is not None


@pytest.mark.usefixtures("imported")
def test_a_chain_is_verified_without_being_read() -> None:
    said, as_json = (
        liaison("alliance", "audit", "dc-mc", "--verify"),
        liaison("alliance", "audit", "dc-mc", "--verify", "--json"),
    )

    verdict = json.loads(as_json.output)
    assert (said.exit_code, as_json.exit_code) == (0, 0)
    assert (verdict["entries"], verdict["holds"], verdict["broken"]) == (3, True, None)
    assert said.output == f"dc-mc: all 3 entries hold. The last one is {verdict['last_hash']}.\n"


def test_a_changed_chain_is_a_problem(imported: Path) -> None:
    async def change() -> None:
        async with opened(f"sqlite:///{imported}/liaison.db", KEY) as database, database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE audit SET document = replace(document, 'joined', 'missed')")

    asyncio.run(change())
    said, as_json = (
        liaison("alliance", "audit", "dc-mc", "--verify"),
        liaison("alliance", "audit", "dc-mc", "--verify", "--json"),
    )

    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert said.output == "dc-mc: entry 1 does not hold: its content was changed.\n"
    assert json.loads(as_json.output)["broken"] == {"entry": 1, "because": "its content was changed"}


def test_an_unknown_alliance_has_no_trail() -> None:
    assert "There is no alliance" in liaison("alliance", "audit", "acme", "--verify").stderr


# --- copies -----------------------------------------------------------------------------------------------


def test_a_copy_is_made_and_never_replaced_unasked(imported: Path) -> None:
    first, again, forced = (
        liaison("backup", "copy.db"),
        liaison("backup", "copy.db"),
        liaison("backup", "copy.db", "--force"),
    )

    assert (first.exit_code, again.exit_code, forced.exit_code) == (0, 1, 0)
    assert first.output.startswith("copy.db: a whole copy of liaison.db, ")
    assert "was left as it is" in again.stderr
    assert (imported / "copy.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///nothing.db", "There is no database at nothing.db yet"),
        ("postgresql://ann@host/name", "copy it with pg_dump"),
        ("nothing", "cannot be used"),
    ],
)
def test_what_cannot_be_copied_is_said(url: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_DATABASE_URL", url)

    result = liaison("backup", "copy.db")

    assert result.exit_code == 1
    assert says in result.stderr


# --- keys -------------------------------------------------------------------------------------------------


def test_keys_are_listed_by_what_they_open_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    liaison("workspace", "add", "teams", "tenant-1")
    monkeypatch.setenv("LIAISON_SECRET_KEY", f"a second key in use,{KEY}")

    before = json.loads(liaison("keys", "list", "--json").output)
    liaison("keys", "rotate")
    after = liaison("keys", "list")

    assert before == [
        {"place": 1, "seals": True, "opens": 0, "of": 1},
        {"place": 2, "seals": False, "opens": 1, "of": 1},
    ]
    assert [row.split()[0] for row in after.output.splitlines()] == ["place", "1", "2"]
    assert "can be taken out" in after.output
    assert KEY not in after.output


def test_with_a_lost_key_workspaces_are_listed_connected_anew_and_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for tenant in ("tenant-1", "tenant-2"):
        liaison("workspace", "add", "teams", tenant)
    monkeypatch.setenv("LIAISON_SECRET_KEY", "a new key since the old is lost")

    listed, keys = liaison("workspace", "list"), liaison("keys", "list")
    added, removed = (
        liaison("workspace", "add", "teams", "tenant-1"),
        liaison("workspace", "remove", "teams", "tenant-2"),
    )
    after = liaison("workspace", "list", "--json")

    assert (listed.exit_code, keys.exit_code) == (1, 1)
    assert listed.output.count("locked") == 2
    assert "If it is lost: liaison doctor says what to do." in listed.stderr
    assert (added.exit_code, removed.exit_code, after.exit_code) == (0, 0, 0)
    assert [(one["id"], one["locked"]) for one in json.loads(after.output)] == [("tenant-1", False)]


# --- the rest -----------------------------------------------------------------------------------------------


def test_retry_says_its_figures_to_scripts() -> None:
    assert json.loads(liaison("retry", "--json").output) == {"timers": 0, "deliveries": 0}


def test_progress_is_shown_in_a_terminal_alone_and_leaves_nothing_behind() -> None:
    def shown(*, terminal: bool) -> str:
        written = io.StringIO()
        with progress("Copying", Console(file=written, force_terminal=terminal, width=80)) as told:
            told(1, 2)
        return written.getvalue()

    assert shown(terminal=False) == ""
    assert "Copying" in shown(terminal=True)
    assert shown(terminal=True).endswith("\x1b[2K")


def test_every_exit_code_is_met(folder: Path) -> None:
    met = {
        liaison("settings").exit_code,
        liaison("backup", "copy.db").exit_code,
        liaison("settings", "--colour").exit_code,
        130,  # Ctrl-C: tests/scenarios/test_init_terminal.py
    }

    assert met == set(EXIT_CODES)
    assert not (folder / "copy.db").exists()


def completed(words: str) -> list[str]:
    """What bash is told when somebody presses Tab behind these words."""
    asked = {"_LIAISON_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    return CliRunner().invoke(app, [], prog_name="liaison", env=asked).output.split()


def test_a_shell_can_complete_commands_and_those_that_load_later() -> None:
    assert completed("liaison al") == ["alliance"]
    assert "audit" in completed("liaison alliance ")
