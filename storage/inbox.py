"""What was taken already, so that a platform's second delivery of the same request has no second effect."""

import datetime as dt
import hashlib

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import InboxRow


class Inbox:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_first(self, key: str, now: dt.datetime) -> bool:
        """Note a request by its key; False when it was noted before. Part of the transaction, like all it causes."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        try:
            async with self._session.begin_nested():
                self._session.add(InboxRow(key=digest, received_at=now))
        except IntegrityError:
            return False
        return True

    async def forget(self, before: dt.datetime) -> None:
        """Drop what was noted before that instant: no platform repeats a request so late."""
        await self._session.exec(delete(InboxRow).where(col(InboxRow.received_at) < before))
