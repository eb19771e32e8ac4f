"""Charter versions and their signatures."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.charter import CharterState, CharterVersion
from alliance.errors import NotFound, NotInForce
from alliance.ids import AllianceId
from storage.codec import decode, encode
from storage.tables import CharterRow


class Charters:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, alliance_id: AllianceId, version: int) -> CharterVersion:
        """Return one version, locked; NotFound when there is none."""
        row = await self._session.get(CharterRow, (alliance_id, version), with_for_update=True)
        if row is None:
            raise NotFound
        return decode(CharterVersion, row.document)

    async def in_force(self, alliance_id: AllianceId) -> CharterVersion:
        """Return the version in force; NotInForce when none is."""
        found = await self._newest(alliance_id, CharterState.IN_FORCE)
        if found is None:
            raise NotInForce
        return found

    async def newest(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The version with the highest number, whatever its state."""
        return await self._newest(alliance_id)

    async def pending(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The newest version that is drafted or proposed, if there is one."""
        return await self._newest(alliance_id, CharterState.DRAFT, CharterState.PROPOSED)

    async def proposed(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The version that waits for signatures, if there is one."""
        return await self._newest(alliance_id, CharterState.PROPOSED)

    async def draft(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The newest draft, if there is one."""
        return await self._newest(alliance_id, CharterState.DRAFT)

    async def latest(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The newest version that may still count: drafted, proposed or in force."""
        return await self._newest(alliance_id, CharterState.DRAFT, CharterState.PROPOSED, CharterState.IN_FORCE)

    async def agreed(self, alliance_id: AllianceId) -> CharterVersion | None:
        """The version in force, if there is one."""
        return await self._newest(alliance_id, CharterState.IN_FORCE)

    async def ever_in_force(self, alliance_id: AllianceId) -> list[CharterVersion]:
        """The version in force and those that were in force before it, newest first."""
        rows = await self._session.exec(
            select(CharterRow)
            .where(
                CharterRow.alliance_id == alliance_id,
                col(CharterRow.state).in_((CharterState.IN_FORCE, CharterState.SUPERSEDED)),
            )
            .order_by(col(CharterRow.version).desc())
        )
        found = (decode(CharterVersion, row.document) for row in rows)
        return [version for version in found if version.in_force_at is not None]

    async def save(self, version: CharterVersion) -> None:
        await self._session.merge(
            CharterRow(
                alliance_id=version.alliance_id,
                version=version.version,
                state=version.state,
                document=encode(version),
            )
        )
        await self._session.flush()

    async def _newest(self, alliance_id: AllianceId, *states: CharterState) -> CharterVersion | None:
        query = select(CharterRow).where(CharterRow.alliance_id == alliance_id)
        if states:
            query = query.where(col(CharterRow.state).in_(states))
        row = (await self._session.exec(query.order_by(col(CharterRow.version).desc()).limit(1))).first()
        return decode(CharterVersion, row.document) if row else None
