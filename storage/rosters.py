"""Alliances, their sides and their members."""

from collections.abc import Collection, Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.errors import NotFound
from alliance.ids import AllianceId, MemberId
from alliance.roster import Member, Platform, Roster, Side
from storage.codec import decode, encode
from storage.engine import wait_for_turn
from storage.tables import AllianceRow, MemberRow


class Rosters:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, alliance_id: AllianceId) -> Roster:
        """Return the alliance's roster; NotFound when there is no such alliance."""
        row = await self._session.get(AllianceRow, alliance_id)
        if row is None:
            raise NotFound
        return await self._roster(row)

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
        rows = (await self._session.exec(select(AllianceRow).where(col(AllianceRow.id).in_(alliance_ids)))).all()
        return {roster.alliance_id: roster for roster in await self._rosters(rows)}

    async def memberships(self, platform: Platform, workspace: str, address: str) -> list[Member]:
        """The active memberships of one chat identity, one per alliance that it is in."""
        found = await self._session.exec(
            select(MemberRow)
            .where(MemberRow.platform == platform, MemberRow.workspace == workspace, MemberRow.address == address)
            .order_by(MemberRow.alliance_id)
        )
        members = [decode(Member, row.document) for row in found]
        return [member for member in members if member.active]

    async def save(self, roster: Roster) -> None:
        """Store an alliance, its sides and its members; members not in the roster any more stay as they were."""
        await self._session.merge(
            AllianceRow(
                id=roster.alliance_id,
                key=roster.key,
                name=roster.name,
                sides=[encode(side) for side in roster.sides],
            )
        )
        found = await self._session.exec(select(MemberRow).where(MemberRow.alliance_id == roster.alliance_id))
        known = {row.id: row for row in found}
        for position, member in enumerate(roster.members):
            row = _member_row(member, position)
            self._session.add(known[member.id].sqlmodel_update(row) if member.id in known else row)
        await self._session.flush()

    async def save_member(self, member: Member) -> None:
        row = await self._session.get(MemberRow, member.id)
        if row is None:
            raise NotFound
        await self._session.merge(_member_row(member, row.position))
        await self._session.flush()

    async def claim(self, key: str) -> None:
        """Hold a short name until the transaction ends, so that of two first imports one comes after the other."""
        await (await self._session.connection()).run_sync(wait_for_turn, f"alliance {key}")

    async def lock(self, alliance_id: AllianceId) -> None:
        """Hold the alliance until the transaction ends, so that what is counted within it is counted once."""
        await self._session.exec(select(AllianceRow.id).where(AllianceRow.id == alliance_id).with_for_update())

    async def member(self, member_id: MemberId) -> Member:
        row = await self._session.get(MemberRow, member_id)
        if row is None:
            raise NotFound
        return decode(Member, row.document)

    async def _roster(self, row: AllianceRow) -> Roster:
        (roster,) = await self._rosters([row])
        return roster

    async def _rosters(self, rows: Sequence[AllianceRow]) -> list[Roster]:
        members: dict[str, list[Member]] = {row.id: [] for row in rows}
        found = await self._session.exec(
            select(MemberRow).where(col(MemberRow.alliance_id).in_(members)).order_by(col(MemberRow.position))
        )
        for member in found:
            members[member.alliance_id].append(decode(Member, member.document))
        return [_roster(row, members[row.id]) for row in rows]


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
