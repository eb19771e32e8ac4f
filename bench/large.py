"""One alliance of any size, and the moment at which its next pulse opens for both sides."""

import datetime as dt
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func
from sqlmodel import col, delete, select

from alliance.ids import MemberId, SideKey
from alliance.roster import Member, Roster, Tier
from bench.population import described, populate
from handlers import rounds
from handlers.call import Call
from handlers.dispatch import Dispatch
from handlers.pulses import KIND
from schedules.clock import SystemClock
from storage import opening
from storage.opening import Database
from storage.tables import (
    AuditDetailsRow,
    AuditRow,
    DeliveryRow,
    DigestRow,
    NoticeRow,
    PostRow,
    PulseAnswerRow,
    PulseCommentRow,
    PulseParticipationRow,
    PulseRow,
    TimerRow,
    WarningRow,
)
from tests.fakes.live import SECRET_KEY

_OF_ANSWERS = (PulseAnswerRow, PulseCommentRow, PulseParticipationRow)
_OF_A_ROUND = (DeliveryRow, NoticeRow, PostRow, TimerRow, PulseRow, AuditDetailsRow, AuditRow, DigestRow, WarningRow)


@dataclass(frozen=True, slots=True)
class Large:
    """An alliance whose charter is in force; nothing of it waits."""

    database: Database
    roster: Roster
    dispatch: Dispatch

    async def clear(self) -> None:
        """Take away every round and all that was told of it, so that the next one is like the first."""
        here = self.roster.alliance_id
        own = select(PulseRow.id).where(PulseRow.alliance_id == here)
        async with self.database.engine.begin() as connection:
            for answers in _OF_ANSWERS:
                await connection.execute(delete(answers).where(col(answers.pulse_id).in_(own)))
            for table in _OF_A_ROUND:
                await connection.execute(delete(table).where(col(table.alliance_id) == here))

    async def promise_pulse(self) -> dt.datetime:
        """Promise the next pulse to both sides; returns when the later of them opens it."""
        async with self.database.open_uow() as uow:
            call = Call(uow=uow, roster=self.roster, member=None, now=SystemClock().now())
            await rounds.schedule_first(call, KIND, await uow.charters.in_force(self.roster.alliance_id))
            await uow.commit()
        async with self.database.open_uow(reads=True) as uow:
            return max(timer.due_at for timer in await uow.timers.of(self.roster.alliance_id))

    async def open_pulse(self, at: dt.datetime) -> None:
        """Let both promises happen."""
        while await self.dispatch.fall_due(at):
            pass

    async def stored(self, table: type[DeliveryRow | NoticeRow | PulseAnswerRow]) -> int:
        """How many rows of a table there are."""
        async with self.database.engine.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


@asynccontextmanager
async def large(members: int, database_url: str | None = None) -> AsyncIterator[Large]:
    """A new database (a SQLite file, where none is named) with one alliance of so many members on each side."""
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{Path(folder)}/liaison.db"
        async with opening.opened(url, SECRET_KEY, migrate=True) as database:
            await populate(database, described(alliances=1, members=12))
            async with database.open_uow() as uow:
                (small,) = await uow.rosters.all()
                roster = enlarged(small, members)
                await uow.rosters.save(roster)
                await uow.commit()
            yield Large(database, roster, undisturbed(database))


def undisturbed(database: Database) -> Dispatch:
    """A dispatch of which nobody sends anything."""

    async def scrub() -> None: ...

    return Dispatch(database.open_uow, wake=lambda _lanes: None, scrub=scrub)


def enlarged(roster: Roster, members: int) -> Roster:
    """The roster with so many members on each side: more of its operational ones."""
    more = [one for side in roster.sides for one in _more(roster, side.key, members)]
    return replace(roster, members=(*roster.members, *more))


def _more(roster: Roster, side: SideKey, members: int) -> list[Member]:
    example = roster.active(side, [Tier.OPERATIONAL])[0]
    lacking = members - len(roster.active(side, [tier for tier in Tier if tier is not Tier.MEDIATOR]))
    return [
        replace(
            example,
            id=MemberId(f"{roster.key}-{side}-{number:08}"),
            key=f"{side}-more{number}",
            name=f"Member {number} of {side}",
            address=f"{example.address}M{number}",
            responsibility=f"task {number}",
        )
        for number in range(lacking)
    ]
