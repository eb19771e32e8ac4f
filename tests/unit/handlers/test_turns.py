import asyncio
import gc

import pytest

from handlers.turns import Turns
from storage.unit_of_work import Interrupted


async def test_those_who_want_the_same_go_on_one_at_a_time_in_the_order_they_came() -> None:
    turns, seen = Turns(), list[str]()

    async def goes_on(name: str) -> None:
        async with turns.of("one"):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")

    await asyncio.gather(*(goes_on(name) for name in ("first", "second", "third")))

    assert seen == [f"{name} {what}" for name in ("first", "second", "third") for what in ("begins", "ends")]


async def test_who_wants_something_else_waits_for_nobody() -> None:
    turns = Turns()

    async with turns.of("one"), asyncio.timeout(5), turns.of("another"):
        pass


async def test_who_fails_or_is_called_off_keeps_nobody_waiting() -> None:
    turns = Turns()

    async def fails() -> None:
        async with turns.of("one"):
            await asyncio.sleep(0)
            waiting.cancel()
            raise ZeroDivisionError

    failing, waiting = asyncio.create_task(fails()), asyncio.create_task(fails())
    ended = await asyncio.gather(failing, waiting, return_exceptions=True)

    assert [type(one) for one in ended] == [ZeroDivisionError, asyncio.CancelledError]
    async with asyncio.timeout(5), turns.of("one"):
        pass


async def test_who_waits_for_too_long_is_told_and_the_next_one_goes_on() -> None:
    turns = Turns(longest_wait=0.01)

    async with turns.of("one"):
        with pytest.raises(Interrupted, match="too long"):
            async with turns.of("one"):
                pass

    async with turns.of("one"):
        pass


async def test_what_nobody_holds_or_waits_for_is_forgotten() -> None:
    turns, before = Turns(), locks()

    for number in range(3):
        async with turns.of(str(number)):
            assert locks() > before

    assert locks() == before


def locks() -> int:
    gc.collect()
    return sum(isinstance(one, asyncio.Lock) for one in gc.get_objects())
