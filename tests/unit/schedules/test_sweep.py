"""The sweep: everything due happens, earliest first, and nothing that fails is in the way of the rest."""

import datetime as dt

import pytest

from handlers.dispatch import Dispatch
from handlers.time_intents import LapseCharter
from schedules import sweep as sweeping
from schedules.sweep import sweep
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY
from tests.fakes.clock import FakeClock

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def dispatch(open_uow: OpenUnitOfWork) -> Dispatch:
    async def scrub() -> None:
        return

    return Dispatch(open_uow, wake=set[str]().update, scrub=scrub)


async def promise(open_uow: OpenUnitOfWork, *, after: int, version: int = 1) -> None:
    """Promise to let a charter version lapse: harmless for the first, which is in force."""
    async with open_uow() as uow:
        intent = LapseCharter(alliance_id=ALLIANCE, version=version)
        await uow.timers.set(f"lapse:{after}", ALLIANCE, intent, MONDAY + after * MINUTE)
        await uow.commit()


@pytest.mark.usefixtures("roster")
async def test_all_that_is_due_happens_and_no_more(dispatch: Dispatch, open_uow: OpenUnitOfWork) -> None:
    for after in (-5, 0, 1):
        await promise(open_uow, after=after)

    done = await sweep(dispatch, FakeClock(MONDAY))

    async with open_uow() as uow:
        left = await uow.timers.of(ALLIANCE)
    assert done == 2
    assert [timer.due_at for timer in left] == [MONDAY + MINUTE]


@pytest.mark.usefixtures("roster")
async def test_one_that_fails_is_in_nobodys_way(dispatch: Dispatch, open_uow: OpenUnitOfWork) -> None:
    await promise(open_uow, after=-5, version=7)  # there is none
    await promise(open_uow, after=-1)

    await sweep(dispatch, FakeClock(MONDAY))

    async with open_uow() as uow:
        (left,) = await uow.timers.of(ALLIANCE)
    assert left.key == "lapse:-5"
    assert left.attempts == 1
    assert left.error is not None


@pytest.mark.usefixtures("roster")
async def test_a_sweep_ends_however_much_is_due(
    dispatch: Dispatch, open_uow: OpenUnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 3)
    for after in range(-5, 0):
        await promise(open_uow, after=after)

    assert await sweep(dispatch, FakeClock(MONDAY)) == 3
    assert await sweep(dispatch, FakeClock(MONDAY)) == 2
    assert await sweep(dispatch, FakeClock(MONDAY)) == 0
