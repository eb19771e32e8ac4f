"""The ticker: it goes on whatever happens, and never does the same thing twice at once."""

import asyncio
import datetime as dt

import pytest

from schedules import ticker as ticking
from schedules.clock import SystemClock
from schedules.ticker import Ticker


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "SWEEP_EVERY", 0.01)
    monkeypatch.setattr(ticking, "HOUSEKEEPING_EVERY", 0.01)


class Work:
    """Counts how often it was asked for; `reached` is set at the third time."""

    def __init__(self, *, failing: bool = False) -> None:
        self.calls = 0
        self.under_way = 0
        self.most_at_once = 0
        self.reached = asyncio.Event()
        self._failing = failing

    async def __call__(self) -> None:
        self.calls += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(0.03)
        self.under_way -= 1
        if self.calls >= 3:
            self.reached.set()
        if self._failing:
            raise OSError("the database is away")


async def test_both_are_called_again_and_again_and_never_twice_at_once() -> None:
    sweep, housekeep = Work(), Work()
    ticker = Ticker(sweep=sweep, housekeep=housekeep)
    ticker.start()

    async with asyncio.timeout(10):
        await sweep.reached.wait()
        await housekeep.reached.wait()
    await ticker.stop()

    assert (sweep.most_at_once, housekeep.most_at_once) == (1, 1)


async def test_a_tick_that_fails_does_not_end_the_ticking(caplog: pytest.LogCaptureFixture) -> None:
    sweep, housekeep = Work(failing=True), Work()
    ticker = Ticker(sweep=sweep, housekeep=housekeep)
    ticker.start()

    async with asyncio.timeout(10):
        await sweep.reached.wait()
        await housekeep.reached.wait()
    await ticker.stop()

    assert "tick failed" in caplog.messages


async def test_a_clock_that_is_put_back_by_an_hour_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sweep, housekeep = Work(), Work()
    ticker = Ticker(sweep=sweep, housekeep=housekeep)
    ticker.start()
    for job in ticker._scheduler.get_jobs():
        # So it looks to the scheduler when the clock shows an hour less than a moment ago.
        job.modify(next_run_time=SystemClock().now() + dt.timedelta(hours=1))

    async with asyncio.timeout(10):
        await sweep.reached.wait()
        await housekeep.reached.wait()
    await ticker.stop()

    assert "the clock was put back" in caplog.messages


async def test_after_the_stop_nothing_is_called() -> None:
    sweep, housekeep = Work(), Work()
    ticker = Ticker(sweep=sweep, housekeep=housekeep)
    ticker.start()
    await ticker.stop()
    before = sweep.calls

    await asyncio.sleep(0.05)

    assert sweep.calls == before


async def test_the_stop_waits_for_what_is_under_way(caplog: pytest.LogCaptureFixture) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def sweep() -> None:
        begun.set()
        await may_end.wait()
        ended.set()

    ticker = Ticker(sweep=sweep, housekeep=Work())
    ticker.start()
    async with asyncio.timeout(10):
        await begun.wait()
        stopping = asyncio.create_task(ticker.stop())
        await asyncio.sleep(0.02)
        assert not stopping.done()
        may_end.set()
        await stopping

    assert ended.is_set()
    assert caplog.messages == []
