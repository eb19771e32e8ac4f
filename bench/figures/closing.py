"""Closing a pulse of 2,000 answers and building both companies' digests, while others' history lies in the database."""

import datetime as dt
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import col

from alliance.items import ITEMS
from alliance.pulse import Pulse
from bench.figure import Figure, Measuring, Reading, ratio_at_most
from bench.history import add_history, rows_of
from bench.large import Large, large
from handlers.dispatch import Dispatch
from handlers.time_intents import ClosePulse, SendDigest
from storage.codec import encode
from storage.outbox import DeliveryState, Reference
from storage.tables import DeliveryRow, PostRow, PulseAnswerRow, PulseParticipationRow, TimerRow

MEMBERS = 1_000
"""On each side; everybody answers."""
MUCH, LITTLE = 100, 1
"""How many other alliances of that size have held such a pulse; some 10,000 rows each."""


@asynccontextmanager
async def _measuring() -> AsyncIterator[Measuring]:
    async with AsyncExitStack() as stack:
        places = []
        for others in (MUCH, LITTLE):
            here = await stack.enter_async_context(large(MEMBERS))
            await _closed(here, 0)
            places.append((here, await add_history(here.database, await rows_of(here.database), others)))
        yield Measuring(partial(_closed, *places[0]), partial(_closed, *places[1]))


async def _closed(here: Large, rows: int) -> Reading:
    """Close the pulse, publish it, scrub the files and make the week's digest for both companies."""
    at = await _answered(here)
    dispatch = Dispatch(here.database.open_uow, wake=lambda _lanes: None, scrub=here.database.scrub)
    began = time.perf_counter()
    while await dispatch.fall_due(at):
        pass
    took = time.perf_counter() - began
    await _require(here)
    return Reading(took, {"rows of all": rows})


async def _answered(here: Large) -> dt.datetime:
    """Let a pulse be open, told and answered by everybody, its end and the digests due; returns when."""
    await here.clear()
    await here.open_pulse(await here.promise_pulse())
    alliance = here.roster.alliance_id
    async with here.database.engine.begin() as connection:
        is_other = col(TimerRow.intent) != ClosePulse.__name__
        await connection.execute(delete(TimerRow).where(col(TimerRow.alliance_id) == alliance, is_other))
    async with here.database.open_uow() as uow:
        (pulse,) = await uow.pulses.open_rounds(alliance)
        week = pulse.closes_at.date() - dt.timedelta(days=pulse.closes_at.weekday())
        for side in here.roster.sides:
            intent = SendDigest(alliance_id=alliance, week=week, side=side.key)
            await uow.timers.set(f"{alliance}:digest:{side.key}", alliance, intent, pulse.closes_at)
        await uow.commit()
    async with here.database.engine.begin() as connection:
        delivered = update(DeliveryRow).where(col(DeliveryRow.alliance_id) == alliance)
        await connection.execute(delivered.values(state=DeliveryState.SENT))
        await connection.execute(insert(PostRow), _posts(here, pulse))
        await connection.execute(insert(PulseAnswerRow), _answers(pulse))
        await connection.execute(insert(PulseParticipationRow), _people(pulse))
    await _copy_log_back(here)
    return pulse.closes_at


async def _copy_log_back(here: Large) -> None:
    """Let the log hold nothing of these preparations: scrubbing after the close copies all that is in it."""
    async with here.database.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _posts(here: Large, pulse: Pulse) -> list[dict[str, Any]]:
    return [
        {
            "recipient": f"member:{member.id}",
            "subject": f"pulse:{pulse.id}",
            "alliance_id": here.roster.alliance_id,
            "reference": encode(Reference("D0", f"1700000000.{number:06}")),
        }
        for number, member in enumerate(here.roster.active())
    ]


def _answers(pulse: Pulse) -> list[dict[str, Any]]:
    chance = random.Random(1)
    return [
        {
            "pulse_id": pulse.id,
            "key": f"{chance.getrandbits(256):064x}",
            "side": side,
            "ratings": {item: chance.randint(ITEMS[item].lowest, ITEMS[item].highest) for item in pulse.items},
            "comment": "What would help is a plan for October." if chance.random() < 0.2 else None,
        }
        for side, members in pulse.invited.items()
        for _ in members
    ]


def _people(pulse: Pulse) -> list[dict[str, Any]]:
    return [{"pulse_id": pulse.id, "member_id": member} for members in pulse.invited.values() for member in members]


async def _require(here: Large) -> None:
    async with here.database.open_uow(reads=True) as uow:
        (results,) = await uow.pulses.results(here.roster.alliance_id, 1)
        digest = await uow.digests.newest(here.roster.alliance_id)
    answered = sum(response.answered for response in results.response.values())
    if answered < 2 * MEMBERS or digest is None:
        raise AssertionError(f"{answered} answers were counted, and the digest is {digest}")


FIGURES = (
    Figure(
        name="closing",
        title=f"Closing a pulse of {2 * MEMBERS:,} answers and making both digests, among the history of {MUCH} others",
        unit="s",
        against=f"the same among the history of {LITTLE}",
        must=ratio_at_most(1.5),
        measuring=_measuring,
    ),
)
