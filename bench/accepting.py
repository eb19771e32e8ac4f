"""A platform that accepts everything at once, after every message was drawn as its own platform would have it."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.messages.blocks import Message
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.workspaces import Workspace


@dataclass(slots=True)
class AcceptingPlatform:
    """Implements `bot.platform.ChatPlatform`; `draw` makes what would be sent of a message.

    `calls` counts by workspace and kind of call, `sent` the bytes.
    """

    draw: Callable[[Message], Sequence[object]]
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent: int = 0
    _newest: Message | None = None
    _drawn: Sequence[object] = ()

    async def open_conversation(self, workspace: Workspace, address: str) -> Conversation:
        self.calls[workspace.external_id, "open"] += 1
        return Conversation(f"D{address}")

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
        del under, marker, in_doubt
        self._accept(workspace, "post", message)
        return Reference(conversation.id, f"1700000000.{self.calls.total():06}")

    async def update(self, workspace: Workspace, reference: Reference, message: Message) -> Reference:
        self._accept(workspace, "update", message)
        return reference

    async def show_home(
        self,
        workspace: Workspace,
        address: str,
        conversation: Conversation,
        message: Message,
        *,
        shown: Reference | None,
    ) -> Reference:
        self._accept(workspace, "home", message)
        return shown or Reference(conversation.id, f"V{address}")

    def _accept(self, workspace: Workspace, call: str, message: Message) -> None:
        if message is not self._newest:  # as the platforms do not draw the same message again
            self._newest, self._drawn = message, self.draw(message)
        self.calls[workspace.external_id, call] += 1
        self.sent += sum(len(json.dumps(part)) for part in self._drawn)
