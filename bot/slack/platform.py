"""Slack as a chat platform: conversations opened, messages posted, replaced and found again."""

from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from bot.messages.blocks import Message
from bot.messages.parts import Json
from bot.platform import MessageGone, RateLimited, Unavailable
from bot.slack.answers import home_blocks
from bot.slack.api import SlackApi
from bot.slack.errors import Refused
from bot.slack.marks import marked, marking
from bot.slack.render import Rendered, TooLarge, render
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.workspaces import Workspace

_CHANNELS = ("C", "G", "D")
_TRIES_OF_A_LATER_PART = 3
_CANNOT_BE_DRAWN_ANEW = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})
"""Deleted by hand or by the workspace's retention, or past the time in which it lets messages be changed."""


class Installed(NamedTuple):
    """Whose bot token it is: the workspace's id and name, and the user id of the bot in it."""

    team_id: str
    name: str
    bot_user: str


class SlackPlatform:
    """Implements `bot.platform.ChatPlatform` for every workspace that the app is installed in."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._newest: tuple[Message, tuple[Rendered, ...]] | None = None

    async def identify(self, token: str) -> Installed:
        """Return whose token it is; Unavailable when Slack refuses it."""
        said = await self._api.call_with(token, "auth.test")
        team_id = said.get("team_id")
        if not isinstance(team_id, str) or not team_id:
            raise Unavailable("auth.test: Slack does not say whose token it is")
        return Installed(team_id, str(said.get("team") or team_id), str(said.get("user_id") or ""))

    async def open_conversation(self, workspace: Workspace, address: str) -> Conversation:
        """Return the direct conversation with a person (U…); a channel (C…, G…) is its own."""
        if address.startswith(_CHANNELS):
            return Conversation(address)
        said = await self._api.call(workspace, "conversations.open", users=address)
        channel = said.get("channel")
        if not isinstance(channel, dict) or not channel.get("id"):
            raise Unavailable("conversations.open: Slack named no conversation")
        return Conversation(str(channel["id"]))

    async def post(
        self,
        workspace: Workspace,
        conversation: Conversation,
        message: Message,
        *,
        under: Reference | None,
        marker: str,
        in_doubt: bool = False,
    ) -> Reference:
        """Post a message, in several parts if need be; the reference is that of the part with the buttons.

        `under` makes it a reply in that message's thread, where it stands in the same conversation. Each part says
        which it is, so that of a message `in_doubt` only those parts are posted that are not there.
        """
        parts = self._drawn(message)
        chief = _chief(parts)
        thread = under.message if under is not None and under.conversation == conversation.id else None
        there = await marked(self._api, workspace, conversation.id, thread) if in_doubt else {}
        posted: list[Reference] = []
        for index, part in enumerate(parts):
            mark = marker if index == chief else f"{marker}/{index}"
            if mark in there:
                posted.append(Reference(conversation.id, there[mark]))
                continue
            posted.append(await self._post(workspace, conversation.id, part, thread, mark, goes_on=index > 0))
        return replace(posted[chief], parts=tuple(one.message for one in posted) if len(posted) > 1 else ())

    async def update(self, workspace: Workspace, reference: Reference, message: Message) -> Reference:
        """Put a message in the place of a posted one; parts that it has no more are deleted, new ones go under it."""
        drawn = self._drawn(message)
        chief = _chief(drawn)
        await self._update(workspace, reference, reference.message, drawn[chief])
        others = [part for index, part in enumerate(drawn) if index != chief]
        before = [ts for ts in reference.parts if ts != reference.message]
        kept = before[: len(others)]
        for ts, part in zip(kept, others, strict=False):
            with suppress(MessageGone):
                await self._update(workspace, reference, ts, part)
        for ts in before[len(kept) :]:
            with suppress(Refused):
                await self._api.call(workspace, "chat.delete", channel=reference.conversation, ts=ts)
        for part in others[len(kept) :]:
            added = await self._post(workspace, reference.conversation, part, reference.message, None, goes_on=True)
            kept.append(added.message)
        return replace(reference, parts=(*kept, reference.message) if kept else ())

    def _drawn(self, message: Message) -> tuple[Rendered, ...]:
        """Draw a message; the one that has just gone to somebody else too is not drawn again."""
        if self._newest is None or self._newest[0] is not message:
            try:
                self._newest = message, render(message)
            except TooLarge as error:
                raise Refused("render", str(error)) from error
        return self._newest[1]

    async def _update(self, workspace: Workspace, reference: Reference, ts: str, part: Rendered) -> None:
        try:
            await self._api.call(
                workspace,
                "chat.update",
                channel=reference.conversation,
                ts=ts,
                text=part.text,
                blocks=list(part.blocks),
            )
        except Refused as refusal:
            if refusal.code in _CANNOT_BE_DRAWN_ANEW:
                raise MessageGone(str(refusal)) from refusal
            raise

    async def show_home(
        self,
        workspace: Workspace,
        address: str,
        conversation: Conversation,
        message: Message,
        *,
        shown: Reference | None,
    ) -> Reference:
        """Publish a message as a person's Home tab, in the place of what is there; the reference is the view's id."""
        del shown
        view = {"type": "home", "blocks": home_blocks(message)}
        said = await self._api.call(workspace, "views.publish", user_id=address, view=view)
        published = said.get("view")
        return Reference(conversation.id, str(published.get("id", "")) if isinstance(published, dict) else "")

    async def _post(
        self,
        workspace: Workspace,
        channel: str,
        part: Rendered,
        thread: str | None,
        marker: str | None,
        *,
        goes_on: bool,
    ) -> Reference:
        arguments: Json = {
            "channel": channel,
            "text": part.text,
            "blocks": list(part.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if marker is not None:
            arguments["metadata"] = marking(marker)
        try:
            said = await self._send(workspace, {**arguments, "thread_ts": thread}, goes_on=goes_on)
        except Refused as refusal:
            if thread is None or refusal.code != "thread_not_found":
                raise
            # The message it belongs under was deleted; what it says must arrive all the same.
            said = await self._send(workspace, arguments, goes_on=goes_on)
        return Reference(str(said.get("channel", channel)), str(said["ts"]))

    async def _send(self, workspace: Workspace, arguments: Json, *, goes_on: bool) -> Json:
        """Post one part; a later one is tried again when it was too fast, or the first would come twice."""
        for _ in range(_TRIES_OF_A_LATER_PART - 1 if goes_on else 0):
            try:
                return await self._api.call(workspace, "chat.postMessage", waits_out=True, **arguments)
            except RateLimited:
                continue  # the next call waits for as long as Slack asked
        return await self._api.call(workspace, "chat.postMessage", waits_out=goes_on, **arguments)


def _chief(parts: tuple[Rendered, ...]) -> int:
    """Return which part carries the buttons, the last of them; the last part when there are none."""
    with_buttons = [
        index for index, part in enumerate(parts) if any(block["type"] == "actions" for block in part.blocks)
    ]
    return with_buttons[-1] if with_buttons else len(parts) - 1
