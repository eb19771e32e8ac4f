"""Answers to an interaction: posts to its response_url, and the body a slash command is answered with.

Source: docs.slack.dev/interactivity/handling-user-interaction (five uses, thirty minutes).
"""

from typing import Any

from sandbox.slack.calls import Arguments, Refused
from sandbox.slack.chat import content_of, delete, new_message, show
from sandbox.slack.state import RESPONSE_URL_LIFE, RESPONSE_URL_USES, Message, ResponseUrl, World
from sandbox.slack.watching import Change, Watchers


def use_response_url(world: World, watchers: Watchers, path: str, body: Any) -> None:
    """Carry out one post to a response address; refused when it is unknown, used up or too old."""
    address = world.response_urls.get(path)
    if address is None:
        raise Refused("invalid_url")
    if address.used >= RESPONSE_URL_USES:
        raise Refused("used_url")
    if world.clock.now() - address.given_at > RESPONSE_URL_LIFE:
        raise Refused("expired_url")
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    _respond(world, watchers, address, Arguments(body))
    address.used += 1


def answer_command(world: World, watchers: Watchers, address: ResponseUrl, body: Any) -> None:
    """Show what the app answered a slash command with, to the person alone unless it says `in_channel`."""
    given = {"text": body} if isinstance(body, str) else body
    if not isinstance(given, dict):
        raise Refused("invalid_payload")
    _respond(world, watchers, address, Arguments(given))


def _respond(world: World, watchers: Watchers, address: ResponseUrl, arguments: Arguments) -> None:
    workspace = world.workspace(address.team_id)
    original = address.original
    if arguments.flag("delete_original"):
        watchers.message(Change.DELETED, _taken_away(original))
        return
    content = content_of(arguments, world)
    if content.text is None and not content.blocks:
        raise Refused("no_text")
    if arguments.flag("replace_original") and original is not None:
        if original.deleted:
            raise Refused("message_not_found")
        show(world, original, content)
        watchers.message(Change.UPDATED, original)
        return
    channel = workspace.channels[address.channel_id]
    in_channel = arguments.text("response_type") == "in_channel"
    message = new_message(world, workspace, channel, content)
    message.ephemeral_for = None if in_channel else address.user_id
    watchers.message(Change.POSTED, message)


def _taken_away(original: Message | None) -> Message:
    if original is None or original.deleted:
        raise Refused("message_not_found")
    delete(original)
    return original
