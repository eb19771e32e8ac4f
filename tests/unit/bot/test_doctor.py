"""`liaison doctor`: every part is looked at, and what is wrong comes with how to mend it."""

import contextlib
import datetime as dt
import io
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from alliance.audience import Recipient, ToMember
from alliance.audit import AuditFact
from alliance.ids import MemberId, NoticeId, WorkspaceId
from alliance.notices import CharterLapsed
from alliance.roster import Platform
from bot.doctor import Finding, Health, examine, show
from bot.settings import Settings
from handlers.time_intents import LapseCharter
from sandbox.clock import MovableClock
from sandbox.slack import SlackStandIn
from sandbox.teams import TeamsStandIn
from schedules.clock import SystemClock
from storage.opening import Database, opened
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, make_roster
from tests.fakes.slack_bot import APP_TOKEN, SECRET, START, TEAM, TOKEN, make_slack
from tests.fakes.teams_bot import APP_ID, HOME, PASSWORD
from tests.fakes.teams_keys import keys_made_before

KEY = "a secret key for tests"
LANE = "slack:T0DC"


@dataclass
class Patient:
    """An installation to be looked at; both platforms are stand-ins."""

    folder: Path
    slack: SlackStandIn
    teams: TeamsStandIn

    def settings(self, **more: Any) -> Settings:
        given = {
            "database_url": f"sqlite:///{self.folder}/liaison.db",
            "secret_key": KEY,
            "slack_bot_token": TOKEN,
            "slack_signing_secret": SECRET,
            "slack_api_url": f"{self.slack.base_url}/api/",
            "teams_app_id": APP_ID,
            "teams_app_password": PASSWORD,
            "teams_tenant_id": HOME,
            "teams_login_url": self.teams.base_url,
            "teams_openid_url": f"{self.teams.base_url}/v1/.well-known/openidconfiguration",
            **more,
        }
        return Settings.model_validate(given)

    async def findings(self, **more: Any) -> dict[str, Finding]:
        return {finding.what: finding for finding in await examine(self.settings(**more))}

    async def wrong(self, **more: Any) -> dict[str, str]:
        """What is to be mended, and what was seen of it."""
        found = (await self.findings(**more)).values()
        return {finding.what: finding.seen for finding in found if finding.health is Health.MEND}

    def database(self) -> Any:
        return opened(f"sqlite:///{self.folder}/liaison.db", KEY)


@pytest.fixture(autouse=True)
def _no_variable_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIAISON_SCHEMAS", raising=False)


@pytest.fixture
async def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Patient]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)
    slack = make_slack(MovableClock(START))
    clock = MovableClock(SystemClock().now())
    teams = TeamsStandIn(
        clock=clock, app_id=APP_ID, app_password=PASSWORD, home_tenant_id=HOME, keys=keys_made_before()
    )
    await slack.start()
    async with teams:
        yield Patient(tmp_path, slack, teams)
    await slack.stop()


async def connect(database: Database, *workspaces: Workspace) -> None:
    async with database.open_uow() as uow:
        for workspace in workspaces:
            await uow.workspaces.save(workspace)
        await uow.commit()


async def test_a_healthy_installation(patient: Patient) -> None:
    found = await patient.findings()

    unproven = {what for what, finding in found.items() if finding.health is not Health.FINE}
    assert unproven == {"Slack scopes", "public address"}
    assert {found[what].health for what in unproven} == {Health.LOOK}
    assert list(found) == [
        "settings",
        "database",
        "secret key",
        "timers",
        "failed timers",
        "deliveries",
        "given up deliveries",
        "workspaces",
        "audit trail",
        "Slack",
        "Slack scopes",
        "Teams",
        "Teams keys",
        "clock",
        "public address",
    ]
    assert TEAM in found["Slack"].seen
    assert all(secret not in str(found) for secret in (TOKEN, PASSWORD, SECRET, KEY))


async def test_a_token_that_slack_refuses(patient: Patient) -> None:
    wrong = await patient.wrong(slack_bot_token="xoxb-wrong")

    assert list(wrong) == ["Slack"]
    assert "invalid_auth" in wrong["Slack"]


async def test_tokens_of_workspaces_added_by_hand_are_looked_at_too(patient: Patient) -> None:
    async with patient.database() as database:
        await connect(
            database,
            Workspace(WorkspaceId("w1"), Platform.SLACK, TEAM, "DC", {"bot": TOKEN}),
            Workspace(WorkspaceId("w2"), Platform.SLACK, "T8OLD", "Old", {"bot": "xoxb-old"}),
            Workspace(WorkspaceId("w3"), Platform.SLACK, "T9GONE", "Gone"),
        )

    found = await patient.findings()

    assert found["Slack"].health is Health.FINE
    assert found["Slack T8OLD"].health is Health.MEND
    assert found["Slack T9GONE"].seen == "has no bot token"
    assert found["Slack T9GONE"].mend == "Give it a new one: liaison workspace add slack T9GONE"


async def test_a_password_that_microsoft_refuses(patient: Patient) -> None:
    wrong = await patient.wrong(teams_app_password="wrong")

    assert list(wrong) == ["Teams"]


async def test_platforms_that_are_away(patient: Patient) -> None:
    await patient.slack.stop()
    away = "http://127.0.0.1:1"

    found = await patient.findings(teams_login_url=away)

    assert found["Slack"].health is Health.MEND
    assert found["Teams"].health is Health.MEND
    assert found["clock"].health is Health.LOOK
    assert found["clock"].seen == "could not be compared: no platform answered"


async def test_keys_of_microsoft_that_cannot_be_read(patient: Patient) -> None:
    wrong = await patient.wrong(teams_openid_url="http://127.0.0.1:1/openid")

    assert wrong == {"Teams keys": "Microsoft's signing keys cannot be read"}


async def test_socket_mode_is_proven_by_asking_for_a_connection(patient: Patient) -> None:
    good = await patient.findings(slack_app_token=APP_TOKEN)
    wrong = await patient.wrong(slack_app_token="xapp-wrong")

    assert good["Slack Socket Mode"].health is Health.FINE
    assert list(wrong) == ["Slack Socket Mode"]


async def test_an_older_schema_is_named_and_not_touched(patient: Patient) -> None:
    async with patient.database():
        pass
    with contextlib.closing(sqlite3.connect(patient.folder / "liaison.db")) as plain, plain:
        plain.execute("DELETE FROM alembic_version")

    first, second = await patient.wrong(), await patient.wrong()

    assert "at schema none" in first["database"]
    assert first == second


async def test_neither_platform_is_set_up(patient: Patient) -> None:
    nothing = {"slack_bot_token": "", "teams_app_id": "", "teams_app_password": "", "teams_tenant_id": ""}

    assert (await patient.wrong(**nothing))["platforms"] == "neither Slack nor Teams is set up"


async def test_a_variable_that_nobody_reads(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_SLACK_TOKEN", TOKEN)

    assert await patient.wrong() == {"settings": "nobody reads LIAISON_SLACK_TOKEN"}


async def test_another_secret_key(patient: Patient) -> None:
    async with patient.database() as database:
        await connect(
            database,
            Workspace(WorkspaceId("w1"), Platform.SLACK, TEAM, "DC", {"bot": TOKEN}),
            Workspace(WorkspaceId("w2"), Platform.TEAMS, HOME, "MC"),
        )

    found = await patient.findings(secret_key="another key than before")

    assert [what for what, finding in found.items() if finding.health is Health.MEND] == ["secret key"]
    assert found["secret key"].seen == f"does not open the tokens of slack {TEAM}, the tokens of teams {HOME}"
    assert found["secret key"].mend == (
        "Put the former key behind the new one, LIAISON_SECRET_KEY=new,old, then: liaison keys rotate. "
        "Is it lost? Then connect anew what it had sealed: "
        f"liaison workspace add slack -; liaison workspace add teams {HOME}."
    )


async def test_a_database_that_is_away_keeps_nothing_else_from_being_looked_at(patient: Patient) -> None:
    found = await patient.findings(database_url="postgresql://ann:pw@127.0.0.1:1/name")

    assert found["database"].health is Health.MEND
    assert "Connection refused" in found["database"].seen
    assert found["Slack"].health is Health.FINE


async def test_an_alliance_whose_workspaces_are_not_connected(patient: Patient) -> None:
    async with patient.database() as database, database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()

    assert await patient.wrong() == {"workspaces": "not connected: DC (slack T0DC), MC (teams tenant-mc)"}


async def test_a_changed_audit_trail(patient: Patient) -> None:
    async with patient.database() as database:
        async with database.open_uow() as uow:
            await uow.rosters.save(make_roster())
            await uow.audit.append(ALLIANCE, START, AuditFact("signed", "charter 1"))
            await uow.commit()
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE audit SET document = replace(document, 'signed', 'declined')")

    wrong = await patient.wrong()

    assert wrong["audit trail"].startswith(f"key-{ALLIANCE}: entry ")


async def test_work_that_is_stuck(patient: Patient) -> None:
    now = SystemClock().now()
    async with patient.database() as database, database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        for name, late in (("late", 10), ("early", -10)):
            intent = LapseCharter(alliance_id=ALLIANCE, version=1)
            await uow.timers.set(f"lapse:{name}", ALLIANCE, intent, now - dt.timedelta(minutes=late))
        recipients: dict[Recipient, str] = {ToMember(MemberId("dc-am")): LANE, ToMember(MemberId("dc-ex1")): LANE}
        notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
        await uow.outbox.append(NoticeId("n1"), notice, recipients=recipients, urgent=False, now=now)
        (first,) = await uow.outbox.claim(LANE, now, 1)
        await uow.outbox.dead(first, "refused: too_long", now)
        await uow.commit()

    found = await patient.findings()

    assert found["timers"].health is Health.MEND
    assert found["timers"].seen == "1 are more than 5 minutes late"
    assert found["given up deliveries"].seen == f"CharterLapsed on {LANE}: refused: too_long"
    assert found["deliveries"].seen == "1 wait to be sent"


# --- shown --------------------------------------------------------------------------------------------


def shown(*findings: Finding, as_json: bool = False) -> str:
    written = io.StringIO()
    show(list(findings), Console(file=written, width=120), as_json=as_json)
    return written.getvalue()


def test_what_is_fine_needs_no_advice_and_words_are_shown_as_they_are() -> None:
    text = shown(
        Finding("clock", Health.FINE, "0 s off", "Set it."), Finding("x", Health.MEND, "[bold]odd", "Mend it.")
    )

    assert "Set it." not in text
    assert "Mend it." in text
    assert "[bold]odd" in text


def test_findings_as_json_for_scripts() -> None:
    assert json.loads(shown(Finding("clock", Health.FINE, "0 s off", "Set it."), as_json=True)) == [
        {"what": "clock", "health": "fine", "seen": "0 s off", "mend": "Set it."}
    ]


async def test_a_damaged_database_is_named_and_the_rest_is_looked_at(patient: Patient) -> None:
    async with patient.database() as database:
        await connect(database, Workspace(WorkspaceId("w1"), Platform.TEAMS, HOME, "MC"))
    damage(patient.folder / "liaison.db", "workspaces")

    found = await patient.findings()

    assert found["database"].health is Health.MEND
    assert "malformed" in found["database"].seen
    assert "go back to a copy" in found["database"].seen
    assert found["Slack"].health is Health.FINE


def damage(file: Path, table: str) -> None:
    """Overwrite the page that the table begins on, as a failing disk does."""
    with contextlib.closing(sqlite3.connect(file)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as held:
        held.seek((page - 1) * size)
        held.write(b"\xaa" * 400)
