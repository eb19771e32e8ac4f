"""Housekeeping: what is kept only for a while is dropped when its time is over."""

import datetime as dt
from typing import Protocol

from schedules.deliveries import LONGEST_RETRY_AFTER
from storage.chores import SCRUB
from storage.unit_of_work import OpenUnitOfWork

LONGEST_WAIT = dt.timedelta(seconds=LONGEST_RETRY_AFTER)

INBOX_KEPT = dt.timedelta(days=3)
"""Slack repeats an event within 24 hours at most, Teams within minutes (platforms.md 1.1, 2.2)."""
NOTICES_KEPT = dt.timedelta(days=90)
"""Delivered notices hold people's words; what matters for longer is stored with its subject."""

COMMENTS_KEPT = dt.timedelta(days=14)
"""A pulse's comments are kept until all to whom they go have them, for so long at most."""

DRAFTS_KEPT = dt.timedelta(days=3)
"""Long enough to come back to a dialog after a weekend; what is sent goes at once."""


class Scrub(Protocol):
    """Scrubs the database's files when that is owed."""

    async def __call__(self) -> object: ...


async def housekeep(open_uow: OpenUnitOfWork, now: dt.datetime, scrub: Scrub) -> None:
    """Drop old inbox keys, drafts, delivered notices and comments; comments leave the files at once.

    What waits for a time that only a clock can have named that has been put back since, waits no longer.
    """
    async with open_uow() as uow:
        await uow.outbox.end_overlong_waits(LONGEST_WAIT, now)
        await uow.timers.end_overlong_waits(now)
        await uow.inbox.forget(now - INBOX_KEPT)
        await uow.outbox.forget(now - NOTICES_KEPT)
        await uow.drafts.forget(now - DRAFTS_KEPT)
        if await uow.pulse_notices.forget_comments(now - COMMENTS_KEPT):
            await uow.chores.owe(SCRUB)
        await uow.commit()
    await scrub()
