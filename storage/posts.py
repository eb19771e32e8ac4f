"""Posts: the messages by which people know a subject, so that later states update them or go under them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import Recipient
from alliance.ids import AllianceId
from storage.codec import decode, encode
from storage.outbox import Reference
from storage.recipients import recipient_key, recipient_of
from storage.tables import PostRow


@dataclass(frozen=True, slots=True)
class Post:
    """A message by which one recipient knows a subject."""

    alliance_id: AllianceId
    recipient: Recipient
    subject: str
    reference: Reference


class Posts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, recipient: Recipient, subject: str) -> Reference | None:
        return (await self.several([recipient], subject)).get(recipient)

    async def several(self, recipients: Collection[Recipient], subject: str) -> Mapping[Recipient, Reference]:
        """The messages by which those of the recipients know a subject who do."""
        keys = [recipient_key(recipient) for recipient in recipients]
        found = select(PostRow.recipient, PostRow.reference)
        rows: Iterable[Any] = await self._session.exec(
            found.where(col(PostRow.recipient).in_(keys), PostRow.subject == subject)
        )
        return {recipient_of(recipient): decode(Reference, reference) for recipient, reference in rows}

    async def keep(self, *posts: Post) -> None:
        """Let these be the messages by which their recipients know their subjects."""
        rows = [
            {
                "recipient": recipient_key(post.recipient),
                "subject": post.subject,
                "alliance_id": post.alliance_id,
                "reference": encode(post.reference),
            }
            for post in posts
        ]
        if rows:
            connection = await self._session.connection()
            await connection.execute(_TAKEN_AWAY, _keys(rows))
            await connection.execute(insert(PostRow), rows)

    async def drop(self, recipient: Recipient, subject: str) -> None:
        """Forget a message, so that the next one about its subject starts afresh."""
        here = [{"recipient": recipient_key(recipient), "subject": subject}]
        await (await self._session.connection()).execute(_TAKEN_AWAY, _keys(here))


_TAKEN_AWAY: Any = delete(PostRow).where(
    col(PostRow.recipient) == bindparam("of_recipient"), col(PostRow.subject) == bindparam("of_subject")
)


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"of_recipient": row["recipient"], "of_subject": row["subject"]} for row in rows]
