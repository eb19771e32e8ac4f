"""The marks by which a posted message says which delivery it is, and finding by them what was posted already."""

from contextlib import suppress
from typing import Any

from bot.messages.parts import Json
from bot.platform import NotConnected, RateLimited, Unreachable
from bot.slack import limits
from bot.slack.api import SlackApi
from bot.slack.errors import Refused
from storage.workspaces import Workspace

_EVENT = "liaison_delivery"
"""The metadata's event type; people do not see it."""
_DIRECT = "D"
_MOST_PAGES = 50
_TRIES_OF_A_LATER_PAGE = 3


def marking(mark: str) -> Json:
    """Return the metadata by which a message carries that mark."""
    return {"event_type": _EVENT, "event_payload": {"marker": mark}}


async def marked(api: SlackApi, workspace: Workspace, channel: str, thread: str | None) -> dict[str, str]:
    """Return the marks among the latest messages of a conversation, or in one of its threads, each with its message.

    Nothing is found in a channel which the app may not read, as it may not unless an operator has granted it that,
    nor where Slack refuses to look: a message twice is better than none.
    """
    try:
        return await _marks(api, workspace, channel, thread)
    except Refused:
        return {}
    except (NotConnected, Unreachable):
        if channel.startswith(_DIRECT):
            raise
        return {}


async def _marks(api: SlackApi, workspace: Workspace, channel: str, thread: str | None) -> dict[str, str]:
    if thread is not None:
        # When the message above was deleted, its replies are posted as messages of their own.
        with suppress(Refused):
            return await _in_thread(api, workspace, channel, thread)
    return _found(await _read(api, workspace, "conversations.history", channel=channel, limit=limits.HISTORY_PAGE))


async def _in_thread(api: SlackApi, workspace: Workspace, channel: str, thread: str) -> dict[str, str]:
    """Read a thread to its end: Slack gives the earliest replies first, and the history holds none of them."""
    said = await _replies(api, workspace, channel, thread)
    found = _found(said)
    for _ in range(_MOST_PAGES):
        cursor = _cursor(said)
        if not cursor:
            break
        said = await _later_page(api, workspace, channel, thread, cursor)
        found |= _found(said)
    return found


async def _later_page(api: SlackApi, workspace: Workspace, channel: str, thread: str, cursor: str) -> Json:
    """Read on, and wait where that was too fast: to begin anew would never come to the end."""
    for _ in range(_TRIES_OF_A_LATER_PAGE - 1):
        with suppress(RateLimited):
            return await _replies(api, workspace, channel, thread, cursor=cursor, waits_out=True)
    return await _replies(api, workspace, channel, thread, cursor=cursor, waits_out=True)


async def _replies(api: SlackApi, workspace: Workspace, channel: str, thread: str, **more: Any) -> Json:
    page = {"channel": channel, "ts": thread, "limit": limits.REPLIES_PAGE, **more}
    return await _read(api, workspace, "conversations.replies", **page)


async def _read(api: SlackApi, workspace: Workspace, method: str, **arguments: Any) -> Json:
    return await api.call(workspace, method, include_all_metadata="true", **arguments)


def _cursor(said: Json) -> str:
    more = said.get("response_metadata")
    return str(more.get("next_cursor") or "") if isinstance(more, dict) else ""


def _found(said: Json) -> dict[str, str]:
    messages = said.get("messages")
    marks = ((_mark_of(one), str(one.get("ts"))) for one in messages or () if isinstance(one, dict))
    return {mark: ts for mark, ts in marks if mark is not None}


def _mark_of(message: Json) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != _EVENT:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get("marker")) if isinstance(payload, dict) else None
