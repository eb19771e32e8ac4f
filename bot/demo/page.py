"""`liaison demo` with its page: the sample alliance at 127.0.0.1, everybody to be played, until it is stopped."""

import datetime as dt
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from rich.console import Console

from alliance.audit import AuditEntry
from alliance.escalation import Event
from alliance.ids import MemberId
from alliance.roster import Roster
from bot.app import Installation
from bot.demo.scene import Scene, due_at, on_stage
from bot.http import CannotListen
from sandbox.web import AuditLine, CannotServe, Company, Due, Session, reserved, serving
from sandbox.web.clockwork import PACE
from storage.timers import Timer

WORDS: Mapping[str, str] = {
    "LapseCharter": "the proposed charter lapses unless both have signed",
    "OpenCheckin": "a check-in opens at {company}",
    "RemindCheckin": "a reminder of the check-in at {company}",
    "CloseCheckin": "the check-in closes",
    "OpenPulse": "a pulse opens at {company}",
    "RemindPulse": "a reminder of the pulse at {company}",
    "ClosePulse": "the pulse closes",
    "EscalationFallsDue": "an escalation: {event}",
    "OpenCheckpoint": "a checkpoint opens",
    "RemindCheckpoint": "a reminder of the checkpoint at {company}",
    "CloseCheckpoint": "the checkpoint closes",
    "RemindActionItem": "a reminder of an action item",
    "SendDigest": "the weekly digest goes to the executives of {company}",
}
"""What each intent of time means to somebody who watches."""
OTHERWISE = "the liaison looks after something"
PROPOSED = "charter proposed"
FIRST_HOUR = dt.timedelta(hours=1)


class Behind:
    """The liaison's database, read for the page."""

    def __init__(self, liaison: Installation, roster: Roster) -> None:
        self._liaison = liaison
        self._alliance = roster.alliance_id
        self._keys: dict[MemberId | None, str] = {member.id: member.key for member in roster.members}
        self._companies = {str(side.key): side.company for side in roster.sides}
        self.companies = tuple(
            Company(str(side.key), side.company, side.platform.value, side.calendar) for side in roster.sides
        )

    async def due(self) -> Due | None:
        at = await due_at(self._liaison)
        if at is None:
            return None
        async with self._liaison.database.open_uow(reads=True) as uow:
            timers = [timer for timer in await uow.timers.of(self._alliance) if timer.set_aside_at is None]
        return Due(at, self._words(timers[0]) if timers and timers[0].due_at == at else OTHERWISE)

    def _words(self, timer: Timer) -> str:
        event = str(timer.body.get("event", ""))
        said = WORDS.get(timer.intent, OTHERWISE)
        company = self._companies.get(str(timer.body.get("side")), "")
        return said.format(company=company, event=Event[event].value if event in Event.__members__ else event)

    async def audit(self, after: int) -> list[AuditLine]:
        entries: list[AuditEntry] = []
        async with self._liaison.database.open_uow(reads=True) as uow:
            while page := await uow.audit.entries(self._alliance, after=entries[-1].seq if entries else after):
                entries += page
            details = await uow.audit.details(self._alliance) if entries else {}
        return [_line(entry, self._keys, details.get(entry.seq, {})) for entry in entries]

    async def audit_holds(self) -> bool:
        async with self._liaison.database.open_uow(reads=True) as uow:
            return await uow.audit.verify(self._alliance) is None


def _line(entry: AuditEntry, keys: Mapping[MemberId | None, str], details: Mapping[str, str]) -> AuditLine:
    return AuditLine(
        number=entry.seq,
        at=entry.at,
        actor=keys.get(entry.actor),
        event=entry.event,
        subject=entry.subject,
        facts=entry.facts,
        details=details,
    )


async def opened(scene: Scene, *, pace: float = PACE) -> Session:
    """Begin a visit: the alliance is imported, and teammates have proposed its charter; `pace` as the session's."""
    await scene.begin()
    async with scene.liaison.database.open_uow(reads=True) as uow:
        (roster,) = await uow.rosters.all()
    behind = Behind(scene.liaison, roster)
    session = Session(scene.stage, scene.timeline, scene.agenda, behind, pace=pace)
    await scene.timeline.settle()
    latest = scene.stage.clock.now() + FIRST_HOUR
    while (instant := await scene.timeline.next_at()) is not None and instant < latest:
        await scene.timeline.run_until(instant)
        if any(line.event == PROPOSED for line in await behind.audit(0)):
            break
    return session


async def show(
    file: Path, *, seed: int, port: int, browser: bool, console: Console, until: Callable[[str], Awaitable[object]]
) -> None:
    """Serve the page until `until(address)` returns; raises bot.http.CannotListen."""
    try:
        with reserved(port) as listener:
            async with on_stage(file, seed) as scene, serving(await opened(scene), listener) as address:
                console.print(f"The sandbox is at [bold]{address}[/bold] . Stop it with Ctrl-C.", highlight=False)
                if browser:
                    _open_browser(address)
                await until(address)
    except CannotServe as trouble:
        raise CannotListen(str(trouble)) from trouble


def _open_browser(address: str) -> None:
    """Open the page where somebody sits before a screen and a terminal; elsewhere the printed address is enough."""
    has_screen = sys.platform in ("darwin", "win32") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if sys.stdout.isatty() and has_screen:
        webbrowser.open(address)
