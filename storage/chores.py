"""What the installation owes itself: noted with what made it necessary, done once, by whichever process."""

import secrets

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import ChoreRow

SCRUB = "scrub"
"""Something was deleted that has to leave the database's files too."""


class Chores:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owe(self, name: str) -> None:
        """Note that it has to be done after this transaction, by somebody."""
        await self._session.merge(ChoreRow(name=name, occasion=secrets.token_hex(8)))
        await self._session.flush()

    async def owed(self, name: str) -> str | None:
        """For which occasion it has to be done; None when it is not owed."""
        row = await self._session.get(ChoreRow, name)
        return row.occasion if row else None

    async def done(self, name: str, occasion: str) -> None:
        """It was done for that occasion; when there was another one since, it stays owed."""
        mine = (col(ChoreRow.name) == name, col(ChoreRow.occasion) == occasion)
        await self._session.exec(delete(ChoreRow).where(*mine))
