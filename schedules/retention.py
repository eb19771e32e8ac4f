"""Housekeeping: what is kept only for a while is dropped when its time is over."""

import datetime as dt
from typing import Protocol

from storage.unit_of_work import OpenUnitOfWork

INBOX_KEPT = dt.timedelta(days=3)
"""Slack repeats an event within 24 hours at most, Teams within minutes (platforms.md 1.1, 2.2)."""
NOTICES_KEPT = dt.timedelta(days=90)
"""Delivered notices hold people's words; what matters for longer is stored with its subject."""

COMMENTS_KEPT = dt.timedelta(days=14)
"""A pulse's comments are kept until all to whom they go have them, for so long at most."""

DRAFTS_KEPT = dt.timedelta(days=3)
"""Long enough to come back to a dialog after a weekend; what is sent goes at once."""


class Scrub(Protocol):
    """Scrubs the database's files after a deletion, or (not `deleted`) what is still due."""

    async def __call__(self, *, deleted: bool = True) -> object: ...


async def housekeep(open_uow: OpenUnitOfWork, now: dt.datetime, scrub: Scrub) -> None:
    """Drop old inbox keys, drafts, delivered notices and comments; comments leave the files at once."""
    async with open_uow() as uow:
        await uow.inbox.forget(now - INBOX_KEPT)
        await uow.outbox.forget(now - NOTICES_KEPT)
        await uow.drafts.forget(now - DRAFTS_KEPT)
        comments_went = await uow.pulse_notices.forget_comments(now - COMMENTS_KEPT)
        await uow.commit()
    await scrub(deleted=comments_went)
