import asyncio
import datetime as dt

import pytest

from sandbox.clock import MovableClock

START = dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC)


async def _sleepers(clock: MovableClock, woken: list[str], **seconds: float) -> list[asyncio.Task[None]]:
    async def sleep(name: str, wait: float) -> None:
        await clock.sleep(wait)
        woken.append(f"{name} at {clock.now():%H:%M:%S}")

    tasks = [asyncio.ensure_future(sleep(name, wait)) for name, wait in seconds.items()]
    await asyncio.sleep(0)
    return tasks


async def test_sleepers_wake_in_order_of_their_instant_then_of_falling_asleep() -> None:
    clock, woken = MovableClock(START), list[str]()
    tasks = await _sleepers(clock, woken, late=20, first=10, second=10)

    clock.move_by(dt.timedelta(seconds=30))
    await asyncio.gather(*tasks)

    assert woken == ["first at 14:00:30", "second at 14:00:30", "late at 14:00:30"]


async def test_nobody_wakes_before_the_instant() -> None:
    clock, woken = MovableClock(START), list[str]()
    tasks = await _sleepers(clock, woken, one=10)

    clock.move_by(dt.timedelta(seconds=9))
    await asyncio.sleep(0)

    assert not tasks[0].done()
    tasks[0].cancel()


async def test_moving_from_sleeper_to_sleeper_lets_each_see_its_own_instant() -> None:
    clock, woken = MovableClock(START), list[str]()
    tasks = await _sleepers(clock, woken, late=20, early=10)

    while (instant := clock.next_sleeper()) is not None:
        clock.move_to(instant)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)

    assert woken == ["early at 14:00:10", "late at 14:00:20"]


async def test_a_cancelled_sleeper_is_not_waited_for() -> None:
    clock, woken = MovableClock(START), list[str]()
    (task,) = await _sleepers(clock, woken, one=10)

    task.cancel()
    await asyncio.sleep(0)

    assert clock.next_sleeper() is None


async def test_who_moves_the_clock_can_wait_for_somebody_to_sleep() -> None:
    clock = MovableClock(START)
    waiting = asyncio.ensure_future(clock.somebody_sleeps())
    sleeping = asyncio.ensure_future(clock.sleep(10))

    clock.move_to(await waiting)
    await sleeping

    assert clock.now() == START + dt.timedelta(seconds=10)


async def test_sleeping_for_nothing_does_not_wait_for_a_move() -> None:
    clock = MovableClock(START)

    await clock.sleep(0)

    assert clock.now() == START


def test_the_clock_never_goes_back() -> None:
    clock = MovableClock(START)

    with pytest.raises(ValueError, match="does not go back"):
        clock.move_to(START - dt.timedelta(seconds=1))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MovableClock(START.replace(tzinfo=None))


def test_now_is_told_in_utc() -> None:
    clock = MovableClock(START.astimezone(dt.timezone(dt.timedelta(hours=-5))))

    assert clock.now().utcoffset() == dt.timedelta(0)
