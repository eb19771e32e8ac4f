"""What a platform has accepted is kept, however long the database is full or away; and sent no second time."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from schedules.deliveries import ATTEMPTS_AT_A_BUG, Outcome, Sent
from schedules.keeping import LONGEST_PAUSE, Keep
from storage.outbox import Delivery, DeliveryState
from storage.unit_of_work import Interrupted, OpenUnitOfWork, UnitOfWork
from tests.fakes.builders import MONDAY
from tests.fakes.clock import FakeClock
from tests.unit.schedules.test_deliveries import Post


class Away:
    """Opens units of work as ever, but for the next so many `times` that somebody would write."""

    def __init__(self, open_uow: OpenUnitOfWork) -> None:
        self._open_uow = open_uow
        self.times = 0

    @asynccontextmanager
    async def __call__(self, *, reads: bool = False) -> AsyncIterator[UnitOfWork]:
        if not reads and self.times:
            self.times -= 1
            raise Interrupted("The disk is full.")
        async with self._open_uow(reads=reads) as uow:
            yield uow


async def test_it_is_tried_again_after_longer_and_longer_pauses(open_uow: OpenUnitOfWork) -> None:
    away, clock = Away(open_uow), FakeClock(MONDAY)
    away.times = 7

    async def write(uow: UnitOfWork) -> None:
        assert await uow.inbox.is_first("once", MONDAY)

    await Keep(away, clock)(write)

    assert clock.slept == [0.5, 1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE]
    async with open_uow() as uow:
        assert not await uow.inbox.is_first("once", MONDAY)


async def test_a_message_that_arrived_while_nothing_could_be_kept_is_noted_and_not_sent_again(
    open_uow: OpenUnitOfWork,
) -> None:
    away = Away(open_uow)
    post = Post(away)
    await post.put("n1", "ana")
    await post.put("n2", "ana")

    def arrives_as_the_disk_fills(_: Delivery) -> Outcome:
        away.times = 5
        return Sent(None)

    post.courier.answers = arrives_as_the_disk_fills
    await post.lane().drain()

    assert post.courier.given == ["n1 to member:ana", "n2 to member:ana"]
    assert await post.counts() == {DeliveryState.SENT: 2}


async def test_a_database_that_is_away_before_anything_was_sent_counts_as_no_attempt(open_uow: OpenUnitOfWork) -> None:
    post = Post(open_uow)
    await post.put("n1", "ana")

    def is_away(_: Delivery) -> Outcome:
        raise Interrupted("The server is away.")

    for _ in range(ATTEMPTS_AT_A_BUG + 1):
        post.courier.answers = is_away
        await post.lane().drain()
        post.clock.instant += dt.timedelta(hours=1)
    post.courier.answers = lambda _: Sent(None)
    await post.lane().drain()

    assert await post.counts() == {DeliveryState.SENT: 1}
