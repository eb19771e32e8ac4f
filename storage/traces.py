"""What a person left in the tables: counted when they ask, taken out when they want to be forgotten."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import ToHome, ToMember
from alliance.privacy import Person, Trace, mentions, own_words, texts_of, without
from alliance.roster import Member
from storage.outbox import recipient_key

_CHANGED_ELSEWHERE = frozenset({"members", "audit", "audit_details"})
"""The person's own row, the chain, which holds no names and no words, and the words behind it."""
_ROUNDS = {"checkin_answers": "checkins", "checkpoint_answers": "checkpoints", "pulse_participations": "pulses"}
"""Tables with a row per member, and the rounds by which those of an alliance are found."""


Row = Mapping[Any, Any]


class Traces:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, member: Member) -> Mapping[Trace, int]:
        """How much is stored about a member in their alliance, by kind; 0 where there is nothing."""
        connection = await self._session.connection()
        escalations = [row["document"] for row in await _rows(connection, _table("escalations"), member)]
        addressed = [recipient_key(to) for to in (ToMember(member.id), ToHome(member.id))]
        items, words, deliveries = map(_table, ("action_items", "audit_details", "deliveries"))
        theirs = {
            Trace.CHECKIN_ANSWERS: _of(member, _table("checkin_answers")),
            Trace.CHECKPOINT_ANSWERS: _of(member, _table("checkpoint_answers")),
            Trace.OPEN_PULSES: _of(member, _table("pulse_participations")),
            Trace.ACTION_ITEMS: _of(member, items) & (items.c.owner == member.id),
            Trace.AUDIT_WORDS: words.c.actor == member.id,
            Trace.DRAFTS: _table("drafts").c.author == member.id,
            Trace.CONVERSATIONS: _conversation_with(member),
            Trace.MESSAGES: deliveries.c.recipient.in_(addressed),
        }
        counts = {trace: await _count(connection, where) for trace, where in theirs.items()}
        return {
            **counts,
            Trace.ESCALATIONS: sum(case["author"] == member.id for case in escalations),
            Trace.STATEMENTS: sum(1 for case in escalations for _ in own_words(case, member.id)),
        }

    async def words(self, member: Member) -> tuple[str, ...]:
        """Everything that a member wrote and that is stored under their id, each text once, by its letters."""
        return tuple(sorted(await _all_words(await self._session.connection(), member)))

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
                await connection.execute(delete(table).where(_of(member, table)))
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
    found = await connection.execute(select(table).where(_of(member, table)))
    return [dict(row) for row in found.mappings()]


def _of(member: Member, table: Table) -> ColumnElement[bool]:
    """The rows of the member's alliance, or, where a table has a row per member, the member's."""
    if "member_id" not in table.c:
        return table.c.alliance_id == member.alliance_id
    rounds = _table(_ROUNDS[table.name])
    theirs = select(rounds.c.id).where(rounds.c.alliance_id == member.alliance_id)
    return and_(table.primary_key.columns[0].in_(theirs), table.c.member_id == member.id)


def _conversation_with(member: Member) -> ColumnElement[bool]:
    conversations, workspaces = _table("conversations"), _table("workspaces")
    workspace = select(workspaces.c.id).where(
        workspaces.c.platform == member.platform, workspaces.c.external_id == member.workspace
    )
    return and_(conversations.c.workspace_id.in_(workspace), conversations.c.address == member.address)


def _documents(table: Table, row: Row) -> dict[str, object]:
    return {
        column.name: row[column.name]
        for column in table.c
        if isinstance(column.type, JSON) and row[column.name] is not None
    }


def _here(table: Table, row: Row) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


async def _count(connection: AsyncConnection, where: ColumnElement[bool]) -> int:
    return int((await connection.execute(select(func.count()).where(where))).scalar_one())


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
    members = _table("members")
    elsewhere = select(members.c.id).where(
        members.c.platform == member.platform,
        members.c.workspace == member.workspace,
        members.c.address == member.address,
        members.c.id != member.id,
    )
    if (await connection.execute(elsewhere)).first() is not None:
        return
    await connection.execute(delete(_table("conversations")).where(_conversation_with(member)))
