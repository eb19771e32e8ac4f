"""Homes that people have looked at: the messages, or the Home tabs, that are drawn anew when something changes."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import ToHome
from alliance.ids import MemberId
from storage.outbox import DeliveryState, recipient_key
from storage.tables import DeliveryRow, PostRow

HOME = "home"
"""The subject under which a person's home is kept."""


class Homes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def to_redraw(self, members: Sequence[MemberId]) -> tuple[MemberId, ...]:
        """Return those of the members who have a home that does not wait to be redrawn already.

        What waits is held until the transaction ends: claimed meanwhile, it would be drawn without this change.
        """
        keys = {recipient_key(ToHome(member)): member for member in members}
        rows = await self._session.exec(
            select(PostRow.recipient).where(col(PostRow.recipient).in_(keys), PostRow.subject == HOME)
        )
        held = set(rows)
        if not held:
            return ()
        waiting = await self._session.exec(
            select(DeliveryRow.recipient)
            .where(col(DeliveryRow.recipient).in_(held), DeliveryRow.state == DeliveryState.PENDING)
            .with_for_update()
        )
        held -= set(waiting)
        return tuple(member for key, member in keys.items() if key in held)
