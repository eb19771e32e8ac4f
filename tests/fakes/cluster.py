"""A network of alliances served by several replicas on one PostgreSQL, in the computer's own time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.alliance_cli import imported
from bot.charter_file.checking import check
from sandbox.people import Teammate
from sandbox.seats import Refusal, Seen, SeenButton, TeamsSeat
from sandbox.slack import SlackStandIn
from sandbox.stage import APP_ID, APP_PASSWORD, SIGNING_SECRET
from sandbox.teams import TeamsStandIn
from schedules.clock import SystemClock
from storage import opening
from storage.opening import Database
from storage.tables import TimerRow
from storage.workspaces import Workspace
from tests.fakes.live import SECRET_KEY, environment
from tests.fakes.network import Network, network
from tests.fakes.postgresql import Server, stoppable_postgresql
from tests.fakes.replicas import Replica, Spawn, replicas, spawned

DONE_WITHIN = 120.0
"""Seconds after the last thing that was done to the replicas."""
SIGNERS = (("dc-cleo", "charter.propose"), ("dc-dana", "charter.sign"), ("mc-mara", "charter.sign"))
THREE: Mapping[str, tuple[str, ...]] = {f"replica-{number}": () for number in range(3)}


@dataclass
class Cluster:
    """The network, the replicas and the database they share; `accepted` are the presses that got a 200."""

    net: Network
    slack: SlackStandIn
    teams: TeamsStandIn
    server: Server
    replicas: list[Replica]
    accepted: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        async with opening.opened(self.server.address, SECRET_KEY, migrate=True) as database:
            yield database

    async def set_up(self) -> None:
        """Import every alliance and connect every workspace that is not, as an operator does."""
        slacks = [(Platform.SLACK, team, {"bot": token}) for team, token in self.net.tokens.items()]
        tenants: list[tuple[Platform, str, dict[str, str]]] = [(Platform.TEAMS, one, {}) for one in self.net.tenants]
        async with self.opened() as database:
            async with database.open_uow() as uow:
                for platform, name, tokens in [*slacks, *tenants]:
                    if await uow.workspaces.find(platform, name) is None:
                        await uow.workspaces.save(Workspace(WorkspaceId(uow.new_id()), platform, name, name, tokens))
                await uow.commit()
            for content in self.net.files:
                checked = check(content)
                assert checked.document is not None, checked.problems
                await imported(database.open_uow, checked.document, now=SystemClock().now())

    async def install_on_teams(self) -> None:
        for tenant in self.net.tenants:
            people = [one for one in self.net.people.values() if isinstance(one.seat, TeamsSeat)]
            for person in people:
                seat = person.seat
                assert isinstance(seat, TeamsSeat)
                if seat._tenant == tenant:
                    await self.teams.install(tenant, seat.person)

    async def press(self, name: str, action: str, inputs: dict[str, str] | None = None) -> None:
        """Press a button as soon as it is in sight, again when no 200 came, until it is gone or was taken."""
        person = self.net.people[name]
        while True:
            seen, button = await in_sight(person, action)
            try:
                opened = await person.seat.press(seen, button, inputs or {})
                if opened is not None:
                    await person.seat.submit(opened, inputs or {})
            except Refusal:
                await asyncio.sleep(0.2)
                continue
            self.accepted.append((name, action))
            return

    async def bring_forward(self, intent: str) -> None:
        async with self.opened() as database, database.engine.begin() as connection:
            now = SystemClock().now()
            await connection.execute(update(TimerRow).where(col(TimerRow.intent) == intent).values(due_at=now))

    async def quiet(self) -> None:
        """Return once nothing is left to send."""
        async with self.opened() as database:
            while True:
                async with database.open_uow(reads=True) as uow:
                    lanes = await uow.lanes.all(SystemClock().now())
                if not any(lane.due + lane.later + lane.sending for lane in lanes):
                    return
                await asyncio.sleep(0.2)

    async def no_pulse_is_open(self) -> None:
        """Return once every alliance's rounds are closed."""
        async with self.opened() as database:
            while True:
                async with database.open_uow(reads=True) as uow:
                    rosters = await uow.rosters.all()
                    running = [await uow.pulses.open_rounds(roster.alliance_id) for roster in rosters]
                if not any(running):
                    return
                await asyncio.sleep(0.2)

    async def in_time(self, work: Awaitable[object]) -> None:
        """Wait for it, but not for ever; then say what stands still."""
        try:
            await asyncio.wait_for(work, DONE_WITHIN)
        except TimeoutError:
            async with self.opened() as database, database.open_uow(reads=True) as uow:
                lanes = await uow.lanes.all(SystemClock().now())
                stuck = await uow.outbox.stuck()
            raise AssertionError(f"not done in time: {lanes}, {stuck}") from None

    async def begin(self) -> None:
        """Set up, start every replica, and let every alliance sign its charter."""
        await self.set_up()
        await asyncio.gather(*(replica.start() for replica in self.replicas))
        await self.install_on_teams()
        for key, action in SIGNERS:
            await asyncio.gather(*(self.press(f"{one}/{key}", action) for one in self.net.alliances))
        await self.in_time(self.quiet())

    async def answer_pulse(self, name: str) -> None:
        """Answer the pulse as this person would, again while no 200 came and the question still stands there."""
        person = self.net.people[name]
        await in_sight(person, "pulse.answer")
        while offers := [(seen, button) for seen in person.seat.inbox() if (button := seen.button("pulse.answer"))]:
            seen, button = offers[-1]
            ratings = {asked.name: asked.options[-1] for asked in seen.inputs if asked.options}
            try:
                await person.seat.press(seen, button, ratings)
            except Refusal:
                await asyncio.sleep(0.2)
            else:
                self.accepted.append((name, "pulse.answer"))
                return


async def in_sight(person: Teammate, action: str) -> tuple[Seen, SeenButton]:
    while True:
        for seen in reversed(person.seat.inbox()):
            if button := seen.button(action):
                return seen, button
        await asyncio.sleep(0.1)


@contextmanager
def a_file(folder: Path) -> Iterator[Server]:
    """SQLite instead of a server; there is nothing to stop."""
    yield Server(f"sqlite:///{folder}/liaison.db", lambda: None, lambda: None)


@asynccontextmanager
async def cluster(
    folder: Path,
    *,
    alliances: int,
    members: int,
    names: Mapping[str, tuple[str, ...]] = THREE,
    sqlite: bool = False,
    spawn: Spawn = spawned,
) -> AsyncIterator[Cluster]:
    """The stand-ins, an empty database, and replicas that are not started yet, by their names and arguments."""
    clock = SystemClock()
    slack = SlackStandIn(clock=clock, signing_secret=SIGNING_SECRET)
    home = "6d632d01-7475-7474-6761-727400000000"
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=APP_PASSWORD, home_tenant_id=home)
    net = network(slack, teams, alliances=alliances, members=members)
    slack_url, teams_url = await slack.start(), (await teams.start()).rstrip("/")
    with a_file(folder) if sqlite else stoppable_postgresql() as server:
        given = environment(server.address, 0, slack_url, teams_url, home)
        given["LIAISON_SLACK_BOT_TOKEN"] = net.tokens["T0NET1"]
        async with replicas(folder, given, names, spawn) as (processes, front):
            slack.attach(f"{front.address}/slack/events")
            teams.connect_bot(f"{front.address}/api/messages")
            try:
                yield Cluster(net, slack, teams, server, processes)
            finally:
                await slack.stop()
                await teams.stop()
