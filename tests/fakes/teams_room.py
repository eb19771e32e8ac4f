"""Our Teams room against the stand-in: real HTTP both ways, real tokens, a desk that answers as told."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web

from alliance.ids import WorkspaceId
from alliance.roster import Member, Platform
from bot.desk import Answer
from bot.messages.blocks import Actions, Button, Does, Form, Message, TextBox, paragraph
from bot.messages.replies import said
from bot.settings import Settings
from bot.teams.room import TeamsRoom
from handlers.dispatch import ChatIdentity
from sandbox.clock import MovableClock
from sandbox.teams import NO_LIMITS, Limits, TeamsStandIn
from storage.unit_of_work import Interrupted, OpenUnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import MC, make_member
from tests.fakes.teams_bot import APP_ID, CHANNEL, HOME, MIA, MONDAY, PASSWORD, TEAM, TENANT, TOM
from tests.fakes.teams_keys import keys_made_before

DONE = said("Done.")
BUTTONS = Message(
    summary="A concern waits for you",
    blocks=(
        paragraph("A concern waits for you."),
        Actions(
            (
                Button("Acknowledge", "v1.case.take.al1.7"),
                Button("Send", "v1.pulse.send.al1.3", Does.SUBMIT),
                Button("Explain", "v1.case.form.al1.7", Does.OPEN_FORM),
            )
        ),
    ),
)
WITH_INPUT = replace(BUTTONS, blocks=(TextBox("comment", "Comment"), *BUTTONS.blocks))
FORM = Form(
    "Explain the concern",
    (TextBox("what", "What is it", required=True), TextBox("since", "Since when")),
    "v1.case.explain.al1.7",
)


@dataclass
class FakeDesk:
    """Answers by token or text, and has each key's effect once, as dispatch does."""

    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[tuple[ChatIdentity, str, Mapping[str, str]]] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    away: bool = False

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer:
        return self._take(who, token, inputs, key)

    async def said(self, who: ChatIdentity, text: str, *, key: str) -> Answer:
        return self._take(who, text, {}, key)

    def _take(self, who: ChatIdentity, asked: str, inputs: Mapping[str, str], key: str) -> Answer:
        if self.away:
            raise Interrupted("the database is away")
        self.heard.append((who, asked, inputs))
        if key in self.keys:
            return Answer(message=said("That was already done."))
        self.keys.add(key)
        self.effects[asked] += 1
        return self.answers.get(asked, Answer(message=DONE))


@dataclass
class FakePresence:
    told: list[tuple[str, str]] = field(default_factory=list)

    async def arrived(self, who: ChatIdentity) -> None:
        self.told.append(("arrived", who.address))

    async def left(self, who: ChatIdentity) -> None:
        self.told.append(("left", who.address))


@dataclass
class RoomStage:
    """The stand-in and our room; `counted` is what the room counted, `workspace` the tenant's row."""

    teams: TeamsStandIn
    room: TeamsRoom
    clock: MovableClock
    desk: FakeDesk
    presence: FakePresence
    counted: Counter[str]
    open_uow: OpenUnitOfWork
    workspace: Workspace

    async def post(self, message: Message = BUTTONS, person: str = MIA, marker: str = "delivery-1") -> str:
        """Let the liaison post a message into somebody's chat; returns its id."""
        chat = await self.room.platform.open_conversation(self.workspace, person)
        reference = await self.room.platform.post(self.workspace, chat, message, under=None, marker=marker)
        return reference.message

    async def post_in_channel(self, message: Message = BUTTONS) -> str:
        chat = await self.room.platform.open_conversation(self.workspace, CHANNEL)
        reference = await self.room.platform.post(self.workspace, chat, message, under=None, marker="delivery-1")
        return reference.message

    def summaries(self, person: str = MIA) -> list[str]:
        """What the liaison wrote into the person's chat, by notification lines."""
        return [message.summary for message in self.teams.inbox(TENANT, person)]


def settings_for(base: str, **more: Any) -> Settings:
    """The settings that point the bot at the stand-in, and nothing else does."""
    values: dict[str, Any] = {
        "secret_key": "a secret key for tests",
        "teams_app_id": APP_ID,
        "teams_app_password": PASSWORD,
        "teams_tenant_id": HOME,
        "teams_login_url": base,
        "teams_openid_url": f"{base}/v1/.well-known/openidconfiguration",
    }
    return Settings(_env_file=None, **{**values, **more})


@asynccontextmanager
async def room_stage(open_uow: OpenUnitOfWork, limits: Limits = NO_LIMITS, **settings: Any) -> AsyncIterator[RoomStage]:
    """MIA and the channel have the liaison, and MIA is a member; TOM is neither."""
    clock = MovableClock(MONDAY)
    teams = TeamsStandIn(
        clock=clock,
        app_id=APP_ID,
        app_password=PASSWORD,
        home_tenant_id=HOME,
        limits=limits,
        keys=keys_made_before(),
    )
    teams.add_tenant(TENANT, "Manufacturing")
    teams.add_person(TENANT, MIA, "Mia Maier", email="mia@mc.example")
    teams.add_person(TENANT, TOM, "Tom Thaler", email="tom@mc.example", installed=False)
    teams.add_channel(TENANT, TEAM, CHANNEL, "Alliance")
    async with teams, aiohttp.ClientSession() as session:
        room = TeamsRoom(settings_for(teams.base_url, **settings), session, clock)
        workspace = await _stored_workspace(open_uow, teams.service_url)
        stage = RoomStage(teams, room, clock, FakeDesk(), FakePresence(), Counter(), open_uow, workspace)
        runner = await _serve(stage)
        try:
            yield stage
        finally:
            await room.stop()
            await runner.cleanup()


async def _stored_workspace(open_uow: OpenUnitOfWork, service_url: str) -> Workspace:
    workspace = Workspace(WorkspaceId("w1"), Platform.TEAMS, TENANT, "MC", service_url=service_url)
    async with open_uow() as uow:
        await uow.workspaces.save(replace(workspace, service_url=None))
        await uow.commit()
    return workspace


async def _memberships(who: ChatIdentity) -> list[Member]:
    return [make_member("mc-mia", MC)] if who.address == MIA else []


async def _serve(stage: RoomStage) -> web.AppRunner:
    def count(platform: str, result: str) -> None:
        assert platform == "teams"
        stage.counted[result] += 1

    entrance = stage.room.entrance(
        stage.desk, stage.open_uow, memberships=_memberships, presence=stage.presence, count=count
    )
    app = web.Application()
    app.router.add_post("/api/messages", entrance.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stage.teams.connect_bot(f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages")
    return runner
