"""Microsoft Teams as a chat platform: conversations opened, cards posted and replaced."""

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.messages.blocks import Message
from bot.messages.parts import Json
from bot.platform import MessageGone, Rejected
from bot.teams.activities import CARD_MARK
from bot.teams.connector import Connector, Place
from bot.teams.login import AppIdentity
from bot.teams.render import Rendered, render
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Where Teams is served until an activity of the tenant has said where exactly."""
CARD = "application/vnd.microsoft.card.adaptive"
_CHANNELS = ("@thread.tacv2", "@thread.skype")


class TeamsPlatform:
    """Implements `bot.platform.ChatPlatform` for every tenant that the app is installed in."""

    def __init__(self, connector: Connector, identity: AppIdentity) -> None:
        self._connector = connector
        self._identity = identity

    async def open_conversation(self, workspace: Workspace, address: str) -> Conversation:
        """Return the personal chat with an Entra user; a channel ("19:…") is its own conversation."""
        if address.startswith("19:"):
            # Without an address of its own it follows its tenant, which may not have said yet where it is served.
            return Conversation(address)
        service_url = workspace.service_url or SERVICE_URL
        chat = await self.chat_with(address, workspace.external_id, service_url)
        return Conversation(chat, service_url)

    async def chat_with(self, person: str, tenant: str, service_url: str) -> str:
        """Return the id of the liaison's personal chat with an Entra user of a tenant."""
        body = {
            "bot": {"id": self._identity.bot_id},
            "members": [{"id": person}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
            "isGroup": False,
        }
        return await self._connector.open(service_url, tenant, body)

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
        """Post a message, in a channel under `under`; the reference is its last card's, with the buttons.

        Teams lets nobody look for `marker`; the buttons carry it, so that a card sent twice answers as one.
        """
        del in_doubt  # it is sent again
        service_url = conversation.service_url or workspace.service_url or SERVICE_URL
        where = _thread(conversation.id, under)
        place = Place(service_url, workspace.external_id, where)
        activities = [marked(card_activity(part), marker) for part in render(message)]
        posted = [await self._connector.send(place, activity) for activity in activities]
        log.info("message posted", extra={"delivery": marker, "parts": len(posted)})
        return Reference(where, posted[-1], service_url, tuple(posted) if len(posted) > 1 else ())

    async def update(self, workspace: Workspace, reference: Reference, message: Message) -> Reference:
        """Put a message in the place of one posted before; parts that it has no more are deleted, new ones follow."""
        service_url = reference.service_url or workspace.service_url or SERVICE_URL
        place = Place(service_url, workspace.external_id, reference.conversation)
        *others, last = render(message)
        await self._connector.update(place, reference.message, card_activity(last))
        before = reference.parts[:-1]
        kept = list(before[: len(others)])
        for known, part in zip(kept, others, strict=False):
            with suppress(MessageGone):
                await self._connector.update(place, known, card_activity(part))
        for gone in before[len(kept) :]:
            with suppress(Rejected):
                await self._connector.delete(place, gone)
        kept += [await self._connector.send(place, card_activity(part)) for part in others[len(kept) :]]
        return replace(reference, parts=(*kept, reference.message) if kept else ())

    async def show_home(
        self,
        workspace: Workspace,
        address: str,
        conversation: Conversation,
        message: Message,
        *,
        shown: Reference | None,
    ) -> Reference:
        """Show a person's home in the card `shown`; in a new one of their chat where there is none, or it is gone."""
        if shown is not None:
            with suppress(MessageGone):
                return await self.update(workspace, shown, message)
        del address  # the conversation is theirs alone
        # Without a marker: each time that a home is shown anew, its buttons are new ones.
        return await self.post(workspace, conversation, message, under=None, marker="")


def card_activity(part: Rendered) -> Json:
    """The activity that shows a card; its summary is what the notification says."""
    return {
        "type": "message",
        "summary": part.summary,
        "attachments": [{"contentType": CARD, "content": part.card}],
    }


def marked(part: Any, marker: str) -> Any:
    """A card, or what stands in it, with the delivery's name in the data of each button of ours; "" leaves it."""
    match part:
        case _ if not marker:
            return part
        case {"type": "Action.Execute" | "Action.Submit", "data": {"token": _} as data}:
            inner = {name: marked(held, marker) for name, held in part.items()}
            return {**inner, "data": {**data, CARD_MARK: marker}}
        case dict():
            return {name: marked(held, marker) for name, held in part.items()}
        case list():
            return [marked(held, marker) for held in part]
        case _:
            return part


def _thread(conversation: str, under: Reference | None) -> str:
    """Where a message under another one goes; only channels have threads."""
    if under is None or not conversation.partition(";")[0].endswith(_CHANNELS):
        return conversation
    if ";messageid=" in under.conversation:
        return under.conversation
    return f"{conversation};messageid={under.message}"
