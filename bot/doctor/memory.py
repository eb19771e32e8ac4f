"""The doctor looks at what the liaison remembers: the database, what is sealed in it, and work that is stuck."""

import datetime as dt
from collections.abc import Sequence

from alliance.roster import Platform
from bot.doctor.finding import Finding, Health, health
from bot.settings import PREFIX, Settings
from schedules.clock import SystemClock
from storage import opening
from storage.backup import CannotBackUp, file_of
from storage.opening import Database, DatabaseTrouble
from storage.outbox import DeliveryState
from storage.workspaces import Workspace

LATE = dt.timedelta(minutes=5)
WORTH_A_LOOK = 3
"""Failed attempts; fewer are a hiccup that has mended itself by the time somebody looks."""


async def memory(settings: Settings) -> tuple[list[Finding], list[Workspace]]:
    """What was found, and the workspaces that are stored: none when the database cannot be used."""
    secret_key = settings.secret_key.get_secret_value()
    findings: list[Finding] = []
    workspaces: list[Workspace] = []
    try:
        migrate = False if _is_there(settings.database_url) else None
        async with opening.opened(settings.database_url, secret_key, migrate=migrate) as database:
            findings.append(await _writes(database))
            async with database.open_uow(reads=True) as uow:
                workspaces = await uow.workspaces.all(even_locked=True)
            findings.append(await _opens(database, workspaces))
            findings += await _work(database)
            findings += await _alliances(database, workspaces)
    except DatabaseTrouble as trouble:
        mend = f"Check {PREFIX}DATABASE_URL. An older schema: liaison db upgrade. A damaged file: restore a copy."
        findings.append(Finding("database", Health.MEND, str(trouble), mend))
    return findings, workspaces


def _is_there(database_url: str) -> bool:
    """Whether it is a file that exists: that is looked at as it is, and brought up to date by others."""
    try:
        return bool(file_of(database_url).stat().st_size)
    except (CannotBackUp, DatabaseTrouble):
        return False


async def _writes(database: Database) -> Finding:
    because = await database.unwritable()
    seen = "at this version's schema, and can be written" if because is None else because
    return Finding(
        "database",
        health(because is None),
        seen,
        "Mend that: nothing that was accepted is lost, and a running liaison goes on by itself.",
    )


async def _opens(database: Database, workspaces: Sequence[Workspace]) -> Finding:
    """Whether the secret key opens every token and the secret of every open pulse."""
    async with database.open_uow(reads=True) as uow:
        pulses = [database.seal.opens(sealed) for sealed in await uow.pulses.sealed()]
    locked = [workspace for workspace in workspaces if workspace.locked]
    shut = [f"the tokens of {workspace.platform} {workspace.external_id}" for workspace in locked]
    if not all(pulses):
        shut.append(f"the secrets of {pulses.count(False)} open pulses")
    anew = "; ".join(
        f"liaison workspace add {workspace.platform} "
        f"{'-' if workspace.platform is Platform.SLACK else workspace.external_id}"
        for workspace in locked
    )
    lost = f" Is it lost? Then connect anew what it had sealed: {anew}." if anew else ""
    count = len(workspaces) + len(pulses)
    fine = f"opens all of {count} sealed things" if count else "in use; nothing is sealed with it yet"
    taken = "" if all(pulses) else " An open pulse takes no answers without it, and closes as ever."
    return Finding(
        "secret key",
        health(not shut),
        f"does not open {', '.join(shut)}" if shut else fine,
        f"Put the former key behind the new one, {PREFIX}SECRET_KEY=new,old, then: liaison keys rotate.{lost}{taken}",
    )


async def _alliances(database: Database, workspaces: Sequence[Workspace]) -> list[Finding]:
    async with database.open_uow(reads=True) as uow:
        alliances = await uow.rosters.all()
        broken = [(roster.key, link) for roster in alliances if (link := await uow.audit.verify(roster.alliance_id))]
    connected = {
        (w.platform, w.external_id) for w in workspaces if w.tokens or w.locked or w.platform is Platform.TEAMS
    }
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
            health(not missing),
            f"not connected: {', '.join(missing)}" if missing else f"{len(connected)} connected",
            "Connect them: liaison workspace add",
        ),
        Finding(
            "audit trail",
            health(not broken),
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
        Finding("timers", health(late == 0), f"{late} are more than 5 minutes late", "Is `liaison run` running?"),
        Finding(
            "failed timers",
            health(not aside),
            "; ".join(f"{timer.key}: {timer.error}" for timer in aside[:5]) or "none",
            "Mend the cause that the error names, then: liaison retry",
        ),
        Finding(
            "deliveries",
            health(all(lane.attempts < WORTH_A_LOOK for lane in stuck)),
            "; ".join([f"{waiting} wait to be sent", *(f"{s.count} on {s.lane} failed: {s.error}" for s in stuck)]),
            "They are tried again by themselves. If it lasts: is the platform out of order, or its token wrong?",
        ),
        Finding(
            "given up deliveries",
            health(not dead),
            "; ".join(f"{row.kind} on {row.lane}: {row.error}" for row in dead[-5:]) or "none",
            "Look at the reason: a person who removed the app has to add it again. Else mend it, then: liaison retry",
        ),
    ]
