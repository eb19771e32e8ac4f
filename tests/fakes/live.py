"""The sample alliance played in the computer's own time, with the liaison as a process that can be killed."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from sqlalchemy import update
from sqlmodel import col

from bot.alliance_cli import imported
from bot.charter_file.checking import check
from sandbox.people import Teammate
from sandbox.seats import Refusal, Seen, SeenButton, TeamsSeat
from sandbox.slack import SlackStandIn
from sandbox.stage import ALLIANCE_FILE, APP_ID, APP_PASSWORD, BOT_TOKEN, SIGNING_SECRET, seated
from sandbox.teams import TeamsStandIn
from schedules.clock import SystemClock
from storage import opening
from storage.opening import Database
from storage.outbox import DeliveryState
from storage.tables import DeliveryRow, TimerRow

ROOT = Path(__file__).parents[2]
SECRET_KEY = "a secret key for tests"
PATIENCE = 40.0
"""Seconds, generous for a machine with other things to do."""


@dataclass
class Live:
    """Both stand-ins, the people, and the liaison's process when it runs."""

    slack: SlackStandIn
    teams: TeamsStandIn
    tenant: str
    people: dict[str, Teammate]
    folder: Path
    environment: dict[str, str]
    port: int
    process: asyncio.subprocess.Process | None = None
    accepted: list[tuple[str, str]] = field(default_factory=list)
    disk: Path | None = None
    through: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """The file; on a disk of its own where there is one."""
        return (self.disk or self.folder) / "liaison.db"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.database}"

    # --- the process -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start `python -m bot run` and return once it is ready."""
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(*self.through, sys.executable, "-m", "bot", "run"),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                assert self.process.returncode is None, (self.folder / "log").read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Let the process die where it stands."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> tuple[int, float]:
        """Ask the process to stop; return its exit code and how many seconds that took."""
        assert self.process is not None
        began = asyncio.get_running_loop().time()
        self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
        return code, asyncio.get_running_loop().time() - began

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def health(self) -> tuple[int, dict[str, Any]]:
        """What the running process says of itself, with the status."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}/health/ready") as answer,
        ):
            return answer.status, await answer.json()

    async def until_ready_is(self, status: int) -> dict[str, Any]:
        """Return what the process says of itself once it says so with that status."""
        async with asyncio.timeout(PATIENCE):
            while (said := await self.health())[0] != status:  # noqa: ASYNC110 - another process has no Event of ours
                await asyncio.sleep(0.05)
        return said[1]

    def logged(self) -> list[str]:
        return (self.folder / "log").read_text(encoding="utf-8").splitlines()

    # --- what people do ----------------------------------------------------------------------------

    async def install_on_teams(self) -> None:
        """Everybody at MC adds the liaison."""
        for person in self.people.values():
            if isinstance(person.seat, TeamsSeat):
                await self.teams.install(self.tenant, person.seat.person)

    async def press(self, key: str, action: str, inputs: dict[str, str] | None = None) -> bool:
        """Press a button as soon as it is in sight; whether the liaison took it is kept in `accepted`."""
        seen, button = await self.in_sight(key, action)
        try:
            opened = await self.people[key].seat.press(seen, button, inputs or {})
            if opened is not None:
                await self.people[key].seat.submit(opened, inputs or {})
        except Refusal:
            return False
        self.accepted.append((key, action))
        return True

    async def in_sight(self, key: str, action: str) -> tuple[Seen, SeenButton]:
        async with asyncio.timeout(PATIENCE):
            while True:
                for seen in reversed(self.people[key].seat.inbox()):
                    if button := seen.button(action):
                        return seen, button
                await asyncio.sleep(0.05)

    # --- what is stored ----------------------------------------------------------------------------

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """Look into the database, or set it up, while the process is not running."""
        async with opening.opened(self.database_url, SECRET_KEY) as database:
            yield database

    async def set_up(self) -> None:
        checked = check(ALLIANCE_FILE.read_bytes())
        assert checked.document is not None
        async with self.opened() as database:
            await imported(database.open_uow, checked.document, now=SystemClock().now())

    async def bring_forward(self, intent: str) -> int:
        """Let every timer of that intent fall due now; returns how many."""
        async with self.opened() as database, database.engine.begin() as connection:
            now = SystemClock().now()
            done = await connection.execute(update(TimerRow).where(col(TimerRow.intent) == intent).values(due_at=now))
        return done.rowcount

    async def let_everything_be_due(self) -> None:
        """Let what waits to be sent wait no longer, while the process is not running."""
        async with self.opened() as database, database.engine.begin() as connection:
            await connection.execute(update(DeliveryRow).values(not_before=SystemClock().now()))

    async def refused_as_too_fast(self) -> None:
        """Return once Slack has answered 429."""
        async with asyncio.timeout(PATIENCE):
            while all(made.status != 429 for made in self.slack.requests):  # noqa: ASYNC110 - nobody sets an Event
                await asyncio.sleep(0.05)

    async def quiet(self) -> None:
        """Return once the running process has nothing left to send."""
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await self._sent_everything(session):  # noqa: ASYNC110 - another process has no Event of ours
                await asyncio.sleep(0.1)

    async def _sent_everything(self, session: aiohttp.ClientSession) -> bool:
        async with session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        open_states = (f'state="{DeliveryState.PENDING}"', f'state="{DeliveryState.SENDING}"')
        waiting = [
            line for line in lines if line.startswith("liaison_deliveries{") and any(s in line for s in open_states)
        ]
        return not any(float(line.rsplit(" ", 1)[1]) for line in waiting)

    def markers_on_slack(self) -> list[str]:
        """Which delivery each message in Slack was, message by message."""
        found: list[str] = []
        for workspace in self.slack.world.workspaces.values():
            for channel in workspace.channels.values():
                for message in channel.messages.values():
                    metadata: dict[str, Any] = message.metadata or {}
                    if marker := metadata.get("event_payload", {}).get("marker"):
                        found.append(str(marker))
        return found


@asynccontextmanager
async def live(folder: Path, *, disk: Path | None = None, through: tuple[str, ...] = ()) -> AsyncIterator[Live]:
    """Set the stage in real time, with nothing installed and the process not started; it is killed at the end.

    The database lies on `disk`, or in the folder; the process is started by the command `through`, or at once.
    """
    clock = SystemClock()
    slack = SlackStandIn(clock=clock, signing_secret=SIGNING_SECRET)
    described, tenant = _described()
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=APP_PASSWORD, home_tenant_id=tenant)
    people = dict(seated(described, slack, teams, seed=1))
    slack_url, teams_url = await slack.start(), (await teams.start()).rstrip("/")
    port = free_port()
    bot = f"http://127.0.0.1:{port}"
    slack.attach(f"{bot}/slack/events")
    teams.connect_bot(f"{bot}/api/messages")
    set_up = Live(slack, teams, tenant, people, folder, {}, port, disk=disk, through=through)
    set_up.environment = environment(set_up.database_url, port, slack_url, teams_url, tenant)
    try:
        yield set_up
    finally:
        if set_up.process is not None and set_up.process.returncode is None:
            await set_up.kill()
        await slack.stop()
        await teams.stop()


def _described() -> tuple[dict[str, Any], str]:
    described: dict[str, Any] = yaml.safe_load(ALLIANCE_FILE.read_text(encoding="utf-8"))
    return described, str(described["companies"]["mc"]["workspace"]["id"])


def environment(database_url: str, port: int, slack_url: str, teams_url: str, tenant: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("LIAISON_")}
    settings = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "PORT": str(port),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"{slack_url.rstrip('/').removesuffix('/api')}/api/",
        "TEAMS_APP_ID": APP_ID,
        "TEAMS_APP_PASSWORD": APP_PASSWORD,
        "TEAMS_TENANT_ID": tenant,
        "TEAMS_LOGIN_URL": teams_url,
        "TEAMS_OPENID_URL": f"{teams_url}/v1/.well-known/openidconfiguration",
    }
    return {**given, "PYTHONPATH": str(ROOT), **{f"LIAISON_{name}": value for name, value in settings.items()}}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
