"""Timers: every promise about the future is one row, written with the state that made it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.ids import AllianceId
from storage.codec import Json, aware, encode
from storage.tables import TimerRow

ATTEMPTS_BEFORE_SET_ASIDE = 8
BEFORE_ALL = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST_RETRY_AFTER = dt.timedelta(seconds=10)
LONGEST_RETRY_AFTER = FIRST_RETRY_AFTER * 2 ** (ATTEMPTS_BEFORE_SET_ASIDE - 2)


@dataclass(frozen=True, slots=True)
class Timer:
    """An intent with a date; `intent` is its class name, `body` what `codec.encode` made of it."""

    key: str
    alliance_id: AllianceId
    intent: str
    body: Json
    due_at: dt.datetime
    attempts: int = 0
    set_aside_at: dt.datetime | None = None
    error: str | None = None


class Timers:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def set(self, key: str, alliance_id: AllianceId, intent: object, due_at: dt.datetime) -> None:
        """Promise the intent at `due_at`, in place of whatever stood under the same key."""
        await self._session.merge(
            TimerRow(
                key=key,
                alliance_id=alliance_id,
                intent=type(intent).__name__,
                body=encode(intent),
                due_at=aware(due_at),
            )
        )
        await self._session.flush()

    async def cancel(self, alliance_id: AllianceId, prefix: str) -> None:
        """Take back the alliance's timer with this key and every one whose key begins with it and a colon."""
        family = f"{prefix}:"
        await self._session.exec(
            delete(TimerRow).where(
                col(TimerRow.alliance_id) == alliance_id,
                # Not LIKE, which makes no difference between capitals and small letters on SQLite.
                or_(col(TimerRow.key) == prefix, func.substr(TimerRow.key, 1, len(family)) == family),
            )
        )

    async def take_due(self, now: dt.datetime) -> Timer | None:
        """Take the earliest due timer out of the table; rolled back with the transaction, it is there again.

        Other processes pass over a row that is taken.
        """
        row = (
            await self._session.exec(
                select(TimerRow)
                .where(
                    col(TimerRow.set_aside_at).is_(None),
                    TimerRow.due_at <= now,
                    or_(col(TimerRow.retry_at).is_(None), col(TimerRow.retry_at) <= now),
                )
                .order_by(col(TimerRow.due_at), col(TimerRow.key))
                .limit(1)
                .with_for_update(skip_locked=True)
            )
        ).first()
        if row is None:
            return None
        await self._session.delete(row)
        await self._session.flush()
        return _timer(row)

    async def failed(self, timer: Timer, now: dt.datetime, error: str) -> bool:
        """Note a failure; the timer is tried again later, twice as long each time. True when it was set aside."""
        row = await self._session.get(TimerRow, timer.key, with_for_update=True)
        if row is None or row.due_at != timer.due_at:
            return False
        row.attempts += 1
        row.error = error
        row.retry_at = now + FIRST_RETRY_AFTER * 2 ** (row.attempts - 1)
        if row.attempts >= ATTEMPTS_BEFORE_SET_ASIDE:
            row.set_aside_at = now
        await self._session.flush()
        return row.set_aside_at is not None

    async def end_overlong_waits(self, now: dt.datetime) -> int:
        """Let a timer that failed be tried again now if it would wait for longer than any does; returns how many.

        That was noted by a clock that has been put back since. What is promised for a date stays promised for it.
        """
        rows = await self._session.exec(
            update(TimerRow)
            .where(col(TimerRow.set_aside_at).is_(None), col(TimerRow.retry_at) > now + LONGEST_RETRY_AFTER)
            .values(retry_at=now)
        )
        return int(rows.rowcount)

    async def next_due(self) -> dt.datetime | None:
        """When the next timer falls due, over the whole installation."""
        waiting = select(TimerRow).where(col(TimerRow.set_aside_at).is_(None)).limit(1)
        first = waiting.where(col(TimerRow.retry_at).is_(None)).order_by(col(TimerRow.due_at))
        again = waiting.where(col(TimerRow.retry_at).is_not(None)).order_by(col(TimerRow.retry_at))
        rows = [(await self._session.exec(query)).first() for query in (first, again)]
        return min((row.retry_at or row.due_at for row in rows if row is not None), default=None)

    async def of(self, alliance_id: AllianceId) -> list[Timer]:
        rows = await self._session.exec(
            select(TimerRow).where(TimerRow.alliance_id == alliance_id).order_by(col(TimerRow.due_at))
        )
        return [_timer(row) for row in rows]

    async def set_aside(self) -> list[Timer]:
        """Timers that failed too often, over the whole installation, by when: for the operator."""
        # "Is not null" would read every timer.
        aside = select(TimerRow).where(col(TimerRow.set_aside_at) > BEFORE_ALL)
        rows = await self._session.exec(aside.order_by(col(TimerRow.set_aside_at)))
        return [_timer(row) for row in rows]

    async def set_going(self) -> int:
        """Let what was set aside be tried again at once, as if for the first time; returns how many."""
        rows = (await self._session.exec(select(TimerRow).where(col(TimerRow.set_aside_at).is_not(None)))).all()
        for row in rows:
            row.set_aside_at, row.retry_at, row.attempts, row.error = None, None, 0, None
        await self._session.flush()
        return len(rows)

    async def overdue(self, before: dt.datetime) -> int:
        """How many timers should have run before `before` and have not."""
        query: Any = select(func.count()).where(col(TimerRow.set_aside_at).is_(None), TimerRow.due_at < before)
        return int((await self._session.exec(query)).one())


def _timer(row: TimerRow) -> Timer:
    return Timer(
        key=row.key,
        alliance_id=AllianceId(row.alliance_id),
        intent=row.intent,
        body=row.body,
        due_at=row.due_at,
        attempts=row.attempts,
        set_aside_at=row.set_aside_at,
        error=row.error,
    )
