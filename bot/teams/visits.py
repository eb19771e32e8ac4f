"""Who has the liaison and where they are spoken to: learnt from every activity, forgotten when it goes."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from alliance.roster import Member, Platform
from bot.messages.blocks import Message
from bot.messages.greetings import stranger, welcome
from bot.teams.activities import Received
from handlers.dispatch import ChatIdentity
from storage.conversations import Conversation
from storage.unit_of_work import OpenUnitOfWork

Memberships = Callable[[ChatIdentity], Awaitable[Sequence[Member]]]
"""The alliances a person is in, as `Dispatch.memberships` knows them."""


class Presence(Protocol):
    """Told when a person can be reached, or no longer can."""

    async def arrived(self, who: ChatIdentity) -> None:
        """They have the liaison, and said or did something in their chat with it; told each time."""
        ...

    async def left(self, who: ChatIdentity) -> None:
        """They removed the liaison."""
        ...


class Visits:
    """Keeps each person's conversation and each tenant's service address as last heard."""

    def __init__(
        self, open_uow: OpenUnitOfWork, memberships: Memberships, presence: Presence, now: Callable[[], dt.datetime]
    ) -> None:
        self._open_uow = open_uow
        self._now = now
        self._memberships = memberships
        self._presence = presence
        self._kept: dict[tuple[str, str], Conversation] = {}
        self._greeted: set[ChatIdentity] = set()
        self._lock = asyncio.Lock()

    async def seen(self, received: Received) -> bool:
        """Keep where the activity came from; True when this person's chat was not known before."""
        address = received.who.address if received.personal and received.who else ""
        chat = Conversation(received.conversation if address else "", received.service_url)
        is_new = False
        if self._kept.get((received.tenant, address)) != chat:
            async with self._lock:
                is_new = await self._keep(received, address, chat)
        # Teams says nothing when somebody unblocks the liaison: who writes in its chat is back. So is who presses
        # there, which the press says by itself (ChatIdentity.is_here).
        writes = address and received.kind == "message" and received.pressed is None
        if received.who and (is_new or writes):
            await self._presence.arrived(received.who)
        return is_new

    async def came(self, received: Received) -> Message | None:
        """Keep the conversation of somebody who added the liaison; what to say to them, once.

        Teams tells of one installation in two activities.
        """
        is_new = await self.seen(received)
        if received.who is None or received.who in self._greeted:
            return None
        self._greeted.add(received.who)
        if not await self._memberships(received.who):
            return stranger()
        return welcome() if is_new else None

    async def left(self, received: Received) -> None:
        """Forget the conversation of somebody who removed the liaison."""
        if not received.personal or received.who is None:
            return
        self._kept.pop((received.tenant, received.who.address), None)
        self._greeted.discard(received.who)
        async with self._open_uow() as uow:
            workspace = await uow.workspaces.find(Platform.TEAMS, received.tenant)
            if workspace is not None:
                await uow.conversations.forget(workspace.id, received.who.address)
                await uow.commit()
        await self._presence.left(received.who)

    async def _keep(self, received: Received, address: str, chat: Conversation) -> bool:
        async with self._open_uow() as uow:
            workspace = await uow.workspaces.find(Platform.TEAMS, received.tenant)
            if workspace is None:
                return False
            if workspace.service_url != received.service_url:
                await uow.workspaces.save(replace(workspace, service_url=received.service_url))
                await uow.workspaces.hurry(workspace, self._now())
            known = await uow.conversations.find(workspace.id, address) if address else chat
            if known != chat:
                await uow.conversations.save(workspace.id, address, chat)
            await uow.commit()
        self._kept[received.tenant, address] = chat
        return known is None
