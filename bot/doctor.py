"""`liaison doctor`: what is wrong with an installation, and how to mend it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.platform import PlatformError
from bot.settings import Settings
from bot.slack.room import SlackRoom
from bot.teams.room import TeamsRoom
from schedules.clock import SystemClock
from storage import opening
from storage.opening import Database, DatabaseTrouble
from storage.outbox import DeliveryState
from storage.seal import CannotUnseal

LATE = dt.timedelta(minutes=5)
SKEW = dt.timedelta(minutes=2)
"""Platforms refuse signatures that are 5 minutes off (platforms.md 1.1); half of that is worth mending."""


class Health(StrEnum):
    FINE = "fine"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is fine, what was seen, and what to do when it is not."""

    what: str
    health: Health
    seen: str
    mend: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a broken part does not keep the others from being looked at."""
    findings = [Finding("settings", Health.FINE, "read without a problem")]
    try:
        secret_key = settings.secret_key.get_secret_value()
        async with opening.opened(settings.database_url, secret_key) as database:
            findings += await _database(database)
            findings += await _work(database)
    except DatabaseTrouble as trouble:
        findings.append(Finding("database", Health.MEND, str(trouble), "Check LIAISON_DATABASE_URL, or upgrade it."))
    except CannotUnseal as trouble:
        findings.append(Finding("secret key", Health.MEND, str(trouble), "Put the former key back, then rotate."))
    findings += await _platforms(settings)
    return findings


def _health(fine: bool) -> Health:  # noqa: FBT001 - the question it answers stands at the call
    return Health.FINE if fine else Health.MEND


async def _database(database: Database) -> list[Finding]:
    writable = await database.can_write()
    async with database.open_uow() as uow:
        workspaces = await uow.workspaces.all()
        alliances = await uow.rosters.all()
        broken = [(roster.key, link) for roster in alliances if (link := await uow.audit.verify(roster.alliance_id))]
    connected = {(workspace.platform, workspace.external_id) for workspace in workspaces}
    missing = sorted(
        {
            f"{side.company} ({side.platform} {side.workspace})"
            for roster in alliances
            for side in roster.sides
            if (side.platform, side.workspace) not in connected
        }
    )
    return [
        Finding(
            "database",
            _health(writable),
            "can be written" if writable else "cannot be written",
            "Check disk and rights.",
        ),
        Finding(
            "workspaces",
            _health(not missing),
            f"not connected: {', '.join(missing)}" if missing else f"{len(workspaces)} connected",
            "Connect them: liaison workspace add",
        ),
        Finding(
            "audit trail",
            _health(not broken),
            "; ".join(f"{key}: entry {link.seq}: {link.because}" for key, link in broken) or "every chain holds",
            "Somebody changed the database by hand: restore it from a backup and tell both companies.",
        ),
    ]


async def _work(database: Database) -> list[Finding]:
    now = SystemClock().now()
    async with database.open_uow() as uow:
        late = await uow.timers.overdue(now - LATE)
        aside = await uow.timers.set_aside()
        counts = await uow.outbox.counts()
        dead = await uow.outbox.given_up()
    waiting = sum(count for (_, state), count in counts.items() if state is DeliveryState.PENDING)
    return [
        Finding("timers", _health(late == 0), f"{late} are more than 5 minutes late", "Is `liaison run` running?"),
        Finding(
            "failed timers",
            _health(not aside),
            "; ".join(f"{timer.key}: {timer.error}" for timer in aside[:5]) or "none",
            "Mend the cause the error names; the operator's guide tells how to set them going again.",
        ),
        Finding("deliveries", Health.FINE, f"{waiting} wait to be sent"),
        Finding(
            "given up deliveries",
            _health(not dead),
            "; ".join(f"{row.kind} on {row.lane}: {row.error}" for row in dead[-5:]) or "none",
            "Look at the reason: a person who removed the app has to add it again.",
        ),
    ]


async def _platforms(settings: Settings) -> list[Finding]:
    findings = []
    if settings.slack_is_on:
        findings.append(await _slack(settings))
    if settings.teams_is_on and not settings.teams_allow_unsigned:
        findings.append(await _teams(settings))
    if not findings:
        findings.append(
            Finding(
                "platforms", Health.MEND, "neither Slack nor Teams is set up", "Set LIAISON_SLACK_… or LIAISON_TEAMS_…."
            )
        )
    findings.append(await _clock(settings))
    return findings


async def _slack(settings: Settings) -> Finding:
    room = SlackRoom(settings, SystemClock())
    try:
        found = await room.platform.identify(settings.slack_bot_token.get_secret_value())
    except PlatformError as error:
        return Finding("Slack", Health.MEND, str(error), "Check LIAISON_SLACK_BOT_TOKEN and LIAISON_SLACK_API_URL.")
    finally:
        await room.stop()
    return Finding("Slack", Health.FINE, f"the token belongs to {found.name} ({found.team_id})")


async def _teams(settings: Settings) -> Finding:
    async with aiohttp.ClientSession() as session:
        room = TeamsRoom(settings, session, SystemClock())
        try:
            await room.log_in()
        except PlatformError as error:
            return Finding(
                "Teams",
                Health.MEND,
                str(error),
                "Check LIAISON_TEAMS_APP_ID, …_APP_PASSWORD, …_TENANT_ID and …_LOGIN_URL.",
            )
        finally:
            await room.stop()
    return Finding(
        "Teams", Health.FINE, f"the app {settings.teams_app_id} can log in to tenant {settings.teams_tenant_id}"
    )


async def _clock(settings: Settings) -> Finding:
    """Compare this machine's clock with what a platform says in its Date header."""
    address = settings.slack_api_url if settings.slack_is_on else settings.teams_openid_url
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(address) as response,
        ):
            said = dt.datetime.strptime(response.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return Finding("clock", Health.FINE, "could not be compared: no platform answered")
    off = abs(SystemClock().now() - said)
    return Finding(
        "clock",
        _health(off < SKEW),
        f"{off.total_seconds():.0f} s off the platform's",
        "Synchronise this machine's clock (NTP).",
    )


def show(findings: list[Finding], console: Console, *, as_json: bool) -> None:
    """Print the findings as a table, or as JSON."""
    if as_json:
        console.print_json(
            data=[{"what": f.what, "health": f.health, "seen": f.seen, "mend": f.mend} for f in findings]
        )
        return
    table = Table("", "what", "seen", "what to do", box=None, pad_edge=False)
    for finding in findings:
        fine = finding.health is Health.FINE
        mark = "[green]fine[/green]" if fine else "[red]mend[/red]"
        table.add_row(mark, finding.what, finding.seen, "" if fine else finding.mend)
    console.print(table)
