"""Several replicas on one PostgreSQL, killed, stopped and cut off: nothing accepted is lost, nothing happens twice."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.fakes.cluster import cluster
from tests.fakes.nothing_lost import nothing_is_lost_or_doubled
from tests.fakes.reliability import Counted
from tests.fakes.replicas import kill_at_random

KILLS = 30
DOWN_FOR = 20.0
"""Seconds."""


@pytest.mark.heavy
async def test_three_replicas_killed_thirty_times_during_a_pulse_of_six_hundred(
    tmp_path: Path, counted: Counted
) -> None:
    async with cluster(tmp_path, alliances=3, members=100) as stage:
        await stage.begin()
        await stage.bring_forward("OpenPulse")

        presses = [asyncio.create_task(stage.answer_pulse(name)) for name in stage.net.people]
        await kill_at_random(stage.replicas, random.Random(11), enough=lambda kills: kills == KILLS)
        await stage.in_time(asyncio.gather(*presses))
        await stage.in_time(stage.quiet())

        counts = await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]
        counted(
            "1 kill -9 of replicas",
            f"three replicas, killed {KILLS} times in all during a pulse of 6 workspaces on both platforms",
            **counts,
        )


@pytest.mark.slow
async def test_a_database_that_is_away_for_twenty_seconds_loses_nothing(tmp_path: Path, counted: Counted) -> None:
    async with cluster(tmp_path, alliances=1, members=20) as stage:
        await stage.begin()
        await stage.bring_forward("OpenPulse")

        presses = [asyncio.create_task(stage.answer_pulse(name)) for name in stage.net.people]
        await asyncio.sleep(1.0)
        await asyncio.to_thread(stage.server.stop)
        await asyncio.sleep(DOWN_FOR)
        await asyncio.to_thread(stage.server.start)
        await stage.in_time(asyncio.gather(*presses))
        await stage.in_time(stage.quiet())

        counts = await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]
        counted(
            "3 the database goes away",
            f"PostgreSQL stopped for {DOWN_FOR:.0f} s during a pulse, three replicas",
            **counts,
        )


@pytest.mark.slow
async def test_requests_and_deliveries_in_processes_of_their_own(tmp_path: Path) -> None:
    apart = {"web": ("--only", "web"), "worker": ("--only", "worker")}
    async with cluster(tmp_path, alliances=1, members=12, names=apart) as stage:
        await stage.begin()
        await stage.bring_forward("OpenPulse")
        await stage.in_time(asyncio.gather(*(stage.answer_pulse(name) for name in stage.net.people)))
        await stage.in_time(stage.quiet())

        await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0]
