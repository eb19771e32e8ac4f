"""Escalations, each stored whole."""

import datetime as dt

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.errors import NotFound
from alliance.escalation import Escalation
from alliance.ids import AllianceId, EscalationId
from storage.codec import decode, encode
from storage.tables import EscalationRow


class Escalations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, escalation_id: EscalationId) -> Escalation:
        """Return one escalation, locked; NotFound when there is none."""
        row = await self._session.get(EscalationRow, escalation_id, with_for_update=True)
        if row is None:
            raise NotFound
        return decode(Escalation, row.document)

    async def numbered(self, alliance_id: AllianceId, number: int) -> Escalation | None:
        """The escalation with that number in its alliance, locked."""
        query = select(EscalationRow).where(EscalationRow.alliance_id == alliance_id, EscalationRow.number == number)
        row = (await self._session.exec(query.with_for_update())).first()
        return decode(Escalation, row.document) if row else None

    async def save(self, case: Escalation) -> None:
        await self._session.merge(
            EscalationRow(
                id=case.id,
                alliance_id=case.alliance_id,
                number=case.number,
                state=case.state,
                source=case.source,
                raised_at=case.raised_at,
                ended_at=case.ended_at,
                document=encode(case),
            )
        )
        await self._session.flush()

    async def next_number(self, alliance_id: AllianceId) -> int:
        """One more than the highest so far; hold the alliance's lock (rosters.lock) when asking."""
        query = select(func.max(EscalationRow.number)).where(EscalationRow.alliance_id == alliance_id)
        return ((await self._session.exec(query)).one() or 0) + 1

    async def from_source(self, alliance_id: AllianceId, source: str) -> Escalation | None:
        """The escalation that came from that blocker or warning; None for "" and where there is none."""
        if not source:
            return None
        query = select(EscalationRow).where(EscalationRow.alliance_id == alliance_id, EscalationRow.source == source)
        row = (await self._session.exec(query.order_by(col(EscalationRow.number)).limit(1))).first()
        return decode(Escalation, row.document) if row else None

    async def open_ones(self, alliance_id: AllianceId) -> list[Escalation]:
        """Escalations that have not ended, by number."""
        query = select(EscalationRow).where(
            EscalationRow.alliance_id == alliance_id, col(EscalationRow.ended_at).is_(None)
        )
        rows = await self._session.exec(query.order_by(col(EscalationRow.number)))
        return [decode(Escalation, row.document) for row in rows]

    async def ended_since(self, alliance_id: AllianceId, since: dt.datetime) -> list[Escalation]:
        query = select(EscalationRow).where(
            EscalationRow.alliance_id == alliance_id, col(EscalationRow.ended_at) >= since
        )
        rows = await self._session.exec(query.order_by(col(EscalationRow.number)))
        return [decode(Escalation, row.document) for row in rows]

    async def raised_since(self, alliance_id: AllianceId, since: dt.datetime) -> list[Escalation]:
        query = select(EscalationRow).where(EscalationRow.alliance_id == alliance_id, EscalationRow.raised_at >= since)
        rows = await self._session.exec(query.order_by(col(EscalationRow.number)))
        return [decode(Escalation, row.document) for row in rows]
