"""Homes that people have looked at: the messages, or the Home tabs, that are drawn anew when something changes."""

from collections.abc import Iterator, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import ToHome
from alliance.ids import MemberId
from storage.outbox import DeliveryState, recipient_key
from storage.tables import DeliveryRow, PostRow

AT_ONCE = 5_000
"""People asked about in one question; SQLite takes 32,766 parameters, PostgreSQL twice as many."""
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
        held: set[str] = set()
        for portion in _portions(list(keys)):
            looked_at = select(PostRow.recipient).where(col(PostRow.recipient).in_(portion), PostRow.subject == HOME)
            rows = await self._session.exec(looked_at)
            here = set(rows)
            if here:
                waiting = select(DeliveryRow.recipient).where(
                    col(DeliveryRow.recipient).in_(here), DeliveryRow.state == DeliveryState.PENDING
                )
                held |= here - set((await self._session.exec(waiting.with_for_update())).all())
        return tuple(member for key, member in keys.items() if key in held)


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many at a time as every database takes in one question."""
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
