"""What the outbox holds of pulses and must not keep: who was reminded, and what people wrote."""

import datetime as dt

from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import AllianceId, PulseId
from alliance.notices import PulseComments, PulseReminder
from storage.codec import aware
from storage.outbox import DeliveryState
from storage.tables import AllianceRow, DeliveryRow, NoticeRow, PulseCommentRow

ARRIVED = (DeliveryState.SENT, DeliveryState.UNWANTED)


class PulseNotices:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def forget_reminded(self, alliance_id: AllianceId, pulse_id: PulseId) -> None:
        """Delete to whom reminders of a pulse went, which is who had not answered by then."""
        rows = await self._session.exec(
            select(NoticeRow).where(NoticeRow.alliance_id == alliance_id, NoticeRow.kind == PulseReminder.__name__)
        )
        reminders = [row for row in rows if row.body["pulse_id"] == pulse_id]
        for row in reminders:
            row.body = {**row.body, "members": []}
        told = [row.id for row in reminders]
        await self._session.exec(delete(DeliveryRow).where(col(DeliveryRow.notice_id).in_(told)))
        await self._session.flush()

    async def forget_comments(self, before: dt.datetime) -> bool:
        """Delete a pulse's comments once all to whom they go have them; those from before that instant anyway.

        Then they are no longer sent to whoever could not be reached, and stand in no table. Returns whether any went.
        """
        done = await self._comments_done(before)
        for row in done:
            of_that_side = and_(
                col(PulseCommentRow.pulse_id) == row.body["pulse_id"], col(PulseCommentRow.side) == row.body["side"]
            )
            await self._session.exec(delete(PulseCommentRow).where(of_that_side))
            row.body = {**row.body, "comments": []}
        told = [row.id for row in done]
        unsent = and_(col(DeliveryRow.notice_id).in_(told), col(DeliveryRow.state).not_in(ARRIVED))
        await self._session.exec(delete(DeliveryRow).where(unsent))
        await self._session.flush()
        return bool(done)

    async def _comments_done(self, before: dt.datetime) -> list[NoticeRow]:
        everywhere = col(NoticeRow.alliance_id).in_(select(AllianceRow.id))  # so that the index on both is used
        rows = await self._session.exec(select(NoticeRow).where(everywhere, NoticeRow.kind == PulseComments.__name__))
        told = [row for row in rows if row.body["comments"]]
        waiting = select(DeliveryRow.notice_id).where(
            col(DeliveryRow.notice_id).in_([row.id for row in told]), col(DeliveryRow.state).not_in(ARRIVED)
        )
        waited_for = set(await self._session.exec(waiting))
        return [row for row in told if row.id not in waited_for or aware(row.created_at) < before]
