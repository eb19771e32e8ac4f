"""The chat methods: messages posted, updated, deleted.

Source: docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.slack.blockkit import complaints_about_blocks, complaints_about_metadata, filled_in, tables_in
from sandbox.slack.calls import Arguments, Call, Method, Refused
from sandbox.slack.state import NO_FALLBACK_TEXT, Channel, Json, Message, Workspace, World
from sandbox.slack.watching import Change

_MOST_TEXT = 40_000
_MOST_TEXT_IN_UPDATE = 4_000
_MOST_METADATA = 16_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shall show, checked."""

    text: str | None
    blocks: list[Json] | None
    is_truncated: bool = False


def content_of(arguments: Arguments, world: World) -> Content:
    """Return the checked text and blocks of a call; refused as Slack does."""
    text = arguments.text("text")
    blocks = checked_blocks(arguments.structure("blocks", "invalid_blocks_format"), world)
    if arguments.given.get("attachments"):
        raise Refused("invalid_attachments", ["attachments are not taken here, send blocks"])
    is_truncated = text is not None and len(text) > _MOST_TEXT
    return Content(text[:_MOST_TEXT] if text is not None else None, blocks, is_truncated)


def checked_blocks(blocks: Any, world: World) -> list[Json] | None:
    """Return the blocks with what Slack fills in, None for none; refused with every complaint at once."""
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    complaints = complaints_about_blocks(blocks)
    if complaints:
        raise Refused("invalid_blocks", complaints)
    if tables_in(blocks) > 1:
        raise Refused("invalid_attachments", ["only_one_table_allowed"])
    return filled_in(blocks, world.new_word)


def new_message(world: World, workspace: Workspace, channel: Channel, content: Content) -> Message:
    """Put a message of the bot into the channel."""
    message = Message(
        team_id=workspace.team_id,
        channel_id=channel.channel_id,
        ts=channel.next_ts(world.clock.now()),
        user_id=workspace.bot_user_id,
        text=content.text or NO_FALLBACK_TEXT,
        blocks=content.blocks or None,
        bot_id=workspace.bot_id,
    )
    channel.messages[message.ts] = message
    return message


def _post_message(call: Call) -> Json:
    channel = _conversation_with(call, call.arguments.needed("channel"))
    content = content_of(call.arguments, call.world)
    if content.text is None and not content.blocks:
        raise Refused("no_text")
    metadata = _metadata(call.arguments)
    thread_ts = _thread(call.arguments, channel)
    message = new_message(call.world, call.workspace, channel, content)
    message.metadata, message.thread_ts = metadata, thread_ts
    call.watchers.message(Change.POSTED, message)
    answer: Json = {"ok": True, "channel": channel.channel_id, "ts": message.ts, "message": message.to_json()}
    if content.is_truncated:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


def _post_ephemeral(call: Call) -> Json:
    channel = _conversation_with(call, call.arguments.needed("channel"))
    user_id = call.arguments.needed("user")
    if user_id not in channel.members:
        raise Refused("user_not_in_channel")
    content = content_of(call.arguments, call.world)
    if content.text is None and not content.blocks:
        raise Refused("no_text")
    thread_ts = _thread(call.arguments, channel)
    message = new_message(call.world, call.workspace, channel, content)
    message.ephemeral_for, message.thread_ts = user_id, thread_ts
    call.watchers.message(Change.POSTED, message)
    return {"ok": True, "message_ts": message.ts}


def _update(call: Call) -> Json:
    channel = call.channel(call.arguments.needed("channel"))
    message = _own_message(call, channel, "cant_update_message")
    content = content_of(call.arguments, call.world)
    has_metadata = "metadata" in call.arguments.given
    if content.text is None and content.blocks is None and not has_metadata:
        raise Refused("no_text")
    if content.text is not None and len(content.text) > _MOST_TEXT_IN_UPDATE:
        raise Refused("msg_too_long")
    if has_metadata:
        message.metadata = _metadata(call.arguments)
    show(call.world, message, content)
    call.watchers.message(Change.UPDATED, message)
    return {
        "ok": True,
        "channel": channel.channel_id,
        "ts": message.ts,
        "text": message.text,
        "message": message.to_json(),
    }


def show(world: World, message: Message, content: Content) -> None:
    """Let a message show new content; text without blocks takes the blocks away."""
    if content.text is None and content.blocks is None:
        return
    if content.blocks is None:
        message.edited_ts = f"{world.seconds()}.000000"
    message.change(content.text or message.text, content.blocks or None)


def _delete(call: Call) -> Json:
    channel = call.channel(call.arguments.needed("channel"))
    message = _own_message(call, channel, "cant_delete_message")
    delete(message)
    call.watchers.message(Change.DELETED, message)
    return {"ok": True, "channel": channel.channel_id, "ts": message.ts}


def delete(message: Message) -> None:
    """Take a message away; what it showed stays in `earlier`."""
    message.change("", None)
    message.deleted = True


def _conversation_with(call: Call, name: str) -> Channel:
    """Return the conversation, opening the direct one when a person is named."""
    person = call.workspace.people.get(name)
    if person is None:
        return call.channel(name)
    if person.is_bot:
        raise Refused("cannot_dm_bot")
    if person.home_team_id != call.workspace.team_id:
        raise Refused("channel_not_found")
    return call.world.open_im(call.workspace, name)[0]


def _own_message(call: Call, channel: Channel, refusal: str) -> Message:
    message = channel.messages.get(call.arguments.needed("ts"))
    if message is None or message.deleted or message.ephemeral_for is not None:
        raise Refused("message_not_found")
    if message.bot_id != call.workspace.bot_id:
        raise Refused(refusal)
    return message


def _metadata(arguments: Arguments) -> Json | None:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    complaints = complaints_about_metadata(metadata)
    if complaints:
        raise Refused("invalid_metadata_format", complaints)
    if len(str(metadata)) > _MOST_METADATA:
        raise Refused("metadata_too_large")
    checked: Json = metadata
    return checked


def _thread(arguments: Arguments, channel: Channel) -> str | None:
    thread_ts = arguments.text("thread_ts")
    if thread_ts is not None and thread_ts not in channel.messages:
        raise Refused("thread_not_found")
    return thread_ts


METHODS: dict[str, Method] = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
}
