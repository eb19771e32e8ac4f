"""Where a person or a channel of a workspace is spoken to, learnt once and kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import WorkspaceId
from storage.tables import ConversationRow


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is a Slack channel (D… or C…) or a Teams conversation id; `service_url` is Teams' own."""

    id: str
    service_url: str | None = None


class Conversations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, workspace_id: WorkspaceId, address: str) -> Conversation | None:
        return (await self.several(workspace_id, [address])).get(address)

    async def several(self, workspace_id: WorkspaceId, addresses: Collection[str]) -> Mapping[str, Conversation]:
        """The conversations that are known of those addresses."""
        columns = select(ConversationRow.address, ConversationRow.conversation, ConversationRow.service_url)
        rows = await self._session.exec(
            columns.where(ConversationRow.workspace_id == workspace_id, col(ConversationRow.address).in_(addresses))
        )
        return {address: Conversation(conversation, service_url) for address, conversation, service_url in rows}

    async def save(self, workspace_id: WorkspaceId, address: str, conversation: Conversation) -> None:
        await self._session.merge(
            ConversationRow(
                workspace_id=workspace_id,
                address=address,
                conversation=conversation.id,
                service_url=conversation.service_url,
            )
        )
        await self._session.flush()

    async def forget(self, workspace_id: WorkspaceId, address: str) -> None:
        row = await self._session.get(ConversationRow, (workspace_id, address))
        if row is not None:
            await self._session.delete(row)
            await self._session.flush()
