"""Action items."""

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.action_item import ActionItem, ItemState
from alliance.errors import NotFound
from alliance.ids import ActionItemId, AllianceId
from storage.codec import decode, encode
from storage.tables import ActionItemRow


class ActionItems:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, item_id: ActionItemId) -> ActionItem:
        """Return one item, locked; NotFound when there is none."""
        row = await self._session.get(ActionItemRow, item_id, with_for_update=True)
        if row is None:
            raise NotFound
        return decode(ActionItem, row.document)

    async def numbered(self, alliance_id: AllianceId, number: int) -> ActionItem | None:
        query = select(ActionItemRow).where(ActionItemRow.alliance_id == alliance_id, ActionItemRow.number == number)
        row = (await self._session.exec(query.with_for_update())).first()
        return decode(ActionItem, row.document) if row else None

    async def next_number(self, alliance_id: AllianceId) -> int:
        """One more than the highest so far; hold the alliance's lock (rosters.lock) when asking."""
        query = select(func.max(ActionItemRow.number)).where(ActionItemRow.alliance_id == alliance_id)
        return ((await self._session.exec(query)).one() or 0) + 1

    async def save(self, item: ActionItem) -> None:
        await self._session.merge(
            ActionItemRow(
                id=item.id,
                alliance_id=item.alliance_id,
                number=item.number,
                owner=item.owner,
                due=item.due,
                state=item.state,
                document=encode(item),
            )
        )
        await self._session.flush()

    async def open_ones(self, alliance_id: AllianceId) -> list[ActionItem]:
        """Items that are neither done nor dropped, by due date."""
        return await self._in_state(alliance_id, ItemState.OPEN)

    async def done_ones(self, alliance_id: AllianceId) -> list[ActionItem]:
        return await self._in_state(alliance_id, ItemState.DONE)

    async def _in_state(self, alliance_id: AllianceId, state: ItemState) -> list[ActionItem]:
        rows = await self._session.exec(
            select(ActionItemRow)
            .where(ActionItemRow.alliance_id == alliance_id, ActionItemRow.state == state)
            .order_by(col(ActionItemRow.due), col(ActionItemRow.number))
        )
        return [decode(ActionItem, row.document) for row in rows]
