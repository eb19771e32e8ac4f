"""A network of alliances served by one assembled liaison, in the stage's time: for what many people at once show."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from alliance.ids import WorkspaceId
from alliance.protocol import Urgency
from alliance.roster import Platform, Roster
from bot.alliance_cli import imported
from bot.app import assembled, listening
from bot.charter_file.checking import check
from bot.settings import Settings
from handlers.dispatch import ChatIdentity
from handlers.intents import RaiseEscalation
from sandbox.agenda import Agenda, Timeline
from sandbox.clock import MovableClock
from sandbox.seats import TeamsSeat
from sandbox.slack import SlackStandIn
from sandbox.stage import APP_ID, APP_PASSWORD, SIGNING_SECRET, START, Stage
from sandbox.teams import TeamsStandIn
from storage.workspaces import Workspace
from tests.fakes.network import Network, network
from tests.scenarios.conftest import Scene

HOME = "6d632d01-7475-7474-6761-727400000000"
SIGNERS = (("dc-cleo", "charter.propose"), ("dc-dana", "charter.sign"), ("mc-mara", "charter.sign"))


@dataclass
class NetworkScene(Scene):
    """People by "net1/dc-ana"; every charter is in force. `raised` counts the escalations that were raised here."""

    net: Network = field(kw_only=True)
    raised: int = 0

    def on(self, alliance: str, side: str) -> list[str]:
        """Everybody of that side of that alliance."""
        return [name for name in self.net.people if name.startswith(f"{alliance}/{side}")]

    async def roster_of(self, alliance: str) -> Roster:
        async with self.liaison.database.open_uow(reads=True) as uow:
            return next(one for one in await uow.rosters.all() if one.key == alliance)

    async def raise_escalation(self, name: str, title: str, urgency: Urgency = Urgency.ROUTINE) -> None:
        """Let somebody raise one, without the platform that may be out of order."""
        alliance, _, key = name.partition("/")
        roster = await self.roster_of(alliance)
        member = roster.by_key(key)
        self.raised += 1
        await self.liaison.dispatch.ask(
            RaiseEscalation(
                alliance_id=roster.alliance_id, title=title, facts="It slips.", need="A date.", urgency=urgency
            ),
            who=ChatIdentity(Platform(member.platform), member.workspace, member.address),
            key=f"raised {self.raised}",
            now=self.liaison.clock.now(),
        )


@asynccontextmanager
async def network_scene(database_url: str, *, alliances: int, members: int) -> AsyncIterator[NetworkScene]:
    """Set it up: every workspace connected, everybody reachable, every charter signed and everybody told."""
    clock = MovableClock(START)
    slack = SlackStandIn(clock=clock, signing_secret=SIGNING_SECRET)
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=APP_PASSWORD, home_tenant_id=HOME)
    net = network(slack, teams, alliances=alliances, members=members)
    slack_url = (await slack.start()).rstrip("/").removesuffix("/api")
    teams_url = (await teams.start()).rstrip("/")
    stage = Stage(clock, slack, teams, net.people, slack_url, teams_url, "T0NET1", net.tenants[0], {})
    given = {**stage.settings(), "slack_bot_token": net.tokens["T0NET1"], "teams_tenant_id": HOME}
    settings = Settings.model_validate(
        {"database_url": database_url, "secret_key": "a secret key for tests", "port": 0, **given}
    )
    try:
        async with assembled(settings, clock) as liaison, listening(liaison) as address:
            stage.connect(address)

            async def next_due() -> dt.datetime | None:
                async with liaison.database.open_uow(reads=True) as uow:
                    return await uow.timers.next_due()

            timeline = Timeline(clock, Agenda(), tick=liaison.tick, next_due=next_due, idle=liaison.idle)
            scene = NetworkScene(stage, liaison, timeline, address, net=net)
            await _set_up(scene)
            yield scene
    finally:
        await slack.stop()
        await teams.stop()


async def _set_up(scene: NetworkScene) -> None:
    database = scene.liaison.database
    async with database.open_uow() as uow:
        teams = ((Platform.SLACK, team, {"bot": token}) for team, token in scene.net.tokens.items())
        tenants = ((Platform.TEAMS, tenant, dict[str, str]()) for tenant in scene.net.tenants)
        for platform, name, tokens in (*teams, *tenants):
            if await uow.workspaces.find(platform, name) is None:  # the settings may have named it
                await uow.workspaces.save(Workspace(WorkspaceId(uow.new_id()), platform, name, name, tokens))
        await uow.commit()
    for content in scene.net.files:
        checked = check(content)
        assert checked.document is not None, checked.problems
        await imported(database.open_uow, checked.document, now=scene.stage.clock.now())
    for person in scene.net.people.values():
        if isinstance(person.seat, TeamsSeat):
            await scene.timeline.doing(scene.stage.teams.install(person.seat._tenant, person.seat.person))
    await scene.liaison.tick()
    await scene.timeline.settle()
    for key, action in SIGNERS:
        for alliance in scene.net.alliances:
            await scene.press(f"{alliance}/{key}", action)
    await scene.liaison.tick()
    await scene.timeline.settle()
