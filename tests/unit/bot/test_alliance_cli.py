import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from alliance.errors import NotFound
from alliance.notices import AdministrativeRead
from bot.alliance_cli import app, imported, plan_rows, planned
from bot.alliance_reading import exported, previewed, shown
from bot.charter_file.checking import check
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import MONDAY
from tests.fakes.charter_files import SAMPLE, document_with, line_of, sample_with


def liaison(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own: settings by environment, an empty database in a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIAISON_DATABASE_URL", f"sqlite:///{tmp_path}/liaison.db")
    monkeypatch.setenv("LIAISON_SECRET_KEY", "a-secret-key-for-this-test-alone-0123456789")
    return tmp_path


def test_a_good_file_passes() -> None:
    result = liaison("check", str(SAMPLE))

    assert result.exit_code == 0
    assert "all is well" in result.output


def test_a_wrong_file_fails_with_every_problem_as_file_line_field(tmp_path: Path) -> None:
    file = tmp_path / "alliance.yaml"
    content = sample_with(("zone: Europe/Berlin", "zone: Berlin"), ("  purpose: >", "  porpose: >"))
    file.write_bytes(content)

    result = liaison("check", str(file))

    assert result.exit_code == 1
    rows = result.output.splitlines()
    assert rows[0].startswith(f"{file}:{line_of(content, 'zone: Berlin')}: companies.mc.calendar.zone: ")
    assert [row.split(": ")[1] for row in rows] == [
        "companies.mc.calendar.zone",
        "charter.purpose",
        "charter.porpose",
    ]


@pytest.mark.parametrize("arguments", [("check",), ("check", "nowhere.yaml"), ("check", "."), ("sing",)])
def test_a_wrong_command_line_is_told_apart(arguments: tuple[str, ...]) -> None:
    assert liaison(*arguments).exit_code == 2


def test_the_schema_is_printed() -> None:
    result = liaison("schema")

    Draft202012Validator.check_schema(json.loads(result.output))
    assert result.exit_code == 0
    assert liaison("schema", "--markdown").output.startswith("# alliance.yaml")


@pytest.mark.usefixtures("installation")
def test_import_shows_asks_does_and_does_nothing_the_second_time() -> None:
    refused = liaison("import", str(SAMPLE), typed="n\n")
    first = liaison("import", str(SAMPLE), typed="y\n")
    second = liaison("import", str(SAMPLE))

    assert refused.exit_code == 1
    assert first.exit_code == 0
    for expected in (
        "this alliance is new here",
        "Companies, at once:",
        "  + dc-ana: Ana Ruiz, operational, service design",
        "Charter, as draft of version 1:",
        "Version 1 of the charter is a draft",
    ):
        assert expected in first.output
    assert second.output == "dc-mc: nothing changed.\n"
    assert second.exit_code == 0


@pytest.mark.usefixtures("installation")
def test_import_for_scripts_changes_something_only_when_told_to() -> None:
    looked = json.loads(liaison("import", str(SAMPLE), "--json").output)
    done = json.loads(liaison("import", str(SAMPLE), "--json", "--yes").output)
    again = json.loads(liaison("import", str(SAMPLE), "--json", "--yes").output)

    assert (looked["changed"], looked["applied"]) == (True, False)
    assert (done["changed"], done["applied"], done["drafts"]) == (True, True, 1)
    assert (again["changed"], again["applied"], again["people_changes"]) == (False, False, [])


def test_importing_a_wrong_file_changes_nothing(installation: Path) -> None:
    file = installation / "alliance.yaml"
    file.write_bytes(sample_with(("tier: executive", "tier: boss")))

    result = liaison("import", str(file), "--yes")

    assert result.exit_code == 1
    assert "Nothing was imported." in result.output
    assert "There is no alliance" in liaison("show", "dc-mc").output


def test_what_is_exported_is_what_was_imported(installation: Path) -> None:
    liaison("import", str(SAMPLE), "--yes")
    file = installation / "exported.yaml"

    file.write_text(liaison("export", "dc-mc").output, encoding="utf-8")

    assert liaison("import", str(file)).output == "dc-mc: nothing changed.\n"
    assert "Launch a joint service offering" in liaison("show", "dc-mc").output


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("command", ["show", "export"])
def test_an_unknown_alliance_is_named_with_those_that_are_known(command: str) -> None:
    liaison("import", str(SAMPLE), "--yes")

    result = liaison(command, "acme")

    assert result.exit_code == 1
    assert 'There is no alliance "acme" here. Known are: dc-mc.' in result.output


def test_without_settings_the_operator_is_told_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIAISON_SECRET_KEY", raising=False)

    result = liaison("import", str(SAMPLE), "--yes")

    assert result.exit_code == 1
    assert "LIAISON_SECRET_KEY" in result.output


async def test_both_companies_learn_that_an_operator_read(open_uow: OpenUnitOfWork) -> None:
    await imported(open_uow, document_with(), now=MONDAY)

    await shown(open_uow, "dc-mc", now=MONDAY)
    text = await exported(open_uow, "dc-mc", now=MONDAY)

    assert check(text.encode()).problems == ()
    async with open_uow() as uow:
        roster = await uow.rosters.by_key("dc-mc")
        assert roster is not None
        trail = await uow.audit.entries(roster.alliance_id)
        lanes = await uow.outbox.waiting_lanes(MONDAY)
        told = [d for lane in lanes for d in await uow.outbox.claim(lane, MONDAY, 100)]
    assert [entry.event for entry in trail[-2:]] == ["administrative read"] * 2
    assert sum(delivery.kind == AdministrativeRead.__name__ for delivery in told) == 4


async def test_a_diff_that_was_only_looked_at_is_a_reading_too(open_uow: OpenUnitOfWork) -> None:
    await imported(open_uow, document_with(), now=MONDAY)

    await previewed(open_uow, "dc-mc", now=MONDAY)

    async with open_uow() as uow:
        roster = await uow.rosters.by_key("dc-mc")
        assert roster is not None
        last = (await uow.audit.entries(roster.alliance_id))[-1]
    assert (last.event, last.facts) == ("administrative read", {"what": "what differs from a file"})


@pytest.mark.parametrize(("arguments", "typed"), [((), "n\n"), ((), ""), (("--json",), "")], ids=["no", "end", "json"])
def test_the_command_line_notes_a_diff_that_was_not_imported(
    installation: Path, arguments: tuple[str, ...], typed: str
) -> None:
    liaison("import", str(SAMPLE), "--yes")
    changed = installation / "changed.yaml"
    changed.write_text(SAMPLE.read_text(encoding="utf-8").replace("Ana Ruiz", "Ana Ruiz Vega"), encoding="utf-8")

    looked = liaison("import", str(changed), *arguments, typed=typed)

    assert "Ana Ruiz Vega" in looked.output
    with contextlib.closing(sqlite3.connect(installation / "liaison.db")) as connection:
        trail = [document for (document,) in connection.execute("SELECT document FROM audit")]
    assert sum("administrative read" in document for document in trail) == 1


async def test_a_reading_of_nothing_is_refused(open_uow: OpenUnitOfWork) -> None:
    with pytest.raises(NotFound, match="Known are: none"):
        await shown(open_uow, "dc-mc", now=MONDAY)


async def test_people_and_charter_are_shown_apart(open_uow: OpenUnitOfWork) -> None:
    await imported(open_uow, document_with(), now=MONDAY)
    changed = document_with(("tier: manager", "tier: executive"), ("minimum_answers: 5", "minimum_answers: 6"))

    rows = list(plan_rows(await planned(open_uow, changed)))

    assert rows == [
        "People, at once:",
        "  ~ dc-ben.tier: manager -> executive",
        "Charter, as draft of version 2:",
        "  ~ pulse.minimum_answers: 5 -> 6",
        "The draft of version 1 is replaced; it was never proposed.",
    ]
