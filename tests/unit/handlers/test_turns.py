import asyncio
import gc
from weakref import ref

from handlers.turns import Turns


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

    async with turns.of("one"):
        assert turns.of("one").locked()
        assert not turns.of("another").locked()


async def test_who_gives_up_or_fails_keeps_nobody_waiting() -> None:
    turns = Turns()
    async with turns.of("one"):
        waits = asyncio.create_task(turns.of("one").acquire())
        await asyncio.sleep(0)
        waits.cancel()

    async with asyncio.timeout(5), turns.of("one"):
        (ended,) = await asyncio.gather(waits, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError)


async def test_what_nobody_holds_or_waits_for_is_forgotten() -> None:
    turns = Turns()
    async with turns.of("one"):
        lock = ref(turns.of("one"))
        assert lock() is not None

    gc.collect()

    assert lock() is None
