"""`liaison doctor`: what is wrong with an installation, and how to mend it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import aiohttp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alliance.roster import Platform
from bot.platform import PlatformError
from bot.settings import Settings, unknown_variables
from bot.slack.room import SlackRoom
from bot.teams.room import TeamsRoom
from schedules.clock import SystemClock
from storage import opening
from storage.opening import Database, DatabaseTrouble
from storage.outbox import DeliveryState
from storage.seal import CannotUnseal
from storage.workspaces import Workspace

LATE = dt.timedelta(minutes=5)
WORTH_A_LOOK = 3
"""Failed attempts; fewer are a hiccup that has mended itself by the time somebody looks."""
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
    findings = [_settings()]
    workspaces: list[Workspace] = []
    try:
        secret_key = settings.secret_key.get_secret_value()
        async with opening.opened(settings.database_url, secret_key) as database:
            findings += [await _writes(database), *await _work(database)]
            async with database.open_uow(reads=True) as uow:
                workspaces = await uow.workspaces.all()
            findings += await _alliances(database, workspaces)
    except DatabaseTrouble as trouble:
        findings.append(Finding("database", Health.MEND, str(trouble), "Check LIAISON_DATABASE_URL, or upgrade it."))
    except CannotUnseal as trouble:
        findings.append(Finding("secret key", Health.MEND, str(trouble), "Put the former key back, then rotate."))
    findings += await _platforms(settings, workspaces)
    return findings


def _settings() -> Finding:
    strange = unknown_variables()
    return Finding(
        "settings",
        _health(not strange),
        f"nobody reads {', '.join(strange)}" if strange else "read without a problem",
        "Look for a slip of the pen: liaison settings shows the names that count.",
    )


def _health(fine: bool) -> Health:  # noqa: FBT001 - the question it answers stands at the call
    return Health.FINE if fine else Health.MEND


async def _writes(database: Database) -> Finding:
    fine = await database.can_write()
    seen = "can be written" if fine else "cannot be written"
    return Finding("database", _health(fine), seen, "Check disk and rights.")


async def _alliances(database: Database, workspaces: Sequence[Workspace]) -> list[Finding]:
    async with database.open_uow(reads=True) as uow:
        alliances = await uow.rosters.all()
        broken = [(roster.key, link) for roster in alliances if (link := await uow.audit.verify(roster.alliance_id))]
    connected = {(w.platform, w.external_id) for w in workspaces if w.tokens or w.platform is Platform.TEAMS}
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
            "workspaces",
            _health(not missing),
            f"not connected: {', '.join(missing)}" if missing else f"{len(connected)} connected",
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
    async with database.open_uow(reads=True) as uow:
        late = await uow.timers.overdue(now - LATE)
        aside = await uow.timers.set_aside()
        counts = await uow.outbox.counts()
        stuck = await uow.outbox.stuck()
        dead = await uow.outbox.given_up()
    waiting = sum(count for (_, state), count in counts.items() if state is DeliveryState.PENDING)
    return [
        Finding("timers", _health(late == 0), f"{late} are more than 5 minutes late", "Is `liaison run` running?"),
        Finding(
            "failed timers",
            _health(not aside),
            "; ".join(f"{timer.key}: {timer.error}" for timer in aside[:5]) or "none",
            "Mend the cause that the error names, then: liaison retry",
        ),
        Finding(
            "deliveries",
            _health(all(lane.attempts < WORTH_A_LOOK for lane in stuck)),
            "; ".join([f"{waiting} wait to be sent", *(f"{s.count} on {s.lane} failed: {s.error}" for s in stuck)]),
            "They are tried again by themselves. If it lasts: is the platform out of order, or its token wrong?",
        ),
        Finding(
            "given up deliveries",
            _health(not dead),
            "; ".join(f"{row.kind} on {row.lane}: {row.error}" for row in dead[-5:]) or "none",
            "Look at the reason: a person who removed the app has to add it again. Else mend it, then: liaison retry",
        ),
    ]


async def _platforms(settings: Settings, workspaces: Sequence[Workspace]) -> list[Finding]:
    findings = await _slack(settings, workspaces)
    if settings.teams_is_on and not settings.teams_allow_unsigned:
        findings.append(await _teams(settings))
    if not findings and not settings.teams_is_on:
        findings.append(
            Finding(
                "platforms", Health.MEND, "neither Slack nor Teams is set up", "Set LIAISON_SLACK_… or LIAISON_TEAMS_…."
            )
        )
    findings.append(await _clock(settings))
    return findings


async def _slack(settings: Settings, workspaces: Sequence[Workspace]) -> list[Finding]:
    """Ask Slack about every token: that of the settings, and those of workspaces added by hand."""
    first = settings.slack_bot_token.get_secret_value()
    stored = [workspace for workspace in workspaces if workspace.platform is Platform.SLACK]
    room = SlackRoom(settings, SystemClock())
    try:
        findings = [await _slack_token(room, "Slack", first, "Check LIAISON_SLACK_BOT_TOKEN.")] if first else []
        for workspace in stored:
            token = workspace.tokens.get("bot", "")
            mend = f"Give it a new one: liaison workspace add slack {workspace.external_id}"
            if token != first:
                findings.append(await _slack_token(room, f"Slack {workspace.external_id}", token, mend))
    finally:
        await room.stop()
    return findings


async def _slack_token(room: SlackRoom, what: str, token: str, mend: str) -> Finding:
    if not token:
        return Finding(what, Health.MEND, "has no bot token", mend)
    try:
        found = await room.platform.identify(token)
    except PlatformError as error:
        return Finding(what, Health.MEND, str(error), f"{mend} Or is LIAISON_SLACK_API_URL wrong?")
    return Finding(what, Health.FINE, f"the token belongs to {found.name} ({found.team_id})")


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
    table = Table(box=None, pad_edge=False)
    for name in ("", "what", "seen", "what to do"):
        table.add_column(name, overflow="fold")  # an id that is cut short helps nobody
    for finding in findings:
        fine = finding.health is Health.FINE
        mark = Text("fine", "green") if fine else Text("mend", "red")
        table.add_row(mark, Text(finding.what), Text(finding.seen), Text("" if fine else finding.mend))
    console.print(table)
