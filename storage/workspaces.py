"""Chat workspaces: a Slack team or a Teams tenant that the liaison is installed in; tokens are sealed."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from storage.engine import wait_for_turn
from storage.outbox import DeliveryState
from storage.seal import CannotUnseal, Seal
from storage.tables import DeliveryRow, WorkspaceRow


@dataclass(frozen=True, slots=True)
class Workspace:
    """`external_id` is the Slack team id or Teams tenant id; `tokens` are plain here and sealed in the database.

    `locked`: the secret key does not open the tokens, so that `tokens` is empty here. It is never saved.
    """

    id: WorkspaceId
    platform: Platform
    external_id: str
    name: str
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    service_url: str | None = None
    bot_user: str | None = None
    locked: bool = False

    @property
    def lane(self) -> str:
        """The lane on which everything for its people is sent."""
        return f"{self.platform}:{self.external_id}"


class Workspaces:
    def __init__(self, session: AsyncSession, seal: Seal) -> None:
        self._session = session
        self._seal = seal

    async def all(self, *, even_locked: bool = False) -> list[Workspace]:
        """Every workspace; raises CannotUnseal at the first whose tokens no key opens, unless `even_locked`."""
        rows = await self._session.exec(
            select(WorkspaceRow).order_by(col(WorkspaceRow.platform), col(WorkspaceRow.external_id))
        )
        return [self._workspace(row, even_locked=even_locked) for row in rows]

    async def find(self, platform: Platform, external_id: str, *, even_locked: bool = False) -> Workspace | None:
        row = (
            await self._session.exec(
                select(WorkspaceRow).where(WorkspaceRow.platform == platform, WorkspaceRow.external_id == external_id)
            )
        ).first()
        return self._workspace(row, even_locked=even_locked) if row else None

    async def get(self, workspace_id: WorkspaceId) -> Workspace | None:
        row = await self._session.get(WorkspaceRow, workspace_id)
        return self._workspace(row) if row else None

    async def lock(self, platform: Platform, external_id: str) -> None:
        """Let nobody else find or save that workspace before this transaction ends, though it may not exist yet."""
        await (await self._session.connection()).run_sync(wait_for_turn, f"workspace {platform}:{external_id}")

    async def save(self, workspace: Workspace) -> None:
        await self._session.merge(
            WorkspaceRow(
                id=workspace.id,
                platform=workspace.platform,
                external_id=workspace.external_id,
                name=workspace.name,
                service_url=workspace.service_url,
                bot_user=workspace.bot_user,
                tokens=self._seal.close(json.dumps(dict(workspace.tokens))),
            )
        )
        await self._session.flush()

    async def hurry(self, workspace: Workspace, now: dt.datetime) -> None:
        """Let what waits for another try go at once: the workspace is connected, or served, anew."""
        await self._session.exec(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.lane) == workspace.lane,
                col(DeliveryRow.state) == DeliveryState.PENDING,
                col(DeliveryRow.not_before) > now,
            )
            .values(not_before=now)
        )

    async def remove(self, workspace_id: WorkspaceId) -> bool:
        """Drop a workspace and its tokens; False when there was none."""
        row = await self._session.get(WorkspaceRow, workspace_id)
        if row is None:
            return False
        await self._session.delete(row)
        await self._session.flush()
        return True

    async def reseal(self) -> int:
        """Seal every token anew with the current secret key; returns how many."""
        rows = (await self._session.exec(select(WorkspaceRow))).all()
        for row in rows:
            row.tokens = self._seal.renew(row.tokens)
        await self._session.flush()
        return len(rows)

    async def sealed(self) -> list[str]:
        """The tokens of every workspace as they are stored: for telling which key opens them."""
        return [row.tokens for row in (await self._session.exec(select(WorkspaceRow))).all()]

    def _workspace(self, row: WorkspaceRow, *, even_locked: bool = False) -> Workspace:
        try:
            tokens = json.loads(self._seal.open(row.tokens))
        except CannotUnseal:
            if not even_locked:
                raise
            tokens = None
        return Workspace(
            id=WorkspaceId(row.id),
            platform=Platform(row.platform),
            external_id=row.external_id,
            name=row.name,
            tokens=tokens or {},
            service_url=row.service_url,
            bot_user=row.bot_user,
            locked=tokens is None,
        )
