"""What people have begun to write in a dialog: theirs alone, sealed, and gone once it is sent or a few days old."""

import datetime as dt
import json
from collections.abc import Mapping

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import MemberId
from storage.seal import CannotUnseal, Seal
from storage.tables import DraftRow

MOST_KEPT = 20
"""Dialogs of one person that are begun at the same time; nobody writes in more."""


class Drafts:
    def __init__(self, session: AsyncSession, seal: Seal) -> None:
        self._session = session
        self._seal = seal

    async def keep(self, author: MemberId, form: str, inputs: Mapping[str, str], now: dt.datetime) -> None:
        """Keep what stands in a dialog, in the place of what was kept of it before; of a person's, the newest few."""
        sealed = self._seal.close(json.dumps(dict(inputs)))
        await self._session.merge(DraftRow(author=author, form=form, sealed=sealed, kept_at=now))
        await self._session.flush()
        newest = select(DraftRow.form).where(DraftRow.author == author).order_by(col(DraftRow.kept_at).desc())
        kept = list(await self._session.exec(newest.limit(MOST_KEPT)))
        await self._session.exec(
            delete(DraftRow).where(col(DraftRow.author) == author, col(DraftRow.form).not_in(kept))
        )

    async def find(self, author: MemberId, form: str) -> Mapping[str, str]:
        """What was kept of a dialog, by the names of its inputs; empty when nothing was, or no key opens it."""
        row = await self._session.get(DraftRow, (author, form))
        return self._opened(row) if row else {}

    async def texts(self, author: MemberId) -> tuple[str, ...]:
        """Every text that stands in a draft of theirs, each once, by its letters."""
        rows = await self._session.exec(select(DraftRow).where(DraftRow.author == author))
        return tuple(sorted({text for row in rows for text in self._opened(row).values() if text}))

    async def drop(self, author: MemberId, form: str) -> None:
        await self._session.exec(delete(DraftRow).where(col(DraftRow.author) == author, col(DraftRow.form) == form))

    async def forget_person(self, author: MemberId) -> None:
        await self._session.exec(delete(DraftRow).where(col(DraftRow.author) == author))

    async def forget(self, before: dt.datetime) -> None:
        """Drop drafts that nobody has touched since that instant."""
        await self._session.exec(delete(DraftRow).where(col(DraftRow.kept_at) < before))

    def _opened(self, row: DraftRow) -> Mapping[str, str]:
        try:
            read = json.loads(self._seal.open(row.sealed))
        except CannotUnseal:  # a draft is not worth an old key
            return {}
        return {str(name): str(text) for name, text in read.items()}
