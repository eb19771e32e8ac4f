"""The stand-in itself: a local server that answers as Slack does, and the record of what happened on it."""

import datetime as dt
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.journal import Direction, Exchange, Listener
from sandbox.slack import chat, directory, views
from sandbox.slack.acting import People
from sandbox.slack.calls import Arguments, Call, Method, Refused
from sandbox.slack.delivery import Delivered, Delivery
from sandbox.slack.faults import Fault, Faults
from sandbox.slack.limits import REAL_LIMITS, Limits, Meter
from sandbox.slack.responding import use_response_url
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import Channel, Json, Message, Person, View, Workspace, World
from sandbox.slack.watching import MessageChanged, ViewChanged, Watchers

METHODS: dict[str, Method] = {**chat.METHODS, **directory.METHODS, **views.METHODS}
_APP_METHOD = "apps.connections.open"
_LARGEST_REQUEST = 4 * 1024 * 1024
_RESPONSE_URL = "response_url"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the bot and its answer; `team_id` is empty when the token was unknown."""

    at: dt.datetime
    method: str
    team_id: str
    payload: Json
    status: int
    answer: Json


class SlackStandIn(People):
    """A local Slack for any number of workspaces, to which a bot is pointed by its base address alone.

    The Web API is at `{base}/api/`. People act through the methods of `People`. Nothing is random.
    The bot's own posts are not echoed to it as message events.
    """

    def __init__(
        self, *, clock: Clock, signing_secret: str, limits: Limits = REAL_LIMITS, ack_seconds: float = 3.0
    ) -> None:
        """Prepare it; `ack_seconds` is how long the bot may take to answer, in the computer's own time."""
        self.sockets = Sockets()
        super().__init__(World(clock), Watchers(), Delivery(clock, signing_secret, self.sockets, ack_seconds))
        self.base_url = ""
        self.requests: deque[Request] = deque(maxlen=10_000)
        self.accepted: Counter[str] = Counter()
        self._meter = Meter(limits, clock)
        self._faults = Faults()
        self._runner: web.AppRunner | None = None

    def add_workspace(
        self, team_id: str, name: str, bot_token: str, bot_user_id: str, app_token: str | None = None
    ) -> None:
        """Install the app in a workspace."""
        workspace = Workspace(team_id, name, bot_token, bot_user_id, app_token)
        self.world.workspaces[team_id] = workspace
        self.add_person(team_id, bot_user_id, "Liaison", "UTC", "", is_bot=True)

    def add_person(
        self,
        team_id: str,
        user_id: str,
        name: str,
        tz: str,
        email: str,
        *,
        is_bot: bool = False,
        deleted: bool = False,
        home_team_id: str | None = None,
    ) -> Person:
        """Let somebody be seen in a workspace; with another `home_team_id` as a guest of a shared channel."""
        person = Person(user_id, name, tz, email, home_team_id or team_id, is_bot, deleted)
        self.world.workspace(team_id).people[user_id] = person
        return person

    def add_channel(
        self, team_id: str, channel_id: str, name: str, members: list[str], *, is_ext_shared: bool = False
    ) -> None:
        """Open a channel with these people; the bot is in it when its user id is among them."""
        channel = Channel(channel_id, name, list(members), self.world.seconds(), is_ext_shared)
        self.world.workspace(team_id).channels[channel_id] = channel

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve and return the base address; port 0 takes a free one."""
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        app.router.add_route("*", "/api/{method}", self._serve_method)
        app.router.add_post("/{kind:actions|commands}/{team}/{number}/{secret}", self._serve_response_url)
        app.router.add_get("/link", self.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def stop(self) -> None:
        """Stop serving, close every connection and cancel watchers still at work."""
        await self.watchers.stop()
        await self.sockets.stop()
        await self.delivery.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def attach(self, bot_url: str) -> None:
        """Say where the bot takes events and interactivity by HTTP; open sockets go before it."""
        self.delivery.bot_url = bot_url

    def fail_next(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        times: int = 1,
        after_accepting: bool = False,
        delay: float | None = None,
        team: str = "",
    ) -> None:
        """Spoil the next `times` calls of a method (`*` for any, or `response_url`), of one workspace; see `Fault`.

        slack_sdk by itself tries a broken connection once more, which counts as another call.
        """
        self._faults.add(method, Fault(error, status, retry_after, after_accepting, delay), times, team)

    def fail_no_more(self) -> None:
        """Let every call go well from now on."""
        self._faults.clear()

    def revoke(self, team_id: str) -> None:
        """Let the workspace's tokens be answered with `account_inactive` from now on."""
        self.world.workspace(team_id).is_installed = False

    async def uninstall(self, team_id: str) -> tuple[Delivered, Delivered]:
        """Take the app out of a workspace: its tokens die, and both events are sent."""
        self.revoke(team_id)
        bot = self.world.workspace(team_id).bot_user_id
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}}
        return await self.send_event(team_id, revoked), await self.send_event(team_id, {"type": "app_uninstalled"})

    async def deactivate(self, team_id: str, user_id: str) -> Delivered:
        """Deactivate a person and send `user_change`."""
        workspace = self.world.workspace(team_id)
        person = workspace.person(user_id)
        person.deleted = True
        user = directory.person_json(self.world, workspace, person)
        event = {"type": "user_change", "user": user, "event_ts": f"{self.world.seconds()}.000000"}
        return await self.send_event(team_id, event)

    def on_message(self, watcher: Callable[[MessageChanged], Awaitable[None] | None]) -> None:
        """Call the watcher after every message of the bot that was posted, updated or deleted.

        A coroutine runs in the background, after the bot has its answer; `settle` waits for those.
        """
        self.watchers.of_messages.append(watcher)

    def on_view(self, watcher: Callable[[ViewChanged], Awaitable[None] | None]) -> None:
        """Call the watcher after every modal or home tab that was shown or changed, as `on_message` does."""
        self.watchers.of_views.append(watcher)

    def on_exchange(self, listener: Listener) -> None:
        """Call the listener after every request between the bot and this Slack, in either direction."""
        self.delivery.listeners.append(listener)

    async def settle(self) -> None:
        """Wait for the watchers at work and raise the first failure among them."""
        await self.watchers.settle()

    def messages(self, team_id: str, channel_id: str) -> list[Message]:
        """Return every message of a conversation, oldest first, ephemeral ones included, deleted ones not."""
        channel = self.world.workspace(team_id).channels.get(channel_id)
        found = sorted(channel.messages.items()) if channel is not None else []
        return [message for _, message in found if not message.deleted]

    def inbox(self, team_id: str, user_id: str) -> list[Message]:
        """Return what the bot shows a person in their direct conversation, oldest first, as it is now."""
        workspace = self.world.workspace(team_id)
        channel = workspace.im(workspace.person(user_id).user_id)
        found = self.messages(team_id, channel.channel_id) if channel is not None else []
        return [one for one in found if one.bot_id is not None and one.ephemeral_for in (None, user_id)]

    def views(self, team_id: str, user_id: str) -> list[View]:
        """Return the modals a person has open, the topmost last."""
        return list(self.world.workspace(team_id).modals.get(user_id, ()))

    def home(self, team_id: str, user_id: str) -> View | None:
        """Return the home tab published to a person."""
        return self.world.workspace(team_id).homes.get(user_id)

    async def _serve_method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        workspace: Workspace | None = None
        payload: Json = {}
        try:
            payload = await _read_arguments(request)
            workspace = self._caller(request, method, payload)
            team = workspace.team_id if workspace is not None else ""
            spoilt = await self._spoilt(request, method, team, lambda: self._run(method, workspace, payload))
            answered = spoilt or self._run(method, workspace, payload)
        except Refused as refusal:
            answered = 200, refusal.answer(), {}
        except _AnswerLost:
            answered = _NO_ANSWER
        team_id = workspace.team_id if workspace is not None else ""
        return self._answer(method, team_id, payload, answered)

    async def _serve_response_url(self, request: web.Request) -> web.StreamResponse:
        path, payload = request.path, {}
        try:
            payload = await _read_arguments(request)
            team = request.match_info["team"]
            spoilt = await self._spoilt(request, _RESPONSE_URL, team, lambda: self._run_response_url(path, payload))
            answered = spoilt or self._run_response_url(path, payload)
        except Refused as refusal:
            answered = 400, refusal.answer(), {}
        except _AnswerLost:
            answered = _NO_ANSWER
        return self._answer(_RESPONSE_URL, request.match_info["team"], payload, answered)

    def _run(self, method: str, workspace: Workspace | None, payload: Json) -> "_Answer":
        if workspace is None:
            raise Refused("unknown_method", req_method=method)
        wait = self._meter.seconds_to_wait(workspace.team_id, method, _channel_asked(workspace, payload))
        if wait is not None:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)}
        call = Call(self.world, workspace, Arguments(payload), self.watchers, self._new_socket_url)
        try:
            answer = METHODS[method](call)
        except Refused as refusal:
            return 200, refusal.answer(), {}
        self.accepted[method] += 1
        return 200, answer, {}

    def _run_response_url(self, path: str, payload: Json) -> "_Answer":
        try:
            use_response_url(self.world, self.watchers, path, payload)
        except Refused as refusal:
            gone = {"used_url", "expired_url", "invalid_url", "message_not_found"}
            return 404 if refusal.error in gone else 400, refusal.answer(), {}
        self.accepted[_RESPONSE_URL] += 1
        return 200, {"ok": True}, {}

    async def _spoilt(
        self, request: web.Request, method: str, team: str, run: Callable[[], "_Answer"]
    ) -> "_Answer | None":
        fault = self._faults.next(method, team)
        if fault is None:
            return None
        answer = run() if fault.after_accepting else None
        if fault.delay is not None:
            await self.world.clock.sleep(fault.delay)
        if fault.only_delays:
            return answer
        if fault.retry_after is not None:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(fault.retry_after)}
        if fault.error is None and fault.status is None:
            if request.transport is not None:
                request.transport.abort()
            raise _AnswerLost
        return fault.status or 200, {"ok": False, "error": fault.error or "internal_error"}, {}

    def _caller(self, request: web.Request, method: str, payload: Json) -> Workspace | None:
        """Return whose token this is, None for an unknown method; refused as Slack does."""
        if method not in METHODS:
            return None
        token = _token(request, payload)
        for workspace in self.world.workspaces.values():
            is_app_token = token == workspace.app_token
            if is_app_token or token == workspace.bot_token:
                if not workspace.is_installed:
                    raise Refused("account_inactive")
                if is_app_token is not (method == _APP_METHOD):
                    raise Refused("not_allowed_token_type")
                return workspace
        raise Refused("invalid_auth")

    def _new_socket_url(self) -> str:
        return f"{self.base_url.replace('http', 'ws', 1)}/link?ticket={self.sockets.new_ticket()}"

    def _answer(self, method: str, team_id: str, payload: Json, answered: "_Answer") -> web.StreamResponse:
        status, body, headers = answered
        shown = {name: value for name, value in payload.items() if name != "token"}
        now = self.world.clock.now()
        self.requests.append(Request(now, method, team_id, shown, status, body))
        for listener in self.delivery.listeners:
            listener(Exchange(now, "slack", Direction.FROM_BOT, "POST", method, status, shown, body))
        # an answer that nobody can read any more still has to be returned to the server
        return web.json_response(body, status=status or 500, headers=headers)


_Answer = tuple[int, Json, dict[str, str]]
_NO_ANSWER: _Answer = (0, {}, {})


class _AnswerLost(Exception):
    """The connection was broken before an answer was sent."""


async def _read_arguments(request: web.Request) -> Json:
    """Return the arguments from the address and the body, whichever way the client sends them."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body: Any = json.loads(await request.text() or "{}")
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return given | body
    return given | {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _token(request: web.Request, payload: Json) -> str:
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else payload.get("token")
    if not isinstance(token, str) or not token:
        raise Refused("not_authed")
    return token


def _channel_asked(workspace: Workspace, payload: Json) -> str | None:
    channel = payload.get("channel")
    if not isinstance(channel, str):
        return None
    im = workspace.im(channel)
    return im.channel_id if im is not None else channel.replace("U", "D", 1) if channel[:1] == "U" else channel
