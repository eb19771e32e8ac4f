"""The audit trail as stored: the chain, and apart from it the details that can be deleted."""

import datetime as dt
import secrets
from collections.abc import Mapping

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audit import AuditEntry, AuditFact, BrokenLink, digest_of, link, verify
from alliance.ids import AllianceId, MemberId
from storage.codec import decode, encode
from storage.tables import AllianceRow, AuditDetailsRow, AuditRow


class AuditTrail:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(self, alliance_id: AllianceId, now: dt.datetime, *facts: AuditFact) -> None:
        """Add facts to the alliance's chain, in order; writers of one chain wait for each other."""
        if not facts:
            return
        await self._session.exec(select(AllianceRow.id).where(AllianceRow.id == alliance_id).with_for_update())
        newest = await self._session.exec(
            select(AuditRow).where(AuditRow.alliance_id == alliance_id).order_by(col(AuditRow.seq).desc()).limit(1)
        )
        row = newest.first()
        previous = decode(AuditEntry, row.document) if row else None
        for fact in facts:
            salt = secrets.token_hex(16)
            previous = link(fact, alliance_id=alliance_id, previous=previous, at=now, salt=salt)
            self._session.add(AuditRow(alliance_id=alliance_id, seq=previous.seq, document=encode(previous)))
            if fact.details:
                self._session.add(
                    AuditDetailsRow(
                        alliance_id=alliance_id,
                        seq=previous.seq,
                        actor=fact.actor,
                        salt=salt,
                        details=dict(fact.details),
                    )
                )
        await self._session.flush()

    async def entries(self, alliance_id: AllianceId, after: int = 0, limit: int = 500) -> list[AuditEntry]:
        """A page of the chain, in order, from the entry after `after`."""
        rows = await self._session.exec(
            select(AuditRow)
            .where(AuditRow.alliance_id == alliance_id, AuditRow.seq > after)
            .order_by(col(AuditRow.seq))
            .limit(limit)
        )
        return [decode(AuditEntry, row.document) for row in rows]

    async def count(self, alliance_id: AllianceId) -> int:
        """How many entries the chain has."""
        newest = await self._session.exec(select(func.max(AuditRow.seq)).where(AuditRow.alliance_id == alliance_id))
        return newest.one() or 0

    async def since(self, alliance_id: AllianceId, since: dt.datetime) -> list[AuditEntry]:
        """The entries made at that instant or later, in order; the chain is read from its end, no further."""
        after = await self.count(alliance_id)
        found: list[AuditEntry] = []
        while after > 0:
            size = min(after, 500)
            after -= size
            page = await self.entries(alliance_id, after=after, limit=size)
            recent = [entry for entry in page if entry.at >= since]
            found = recent + found
            if len(recent) < len(page):
                break
        return found

    async def details(self, alliance_id: AllianceId) -> Mapping[int, Mapping[str, str]]:
        """The details that were not deleted, by sequence number."""
        rows = await self._session.exec(select(AuditDetailsRow).where(AuditDetailsRow.alliance_id == alliance_id))
        return {row.seq: row.details for row in rows}

    async def verify(self, alliance_id: AllianceId) -> BrokenLink | None:
        """Check the whole chain, and every detail that is still held against its digest; None when all holds."""
        entries: list[AuditEntry] = []
        while page := await self.entries(alliance_id, after=len(entries)):
            entries.extend(page)
        if broken := verify(entries):
            return broken
        digests = {entry.seq: entry.details_digest for entry in entries}
        rows = await self._session.exec(select(AuditDetailsRow).where(AuditDetailsRow.alliance_id == alliance_id))
        for row in rows:
            if digests.get(row.seq) != digest_of(row.details, row.salt):
                return BrokenLink(row.seq, "its details were changed")
        return None

    async def forget_details(self, actor: MemberId) -> None:
        """Delete a person's own words behind the chain; the chain still verifies."""
        await self._session.exec(delete(AuditDetailsRow).where(col(AuditDetailsRow.actor) == actor))
