"""Weekly digests: made once a week, read by both companies."""

import datetime as dt

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.digest import Digest
from alliance.ids import AllianceId
from storage.codec import decode, encode
from storage.tables import DigestRow


class Digests:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_week(self, alliance_id: AllianceId, week: dt.date) -> Digest | None:
        """The digest of the week that begins on that date, if it was made."""
        row = await self._session.get(DigestRow, (alliance_id, week))
        return decode(Digest, row.document) if row else None

    async def newest(self, alliance_id: AllianceId) -> Digest | None:
        query = select(DigestRow).where(DigestRow.alliance_id == alliance_id)
        row = (await self._session.exec(query.order_by(col(DigestRow.week).desc()).limit(1))).first()
        return decode(Digest, row.document) if row else None

    async def save(self, digest: Digest) -> None:
        await self._session.merge(DigestRow(alliance_id=digest.alliance_id, week=digest.week, document=encode(digest)))
        await self._session.flush()
