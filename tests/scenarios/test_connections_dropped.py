"""PostgreSQL drops every connection of the replicas, again and again, while many answer: nothing is lost or doubled."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from tests.fakes.cluster import Cluster, cluster
from tests.fakes.nothing_lost import nothing_is_lost_or_doubled
from tests.fakes.reliability import Counted

DROPS = 10
TWO = {"replica-0": (), "replica-1": ()}


async def drop_connections(stage: Cluster, enough: asyncio.Event) -> int:
    """End every session of the replicas, in whatever they are doing, so many times; returns how many sessions."""
    dropped = 0
    for _ in range(DROPS):
        async with await psycopg.AsyncConnection.connect(stage.server.address, autocommit=True) as connection:
            ended = await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            dropped += len(await ended.fetchall())
        await asyncio.sleep(0.4)
    enough.set()
    return dropped


@pytest.mark.heavy
async def test_connections_dropped_under_load_lose_nothing_and_double_nothing(tmp_path: Path, counted: Counted) -> None:
    async with cluster(tmp_path, alliances=1, members=14, names=TWO) as stage:
        await stage.begin()
        enough = asyncio.Event()
        await stage.bring_forward("OpenPulse")

        dropping = asyncio.create_task(drop_connections(stage, enough))
        await stage.in_time(asyncio.gather(*(stage.answer_pulse(name) for name in stage.net.people)))
        await stage.in_time(enough.wait())
        dropped = await dropping
        await stage.in_time(stage.quiet())

        counts = await nothing_is_lost_or_doubled(stage)
        assert dropped > DROPS
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0]
    counted(
        "3 the database goes away",
        f"all connections of two replicas dropped {DROPS} times within some seconds, during a pulse of 28 members",
        connections_dropped=dropped,
        **counts,
    )
