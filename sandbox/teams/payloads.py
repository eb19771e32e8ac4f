"""The activities Teams sends to a bot, shaped as Microsoft documents them."""

import datetime as dt
import html
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.teams.core import Core
from sandbox.teams.state import Conversation, Json, Person


def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_id(core: Core) -> str:
    """Return an id as activities that are no messages have: never twice, and the same in every run."""
    core.events += 1
    return f"f:{uuid.uuid5(uuid.NAMESPACE_URL, f'{core.bot_id}/{core.events}')}"


def envelope(core: Core, kind: str, person: Person, chat: Conversation, root: str | None = None) -> Json:
    """Return all that every activity of that person in that conversation carries."""
    now = core.clock.now()
    language = person.locale
    return {
        "type": kind,
        "id": event_id(core),
        "timestamp": _stamp(now),
        "localTimestamp": _stamp(now.astimezone(ZoneInfo(person.timezone))),
        "localTimezone": person.timezone,
        "serviceUrl": core.service_url,
        "channelId": "msteams",
        "from": {"id": person.id, "name": person.name, "aadObjectId": person.aad_object_id},
        "conversation": _conversation(chat, root),
        "recipient": {"id": core.bot_id, "name": core.bot_name},
        "entities": [
            {
                "type": "clientInfo",
                "locale": language,
                "country": language.partition("-")[2] or "US",
                "platform": "Web",
                "timezone": person.timezone,
            }
        ],
        "channelData": _channel(chat),
        "locale": language,
    }


def _conversation(chat: Conversation, root: str | None) -> Json:
    if chat.is_personal:
        return {"conversationType": "personal", "tenantId": chat.tenant_id, "id": chat.id}
    thread = f"{chat.id};messageid={root}" if root else chat.id
    return {"isGroup": True, "conversationType": "channel", "tenantId": chat.tenant_id, "id": thread}


def _channel(chat: Conversation) -> Json:
    tenant: Json = {"tenant": {"id": chat.tenant_id}}
    if chat.is_personal:
        return tenant
    return {
        "teamsChannelId": chat.id,
        "teamsTeamId": chat.team_id,
        "channel": {"id": chat.id},
        "team": {"id": chat.team_id},
        **tenant,
    }


def text_message(
    core: Core, person: Person, chat: Conversation, *, text: str, message_id: str, root: str | None = None
) -> Json:
    activity = envelope(core, "message", person, chat, root)
    formatted = {"contentType": "text/html", "content": f"<p>{html.escape(text, quote=False)}</p>"}
    return {**activity, "id": message_id, "textFormat": "plain", "text": text, "attachments": [formatted]}


def mention(core: Core, activity: Json, text: str) -> Json:
    """Return the activity saying `text` to the bot by name."""
    words = f"<at>{core.bot_name}</at>"
    entity = {"type": "mention", "mentioned": {"id": core.bot_id, "name": core.bot_name}, "text": words}
    return {**activity, "text": f"{words} {text}", "entities": [entity, *activity["entities"]]}


def invoke(core: Core, name: str, person: Person, chat: Conversation, *, value: Any, reply_to: str) -> Json:
    activity = envelope(core, "invoke", person, chat, thread_root(chat, reply_to))
    source = {"name": "message"} if name != "task/submit" else {"name": "dialog"}
    channel = {**activity["channelData"], "source": source, "legacy": {"replyToId": reply_to}}
    return {**activity, "name": name, "value": value, "replyToId": reply_to, "channelData": channel}


def submission(core: Core, person: Person, chat: Conversation, *, value: Any, reply_to: str, message_id: str) -> Json:
    """Return what Action.Submit sends: a message without text whose value is the data."""
    activity = envelope(core, "message", person, chat, thread_root(chat, reply_to))
    channel = {**activity["channelData"], "source": {"name": "message"}, "legacy": {"replyToId": reply_to}}
    return {**activity, "id": message_id, "value": value, "replyToId": reply_to, "channelData": channel}


def thread_root(chat: Conversation, reply_to: str) -> str | None:
    """Return the message whose thread `reply_to` is in; a personal chat has no threads."""
    if chat.is_personal:
        return None
    return chat.messages[reply_to].reply_to or reply_to


def installation(core: Core, person: Person, chat: Conversation, action: str) -> Json:
    activity = envelope(core, "installationUpdate", person, chat)
    channel = {**activity["channelData"], "source": {"name": "message"}}
    if action == "add":
        channel["settings"] = {"selectedChannel": {"id": chat.id}}
    return {**activity, "action": action, "channelData": channel}


def members_added(core: Core, person: Person, chat: Conversation) -> Json:
    activity = envelope(core, "conversationUpdate", person, chat)
    return {**activity, "membersAdded": [{"id": core.bot_id}]}
