"""What ends at the same time is noted by one transaction, and one that cannot be noted keeps nothing of the others."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import pytest

from schedules.keeping import Keep, KeepTogether
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from tests.fakes.builders import MONDAY
from tests.fakes.clock import FakeClock

LATER = MONDAY + dt.timedelta(days=1)


class Ledger:
    """Notes names as requests that were taken; `portions` are what was written together, "bad" cannot be."""

    def __init__(self, open_uow: OpenUnitOfWork) -> None:
        self.open_uow = open_uow
        self.portions: list[list[str]] = []
        self.keep = KeepTogether(Keep(open_uow, FakeClock(MONDAY)), self._write)

    async def _write(self, uow: UnitOfWork, names: Sequence[str]) -> None:
        self.portions.append(list(names))
        for name in names:
            await uow.inbox.is_first(name, MONDAY)
        if "bad" in names:
            raise ValueError("bad")

    async def is_noted(self, name: str) -> bool:
        async with self.open_uow() as uow:
            return not await uow.inbox.is_first(name, LATER)


async def test_what_comes_while_one_is_written_is_written_together(open_uow: OpenUnitOfWork) -> None:
    ledger = Ledger(open_uow)

    await asyncio.gather(*(ledger.keep(name) for name in ("a", "b", "c", "d")))

    assert sorted(name for portion in ledger.portions for name in portion) == ["a", "b", "c", "d"]
    assert len(ledger.portions) <= 2
    assert all([await ledger.is_noted(name) for name in ("a", "b", "c", "d")])


async def test_one_alone_is_written_at_once(open_uow: OpenUnitOfWork) -> None:
    ledger = Ledger(open_uow)

    await ledger.keep("a")
    await ledger.keep("b")

    assert ledger.portions == [["a"], ["b"]]


async def test_what_cannot_be_written_is_told_to_its_own_and_keeps_nothing_of_the_others(
    open_uow: OpenUnitOfWork,
) -> None:
    ledger = Ledger(open_uow)

    outcomes = await asyncio.gather(*(ledger.keep(name) for name in ("a", "bad", "c")), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert [await ledger.is_noted(name) for name in ("a", "bad", "c")] == [True, False, True]


async def test_who_stops_waiting_leaves_the_others_theirs(open_uow: OpenUnitOfWork) -> None:
    ledger = Ledger(open_uow)
    first, second = (asyncio.create_task(ledger.keep(name)) for name in ("a", "b"))
    await asyncio.sleep(0)

    first.cancel()
    await second

    with pytest.raises(asyncio.CancelledError):
        await first
    assert await ledger.is_noted("b")
