"""The outbox: notices, and one delivery row per recipient."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, false, insert, true
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import Recipient, ToHome, ToMember
from alliance.ids import AllianceId, MemberId, NoticeId
from alliance.notices import HomeChanged, Notice
from storage.codec import encode, notice_of
from storage.recipients import recipient_key as recipient_key  # noqa: PLC0414 - part of what this module offers
from storage.recipients import recipient_of
from storage.tables import DeliveryRow, NoticeRow, PostRow

FORGOTTEN_AT_ONCE = 1000
"""Notices; a transaction of housekeeping stays short, and the next round of it goes on."""
ITS_TURN = "waits for the one before it"
"""The error of a delivery that is held back only because an earlier one to the same recipient waits."""
UNREACHABLE = "unreachable: "
"""How the error of a delivery begins that was given up because the person could not be reached."""


class DeliveryState(StrEnum):
    """`sending` after a crash is in doubt: it may or may not have arrived."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNWANTED = "unwanted"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Reference:
    """A message on a platform: where it stands and its id there; `parts` are all its ids when it is in several."""

    conversation: str
    message: str
    service_url: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one recipient. `lane` is the workspace it goes to.

    `in_doubt`: it may have arrived before, since a process died while sending it, or nobody heard the answer.
    """

    id: int
    notice_id: NoticeId
    alliance_id: AllianceId
    kind: str
    recipient: Recipient
    lane: str
    urgent: bool
    attempts: int
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """Deliveries of a lane that failed and are tried again: how many, how often the worst of them, and why."""

    lane: str
    count: int
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """A delivery that was given up, for the operator: no content, only where and why."""

    id: int
    kind: str
    lane: str
    error: str


class Outbox:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(
        self,
        notice_id: NoticeId,
        notice: Notice,
        *,
        recipients: Mapping[Recipient, str],
        urgent: bool,
        now: dt.datetime,
    ) -> None:
        """Store a notice and one pending delivery per recipient (mapped to its lane)."""
        self._session.add(
            NoticeRow(
                id=notice_id,
                alliance_id=notice.alliance_id,
                kind=type(notice).__name__,
                body=encode(notice),
                created_at=now,
            )
        )
        rows = [
            {
                "notice_id": notice_id,
                "alliance_id": notice.alliance_id,
                "kind": type(notice).__name__,
                "recipient": recipient_key(recipient),
                "lane": lane,
                "urgent": urgent,
                "state": DeliveryState.PENDING,
                "attempts": 0,
                "not_before": now,
            }
            for recipient, lane in recipients.items()
        ]
        if rows:  # in one statement: a round is told to thousands
            await (await self._session.connection()).execute(insert(DeliveryRow), rows)

    async def claim(self, lane: str, now: dt.datetime, limit: int) -> list[Delivery]:
        """Take the lane's next deliveries, urgent ones first and homes last, and mark them as being sent.

        What waits for a later time holds back what follows it to the same recipient, so that none overtakes it.
        """
        is_home = col(DeliveryRow.kind) == HomeChanged.__name__
        found: list[Delivery] = []
        # One kind after the other, each in the order of an index: of thousands that wait, only the next are looked at.
        for urgent, turn in ((True, true()), (False, ~is_home), (False, is_home)):
            if len(found) < limit:
                of_the_lane = (DeliveryRow.lane == lane, DeliveryRow.urgent == urgent)
                found += await self._next(limit - len(found), now, *of_the_lane, turn)
        taken = [delivery.id for delivery in found]
        if taken:
            await self._session.exec(
                update(DeliveryRow).where(col(DeliveryRow.id).in_(taken)).values(state=DeliveryState.SENDING)
            )
        return found

    async def _next(self, limit: int, now: dt.datetime, *conditions: Any) -> list[Delivery]:
        # Inside a function it is no reason to take the index by that time, and then to sort all that wait.
        is_due = func.coalesce(DeliveryRow.not_before, now) <= now
        rows: Iterable[Any] = await self._session.exec(
            _AS_DELIVERY.where(DeliveryRow.state == DeliveryState.PENDING, *conditions, is_due, ~_held_back(now))
            .order_by(col(DeliveryRow.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_delivery(row) for row in rows]

    async def in_doubt(self, lane: str) -> list[Delivery]:
        """Deliveries found `sending` when nobody is sending: a process died in between."""
        is_sending = DeliveryRow.state == DeliveryState.SENDING
        rows: Iterable[Any] = await self._session.exec(
            _AS_DELIVERY.where(DeliveryRow.lane == lane, is_sending).order_by(col(DeliveryRow.id))
        )
        return [_delivery(row, in_doubt=True) for row in rows]

    async def notice(self, notice_id: NoticeId) -> Notice:
        row = await self._session.get_one(NoticeRow, notice_id)
        return notice_of(row.kind, row.body)

    async def sent(self, delivery: Delivery, reference: Reference | None, now: dt.datetime) -> None:
        await self.all_sent([(delivery, reference)], now)

    async def all_sent(self, arrived: Sequence[tuple[Delivery, Reference | None]], now: dt.datetime) -> None:
        """Note of several deliveries at once that they arrived, and as which messages."""
        rows = [
            {"one": each.id, "when": now, "said": encode(reference) if reference else None}
            for each, reference in arrived
        ]
        if rows:
            await (await self._session.connection()).execute(_NOTED_AS_SENT, rows)

    async def unwanted(self, delivery: Delivery, now: dt.datetime) -> None:
        """It no longer needs saying: the round closed, the person answered."""
        await self._finish(delivery, DeliveryState.UNWANTED, now=now)

    async def revive(self, member_id: MemberId, lane: str, now: dt.datetime) -> int:
        """Send again, by that lane, what could not reach a person who can be reached now; returns how many."""
        rows = (
            await self._session.exec(
                select(DeliveryRow).where(
                    DeliveryRow.recipient == recipient_key(ToMember(member_id)),
                    DeliveryRow.state == DeliveryState.DEAD,
                    col(DeliveryRow.error).startswith(UNREACHABLE),
                )
            )
        ).all()
        for row in rows:
            row.state, row.attempts, row.not_before = DeliveryState.PENDING, min(row.attempts, 1), now
            row.lane, row.error = lane, None
        await self._session.flush()
        return len(rows)

    async def missed_before(self, delivery: Delivery) -> list[Notice]:
        """What was to reach the same recipient before and could not, and is sent once they can be reached."""
        rows = await self._session.exec(
            select(NoticeRow)
            .join(DeliveryRow, col(DeliveryRow.notice_id) == col(NoticeRow.id))
            .where(
                DeliveryRow.recipient == recipient_key(delivery.recipient),
                DeliveryRow.state == DeliveryState.DEAD,
                col(DeliveryRow.error).startswith(UNREACHABLE),
                col(DeliveryRow.id) < delivery.id,
            )
        )
        return [notice_of(row.kind, row.body) for row in rows]

    async def set_going(self, now: dt.datetime) -> int:
        """Send again all that was given up, whatever the reason; returns how many."""
        rows = (await self._session.exec(select(DeliveryRow).where(DeliveryRow.state == DeliveryState.DEAD))).all()
        for row in rows:
            row.state, row.attempts, row.not_before = DeliveryState.PENDING, min(row.attempts, 1), now
        await self._session.flush()
        return len(rows)

    async def end_overlong_waits(self, longest: dt.timedelta, now: dt.datetime) -> int:
        """Let what would wait for longer than anything is told to be due now; returns how many.

        It was noted by a clock that has been put back since.
        """
        rows = await self._session.exec(
            update(DeliveryRow)
            .where(col(DeliveryRow.state) == DeliveryState.PENDING, col(DeliveryRow.not_before) > now + longest)
            .values(not_before=now)
        )
        return int(rows.rowcount)

    async def dead(self, delivery: Delivery, error: str, now: dt.datetime) -> None:
        """Given up, and kept visible to the operator."""
        await self._finish(delivery, DeliveryState.DEAD, error=error, now=now)

    async def later(self, delivery: Delivery, not_before: dt.datetime, error: str, *, counts: bool) -> None:
        """Try again from `not_before` on; `counts` False when only the pace was to blame."""
        row = await self._session.get(DeliveryRow, delivery.id)
        if row is None:
            return
        row.state = DeliveryState.PENDING
        row.attempts += 1 if counts else 0
        if delivery.in_doubt:  # as `attempts` says from now on
            row.attempts = max(row.attempts, 1)
        row.not_before = not_before
        row.error = error
        await self._session.flush()

    async def _finish(
        self, delivery: Delivery, state: DeliveryState, *, now: dt.datetime, error: str | None = None
    ) -> None:
        await self._session.exec(
            update(DeliveryRow)
            .where(col(DeliveryRow.id) == delivery.id)
            .values(state=state, not_before=now, reference=None, error=error)
        )

    # --- looking at it ------------------------------------------------------------------------------

    async def waiting_lanes(self, now: dt.datetime) -> list[str]:
        """Lanes that have something to send now, or something in doubt."""
        rows = await self._session.exec(
            select(DeliveryRow.lane)
            .where(or_(col(DeliveryRow.state) == DeliveryState.SENDING, and_(*_due(now))))
            .distinct()
        )
        return list(rows)

    async def next_at(self, lane: str | None = None) -> dt.datetime | None:
        """When the next pending delivery may be sent, of that lane or of any."""
        query: Any = select(func.min(DeliveryRow.not_before)).where(DeliveryRow.state == DeliveryState.PENDING)
        if lane is not None:
            query = query.where(DeliveryRow.lane == lane)
        instant = (await self._session.exec(query)).one()
        return instant if instant is None else instant.replace(tzinfo=instant.tzinfo or dt.UTC)

    async def counts(self) -> Mapping[tuple[str, DeliveryState], int]:
        """Deliveries by lane and state, for the operator."""
        rows: Iterable[Any] = await self._session.exec(
            select(DeliveryRow.lane, DeliveryRow.state, func.count()).group_by(
                col(DeliveryRow.state), col(DeliveryRow.lane)
            )
        )
        return {(lane, DeliveryState(state)): count for lane, state, count in rows}

    async def sent_by_recipient(self, alliance_id: AllianceId, kind: str) -> Mapping[str, int]:
        """How many deliveries of a kind of notice arrived, by the recipient's key."""
        rows: Iterable[Any] = await self._session.exec(
            select(DeliveryRow.recipient, func.count())
            .where(
                DeliveryRow.alliance_id == alliance_id,
                DeliveryRow.kind == kind,
                DeliveryRow.state == DeliveryState.SENT,
            )
            .group_by(col(DeliveryRow.recipient))
        )
        return dict(tuple(row) for row in rows)

    async def stuck(self) -> list[Stuck]:
        """By lane, what failed and is tried again, for the operator: what only waits for its turn is not among it."""
        rows = await self._session.exec(
            select(DeliveryRow)
            .where(
                DeliveryRow.state == DeliveryState.PENDING,
                col(DeliveryRow.error).is_not(None),
                DeliveryRow.error != ITS_TURN,
            )
            .order_by(col(DeliveryRow.lane), col(DeliveryRow.attempts).desc())
        )
        lanes: dict[str, list[DeliveryRow]] = {}
        for row in rows:
            lanes.setdefault(row.lane, []).append(row)
        return [Stuck(lane, len(of), of[0].attempts, of[0].error or "") for lane, of in lanes.items()]

    async def given_up(self) -> Sequence[DeadDelivery]:
        rows = await self._session.exec(
            select(DeliveryRow).where(DeliveryRow.state == DeliveryState.DEAD).order_by(col(DeliveryRow.id))
        )
        return [DeadDelivery(row.id or 0, row.kind, row.lane, row.error or "") for row in rows]

    async def forget_person(self, member_id: MemberId) -> None:
        """Drop what was sent or is still to be sent to one person."""
        keys = (recipient_key(ToMember(member_id)), recipient_key(ToHome(member_id)))
        await self._session.exec(delete(DeliveryRow).where(col(DeliveryRow.recipient).in_(keys)))
        await self._session.exec(delete(PostRow).where(col(PostRow.recipient).in_(keys)))

    async def forget(self, before: dt.datetime) -> None:
        """Drop notices that were all delivered, or given up, before that instant, with their deliveries."""
        open_states = (DeliveryState.PENDING, DeliveryState.SENDING)
        still_open = select(DeliveryRow.notice_id).where(col(DeliveryRow.state).in_(open_states))
        done = select(NoticeRow.id).where(col(NoticeRow.created_at) < before, col(NoticeRow.id).not_in(still_open))
        old = list(await self._session.exec(done.order_by(col(NoticeRow.created_at)).limit(FORGOTTEN_AT_ONCE)))
        await self._session.exec(delete(DeliveryRow).where(col(DeliveryRow.notice_id).in_(old)))
        await self._session.exec(delete(NoticeRow).where(col(NoticeRow.id).in_(old)))


def _due(now: dt.datetime) -> tuple[Any, ...]:
    """The conditions under which a delivery's turn has come."""
    return (DeliveryRow.state == DeliveryState.PENDING, col(DeliveryRow.not_before) <= now, ~_held_back(now))


def _held_back(now: dt.datetime) -> Any:
    """Whether an earlier one to the same recipient has to go first; only urgent ones pass by others."""
    earlier = aliased(DeliveryRow)
    return (
        select(earlier.id)
        .where(
            col(earlier.recipient) == col(DeliveryRow.recipient),
            # Inside functions, so that what one recipient has is looked through, and not the whole lane.
            func.coalesce(earlier.lane, "") == col(DeliveryRow.lane),
            func.coalesce(earlier.urgent, false()) == col(DeliveryRow.urgent),
            col(earlier.id) < col(DeliveryRow.id),
            or_(
                col(earlier.state) == DeliveryState.SENDING,
                and_(col(earlier.state) == DeliveryState.PENDING, col(earlier.not_before) > now),
            ),
        )
        .exists()
    )


_AS_DELIVERY: Any = select(  # type: ignore[call-overload]  # sqlmodel types so many columns for rows alone
    DeliveryRow.id,
    DeliveryRow.notice_id,
    DeliveryRow.alliance_id,
    DeliveryRow.kind,
    DeliveryRow.recipient,
    DeliveryRow.lane,
    DeliveryRow.urgent,
    DeliveryRow.attempts,
)


_NOTED_AS_SENT: Any = (
    update(DeliveryRow)
    .where(col(DeliveryRow.id) == bindparam("one"))
    .values(state=DeliveryState.SENT, not_before=bindparam("when"), reference=bindparam("said"), error=None)
)


def _delivery(row: Any, *, in_doubt: bool = False) -> Delivery:
    return Delivery(
        id=row.id,
        notice_id=NoticeId(row.notice_id),
        alliance_id=AllianceId(row.alliance_id),
        kind=row.kind,
        recipient=recipient_of(row.recipient),
        lane=row.lane,
        urgent=row.urgent,
        attempts=row.attempts,
        in_doubt=in_doubt or row.attempts > 0,
    )
