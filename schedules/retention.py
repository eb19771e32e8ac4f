"""Housekeeping: what is kept only for a while is dropped when its time is over."""

import datetime as dt
from collections.abc import Awaitable, Callable

from storage.unit_of_work import OpenUnitOfWork

INBOX_KEPT = dt.timedelta(days=3)
"""Slack repeats an event within 24 hours at most, Teams within minutes (platforms.md 1.1, 2.2)."""
NOTICES_KEPT = dt.timedelta(days=90)
"""Delivered notices hold people's words; what matters for longer is stored with its subject."""

COMMENTS_KEPT = dt.timedelta(days=14)
"""A pulse's comments stay in the outbox until all to whom they go have them, for so long at most."""


async def housekeep(open_uow: OpenUnitOfWork, now: dt.datetime, scrub: Callable[[], Awaitable[object]]) -> None:
    """Drop old inbox keys and delivered notices, and scrub what was deleted from the database's files."""
    async with open_uow() as uow:
        await uow.inbox.forget(now - INBOX_KEPT)
        await uow.outbox.forget(now - NOTICES_KEPT)
        await uow.pulse_notices.forget_comments(now - COMMENTS_KEPT)
        await uow.commit()
    await scrub()
