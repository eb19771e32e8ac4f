"""Alliances, their sides and their members."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Text, bindparam, cast
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.errors import NotFound
from alliance.ids import AllianceId, MemberId
from alliance.roster import Member, Platform, Roster, Side
from storage.codec import decode, decode_text, encode
from storage.engine import wait_for_turn
from storage.known import KnownRosters
from storage.prepared import said
from storage.tables import AllianceRow, MemberRow

_MEMBERSHIPS: Any = (
    select(MemberRow.id, AllianceRow.id, AllianceRow.revision)
    .join(AllianceRow, col(AllianceRow.id) == MemberRow.alliance_id)
    .where(
        col(MemberRow.platform) == bindparam("platform"),
        col(MemberRow.workspace) == bindparam("workspace"),
        col(MemberRow.address) == bindparam("address"),
    )
    .order_by(col(MemberRow.alliance_id))
)


class Rosters:
    """Reads a roster once in a transaction, and only if it is another than `known`."""

    def __init__(self, session: AsyncSession, known: KnownRosters | None = None) -> None:
        self._session = session
        self._known = known or KnownRosters()
        self._here: dict[AllianceId, Roster] = {}
        self._changed: set[AllianceId] = set()

    @property
    def have_changed(self) -> bool:
        """Whether this transaction has written into one."""
        return bool(self._changed)

    async def get(self, alliance_id: AllianceId) -> Roster:
        """Return the alliance's roster; NotFound when there is no such alliance."""
        if alliance_id in self._here:
            return self._here[alliance_id]
        found = await self._session.exec(select(AllianceRow.revision).where(AllianceRow.id == alliance_id))
        revision = found.first()
        if revision is None:
            raise NotFound
        return await self._at(alliance_id, revision)

    async def revision(self, alliance_id: AllianceId) -> str:
        """What becomes another one with every change of the roster; "" when nothing is known of changes."""
        found = await self._session.exec(select(AllianceRow.revision).where(AllianceRow.id == alliance_id))
        return found.first() or ""

    async def by_key(self, key: str) -> Roster | None:
        """The alliance whose short name in alliance.yaml is `key`."""
        row = (await self._session.exec(select(AllianceRow).where(AllianceRow.key == key))).first()
        return await self._roster(row) if row else None

    async def all(self) -> list[Roster]:
        """Every alliance of the installation, by key: for the operator only."""
        rows = (await self._session.exec(select(AllianceRow).order_by(AllianceRow.key))).all()
        return await self._rosters(rows)

    async def several(self, alliance_ids: Collection[AllianceId]) -> Mapping[AllianceId, Roster]:
        """The rosters of those alliances, by id."""
        unread = [one for one in alliance_ids if one not in self._here]
        query = select(AllianceRow.id, AllianceRow.revision).where(col(AllianceRow.id).in_(unread))
        for one, revision in (await self._session.exec(query)).all() if unread else ():
            await self._at(AllianceId(one), revision)
        return {one: self._here[one] for one in alliance_ids if one in self._here}

    async def memberships(self, platform: Platform, workspace: str, address: str) -> list[Member]:
        """The active memberships of one chat identity, one per alliance that it is in."""
        found = await said(self._session, _MEMBERSHIPS, platform=platform.value, workspace=workspace, address=address)
        rosters = [(MemberId(mine), await self._at(AllianceId(one), revision)) for mine, one, revision in found]
        members = [roster.member(member_id) for member_id, roster in rosters]
        return [member for member in members if member.active]

    async def save(self, roster: Roster) -> None:
        """Store an alliance, its sides and its members; members not in the roster any more stay as they were."""
        await self._session.merge(
            AllianceRow(
                id=roster.alliance_id,
                key=roster.key,
                name=roster.name,
                revision=_another(),
                sides=[encode(side) for side in roster.sides],
            )
        )
        found = await self._session.exec(select(MemberRow).where(MemberRow.alliance_id == roster.alliance_id))
        known = {row.id: row for row in found}
        for position, member in enumerate(roster.members):
            row = _member_row(member, position)
            self._session.add(known[member.id].sqlmodel_update(row) if member.id in known else row)
        await self._session.flush()
        self._forget(roster.alliance_id)

    async def save_member(self, member: Member) -> None:
        row = await self._session.get(MemberRow, member.id)
        if row is None:
            raise NotFound
        # Held in the order in which everybody does who holds an alliance, and then what is in it.
        changed = update(AllianceRow).where(col(AllianceRow.id) == member.alliance_id)
        await self._session.exec(changed.values(revision=_another()))
        await self._session.merge(_member_row(member, row.position))
        await self._session.flush()
        self._forget(member.alliance_id)

    async def claim(self, key: str) -> None:
        """Hold a short name until the transaction ends, so that of two first imports one comes after the other."""
        await (await self._session.connection()).run_sync(wait_for_turn, f"alliance {key}")

    async def lock(self, alliance_id: AllianceId) -> None:
        """Hold the alliance until the transaction ends, so that what is counted within it is counted once."""
        await self._session.exec(select(AllianceRow.id).where(AllianceRow.id == alliance_id).with_for_update())
        self._here.pop(alliance_id, None)

    async def member(self, member_id: MemberId) -> Member:
        row = await self._session.get(MemberRow, member_id)
        if row is None:
            raise NotFound
        return decode(Member, row.document)

    def _forget(self, alliance_id: AllianceId) -> None:
        """Read it anew in this transaction, and tell nobody else of what is not committed yet."""
        self._changed.add(alliance_id)
        self._here.pop(alliance_id, None)

    async def _at(self, alliance_id: AllianceId, revision: str) -> Roster:
        """The roster as it stands at that revision or, when others write meanwhile, at a later one."""
        if alliance_id in self._here:
            return self._here[alliance_id]
        is_common = alliance_id not in self._changed
        roster = self._known.at(alliance_id, revision) if is_common else None
        if roster is None:
            row = (await self._session.exec(select(AllianceRow).where(AllianceRow.id == alliance_id))).one()
            roster = await self._roster(row)
            if is_common:
                self._known.keep(roster, revision)
        self._here[alliance_id] = roster
        return roster

    async def _roster(self, row: AllianceRow) -> Roster:
        (roster,) = await self._rosters([row])
        return roster

    async def _rosters(self, rows: Sequence[AllianceRow]) -> list[Roster]:
        """Every request needs one, and an alliance may have thousands of members: no rows, and no JSON read twice."""
        members: dict[str, list[Member]] = {row.id: [] for row in rows}
        document: Any = cast(col(MemberRow.document), Text)
        found: Iterable[Any] = await self._session.exec(
            select(MemberRow.alliance_id, document)
            .where(col(MemberRow.alliance_id).in_(members))
            .order_by(col(MemberRow.position))
        )
        for alliance_id, written in found:
            members[alliance_id].append(decode_text(Member, written))
        return [_roster(row, members[row.id]) for row in rows]


def _another() -> str:
    return secrets.token_hex(8)


def _roster(row: AllianceRow, members: Sequence[Member]) -> Roster:
    first, second = (decode(Side, side) for side in row.sides)
    return Roster(
        alliance_id=AllianceId(row.id), key=row.key, name=row.name, sides=(first, second), members=tuple(members)
    )


def _member_row(member: Member, position: int) -> MemberRow:
    return MemberRow(
        id=member.id,
        alliance_id=member.alliance_id,
        key=member.key,
        position=position,
        platform=member.platform,
        workspace=member.workspace,
        address=member.address,
        document=encode(member),
    )
