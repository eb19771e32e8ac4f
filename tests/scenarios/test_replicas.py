"""Several replicas on one PostgreSQL, killed, stopped and cut off: nothing accepted is lost, nothing happens twice."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from alliance.roster import Roster
from sandbox.slack import SlackStandIn
from storage.opening import Database
from storage.outbox import DeliveryState
from storage.tables import DeliveryRow, PulseAnswerRow, PulseParticipationRow
from tests.fakes.cluster import Cluster, cluster
from tests.fakes.replicas import Replica

KILLS = 30
DOWN_FOR = 20.0
"""Seconds."""


async def killing(processes: list[Replica], kills: int, dice: random.Random) -> None:
    """Kill one of them after another at random moments; each comes back by itself."""
    for _ in range(kills):
        await asyncio.sleep(dice.uniform(0.5, 4.0))
        victim = dice.choice(processes)
        await victim.kill()
        await victim.start()


@pytest.mark.heavy
async def test_three_replicas_killed_thirty_times_during_a_pulse_of_six_hundred(tmp_path: Path) -> None:
    async with cluster(tmp_path, alliances=3, members=100) as stage:
        await stage.begin()
        await stage.bring_forward("OpenPulse")

        presses = [asyncio.create_task(stage.answer_pulse(name)) for name in stage.net.people]
        await killing(stage.replicas, KILLS, random.Random(11))
        await stage.in_time(asyncio.gather(*presses))
        await stage.in_time(stage.quiet())

        await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]


@pytest.mark.slow
async def test_a_database_that_is_away_for_twenty_seconds_loses_nothing(tmp_path: Path) -> None:
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

        await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]


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


async def nothing_is_lost_or_doubled(stage: Cluster) -> None:
    async with stage.opened() as database:
        for name in stage.net.alliances:
            await each_answer_is_stored_once(stage, database, name)
        await nothing_is_left_over(stage, database)


async def each_answer_is_stored_once(stage: Cluster, database: Database, alliance: str) -> None:
    async with database.open_uow(reads=True) as uow:
        roster = next(one for one in await uow.rosters.all() if one.key == alliance)
        rounds = await uow.pulses.open_rounds(roster.alliance_id)
    async with database.engine.connect() as connection:
        stored = (
            await connection.execute(select(PulseAnswerRow).where(col(PulseAnswerRow.pulse_id) == rounds[0].id))
        ).all()
        took_part = set(
            await connection.scalars(
                select(col(PulseParticipationRow.member_id)).where(col(PulseParticipationRow.pulse_id) == rounds[0].id)
            )
        )
    accepted = {name for name, action in stage.accepted if action == "pulse.answer" and name.startswith(f"{alliance}/")}
    assert len(rounds) == 1
    assert {roster.by_key(name.partition("/")[2]).id for name in accepted} <= took_part
    assert len(stored) == len(took_part) == len([name for name in stage.net.people if name.startswith(f"{alliance}/")])


async def nothing_is_left_over(stage: Cluster, database: Database) -> None:
    async with database.open_uow(reads=True) as uow:
        rosters: list[Roster] = await uow.rosters.all()
        broken = [await uow.audit.verify(roster.alliance_id) for roster in rosters]
        given_up = await uow.outbox.given_up()
        set_aside = await uow.timers.set_aside()
    assert (broken, given_up, set_aside) == ([None] * len(rosters), [], [])
    async with database.engine.connect() as connection:
        states = set(await connection.scalars(select(col(DeliveryRow.state)).distinct()))
    assert states <= {DeliveryState.SENT, DeliveryState.UNWANTED}
    invited = await invitations_to_slack(database)
    posted = Counter(markers_posted(stage.slack))
    assert {posted[marker] for marker in invited} == {1}
    assert 2 * len(invited) == len(stage.net.people)
    assert max(posted.values()) == 1


async def invitations_to_slack(database: Database) -> list[str]:
    """The markers of the invitations that went to Slack."""
    async with database.engine.connect() as connection:
        found = select(col(DeliveryRow.id), col(DeliveryRow.notice_id)).where(
            col(DeliveryRow.kind) == "PulseOpened", col(DeliveryRow.lane).startswith("slack:")
        )
        return [f"delivery-{number}-{notice}" for number, notice in (await connection.execute(found)).all()]


def markers_posted(slack: SlackStandIn) -> Iterator[str]:
    """Which delivery each message was that Slack accepted, message by message."""
    for request in slack.requests:
        if request.method == "chat.postMessage" and request.answer.get("ok"):
            metadata = request.payload.get("metadata") or {}
            metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
            if marker := metadata.get("event_payload", {}).get("marker"):
                yield str(marker)
