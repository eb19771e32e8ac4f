"""What a chat platform can do for us, and the four ways in which it can fail."""

import json
from typing import Protocol

from bot.messages.blocks import Message
from bot.messages.parts import Json
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.workspaces import Workspace


class PlatformError(Exception):
    """A chat platform did not do what was asked."""


class RateLimited(PlatformError):
    """Too fast: `retry_after` is the number of seconds that the platform asks to wait."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"asked to wait {retry_after:g} s")
        self.retry_after = retry_after


class Unavailable(PlatformError):
    """Out of order or out of reach for now (5xx, timeout, connection refused): worth trying again later."""


class NotConnected(Unavailable):
    """The workspace's token is missing or refused: nothing gets through until an operator connects it anew."""


class Unreachable(PlatformError):
    """This person or channel cannot be reached: gone, blocked the app, or never installed it.

    The text begins with the platform's own word, for operators; `because` says it to people, after "Why:".
    """

    def __init__(self, said: str, because: str) -> None:
        super().__init__(f"{said} ({because})")
        self.because = because


class Rejected(PlatformError):
    """The platform refuses the request itself; sending the same again would be refused again."""


class MessageGone(Rejected):
    """The message that was to be drawn anew is not there any more: deleted, or past what the company keeps."""


class ChatPlatform(Protocol):
    """One chat platform, for every workspace on it. Paces itself by the platform's limits."""

    async def open_conversation(self, workspace: Workspace, address: str) -> Conversation:
        """Return the direct conversation with a person (or the channel itself for a channel's id)."""
        ...

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
        """Post a message, under another one where the platform has threads; `marker` names this delivery in it.

        `in_doubt`: all of it, or some of its parts, may have been posted before. Where the platform lets the liaison
        look, what is there already is not posted again.
        """
        ...

    async def update(self, workspace: Workspace, reference: Reference, message: Message) -> Reference:
        """Put a message in the place of one posted before, all its parts. MessageGone when that one is gone."""
        ...

    async def show_home(
        self,
        workspace: Workspace,
        address: str,
        conversation: Conversation,
        message: Message,
        *,
        shown: Reference | None,
    ) -> Reference:
        """Show a person their home: Slack's Home tab; in Teams the card `shown` or, where there is none, a new one."""
        ...


def object_in(text: str) -> Json:
    """The JSON object that a platform answered; empty when it is none, as of some proxies."""
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
