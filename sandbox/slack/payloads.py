"""The payloads Slack sends, shaped as in docs.slack.dev and slackapi/java-slack-sdk json-logs."""

import hashlib
import uuid
from typing import Any

from sandbox.slack.forms import Slot
from sandbox.slack.state import APP_ID, Channel, Json, Message, Person, View, Workspace, World

VERIFICATION_TOKEN = "deprecated"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def event_callback(world: World, workspace: Workspace, event: Json, *, is_ext_shared: bool = False) -> Json:
    """Wrap an event in its outer envelope with a fresh event_id."""
    event_id = world.new_id("Ev")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": world.seconds(),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": f"4-{hashlib.sha256(event_id.encode()).hexdigest()[:32]}",
    }


def typed_message(world: World, workspace: Workspace, channel: Channel, person: Person, text: str) -> Message:
    """Put what a person typed into the channel, as Slack's composer would send it."""
    message = Message(
        team_id=workspace.team_id,
        channel_id=channel.channel_id,
        ts=channel.next_ts(world.clock.now()),
        user_id=person.user_id,
        text=text.translate(_ESCAPES),
        blocks=[_composed(text, world.new_word())],
        client_msg_id=str(uuid.uuid5(uuid.NAMESPACE_OID, world.new_id("M"))),
    )
    channel.messages[message.ts] = message
    return message


def message_event(workspace: Workspace, channel: Channel, person: Person, message: Message) -> Json:
    """Return the event of a typed message: message.im in a direct conversation, app_mention in a channel."""
    event = message.to_json() | {"channel": channel.channel_id, "event_ts": message.ts}
    if channel.im_with is not None:
        return event | {"channel_type": "im"}
    if person.home_team_id != workspace.team_id:
        event |= {"user_team": person.home_team_id, "source_team": person.home_team_id}
    return event | {"type": "app_mention"}


def home_opened_event(world: World, workspace: Workspace, channel: Channel, user_id: str, tab: str) -> Json:
    """Return the event of somebody opening the app's home or messages tab."""
    event: Json = {
        "type": "app_home_opened",
        "user": user_id,
        "channel": channel.channel_id,
        "tab": tab,
        "event_ts": f"{world.seconds()}.000000",
    }
    home = workspace.homes.get(user_id)
    return event | {"view": home.to_json()} if tab == "home" and home is not None else event


def slash_command(
    workspace: Workspace,
    channel: Channel,
    person: Person,
    *,
    command: str,
    text: str,
    response_url: str,
    trigger_id: str,
) -> Json:
    """Return the form fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.channel_id,
        "channel_name": channel.name,
        "user_id": person.user_id,
        "user_name": _handle(person),
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def block_actions(workspace: Workspace, person: Person, action: Json, *, values: Json, trigger_id: str) -> Json:
    """Return a block_actions payload without the place it happened in."""
    return _interaction("block_actions", workspace, person) | {
        "trigger_id": trigger_id,
        "state": {"values": values},
        "actions": [action],
    }


def in_message(channel: Channel, message: Message, response_url: str) -> Json:
    """Return the part of a block_actions payload that names a message."""
    is_ephemeral = message.ephemeral_for is not None
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.channel_id,
            "is_ephemeral": is_ephemeral,
        },
        "channel": {"id": channel.channel_id, "name": channel.name},
        "response_url": response_url,
    }
    # an ephemeral message is not stored by Slack, so its payload does not show it
    return place if is_ephemeral else place | {"message": message.to_json()}


def in_view(view: View, values: Json) -> Json:
    """Return the part of a block_actions payload that names a view."""
    return {"container": {"type": "view", "view_id": view.view_id}, "view": view.to_json(values)}


def view_submission(workspace: Workspace, person: Person, view: View, *, values: Json, trigger_id: str) -> Json:
    """Return the payload of a submitted modal."""
    return _interaction("view_submission", workspace, person) | {
        "trigger_id": trigger_id,
        "view": view.to_json(values),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, person: Person, view: View, *, is_cleared: bool) -> Json:
    """Return the payload of a modal closed without submitting."""
    return _interaction("view_closed", workspace, person) | {"view": view.to_json(), "is_cleared": is_cleared}


def action_of(slot: Slot, state: Json, action_ts: str) -> Json:
    """Return one entry of `actions`: the element as shown, with what was chosen."""
    element = slot.element
    action: Json = {
        "type": slot.kind,
        "action_id": slot.action_id,
        "block_id": slot.block_id,
        "action_ts": action_ts,
        **state,
    }
    for name in (
        "text",
        "value",
        "style",
        "url",
        "placeholder",
        "initial_option",
        "initial_options",
        "confirm",
    ):
        if name in element and name not in action:
            action[name] = element[name]
    return action


def _interaction(kind: str, workspace: Workspace, person: Person) -> Json:
    return {
        "type": kind,
        "user": {
            "id": person.user_id,
            "username": _handle(person),
            "name": _handle(person),
            "team_id": person.home_team_id,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _handle(person: Person) -> str:
    return person.name.lower().replace(" ", ".")


def _composed(text: str, block_id: str) -> Json:
    typed: list[dict[str, Any]] = [{"type": "text", "text": text}]
    return {
        "type": "rich_text",
        "block_id": block_id,
        "elements": [{"type": "rich_text_section", "elements": typed}],
    }
