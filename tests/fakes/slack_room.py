"""Our Slack room against the stand-in: real HTTP both ways, real signatures, a desk that answers as told."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.desk import Answer
from bot.messages.blocks import Actions, Button, Choice, DateBox, Does, Form, Message, Option, TextBox, paragraph
from bot.messages.replies import said
from bot.settings import Settings
from bot.slack.room import SlackRoom
from handlers.dispatch import ChatIdentity
from sandbox.clock import MovableClock
from sandbox.slack import NO_LIMITS, Limits, SlackStandIn
from sandbox.slack import Message as Shown
from storage.outbox import Reference
from storage.unit_of_work import Interrupted, OpenUnitOfWork
from storage.workspaces import Workspace
from tests.fakes.slack_bot import ANN, APP_TOKEN, BOT, SECRET, START, TEAM, TOKEN, make_slack

TAKE, SEND, EXPLAIN, FILL_IN = (
    "v1.case.take.al1.7",
    "v1.pulse.send.al1.3",
    "v1.case.explain.al1.7",
    "v1.case.form.al1.7",
)
DONE = said("Done.")
BUTTONS = Message(
    summary="A concern waits for you",
    blocks=(
        paragraph("A concern waits for you."),
        Actions(
            (
                Button("Acknowledge", TAKE),
                Button("Send", SEND, Does.SUBMIT),
                Button("Explain", EXPLAIN, Does.OPEN_FORM),
            )
        ),
    ),
)
QUESTIONS = (
    TextBox("comment", "Comment"),
    Choice("color", "Traffic light", (Option("green", "Green"), Option("red", "Red"))),
    DateBox("due", "Due"),
)
WITH_INPUTS = Message(BUTTONS.summary, (*QUESTIONS, *BUTTONS.blocks))
FORM = Form("Explain the concern", QUESTIONS, FILL_IN)
FORM_TYPE = "application/x-www-form-urlencoded"
CHANNEL, GUEST = "C1SHARED", "U5GUEST"
"""A channel shared with another company, and one of theirs in it."""
IN_PLACE = Answer(message=said("Acknowledged by Ann."), replaces=True)
ASK = Answer(form=FORM)
WHO = ChatIdentity(Platform.SLACK, TEAM, ANN)


@dataclass
class FakeDesk:
    """Answers by token or text, and has each key's effect once, as dispatch does."""

    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[tuple[ChatIdentity, str, Mapping[str, str]]] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    breaks: int = 0
    away: bool = False
    drafts: list[tuple[ChatIdentity, str, dict[str, str]]] = field(default_factory=list)

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer:
        return self._take(who, token, inputs, key)

    async def said(self, who: ChatIdentity, text: str, *, key: str) -> Answer:
        return self._take(who, text, {}, key)

    async def typed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str]) -> None:
        self.drafts.append((who, token, dict(inputs)))

    def _take(self, who: ChatIdentity, asked: str, inputs: Mapping[str, str], key: str) -> Answer:
        if self.away:
            raise Interrupted("the database is away")
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("the desk is on fire")
        self.heard.append((who, asked, inputs))
        if key in self.keys:
            return Answer(message=said("That was already done."))
        self.keys.add(key)
        self.effects[asked] += 1
        return self.answers.get(asked, Answer(message=DONE))


@dataclass
class FakePresence:
    told: list[tuple[str, ChatIdentity]] = field(default_factory=list)

    async def arrived(self, who: ChatIdentity) -> None:
        self.told.append(("arrived", who))

    async def lost(self, who: ChatIdentity, because: str) -> None:
        assert because
        self.told.append(("lost", who))


@dataclass
class RoomStage:
    """The stand-in and our room; `counted` is what the room counted, `workspace` the stored row."""

    slack: SlackStandIn
    room: SlackRoom
    clock: MovableClock
    desk: FakeDesk
    presence: FakePresence
    counted: Counter[str]
    open_uow: OpenUnitOfWork
    workspace: Workspace
    url: str = ""

    async def post(self, message: Message = BUTTONS, address: str = ANN, marker: str = "delivery-1") -> Shown:
        """Let the liaison post a message to a person or channel, and return what is seen."""
        conversation = await self.room.platform.open_conversation(self.workspace, address)
        reference = await self.room.platform.post(self.workspace, conversation, message, under=None, marker=marker)
        return self.seen(reference)

    def seen(self, reference: Reference) -> Shown:
        found = self.slack.messages(TEAM, reference.conversation)
        return next(one for one in found if one.ts == reference.message)

    def whispers(self, channel: str, user: str = ANN) -> list[str]:
        """The texts that one person alone sees in a conversation."""
        return [one.text for one in self.slack.messages(TEAM, channel) if one.ephemeral_for == user]

    async def send(
        self,
        body: str | bytes,
        *,
        content_type: str = "application/json",
        at: int | None = None,
        secret: str = SECRET,
        headers: Mapping[str, str | None] | None = None,
    ) -> tuple[int, str]:
        """POST a body to the entrance as Slack would; `headers` replaces or (None) leaves out headers."""
        raw = body.encode() if isinstance(body, str) else body
        stamp = str(int(self.clock.now().timestamp()) if at is None else at)
        proof = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + raw, hashlib.sha256).hexdigest()
        sent: dict[str, str | None] = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={proof}",
            **(headers or {}),
        }
        kept = {name: value for name, value in sent.items() if value is not None}
        async with aiohttp.ClientSession() as session, session.post(self.url, data=raw, headers=kept) as answer:
            return answer.status, await answer.text()


def command_body(text: str = "status", trigger_id: str = "t1", **more: str) -> str:
    """The form body of a slash command."""
    given = {"command": "/alliance", "text": text, "team_id": TEAM, "user_id": ANN, "channel_id": "D1ANN"}
    return urlencode({**given, "trigger_id": trigger_id, **more})


def interaction_body(payload: Mapping[str, Any]) -> str:
    """The form body of an interaction."""
    return urlencode({"payload": json.dumps(payload)})


def settings_for(base_url: str, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "secret_key": "a secret key for tests",
        "slack_bot_token": TOKEN,
        "slack_signing_secret": SECRET,
        "slack_api_url": f"{base_url}/api/",
        **more,
    }
    return Settings(_env_file=None, **given)


@asynccontextmanager
async def room_stage(
    open_uow: OpenUnitOfWork, limits: Limits = NO_LIMITS, *, by_socket: bool = False, **settings: Any
) -> AsyncIterator[RoomStage]:
    """The stand-in's workspace with our room attached by HTTP, or by Socket Mode."""
    clock = MovableClock(START)
    slack = make_slack(clock, limits)
    base_url = await slack.start()
    if by_socket:
        settings["slack_app_token"] = APP_TOKEN
    room = SlackRoom(settings_for(base_url, **settings), clock)
    workspace = Workspace(WorkspaceId("w1"), Platform.SLACK, TEAM, "Delta Corp", {"bot": TOKEN}, bot_user=BOT)
    async with open_uow() as uow:
        await uow.workspaces.save(workspace)
        await uow.commit()
    stage = RoomStage(slack, room, clock, FakeDesk(), FakePresence(), Counter(), open_uow, workspace)
    runner = await _serve(stage)
    if by_socket:
        await room.start()
    else:
        slack.attach(stage.url)
    try:
        yield stage
    finally:
        await room.stop()
        await slack.stop()
        await runner.cleanup()


async def _serve(stage: RoomStage) -> web.AppRunner:
    def count(platform: str, result: str) -> None:
        assert platform == "slack"
        stage.counted[result] += 1

    entrance = stage.room.entrance(stage.desk, stage.open_uow, presence=stage.presence, count=count)
    app = web.Application(client_max_size=1024 * 1024)
    app.router.add_post("/slack/events", entrance)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stage.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    return runner
