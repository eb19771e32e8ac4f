"""Early warnings, each found once for its occasion."""

import datetime as dt

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.errors import NotFound
from alliance.ids import AllianceId, WarningId
from alliance.warning import EarlyWarning
from storage.codec import decode, encode
from storage.tables import WarningRow


class Warnings:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, warning: EarlyWarning, occasion: str) -> bool:
        """Keep a warning; False when it was found before for the same occasion ("pulse 4")."""
        known = await self._session.exec(
            select(WarningRow.id).where(
                WarningRow.alliance_id == warning.alliance_id,
                WarningRow.rule == warning.rule,
                WarningRow.subject == warning.subject,
                WarningRow.occasion == occasion,
            )
        )
        if known.first() is not None:
            return False
        self._session.add(
            WarningRow(
                id=warning.id,
                alliance_id=warning.alliance_id,
                rule=warning.rule,
                subject=warning.subject,
                occasion=occasion,
                found_at=warning.found_at,
                document=encode(warning),
            )
        )
        await self._session.flush()
        return True

    async def get(self, warning_id: WarningId) -> EarlyWarning:
        row = await self._session.get(WarningRow, warning_id)
        if row is None:
            raise NotFound
        return decode(EarlyWarning, row.document)

    async def since(self, alliance_id: AllianceId, since: dt.datetime) -> list[EarlyWarning]:
        rows = await self._session.exec(
            select(WarningRow)
            .where(WarningRow.alliance_id == alliance_id, WarningRow.found_at >= since)
            .order_by(col(WarningRow.found_at), col(WarningRow.id))
        )
        return [decode(EarlyWarning, row.document) for row in rows]
