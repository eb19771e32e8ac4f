"""Drive handlers as dispatch does: one intent, one transaction, and a look at what it told."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import AllianceId
from alliance.notices import Notice
from alliance.roster import Platform
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import PersonIntent
from handlers.replies import Reply
from storage.codec import notice_of
from storage.tables import NoticeRow
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE


@dataclass
class Driver:
    """Asks as members by key, moves time, and reads notices; `woken` and `scrubs` record what dispatch set off."""

    engine: AsyncEngine
    open_uow: OpenUnitOfWork
    now: dt.datetime
    woken: set[str] = field(default_factory=set)
    scrubs: int = 0
    _asked: int = 0

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.open_uow, wake=self.woken.update, scrub=self._scrub)

    async def _scrub(self) -> None:
        self.scrubs += 1

    async def ask(self, key: str, intent: PersonIntent, *, same_as: str | None = None) -> Reply:
        """Let the member with that key ask; `same_as` repeats a request under the same key."""
        self._asked += 1
        async with self.open_uow() as uow:
            roster = await uow.rosters.get(ALLIANCE)
        member = roster.by_key(key)
        who = ChatIdentity(Platform(member.platform), member.workspace, member.address)
        return await self.dispatch.ask(intent, who=who, key=same_as or f"press {self._asked}", now=self.now)

    async def run_until(self, instant: dt.datetime) -> None:
        """Let every timer up to `instant` fall due at its own time, then stand at `instant`."""
        while True:
            async with self.open_uow() as uow:
                due = await uow.timers.next_due()
            if due is None or due > instant:
                break
            self.now = max(self.now, due)
            await self.dispatch.fall_due(self.now)
        self.now = instant

    async def notices(self, kind: type[Notice] | None = None, alliance_id: AllianceId = ALLIANCE) -> list[Notice]:
        """Every notice told so far, oldest first, optionally of one kind."""
        async with AsyncSession(self.engine) as session:
            rows = (
                await session.exec(
                    select(NoticeRow).where(NoticeRow.alliance_id == alliance_id).order_by(col(NoticeRow.created_at))
                )
            ).all()
        told = [notice_of(row.kind, row.body) for row in rows]
        return [notice for notice in told if kind is None or isinstance(notice, kind)]
