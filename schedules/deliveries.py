"""Draining a lane: deliveries of one workspace go out in order, several conversations at once."""

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from alliance.audience import ToMember
from schedules.clock import Clock
from schedules.keeping import Keep, KeepTogether
from storage.outbox import ITS_TURN, UNREACHABLE, Delivery, Reference, recipient_key
from storage.posts import Post
from storage.unit_of_work import Interrupted, OpenUnitOfWork, UnitOfWork

log = logging.getLogger(__name__)

BATCH = 50
"""Deliveries claimed in one transaction; one process sends them, several conversations at a time."""
CONVERSATIONS_AT_ONCE = 8
ATTEMPTS_BEFORE_GIVEN_UP = 300
"""With the waits below about three days: longer than any outage of a platform on record."""
ATTEMPTS_AT_A_BUG = 8
"""About ten minutes: what our own code fails at must not hold back for days what follows to the same person."""
FIRST_RETRY_AFTER = 5.0
LONGEST_RETRY_AFTER = 900.0
"""Seconds; within so many after an outage everything is on its way again. A platform that asks for a longer pause is
held to by its pacing; here nothing is told to wait for longer, so that a row that says so tells of a wrong clock."""


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; `reference` is the message, None when there was nothing to keep.

    `known_by` is the subject by which the recipient knows this message from now on, None when by none.
    """

    reference: Reference | None
    known_by: str | None = None


@dataclass(frozen=True, slots=True)
class Unwanted:
    """It no longer needs saying."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """The platform asks to wait that many seconds (None: as long as our own back-off says).

    `counts` False when only the pace or a missing connection was to blame; `most` attempts, then it is given up.
    """

    after: float | None
    because: str
    counts: bool = True
    most: int = ATTEMPTS_BEFORE_GIVEN_UP


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It will never arrive; kept visible to the operator."""

    because: str


Outcome = Sent | Unwanted | TryLater | GiveUp


class Courier(Protocol):
    """Words a notice, draws it and hands it to its platform. Never raises for what a platform did."""

    async def deliver(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Outcome:
        """Deliver one; `ahead` are others to whom nothing goes before, so that what they need may be read with it."""
        ...


class Lane:
    """The drain of one lane. Only one runs at a time for a lane, so its pace needs no shared counter."""

    def __init__(self, name: str, *, open_uow: OpenUnitOfWork, courier: Courier, clock: Clock) -> None:
        self.name = name
        self._open_uow = open_uow
        self._courier = courier
        self._clock = clock
        self._keep = Keep(open_uow, clock)
        self._store = KeepTogether(self._keep, self._note_all)
        self._stopping = False

    def stop(self) -> None:
        """Begin no delivery any more; those that were claimed and not begun go back as they were."""
        self._stopping = True

    async def recover(self) -> int:
        """Send again, or find, what a process that died had begun to send; returns how many were in doubt."""
        async with self._open_uow(reads=True) as uow:
            doubtful = await uow.outbox.in_doubt(self.name)
        if doubtful:
            log.warning("deliveries in doubt", extra={"lane": self.name, "count": len(doubtful)})
            await self._send_all(doubtful)
        return len(doubtful)

    async def drain(self) -> None:
        """Send until nothing of the lane is due; returns when the rest waits for a later time or there is none."""
        while not self._stopping and (batch := await self._claim()):
            await self._send_all(batch)

    async def _claim(self) -> list[Delivery]:
        async with self._open_uow() as uow:
            batch = await uow.outbox.claim(self.name, self._clock.now(), BATCH)
            await uow.commit()
        return batch

    async def _send_all(self, batch: Sequence[Delivery]) -> None:
        """Keep the order within each conversation; conversations go side by side."""
        gate = asyncio.Semaphore(CONVERSATIONS_AT_ONCE)
        by_recipient: dict[str, list[Delivery]] = {}
        for delivery in batch:
            by_recipient.setdefault(recipient_key(delivery.recipient), []).append(delivery)
        ahead = {deliveries[0].id: deliveries[0] for deliveries in by_recipient.values()}
        async with asyncio.TaskGroup() as group:
            for each in by_recipient.values():
                group.create_task(self._send_in_order(each, gate, ahead))

    async def _send_in_order(
        self, deliveries: Sequence[Delivery], gate: asyncio.Semaphore, ahead: dict[int, Delivery]
    ) -> None:
        """Send until one has to wait. `ahead` are the first to everybody, not begun yet."""
        for position, delivery in enumerate(deliveries):
            async with gate:
                if self._stopping:
                    await self._put_back(deliveries[position:])
                    return
                ahead.pop(delivery.id, None)
                outcome = _at_last(delivery, await self._deliver(delivery, list(ahead.values())))
            await self._store((delivery, outcome))
            if isinstance(outcome, TryLater):
                # What follows in the same conversation must not overtake it.
                await self._hold_back(deliveries[position + 1 :], delivery, outcome)
                return

    async def _deliver(self, delivery: Delivery, ahead: Sequence[Delivery]) -> Outcome:
        try:
            return await self._courier.deliver(delivery, ahead)
        except Interrupted as broken:
            # Nothing was sent: what happens after that is kept however long it takes.
            return TryLater(None, str(broken)[:500], counts=False)
        except Exception as error:
            log.exception("delivery failed", extra={"notice": delivery.kind, "delivery": delivery.id})
            return TryLater(None, f"{type(error).__name__}: {error}"[:500], most=ATTEMPTS_AT_A_BUG)

    async def _note_all(self, uow: UnitOfWork, ended: Sequence[tuple[Delivery, Outcome]]) -> None:
        """Note what came of several deliveries; of those that arrived, all at once."""
        arrived = [(delivery, outcome) for delivery, outcome in ended if isinstance(outcome, Sent)]
        if arrived:
            now = self._clock.now()
            await uow.outbox.all_sent([(delivery, sent.reference) for delivery, sent in arrived], now)
            await uow.posts.keep(*(post for delivery, sent in arrived if (post := _post(delivery, sent))))
        for delivery, outcome in ended:
            await self._note(uow, delivery, outcome)

    async def _note(self, uow: UnitOfWork, delivery: Delivery, outcome: Outcome) -> None:
        now = self._clock.now()
        match outcome:
            case Sent():
                pass
            case Unwanted():
                await uow.outbox.unwanted(delivery, now)
            case GiveUp(because) if await _is_back(uow, delivery, because):
                await uow.outbox.later(delivery, now, because, counts=True)
            case GiveUp(because):
                await uow.outbox.dead(delivery, because, now)
            case TryLater(because=because, counts=counts):
                await uow.outbox.later(delivery, now + _wait(delivery, outcome), because, counts=counts)

    async def _hold_back(self, rest: Sequence[Delivery], first: Delivery, outcome: TryLater) -> None:
        if rest:
            await self._wait_until(self._clock.now() + _wait(first, outcome), rest)

    async def _put_back(self, rest: Sequence[Delivery]) -> None:
        await self._wait_until(self._clock.now(), rest)

    async def _wait_until(self, instant: dt.datetime, rest: Sequence[Delivery]) -> None:
        async def write(uow: UnitOfWork) -> None:
            for delivery in rest:
                await uow.outbox.later(delivery, instant, ITS_TURN, counts=False)

        await self._keep(write)


def _post(delivery: Delivery, sent: Sent) -> Post | None:
    if sent.reference is None or sent.known_by is None:
        return None
    return Post(delivery.alliance_id, delivery.recipient, sent.known_by, sent.reference)


async def _is_back(uow: UnitOfWork, delivery: Delivery, because: str) -> bool:
    """Whether a person who could not be reached came back meanwhile: what is given up only now, nobody would revive.

    Asked once for each delivery, while nobody else changes the roster.
    """
    recipient = delivery.recipient
    if not (isinstance(recipient, ToMember) and because.startswith(UNREACHABLE) and delivery.attempts == 0):
        return False
    await uow.rosters.lock(delivery.alliance_id)
    roster = await uow.rosters.get(delivery.alliance_id)
    return any(member.id == recipient.member_id and member.reachable for member in roster.members)


def _at_last(delivery: Delivery, outcome: Outcome) -> Outcome:
    """The outcome, or giving up where it was the last attempt."""
    match outcome:
        case TryLater(because=because, counts=True, most=most) if delivery.attempts + 1 >= most:
            return GiveUp(because)
        case _:
            return outcome


def _wait(delivery: Delivery, outcome: TryLater) -> dt.timedelta:
    # Beyond so many doublings it is the longest anyway, and the power would be too large a number.
    own = min(FIRST_RETRY_AFTER * 2 ** min(delivery.attempts, 20), LONGEST_RETRY_AFTER)
    return dt.timedelta(seconds=own if outcome.after is None else min(outcome.after, LONGEST_RETRY_AFTER))
