"""Lanes of replicas that died, on PostgreSQL: they are taken over, whatever its clock showed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import psycopg
import pytest

from alliance.ids import NoticeId
from schedules import replicas
from schedules.deliveries import Lane, Sent
from schedules.replicas import AnyReplica
from storage.engine import connection_parameters
from storage.opening import Database
from storage.outbox import Delivery, DeliveryState
from tests.contract.test_storage import LANE, put_notice
from tests.fakes.builders import MONDAY
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Letterbox:
    """Takes everything; `taken` is set by the first delivery."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()

    async def deliver(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Sent:
        del delivery, ahead
        self.taken.set()
        return Sent(None)


def died_while_draining(database: Database, heartbeat: str) -> None:
    """Leave behind what a replica does that died with the lane in its hands."""
    parameters = connection_parameters(database.engine)
    assert parameters is not None
    with psycopg.connect(**parameters, autocommit=True) as connection:  # type: ignore[arg-type]  # all of them are words
        found = connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (NOW() + %s::interval) RETURNING id", [heartbeat]
        ).fetchone()
        assert found is not None
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id)"
            " VALUES (%s, 'drain', %s, %s, 'doing', %s)",
            [replicas.QUEUE, LANE, LANE, found[0]],
        )


@pytest.fixture
async def letterbox(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Letterbox]:
    """What a replica delivers to, which looks for dead ones more often than in earnest."""
    monkeypatch.setattr(replicas, "RESCUE_EVERY", 0.05)
    monkeypatch.setattr(replicas, "STALLED_AFTER", 0.5)
    box, clock = Letterbox(), FakeClock(MONDAY)
    parameters = connection_parameters(database.engine)
    assert parameters is not None
    alive = AnyReplica(
        lambda name: Lane(name, open_uow=database.open_uow, courier=box, clock=clock),
        open_uow=database.open_uow,
        clock=clock,
        database=parameters,
    )
    await alive.start()
    yield box
    await alive.stop()


@pytest.mark.parametrize(
    "heartbeat", ["-1 hour", "1 hour"], ids=["an hour ago", "in an hour, since the clock went back"]
)
async def test_a_lane_of_a_dead_replica_is_taken_over_whenever_its_last_heartbeat_was(
    database: Database, letterbox: Letterbox, heartbeat: str
) -> None:
    died_while_draining(database, heartbeat)
    await put_notice(database, NoticeId("n1"), "ana")

    async with asyncio.timeout(20):
        await letterbox.taken.wait()

    async with database.open_uow(reads=True) as uow:
        states = {state for _, state in await uow.outbox.counts()}
    assert states <= {DeliveryState.SENT, DeliveryState.SENDING}
