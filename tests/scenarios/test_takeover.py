"""Who carries on with a lane when its replica dies, and what a replica does with its last seconds."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from storage.outbox import DeliveryState
from tests.fakes.boundaries import SENT_UNNOTED
from tests.fakes.mortals import Mortals, cards_sent_twice, is_alive, mortals
from tests.fakes.nothing_lost import markers_posted
from tests.fakes.reliability import Counted

WITHIN = 60.0
"""Seconds in which the lanes of a replica that was killed are taken over."""
TO_STOP = 25.0
"""Seconds that a replica has to stop."""
SLOW = 6.0
"""Seconds that both platforms take to accept a message."""


async def ready(stage: Mortals) -> None:
    await stage.stage.set_up()
    await stage.start()
    await stage.stage.install_on_teams()
    for number in range(3):
        await stage.sign(number)
    await stage.stage.in_time(stage.stage.quiet())


async def states(stage: Mortals) -> set[DeliveryState]:
    async with stage.stage.opened() as database, database.open_uow(reads=True) as uow:
        return {state for _, state in await uow.outbox.counts()}


def most_often_on_slack(stage: Mortals) -> int:
    return max(Counter(markers_posted(stage.stage.slack)).values())


@pytest.mark.heavy
async def test_the_lanes_of_a_killed_replica_are_taken_over_within_a_minute(tmp_path: Path, counted: Counted) -> None:
    async with mortals(tmp_path, shared=True) as stage:
        await ready(stage)
        loop = asyncio.get_running_loop()

        stage.nursery.arm(SENT_UNNOTED)
        await (await stage.ready_to_raise("dc-ana", "who carries on"))
        await stage.somebody_dies(SENT_UNNOTED.words)
        died = loop.time()
        async with asyncio.timeout(WITHIN):
            await stage.stage.quiet()
        took = loop.time() - died

        (left,) = [replica for replica in stage.stage.replicas if is_alive(replica)]
        assert "taken over from a replica that died" in left.log
        assert await states(stage) <= {DeliveryState.SENT, DeliveryState.UNWANTED}
        assert most_often_on_slack(stage) == 1
        assert await left.terminate() == 0
        counted(
            "1 kill -9 of replicas",
            "one of two replicas, while it drained a lane; the other one found out by itself",
            seconds_until_all_was_sent=round(took),
            most_often_on_Slack=most_often_on_slack(stage),
        )


@pytest.mark.parametrize(
    "shared",
    [
        pytest.param(False, id="sqlite", marks=pytest.mark.slow),
        pytest.param(True, id="postgresql", marks=pytest.mark.heavy),
    ],
)
async def test_sigterm_lets_what_slow_platforms_are_taking_arrive_once(
    tmp_path: Path, counted: Counted, shared: bool
) -> None:
    async with mortals(tmp_path, shared=shared) as stage:
        await ready(stage)
        loop = asyncio.get_running_loop()
        submitted = await stage.ready_to_raise("dc-ana", "in the last seconds")
        stage.stage.slack.fail_next("chat.postMessage", delay=SLOW)
        stage.stage.teams.fail_next("send", status=None, delay=SLOW)

        await submitted
        await stage.stage.in_time(both_are_asked(stage))
        began = loop.time()
        codes = await asyncio.gather(*(replica.terminate() for replica in stage.stage.replicas))
        took = loop.time() - began
        in_doubt = DeliveryState.SENDING in await states(stage)
        await stage.start()
        await stage.stage.in_time(stage.stage.quiet())

        assert set(codes) == {0}
        assert took < TO_STOP
        assert not in_doubt
        assert (most_often_on_slack(stage), cards_sent_twice(stage.stage)) == (1, 0)
        counted(
            "4 the platform goes away",
            f"{'PostgreSQL, two replicas' if shared else 'SQLite'}: SIGTERM while both platforms take {SLOW:.0f} s",
            seconds_to_stop=round(took),
            left_in_doubt=int(in_doubt),
            twice_on_Teams=cards_sent_twice(stage.stage),
        )


async def both_are_asked(stage: Mortals) -> None:
    """Return once either platform has begun to take its slow time."""
    slack, teams = stage.stage.slack._faults._waiting, stage.stage.teams.faults.waiting
    while any(slack.values()) or any(teams.values()):  # noqa: ASYNC110 - they tell nobody
        await asyncio.sleep(0.02)
