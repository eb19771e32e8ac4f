"""What Slack sends, read: who asks, from where, with what pressed, filled in or typed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alliance.roster import Platform
from bot.messages.parts import Json
from handlers.dispatch import ChatIdentity
from storage.workspaces import Workspace

_MARK = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|#(?P<channel>[CG][A-Z0-9]+)|(?P<link>(?:https?|mailto|tel):[^<>|]*))"
    r"(?:\|(?P<label>[^<>]*))?>"
)
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, and the places where they can be answered.

    `message` is the ts of the message they pressed a button of, `thread` that of the thread they are in.
    """

    workspace: Workspace
    user: str
    channel: str | None = None
    message: str | None = None
    thread: str | None = None
    is_ephemeral: bool = False
    response_url: str | None = None
    trigger_id: str | None = None

    @property
    def who(self) -> ChatIdentity:
        return ChatIdentity(Platform.SLACK, self.workspace.external_id, self.user)


def asker_of_command(body: Json, workspace: Workspace) -> Asker:
    return Asker(
        workspace,
        body["user_id"],
        channel=body.get("channel_id"),
        response_url=body.get("response_url"),
        trigger_id=_text(body.get("trigger_id")),
    )


def asker_of_event(event: Json, workspace: Workspace) -> Asker:
    return Asker(workspace, event["user"], channel=event.get("channel"), thread=event.get("thread_ts"))


def asker_of_press(body: Json, workspace: Workspace) -> Asker:
    container: Json = body.get("container") or {}
    message: Json = body.get("message") or {}
    channel: Json = body.get("channel") or {}
    return Asker(
        workspace,
        body["user"]["id"],
        channel=_text(container.get("channel_id")) or _text(channel.get("id")),
        message=_text(container.get("message_ts")) or _text(message.get("ts")),
        thread=_text(message.get("thread_ts")) or _text(container.get("thread_ts")),
        is_ephemeral=container.get("is_ephemeral") is True,
        response_url=body.get("response_url"),
        trigger_id=body.get("trigger_id"),
    )


def asker_of_form(body: Json, workspace: Workspace) -> Asker:
    """Return who submits a modal, with the place that its private_metadata remembers."""
    place = origin_of(_text(body["view"].get("private_metadata")) or "")
    return Asker(
        workspace,
        body["user"]["id"],
        channel=place.get("channel"),
        message=place.get("message"),
        thread=place.get("thread"),
        is_ephemeral=place.get("ephemeral") == "yes",
        response_url=place.get("url"),
        trigger_id=body.get("trigger_id"),
    )


def with_origin(token: str, asker: Asker) -> str:
    """Return a modal's private_metadata: the form's token, then where it was opened from."""
    place = {
        "channel": asker.channel,
        "message": asker.message,
        "thread": asker.thread,
        "ephemeral": "yes" if asker.is_ephemeral else None,
        "url": asker.response_url,
    }
    return " ".join([token, *(f"{name}={value}" for name, value in place.items() if value)])


def origin_of(private_metadata: str) -> Mapping[str, str]:
    """Return the place that `with_origin` wrote beside the token."""
    pairs = (part.partition("=") for part in private_metadata.split(" ")[1:])
    return {name: value for name, _, value in pairs}


def token_of_form(view: Json) -> str:
    """Return the token of a submitted modal; empty for one that is not the liaison's."""
    return (_text(view.get("private_metadata")) or "").split(" ")[0] or _text(view.get("callback_id")) or ""


def token_of_press(action: Json) -> str | None:
    """Return the token of a pressed button; None for an input that was merely touched."""
    if action.get("type") != "button" or action.get("url"):
        return None
    return _text(action.get("value")) or _text(action.get("action_id"))


def inputs_of(state: Json | None) -> dict[str, str]:
    """Return what was filled in, as text by the input's name; what was left empty is not there."""
    values: Json = (state or {}).get("values") or {}
    found: dict[str, str] = {}
    for elements in values.values():
        for name, element in elements.items():
            value = _value(element)
            if value:
                found[name] = value
    return found


def typed(text: str) -> str:
    """Return what a person typed, without Slack's escapes: `&lt;b&gt;` is `<b>`, a link is its address.

    A mentioned person stays `<@U…>`, a channel becomes `#name`.
    """
    shown = _MARK.sub(_plain, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def without_mention(text: str, bot_user: str | None) -> str:
    """Return what was typed without the mention of the bot itself."""
    return text.replace(f"<@{bot_user}>", " ").strip() if bot_user else text


def press_key(asker: Asker, place: str, token: str, inputs: Mapping[str, str]) -> str:
    """Name the press, so that a double click or a repeat of Slack names the same."""
    digest = hashlib.sha256(json.dumps(sorted(inputs.items())).encode()).hexdigest()
    return ":".join(["slack", "press", asker.workspace.external_id, asker.user, place, token, digest])


def place_of_press(body: Json) -> str:
    """Name where a button stands: a message, or a view as it was last drawn (a home tab keeps its id)."""
    view = body.get("view")
    if isinstance(view, dict):
        return f"{view.get('id')}.{view.get('hash')}" if view.get("type") == "home" else str(view.get("id"))
    container: Json = body.get("container") or {}
    return f"{container.get('channel_id')}.{container.get('message_ts')}"


def team_of(body: Json) -> str | None:
    """Return the workspace that a request is for: the one whose bot stands there, not the person's own."""
    view, message, team = (body.get(name) or {} for name in ("view", "message", "team"))
    granted = body.get("authorizations") or [{}]
    return (
        _text(view.get("app_installed_team_id"))
        or _text(message.get("team"))
        or _text(team.get("id"))
        or _text(granted[0].get("team_id"))
        or _text(body.get("team_id"))
    )


def is_from_outside(body: Json, team_id: str) -> bool:
    """Return whether the person of an interaction belongs to another company's workspace (Slack Connect)."""
    user: Json = body["user"]
    enterprise: Json = body.get("enterprise") or {}
    own = {team_id, enterprise.get("id")}
    return user.get("is_stranger") is True or _is_other({user.get("team_id")}, own)


def is_event_from_outside(body: Json, event: Json, team_id: str) -> bool:
    """Return whether the person of an event belongs to another company's workspace (Slack Connect)."""
    profile = event.get("user_profile")
    if isinstance(profile, dict) and profile.get("is_stranger") is True:
        return True
    homes = {event.get(name) for name in ("user_team", "source_team", "team")}
    return _is_other(homes, {team_id, body.get("enterprise_id")})


def is_from_elsewhere(body: Json, team_id: str) -> bool:
    """Return whether the person behind any request belongs to another company's workspace."""
    event = event_of(body)
    if event:
        return isinstance(event.get("user"), str) and is_event_from_outside(body, event, team_id)
    return isinstance(body.get("user"), dict) and is_from_outside(body, team_id)


def event_of(body: Json) -> Json:
    """Return the event of a request; empty for any other kind."""
    event = body.get("event")
    return event if isinstance(event, dict) else {}


def modal_of(body: Json) -> Json | None:
    """Return the modal in which something happened, if it was one."""
    view = body.get("view")
    return view if isinstance(view, dict) and view.get("type") == "modal" else None


def is_from_a_person(event: Json, bot_user: str | None) -> bool:
    """Return whether a message was typed just now by somebody: no bot, no edit, no notice of Slack's own."""
    user = event.get("user")
    if not isinstance(user, str) or user in (bot_user, _SLACKBOT):
        return False
    return not event.get("bot_id") and not event.get("subtype") and not event.get("hidden")


def _is_other(homes: set[Any], own: set[Any]) -> bool:
    return bool(homes - own - {None})


def _plain(mark: re.Match[str]) -> str:
    user, channel, link, label = mark.group("user", "channel", "link", "label")
    if user:
        return f"<@{user}>"
    if channel:
        return f"#{label or channel}"
    address = link.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label not in address else address


def _value(element: Json) -> str | None:
    """Return what one element holds, whatever its kind; several choices are joined by commas."""
    for name in ("selected_option", "value", "selected_date", "selected_time", "selected_user"):
        held = element.get(name)
        if isinstance(held, dict):
            return _text(held.get("value"))
        if isinstance(held, str):
            return held
    for name in ("selected_options", "selected_users"):
        several = element.get(name)
        if isinstance(several, list):
            held = [one.get("value", "") if isinstance(one, dict) else one for one in several]
            return ",".join(str(one) for one in held)
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
