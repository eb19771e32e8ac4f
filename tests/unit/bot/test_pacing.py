"""Pacing: calls go out as early as the limits allow, in order, and never earlier."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest

from bot.pacing import Bucket, Pace, Window, Windows
from sandbox.clock import MovableClock
from tests.fakes.clock import OwnClock

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


async def moments(clock: MovableClock, wait: Callable[[], Awaitable[None]], calls: int) -> list[float]:
    """The seconds after START at which calls that all came at once were let through, in their order."""
    let_through: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        await wait()
        let_through.append((number, (clock.now() - START).total_seconds()))

    tasks = [asyncio.create_task(call(number)) for number in range(calls)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        if len(let_through) + len(clock._sleepers) == calls and (due := clock.next_sleeper()):
            clock.move_to(due)
    assert [number for number, _ in let_through] == list(range(calls))
    return [at for _, at in let_through]


async def test_a_bucket_lets_a_burst_through_and_then_keeps_its_rate() -> None:
    clock = MovableClock(START)
    bucket = Bucket(clock, rate_per_second=2, burst=3)

    assert await moments(clock, bucket.wait, 6) == [0, 0, 0, 0.5, 1.0, 1.5]


async def test_a_rested_bucket_is_full_again_and_no_fuller() -> None:
    clock = MovableClock(START)
    bucket = Bucket(clock, rate_per_second=1, burst=2)
    await moments(clock, bucket.wait, 2)
    clock.move_to(START + dt.timedelta(seconds=100))

    assert await moments(clock, bucket.wait, 3) == [100, 100, 101]


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ((Window(2, 1),), [0, 0, 1, 1, 2, 2]),
        ((Window(2, 1), Window(3, 4)), [0, 0, 1, 4, 4, 5]),
        ((), [0, 0, 0, 0, 0, 0]),
    ],
)
async def test_no_window_holds_more_than_it_may(windows: Windows, expected: list[float]) -> None:
    clock = MovableClock(START)
    pace = Pace(clock)

    assert await moments(clock, lambda: pace.wait(("chat", windows)), 6) == expected


async def test_conversations_wait_for_their_tenant_and_not_for_each_other() -> None:
    clock = MovableClock(START)
    pace = Pace(clock)
    one, tenant = (Window(1, 10),), (Window(2, 1),)
    chats = iter(("a", "b", "c", "a"))

    async def wait() -> None:
        await pace.wait((next(chats), one), ("tenant", tenant))

    assert await moments(clock, wait, 4) == [0, 0, 1, 10]


async def test_a_clock_that_is_put_back_makes_no_pause_longer() -> None:
    stage = MovableClock(START)
    machine = OwnClock(stage)
    machine.off = dt.timedelta(hours=1)
    bucket, pace = Bucket(machine, rate_per_second=1), Pace(machine)
    bucket.hold(30)
    pace.hold("chat", 30)
    await pace.wait(("other chat", (Window(1, 10),)))
    machine.off = dt.timedelta()

    assert (bucket.due_in(), pace.due_in(("chat", ()))) == (30, 30)
    assert pace.due_in(("other chat", (Window(1, 10),))) == 10


async def test_looking_when_it_is_due_takes_no_turn() -> None:
    bucket = Bucket(MovableClock(START), rate_per_second=1)

    assert [bucket.due_in(), bucket.due_in(), bucket.take(), bucket.due_in(), bucket.take()] == [0, 0, 0, 1, 1]


async def test_what_was_asked_for_is_over_when_its_time_is() -> None:
    clock = MovableClock(START)
    bucket, pace = Bucket(clock, rate_per_second=1), Pace(clock)
    bucket.hold(30)
    bucket.hold(10)
    pace.hold("chat", 30)
    clock.move_by(dt.timedelta(seconds=29))
    before = [bucket.held_for(), pace.held_for("chat"), pace.held_for("other")]
    clock.move_by(dt.timedelta(seconds=1))
    after = [bucket.held_for(), pace.held_for("chat"), bucket.take()]

    assert (before, after) == ([1, 1, 0], [0, 0, 0])
