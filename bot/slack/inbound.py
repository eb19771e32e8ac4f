"""What arrives from Slack: slack-bolt sorts it, the desk decides, the answer is shown, Slack is told last.

The order is always: work, commit, answer, acknowledge. Slack waits three seconds.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from alliance.roster import Platform
from bot.desk import Answer
from bot.errands import Errands
from bot.messages.blocks import Message
from bot.messages.entrance import for_own_people, not_connected
from bot.messages.greetings import with_mistakes
from bot.messages.parts import Json
from bot.messages.refill import form_as_message
from bot.messages.replies import broke
from bot.slack import decode
from bot.slack.answers import (
    Answers,
    body_of,
    drawn,
    errors_body,
    errors_for_view,
    errors_of_form,
    first_error,
    form_view,
)
from bot.slack.api import BOT_TOKEN, SlackApi
from bot.slack.bolt_request import as_bolt_has_it
from bot.slack.decode import Asker
from bot.slack.front_door import PLATFORM, Arrived, Count, FrontDoor, TurnedAway
from bot.slack.once import Once
from bot.slack.workspaces import KnownWorkspaces
from bot.slack.writing import Writing
from handlers.dispatch import ChatIdentity
from schedules.clock import Clock
from storage.unit_of_work import Interrupted
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

_ANYTHING = re.compile(".*", re.DOTALL)
_WORKSPACE = "liaison_workspace"
_GONE_EVENTS = frozenset({"app_uninstalled", "tokens_revoked"})
_HOME = "home"
ANSWER_WITHIN = 2.0
"""Seconds, in the computer's own time, that showing an answer may hold up the acknowledgement."""
LAST_MOMENTS = 3.0
"""Seconds that answers on their way are given when the process stops."""


class Desk(Protocol):
    """The front desk, `bot.desk.Desk`: never raises for what a person did."""

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer: ...

    async def said(self, who: ChatIdentity, text: str, *, key: str) -> Answer: ...

    async def typed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Presence:
    """Who wants to know that a person did something or had their account closed, or a workspace took the liaison out.

    Each may be called more than once for the same thing, and in any order.
    """

    arrived: Callable[[ChatIdentity], Awaitable[None]]
    left: Callable[[ChatIdentity], Awaitable[None]]
    uninstalled: Callable[[str], Awaitable[None]]


class SlackInbound:
    """The entrance for Slack. `serve` takes its HTTP requests; Socket Mode feeds `app` directly."""

    def __init__(
        self,
        desk: Desk,
        api: SlackApi,
        workspaces: KnownWorkspaces,
        clock: Clock,
        *,
        signing_secret: str,
        count: Count,
        presence: Presence,
    ) -> None:
        self._desk = desk
        self._answers = Answers(api, clock)
        self._api = api
        self._workspaces = workspaces
        self._count = count
        self._presence = presence
        self._door = FrontDoor(signing_secret, clock)
        self._once = Once(clock)
        self._writing = Writing(desk.typed, clock)
        self._errands = Errands()
        self.app = self._make_app()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take one POST of Slack's; what is not proven to be Slack's gets 401, what is malformed 400."""
        try:
            arrived = await self._door.admit(request)
            response = await self._sorted(arrived, request)
        except TurnedAway as refusal:
            self._count(PLATFORM, refusal.reason)
            log.warning("request turned away", extra={"platform": PLATFORM, "because": refusal.reason})
            return web.json_response({"error": refusal.reason}, status=refusal.status)
        self._count(PLATFORM, "taken")
        return await to_aiohttp_response(response)

    async def stop(self) -> None:
        """Give answers that are still being shown a few seconds."""
        await self._errands.stop(LAST_MOMENTS)

    # --- slack-bolt ----------------------------------------------------------------------------------

    async def _sorted(self, arrived: Arrived, request: web.Request) -> BoltResponse:
        try:
            return await self.app.async_dispatch(as_bolt_has_it(arrived, request))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # slack-bolt looks for ids in many places of the body and trusts their shape; what our listeners
            # raise never gets here.
            log.warning("slack-bolt stumbled", extra={"because": f"{type(error).__name__}: {error}"[:200]})
            raise TurnedAway(400, "malformed") from None

    def _make_app(self) -> AsyncApp:
        app = AsyncApp(
            name="liaison",
            client=self._api.new_client(),
            signing_secret="unused",  # noqa: S106 - our own front door has checked the signature
            request_verification_enabled=False,
            process_before_response=True,  # the listener's work comes before the acknowledgement
            raise_error_for_unhandled_request=True,
            before_authorize=self._greet,
            authorize=_authorize,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(_ANYTHING)(self._on_command)
        app.block_action(_ANYTHING)(self._on_press)
        app.view_submission(_ANYTHING)(self._on_form)
        app.view_closed(_ANYTHING)(self._on_closed)
        app.event("message")(self._on_message)
        app.event("app_mention")(self._on_mention)
        app.event("app_home_opened")(self._on_home)
        app.event("user_change")(self._on_user_change)
        app.event("app_uninstalled")(self._on_uninstalled)
        app.event("tokens_revoked")(self._on_uninstalled)
        app.error(self._on_error)
        return app

    async def _greet(
        self,
        body: Json,
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[None]],  # noqa: A002
    ) -> BoltResponse | None:
        """Let through what comes from a known workspace, and by people who belong to it."""
        if body.get("type") == "url_verification" or decode.event_of(body).get("type") in _GONE_EVENTS:
            await next()
            return None
        team_id = decode.team_of(body)
        workspace = await self._workspaces.find(team_id) if team_id else None
        if workspace is None:
            self._count(PLATFORM, "unknown workspace")
            log.warning("unknown workspace", extra={"platform": PLATFORM, "workspace": team_id})
            return await self._refuse(body, None, not_connected())
        if decode.is_from_elsewhere(body, workspace.external_id):
            self._count(PLATFORM, "external person")
            return await self._refuse(body, workspace, for_own_people())
        context[_WORKSPACE] = workspace
        await next()
        return None

    async def _on_error(self, error: Exception, body: Json, context: AsyncBoltContext) -> BoltResponse:
        """Answer what nobody listens for with 200, and a bug politely; an event gets 500, so it is retried.

        While the database is away everything gets 503: Slack says so, and a dialog keeps what was typed.
        """
        if isinstance(error, BoltUnhandledRequestError):
            log.info("nothing to do", extra={"platform": PLATFORM, "kind": str(body.get("type"))})
            return BoltResponse(status=200, body="")
        if isinstance(error, Interrupted):
            log.warning("request not taken", extra={"platform": PLATFORM, "because": str(error)[:200]})
            return BoltResponse(status=503, body="")
        reference = secrets.token_hex(4)
        log.error("request failed", exc_info=error, extra={"platform": PLATFORM, "reference": reference})
        if body.get("type") == "event_callback":
            return BoltResponse(status=500, body="")
        return await self._refuse(body, context.get(_WORKSPACE), broke(reference))

    async def _refuse(self, body: Json, workspace: Workspace | None, message: Message) -> BoltResponse:
        """Say no to a person, where somebody is waiting, without keeping anything."""
        if "command" in body:
            return BoltResponse(status=200, body=body_of(drawn(message)[-1]))
        if body.get("type") == "view_submission":
            errors = first_error(message.summary, body["view"])
            return BoltResponse(status=200, body=errors_body(errors) if errors else "")
        if workspace is not None and (asker := _waiting(body, workspace)) is not None:
            await self._soon(self._answers.whisper(asker, message))
        elif workspace is None and isinstance(body.get("response_url"), str):
            await self._soon(self._answers.at(body["response_url"], message))
        return BoltResponse(status=200, body="")

    # --- listeners -----------------------------------------------------------------------------------

    async def _on_command(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        asker = decode.asker_of_command(body, context[_WORKSPACE])
        await self._presence.arrived(asker.who)
        # Slack never repeats a command; its trigger tells a client's doubled request from a second command.
        key = f"slack:command:{asker.workspace.external_id}:{asker.trigger_id or secrets.token_hex(8)}"
        answer = await self._desk.said(asker.who, decode.typed(body.get("text") or ""), key=key)
        opened = answer.form is not None and await self._answers.open(asker, answer.form)
        message = answer.message if opened else _in_full(answer)
        if message is None:
            await ack()
            return
        await self._soon(self._answers.go_ahead(asker, message))
        await ack(body_of(drawn(message)[-1]))

    async def _on_message(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        event, workspace = decode.event_of(body), context[_WORKSPACE]
        if event.get("channel_type") == "im" and decode.is_from_a_person(event, workspace.bot_user):
            asker = decode.asker_of_event(event, workspace)
            await self._presence.arrived(asker.who)
            await self._once.run(body["event_id"], lambda: self._talk(body, asker, self._answers.tell))
        await ack()

    async def _on_mention(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        event, workspace = decode.event_of(body), context[_WORKSPACE]
        if decode.is_from_a_person(event, workspace.bot_user):
            asker = decode.asker_of_event(event, workspace)
            await self._once.run(body["event_id"], lambda: self._talk(body, asker, self._answers.whisper))
        await ack()

    async def _on_home(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        event = decode.event_of(body)
        if event.get("tab") == "home" and isinstance(event.get("user"), str):
            asker = decode.asker_of_event(event, context[_WORKSPACE])
            await self._once.run(body["event_id"], lambda: self._show_home(body, asker))
        await ack()

    async def _on_press(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        actions = body.get("actions") or [{}]
        token = decode.token_of_press(actions[0])
        if token is not None:
            asker = decode.asker_of_press(body, context[_WORKSPACE])
            await self._press(body, asker, token)
        elif (view := decode.modal_of(body)) is not None:
            who, inputs = decode.asker_of_press(body, context[_WORKSPACE]).who, decode.inputs_of(view.get("state"))
            await self._writing.heard(str(view.get("id")), who, decode.token_of_form(view), inputs)
        await ack()

    async def _on_closed(self, body: Json, ack: AsyncAck) -> None:
        await self._writing.closed(str(body["view"].get("id")))
        await ack()

    async def _on_form(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        view: Json = body["view"]
        asker = decode.asker_of_form(body, context[_WORKSPACE])
        token = decode.token_of_form(view)
        inputs = decode.inputs_of(view.get("state"))
        key = decode.press_key(asker, str(view.get("id")), token, inputs)
        answer = await self._desk.pressed(asker.who, token, inputs, key=key)
        if not answer.refused:
            self._writing.sent(str(view.get("id")))
        response = await self._after_form(asker, view, answer)
        await ack(response if response is not None else "")

    async def _on_user_change(self, body: Json, context: AsyncBoltContext, ack: AsyncAck) -> None:
        user = decode.event_of(body).get("user")
        workspace: Workspace = context[_WORKSPACE]
        if isinstance(user, dict) and isinstance(user.get("id"), str):
            identity = ChatIdentity(Platform.SLACK, workspace.external_id, user["id"])
            if user.get("deleted") is True:
                await self._presence.left(identity)
            elif user.get("deleted") is False:
                await self._presence.arrived(identity)
        await ack()

    async def _on_uninstalled(self, body: Json, ack: AsyncAck) -> None:
        event, team_id = decode.event_of(body), decode.team_of(body)
        revoked = event.get("tokens")
        is_ours = event.get("type") == "app_uninstalled" or (isinstance(revoked, dict) and revoked.get("bot"))
        if is_ours and team_id:
            await self._presence.uninstalled(team_id)
            self._workspaces.forget(team_id)
        await ack()

    # --- from the desk to the person -------------------------------------------------------------------

    async def _talk(
        self, body: Json, asker: Asker, show: Callable[[Asker, Message], Coroutine[Any, Any, None]]
    ) -> None:
        text = decode.without_mention(decode.typed(decode.event_of(body).get("text") or ""), asker.workspace.bot_user)
        answer = await self._desk.said(asker.who, text, key=f"slack:event:{body['event_id']}")
        if (message := _in_full(answer)) is not None:
            await self._soon(show(asker, message))

    async def _show_home(self, body: Json, asker: Asker) -> None:
        """The home goes out like any other message; why there is none is shown at once."""
        answer = await self._desk.said(asker.who, _HOME, key=f"slack:event:{body['event_id']}")
        if answer.refused and answer.message is not None:
            await self._soon(self._answers.home(asker, answer.message))

    async def _press(self, body: Json, asker: Asker, token: str) -> None:
        inputs = decode.inputs_of(body.get("state"))
        key = decode.press_key(asker, decode.place_of_press(body), token, inputs)
        answer = await self._desk.pressed(replace(asker.who, is_here=True), token, inputs, key=key)
        await self._soon(self._after_press(asker, answer))

    async def _after_press(self, asker: Asker, answer: Answer) -> None:
        opened = answer.form is not None and await self._answers.open(asker, answer.form)
        message = answer.message if opened else _in_full(answer)
        if message is None:
            return
        if answer.replaces and not answer.refused and answer.form is None:
            await self._answers.replace(asker, message)
        else:
            await self._answers.whisper(asker, message)

    async def _after_form(self, asker: Asker, view: Json, answer: Answer) -> Json | None:
        """Return what the modal is told: the errors beside its fields, another form, or None to close."""
        errors = errors_for_view(answer.field_errors, view)
        if not errors and answer.form is not None:
            errors = errors_of_form(answer.form, view)
        if errors:
            return errors_body(errors)
        if answer.form is not None and (next_view := form_view(answer.form, asker)) is not None:
            return {"response_action": "update", "view": next_view}
        if (message := _in_full(answer)) is not None:
            replaces = answer.replaces and not answer.refused and asker.message is not None
            show = self._answers.replace if replaces else self._answers.whisper
            await self._soon(show(asker, message))
        return None

    async def _soon(self, showing: Coroutine[Any, Any, None]) -> None:
        """Show an answer; when Slack is slow, go on showing it after the acknowledgement."""
        task = self._errands.begin(_guarded(showing))
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)


async def _authorize(context: AsyncBoltContext) -> AuthorizeResult:
    """Name the bot of the workspace without asking Slack, whose auth.test has limits of its own."""
    workspace: Workspace = context[_WORKSPACE]
    return AuthorizeResult(
        enterprise_id=None,
        team_id=workspace.external_id,
        bot_token=workspace.tokens.get(BOT_TOKEN),
        bot_user_id=workspace.bot_user,
    )


def _in_full(answer: Answer) -> Message | None:
    """Return all that an answer says as one message, for where there are no fields and no modal."""
    if answer.form is not None:
        return form_as_message(answer.form)
    if answer.message is not None and answer.field_errors:
        return with_mistakes(answer.message, answer.field_errors)
    return answer.message


async def _guarded(showing: Coroutine[Any, Any, None]) -> None:
    """Nothing may be raised once the request is as good as acknowledged: what was asked is done."""
    try:
        await showing
    except Exception:
        log.exception("answer not shown", extra={"platform": PLATFORM})


def _waiting(body: Json, workspace: Workspace) -> Asker | None:
    """Return who waits for an answer; nobody does for most events."""
    if isinstance(body.get("user"), dict):
        return decode.asker_of_press(body, workspace)
    event = decode.event_of(body)
    if event.get("type") == "app_mention" and decode.is_from_a_person(event, workspace.bot_user):
        return decode.asker_of_event(event, workspace)
    return None
