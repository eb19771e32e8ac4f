"""Replies under a message that have buttons, so that those which can no longer work are taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import Recipient
from alliance.ids import NoticeId
from alliance.notices import Notice
from storage.codec import decode, notice_of
from storage.outbox import Reference, recipient_key
from storage.tables import NoticeRow, PostRow

_UNDER = "|"
"""Between a subject and the notice that a reply said about it."""


def under(subject: str, notice_id: NoticeId) -> str:
    """The subject under which a reply's post is kept."""
    return f"{subject}{_UNDER}{notice_id}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said under a message about a subject, and where it stands."""

    notice_id: NoticeId
    notice: Notice
    reference: Reference


class Threads:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replies(self, recipient: Recipient, subject: str) -> Sequence[Reply]:
        """The replies about a subject whose notices are still kept."""
        rows = await self._session.exec(
            select(PostRow).where(
                PostRow.recipient == recipient_key(recipient), col(PostRow.subject).startswith(f"{subject}{_UNDER}")
            )
        )
        found = {NoticeId(row.subject.rpartition(_UNDER)[2]): decode(Reference, row.reference) for row in rows}
        notices = await self._session.exec(select(NoticeRow).where(col(NoticeRow.id).in_(found)))
        return [
            Reply(NoticeId(row.id), notice_of(row.kind, row.body), found[NoticeId(row.id)]) for row in notices.all()
        ]

    async def drop(self, recipient: Recipient, subject: str, notice_ids: Sequence[NoticeId]) -> None:
        keys = [under(subject, notice_id) for notice_id in notice_ids]
        await self._session.exec(
            delete(PostRow).where(col(PostRow.recipient) == recipient_key(recipient), col(PostRow.subject).in_(keys))
        )
