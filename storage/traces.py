"""What a person left in the tables: counted when they ask, taken out when they want to be forgotten."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import ToMember
from alliance.privacy import Person, Trace, mentions, own_words, texts_of, without
from alliance.roster import Member
from storage.outbox import recipient_key

_CHANGED_ELSEWHERE = frozenset({"members", "audit", "audit_details"})
"""The person's own row, the chain, which holds no names and no words, and the words behind it."""


Row = Mapping[Any, Any]


class Traces:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, member: Member) -> Mapping[Trace, int]:
        """How much is stored about a member in their alliance, by kind; 0 where there is nothing."""
        connection = await self._session.connection()
        escalations = [row["document"] for row in await _rows(connection, _table("escalations"), member)]
        rows = {
            Trace.CHECKIN_ANSWERS: ("checkin_answers", "member_id", member.id),
            Trace.CHECKPOINT_ANSWERS: ("checkpoint_answers", "member_id", member.id),
            Trace.OPEN_PULSES: ("pulse_participations", "member_id", member.id),
            Trace.ACTION_ITEMS: ("action_items", "owner", member.id),
            Trace.AUDIT_WORDS: ("audit_details", "actor", member.id),
            Trace.CONVERSATIONS: ("conversations", "address", member.address),
            Trace.MESSAGES: ("deliveries", "recipient", recipient_key(ToMember(member.id))),
        }
        counts = {
            trace: await _count(connection, _table(table), column, value)
            for trace, (table, column, value) in rows.items()
        }
        return {
            **counts,
            Trace.ESCALATIONS: sum(case["author"] == member.id for case in escalations),
            Trace.STATEMENTS: sum(1 for case in escalations for _ in own_words(case, member.id)),
        }

    async def remove(self, member: Member) -> None:
        """Delete a member's answers and take their name and words out of everything their alliance keeps.

        The member's row, the words of theirs behind the audit trail and the messages to them are removed by
        their own repositories.
        """
        await self._session.flush()
        connection = await self._session.connection()
        person = Person(member.id, member.name, frozenset(await _all_words(connection, member)))
        for table in _tables():
            if "member_id" in table.c:
                await connection.execute(delete(table).where(table.c.member_id == member.id))
            elif "alliance_id" in table.c and table.name not in _CHANGED_ELSEWHERE:
                await _rewrite(connection, table, member, person)
        await _remove_mentions_behind_audit(connection, member, person)
        await _remove_conversation(connection, member)
        self._session.expire_all()


def _tables() -> tuple[Table, ...]:
    return tuple(SQLModel.metadata.sorted_tables)


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


async def _rows(connection: AsyncConnection, table: Table, member: Member) -> list[Row]:
    """The rows of the member's alliance, or, where a table has a row per member, the member's."""
    of_member = "member_id" in table.c
    of = table.c.member_id == member.id if of_member else table.c.alliance_id == member.alliance_id
    return [dict(row) for row in (await connection.execute(select(table).where(of))).mappings()]


def _documents(table: Table, row: Row) -> dict[str, object]:
    return {
        column.name: row[column.name]
        for column in table.c
        if isinstance(column.type, JSON) and row[column.name] is not None
    }


def _here(table: Table, row: Row) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


async def _count(connection: AsyncConnection, table: Table, column: str, value: str) -> int:
    found = await connection.execute(select(func.count()).select_from(table).where(table.c[column] == value))
    return int(found.scalar_one())


async def _all_words(connection: AsyncConnection, member: Member) -> set[str]:
    """Everything that the member wrote and that is stored under their id."""
    words: set[str] = set()
    for table in _tables():
        if "member_id" in table.c:
            answers = [_documents(table, row) for row in await _rows(connection, table, member)]
            words.update(text for answer in answers for text in texts_of(answer))
        elif "alliance_id" in table.c and table.name not in _CHANGED_ELSEWHERE:
            stored = [_documents(table, row) for row in await _rows(connection, table, member)]
            words.update(text for documents in stored for text in own_words(documents, member.id))
    return words


async def _rewrite(connection: AsyncConnection, table: Table, member: Member, person: Person) -> None:
    for row in await _rows(connection, table, member):
        documents = _documents(table, row)
        told = {name: without(person, document) for name, document in documents.items()}
        changed = {name: document for name, document in told.items() if document != documents[name]}
        if changed:
            await connection.execute(update(table).where(_here(table, row)).values(**changed))


async def _remove_mentions_behind_audit(connection: AsyncConnection, member: Member, person: Person) -> None:
    """Others' words that repeat theirs go whole: changed in part, their digest would not hold."""
    table = _table("audit_details")
    for row in await _rows(connection, table, member):
        if mentions(person, list(texts_of(row["details"]))):
            await connection.execute(delete(table).where(_here(table, row)))


async def _remove_conversation(connection: AsyncConnection, member: Member) -> None:
    """Kept when the person is in another alliance too, which still speaks to them there."""
    members, conversations, workspaces = map(_table, ("members", "conversations", "workspaces"))
    elsewhere = select(members.c.id).where(
        members.c.platform == member.platform,
        members.c.workspace == member.workspace,
        members.c.address == member.address,
        members.c.id != member.id,
    )
    if (await connection.execute(elsewhere)).first() is not None:
        return
    workspace = select(workspaces.c.id).where(
        workspaces.c.platform == member.platform, workspaces.c.external_id == member.workspace
    )
    await connection.execute(
        delete(conversations).where(
            conversations.c.address == member.address, conversations.c.workspace_id.in_(workspace)
        )
    )
