"""Ours, holding promises: `python -m bench.promises DATABASE_URL` opens it, does what is due, knows what is next.

Prints what that took and how much memory it holds as JSON; `--fill COUNT` stores so many promises first.
"""

import asyncio
import datetime as dt
import json
import sys
import time

from sqlalchemy import insert

from alliance.ids import AllianceId, PulseId
from bench.large import undisturbed
from bench.memory import resident
from handlers.time_intents import ClosePulse
from schedules.clock import SystemClock
from schedules.sweep import sweep
from storage import opening
from storage.codec import encode
from storage.tables import TimerRow
from tests.fakes.live import SECRET_KEY


async def fill(url: str, count: int) -> None:
    """Store so many promises, minutes apart, none of them due."""
    first = SystemClock().now() + dt.timedelta(days=1)
    async with opening.opened(url, SECRET_KEY, migrate=True) as database, database.engine.begin() as connection:
        rows = [_promise(number, first + number * dt.timedelta(minutes=1)) for number in range(count)]
        await connection.execute(insert(TimerRow), rows)


def _promise(number: int, due_at: dt.datetime) -> dict[str, object]:
    alliance = AllianceId(f"alliance {number % 1_000}")
    body = encode(ClosePulse(alliance_id=alliance, pulse_id=PulseId(str(number))))
    return {
        "key": f"{alliance}:pulse:{number}:close",
        "alliance_id": alliance,
        "intent": ClosePulse.__name__,
        "body": body,
        "due_at": due_at,
        "attempts": 0,
    }


async def start(url: str) -> None:
    before = resident()
    began = time.perf_counter()
    async with opening.opened(url, SECRET_KEY) as database:
        await sweep(undisturbed(database), SystemClock())
        async with database.open_uow(reads=True) as uow:
            assert await uow.timers.next_due() is not None
        took = time.perf_counter() - began
        after = resident()
    print(json.dumps({"seconds": took, "grown": after - before, "resident": after}))


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], int(sys.argv[3])) if "--fill" in sys.argv else start(sys.argv[1]))
