import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId
from alliance.notices import CharterLapsed
from alliance.roster import Roster
from schedules import workers
from schedules.deliveries import GiveUp, Lane, Outcome, Sent, TryLater, Unwanted
from schedules.workers import InThisProcess
from storage.outbox import UNREACHABLE, Delivery, DeliveryState, Reference, recipient_key
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MONDAY
from tests.fakes.clock import FakeClock

LANE = "slack:T0DC"
OTHER_LANE = "teams:tenant-mc"


class FakeCourier:
    """Notes what it was given, in order, and answers as it is told; by default everything arrives."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.answers: Callable[[Delivery], Outcome] = lambda _: Sent(Reference("D1", "1.0"))
        self.underway: dict[str, int] = {}
        self.most_at_once = 0

    async def deliver(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Outcome:
        del ahead
        self.given.append(f"{delivery.notice_id} to {recipient_key(delivery.recipient)}")
        self.underway[delivery.lane] = self.underway.get(delivery.lane, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.underway.values())
        await asyncio.sleep(0)
        self.underway[delivery.lane] -= 1
        return self.answers(delivery)


class Post:
    """A lane's post office: puts notices in, drains, and looks at what became of them."""

    def __init__(self, open_uow: OpenUnitOfWork) -> None:
        self.open_uow = open_uow
        self.clock = FakeClock(MONDAY)
        self.courier = FakeCourier()
        self.workers = InThisProcess(self.lane, open_uow=open_uow, clock=self.clock)

    def lane(self, name: str = LANE) -> Lane:
        return Lane(name, open_uow=self.open_uow, courier=self.courier, clock=self.clock)

    async def put(self, name: str, *people: str, lane: str = LANE) -> None:
        notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
        async with self.open_uow() as uow:
            recipients: dict[Recipient, str] = {ToMember(MemberId(person)): lane for person in people}
            await uow.outbox.append(NoticeId(name), notice, recipients=recipients, urgent=False, now=MONDAY)
            await uow.commit()

    async def counts(self) -> dict[DeliveryState, int]:
        async with self.open_uow() as uow:
            found = await uow.outbox.counts()
        totals: dict[DeliveryState, int] = {}
        for (_, state), count in found.items():
            totals[state] = totals.get(state, 0) + count
        return totals


async def test_everything_due_is_sent_once(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana", "ben")

    await post.lane().drain()
    await post.lane().drain()

    assert sorted(post.courier.given) == ["n1 to member:ana", "n1 to member:ben"]
    assert await post.counts() == {DeliveryState.SENT: 2}


async def test_one_persons_messages_keep_their_order(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    for number in range(5):
        await post.put(f"n{number}", "ana", "ben")

    await post.lane().drain()

    to_ana = [entry for entry in post.courier.given if entry.endswith("ana")]
    assert to_ana == [f"n{number} to member:ana" for number in range(5)]


async def test_a_failing_recipient_never_repeats_the_others(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana", "ben", "cleo")
    post.courier.answers = lambda d: (
        GiveUp("blocked the app") if recipient_key(d.recipient) == "member:ben" else Sent(None)
    )

    await post.lane().drain()

    assert await post.counts() == {DeliveryState.SENT: 2, DeliveryState.DEAD: 1}


@pytest.mark.parametrize("is_back", [True, False])
async def test_who_came_back_while_a_message_was_given_up_gets_it(
    open_uow: OpenUnitOfWork, roster: Roster, *, is_back: bool
) -> None:
    post = Post(open_uow)
    person = roster.by_key("dc-op1")
    await post.put("n1", person.id)
    async with open_uow() as uow:
        await uow.rosters.save_member(replace(person, reachable=is_back))
        await uow.commit()
    post.courier.answers = lambda d: GiveUp(f"{UNREACHABLE}not installed") if d.attempts == 0 else Sent(None)

    await post.lane().drain()

    assert await post.counts() == {DeliveryState.SENT if is_back else DeliveryState.DEAD: 1}


async def test_what_reaches_nobody_twice_is_given_up(open_uow: OpenUnitOfWork, roster: Roster) -> None:
    post = Post(open_uow)
    await post.put("n1", roster.by_key("dc-op1").id)
    post.courier.answers = lambda _: GiveUp(f"{UNREACHABLE}not installed")

    await post.lane().drain()

    assert len(post.courier.given) == 2
    assert await post.counts() == {DeliveryState.DEAD: 1}


async def test_a_rate_limit_waits_as_long_as_asked_and_does_not_count_as_a_failure(
    open_uow: OpenUnitOfWork,
) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    limited = iter([TryLater(30, "slow down", counts=False)] * 15)
    post.courier.answers = lambda _: next(limited, Sent(None))

    for _ in range(16):
        await post.lane().drain()
        post.clock.instant += dt.timedelta(seconds=30)

    assert await post.counts() == {DeliveryState.SENT: 1}


async def test_what_follows_in_a_conversation_does_not_overtake_what_has_to_wait(
    open_uow: OpenUnitOfWork,
) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    await post.put("n2", "ana")
    answers = iter([TryLater(30, "slow down", counts=False)])
    post.courier.answers = lambda _: next(answers, Sent(None))

    await post.lane().drain()
    post.clock.instant += dt.timedelta(seconds=30)
    await post.lane().drain()

    assert post.courier.given == ["n1 to member:ana", "n1 to member:ana", "n2 to member:ana"]


async def test_an_outage_is_retried_ever_later_and_set_aside_visibly_at_last(
    open_uow: OpenUnitOfWork,
) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    post.courier.answers = lambda _: TryLater(None, "503")
    waits = []

    while (await post.counts()).get(DeliveryState.PENDING):
        await post.lane().drain()
        async with open_uow() as uow:
            next_at = await uow.outbox.next_at(LANE)
        if next_at is not None:
            waits.append((next_at - post.clock.now()).total_seconds())
            post.clock.instant = next_at

    assert waits[:10] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert dt.timedelta(days=2.9) < post.clock.now() - MONDAY < dt.timedelta(days=3.2)
    async with open_uow() as uow:
        assert [dead.error for dead in await uow.outbox.given_up()] == ["503"]


async def test_what_our_own_code_fails_at_is_set_aside_before_it_is_in_the_way_for_long(
    open_uow: OpenUnitOfWork,
) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    await post.put("n2", "ana")

    def answer(delivery: Delivery) -> Outcome:
        if delivery.notice_id == "n1":
            raise RuntimeError("a bug")
        return Sent(None)

    post.courier.answers = answer
    while (await post.counts()).get(DeliveryState.PENDING):
        await post.lane().drain()
        post.clock.instant += dt.timedelta(seconds=5)

    assert post.clock.now() - MONDAY < dt.timedelta(minutes=15)
    assert await post.counts() == {DeliveryState.DEAD: 1, DeliveryState.SENT: 1}


async def test_what_comes_later_does_not_overtake_what_has_to_wait(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    answers = iter([TryLater(30, "slow down", counts=False)])
    post.courier.answers = lambda _: next(answers, Sent(None))
    await post.lane().drain()
    await post.put("n2", "ana", "ben")

    await post.lane().drain()
    async with open_uow() as uow:
        waiting = await uow.outbox.waiting_lanes(post.clock.now())
    post.clock.instant += dt.timedelta(seconds=30)
    await post.lane().drain()

    assert post.courier.given == [
        "n1 to member:ana",
        "n2 to member:ben",
        "n1 to member:ana",
        "n2 to member:ana",
    ]
    assert waiting == []


async def test_a_doubt_stays_until_it_is_cleared(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    async with open_uow() as uow:
        await uow.outbox.claim(LANE, MONDAY, limit=1)
        await uow.commit()
    answers = iter([TryLater(30, "slow down", counts=False), TryLater(None, "503")])
    doubts: list[bool] = []

    def answer(delivery: Delivery) -> Outcome:
        doubts.append(delivery.in_doubt)
        return next(answers, Sent(None))

    post.courier.answers = answer
    for _ in range(3):
        await post.workers.wake_waiting()
        await post.workers.idle()
        post.clock.instant += dt.timedelta(seconds=30)

    assert doubts == [True, True, True]
    assert await post.counts() == {DeliveryState.SENT: 1}


async def test_what_nobody_answered_for_is_in_doubt_the_next_time(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    answers = iter([TryLater(5, "slow down", counts=False), TryLater(5, "no answer")])
    doubts: list[bool] = []

    def answer(delivery: Delivery) -> Outcome:
        doubts.append(delivery.in_doubt)
        return next(answers, Sent(None))

    post.courier.answers = answer
    for _ in range(3):
        await post.lane().drain()
        post.clock.instant += dt.timedelta(seconds=5)

    assert doubts == [False, False, True]


async def test_a_bug_while_sending_sets_nothing_else_back(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana", "ben")

    def answer(delivery: Delivery) -> Outcome:
        if recipient_key(delivery.recipient) == "member:ana":
            raise RuntimeError("a bug")
        return Sent(None)

    post.courier.answers = answer
    await post.lane().drain()

    assert await post.counts() == {DeliveryState.SENT: 1, DeliveryState.PENDING: 1}


async def test_what_a_dead_process_had_begun_is_sent_in_doubt(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    async with open_uow() as uow:
        await uow.outbox.claim(LANE, MONDAY, limit=1)
        await uow.commit()
    doubts: list[bool] = []

    def answer(delivery: Delivery) -> Outcome:
        doubts.append(delivery.in_doubt)
        return Unwanted()

    post.courier.answers = answer
    await post.workers.wake_waiting()
    await post.workers.idle()

    assert doubts == [True]
    assert await post.counts() == {DeliveryState.UNWANTED: 1}


async def test_a_lane_woken_while_it_drains_goes_on_with_what_is_new(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    post.workers.wake([LANE])
    await post.put("n2", "ana")
    post.workers.wake([LANE])

    await post.workers.idle()

    assert await post.counts() == {DeliveryState.SENT: 2}


async def test_a_broken_lane_delays_no_other(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    await post.put("n2", "jonas", lane=OTHER_LANE)
    post.courier.answers = lambda d: TryLater(None, "503") if d.lane == LANE else Sent(None)

    post.workers.wake([LANE, OTHER_LANE])
    await post.workers.idle()

    assert await post.counts() == {DeliveryState.PENDING: 1, DeliveryState.SENT: 1}


async def test_after_stop_nothing_new_is_taken(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")

    await post.workers.stop()
    post.workers.wake([LANE])
    await post.workers.idle()

    assert await post.counts() == {DeliveryState.PENDING: 1}


async def test_stopping_waits_for_no_long_pause_and_puts_back_what_was_not_begun(
    open_uow: OpenUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LAST_MOMENTS", 0.05)
    post = Post(open_uow)
    await post.put("n1", "ana")
    await post.put("n2", "ana")
    begun = asyncio.Event()

    async def never(delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Outcome:
        del ahead
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError(delivery)

    post.courier.deliver = never  # type: ignore[method-assign]
    post.workers.wake([LANE])
    await begun.wait()
    await post.workers.stop()

    async with open_uow() as uow:
        doubtful = await uow.outbox.in_doubt(LANE)
    assert {delivery.notice_id for delivery in doubtful} == {"n1", "n2"}


async def test_stopping_lets_what_is_in_flight_finish_and_begins_nothing_more(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")
    await post.put("n2", "ana")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Outcome:
        del ahead
        begun.set()
        await go_on.wait()
        assert delivery.notice_id == "n1"
        return Sent(None)

    post.courier.deliver = slowly  # type: ignore[method-assign]
    post.workers.wake([LANE])
    await begun.wait()
    stopping = asyncio.create_task(post.workers.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert await post.counts() == {DeliveryState.SENT: 1, DeliveryState.PENDING: 1}
