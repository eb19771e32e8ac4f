"""PostgreSQL breaks off one transaction in ten while many ask at once: each request takes effect, and once."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToMember
from alliance.ids import NoticeId
from handlers.intents import RaiseEscalation
from schedules.deliveries import Lane, Sent
from storage.opening import Database
from storage.outbox import Delivery, DeliveryState
from storage.tables import InboxRow
from storage.unit_of_work import Interrupted
from tests.contract.test_interruptions import DEADLOCK, SERIALIZATION, driver, terminate
from tests.contract.test_storage import LANE, put_notice
from tests.fakes.builders import ALLIANCE, MONDAY
from tests.fakes.clock import FakeClock
from tests.fakes.driving import Driver
from tests.fakes.reliability import Counted

__all__ = ["driver"]

FAULT = "3 the database goes away"
REQUESTS = 40
AT_ONCE = 8
ONE_IN_REQUESTS, ONE_IN_LANES = 60, 4
"""Of so many statements one is broken off; a request takes about ten, and a lane few for all of its deliveries."""
WAYS = {
    DEADLOCK: "as the victims of deadlocks",
    SERIALIZATION: "with serialization failures",
    "connection": "by the end of their connection (pg_terminate_backend)",
}

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@contextmanager
def trouble(engine: AsyncEngine, how: str, one_in: int) -> Iterator[list[str]]:
    """Break off one statement in so many, whichever it is; yields those that were."""
    done: list[str] = []
    dice = random.Random(7)

    def break_off(connection: Any, cursor: Any, said: str, *_more: object) -> None:
        if dice.randrange(one_in):
            return
        done.append(said)
        if how == "connection":
            terminate(engine, connection.connection.dbapi_connection)
        else:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{how}'; END $$")

    event.listen(engine.sync_engine, "before_cursor_execute", break_off)
    yield done
    event.remove(engine.sync_engine, "before_cursor_execute", break_off)


async def as_a_platform_does(driver: Driver, number: int, gate: asyncio.Semaphore) -> int:
    """Ask until there is an answer, each time under the same key; returns how often there was none."""
    matter = RaiseEscalation(alliance_id=ALLIANCE, title=f"Matter {number}", facts="It is late.", need="A date.")
    unanswered = 0
    while True:
        try:
            async with gate:
                await driver.ask(f"dc-op{number % 7 + 1}", matter, same_as=f"request {number}")
        except Interrupted:
            unanswered += 1
        else:
            return unanswered


@pytest.mark.slow
@pytest.mark.parametrize("how", list(WAYS))
async def test_requests_take_effect_once_whatever_is_broken_off(driver: Driver, counted: Counted, how: str) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    with trouble(driver.engine, how, ONE_IN_REQUESTS) as done:
        unanswered = await asyncio.gather(*(as_a_platform_does(driver, n, gate) for n in range(REQUESTS)))

    async with driver.open_uow(reads=True) as uow:
        stored = [await uow.escalations.numbered(ALLIANCE, number) for number in range(1, REQUESTS + 2)]
        assert await uow.audit.verify(ALLIANCE) is None
    titles = [case.title for case in stored if case is not None]
    async with driver.engine.connect() as connection:
        noted = int((await connection.execute(select(func.count()).select_from(InboxRow))).scalar_one())
    assert len(done) >= 5
    assert sorted(titles) == sorted(f"Matter {number}" for number in range(REQUESTS))
    assert noted == REQUESTS
    counted(
        FAULT,
        f"statements broken off at random under load, {WAYS[how]}; unanswered requests came again",
        broken_off=len(done),
        requests=REQUESTS,
        stored=len(titles),
        doubled=len(titles) - len(set(titles)),
        asked_again=sum(unanswered),
    )


class Letterbox:
    """Takes everything, and notes what it took in doubt of whether it had before."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.in_doubt: set[str] = set()

    async def deliver(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Sent:
        del ahead
        assert isinstance(delivery.recipient, ToMember)
        name = str(delivery.recipient.member_id)
        if name not in self.taken or not delivery.in_doubt:  # in doubt, a platform looks for it first
            self.taken[name] = self.taken.get(name, 0) + 1
        else:
            self.in_doubt.add(name)
        await asyncio.sleep(0)
        return Sent(None)


@pytest.mark.parametrize("how", list(WAYS))
async def test_a_lane_that_is_broken_off_again_and_again_delivers_everything_once(
    database: Database, counted: Counted, how: str
) -> None:
    people = [f"person-{number}" for number in range(60)]
    await put_notice(database, NoticeId("n1"), *people)
    box, clock, runs = Letterbox(), FakeClock(MONDAY), 0
    with trouble(database.engine, how, ONE_IN_LANES) as done:
        is_drained = False
        while not is_drained:
            runs += 1
            lane = Lane(LANE, open_uow=database.open_uow, courier=box, clock=clock)
            with suppress(ExceptionGroup, Interrupted):  # as when a tick wakes it again
                await lane.recover()
                await lane.drain()
                is_drained = True

    async with database.open_uow(reads=True) as uow:
        states = {state for _, state in await uow.outbox.counts()}
    assert states == {DeliveryState.SENT}
    assert len(done) >= 2
    assert box.taken == dict.fromkeys(people, 1)
    counted(
        FAULT,
        f"a lane of 60 deliveries broken off at random, {WAYS[how]}",
        broken_off=len(done),
        begun_anew=runs - 1,
        delivered=len(box.taken),
        doubled=sum(count > 1 for count in box.taken.values()),
        looked_up_in_doubt=len(box.in_doubt),
    )
