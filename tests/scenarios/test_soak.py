"""Ten minutes of work while replicas die all the time: nothing wears out, nothing piles up."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.cluster import Cluster, cluster
from tests.fakes.nothing_lost import nothing_is_lost_or_doubled
from tests.fakes.reliability import Counted
from tests.fakes.replicas import kill_at_random

LASTS = 600.0
"""Seconds; the round that runs at the end is played to its own."""


@pytest.mark.soak
async def test_round_after_round_while_one_of_three_replicas_is_always_dying(tmp_path: Path, counted: Counted) -> None:
    async with cluster(tmp_path, alliances=2, members=30) as stage:
        await stage.begin()
        loop, over, totals = asyncio.get_running_loop(), asyncio.Event(), Counter[str]()
        ends_at, rounds = loop.time() + LASTS, 0

        killing = asyncio.create_task(
            kill_at_random(stage.replicas, random.Random(5), enough=lambda _kills: over.is_set())
        )
        while loop.time() < ends_at:
            rounds += 1
            totals.update(await one_round(stage, rounds))
        over.set()
        kills = await killing

        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]
        counted(
            "1 kill -9 of replicas",
            f"soak: three replicas killed in turn for {LASTS / 60:.0f} minutes, one pulse after another",
            kills=kills,
            rounds=rounds,
            **{name: totals[name] for name in ("answers_accepted", "answers_stored", "invited_on_Slack", "twice")},
        )


async def one_round(stage: Cluster, number: int) -> dict[str, int]:
    """Open a pulse, let everybody answer, look, and close it; returns what was counted."""
    stage.accepted.clear()
    await stage.bring_forward("OpenPulse")
    await stage.in_time(asyncio.gather(*(stage.answer_pulse(name) for name in stage.net.people)))
    await stage.in_time(stage.quiet())
    counts = await nothing_is_lost_or_doubled(stage, number)
    await stage.bring_forward("ClosePulse")
    await stage.in_time(stage.no_pulse_is_open())
    await stage.in_time(stage.quiet())
    return counts
