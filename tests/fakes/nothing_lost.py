"""After a bad time for several replicas: what is stored and what arrived, counted and compared."""

import json
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import col

from alliance.roster import Roster
from sandbox.slack import SlackStandIn
from storage.opening import Database
from storage.outbox import DeliveryState
from storage.tables import DeliveryRow, PulseAnswerRow, PulseParticipationRow
from tests.fakes.cluster import Cluster


async def nothing_is_lost_or_doubled(stage: Cluster, rounds: int = 1) -> dict[str, int]:
    """Look at what is stored and what arrived in the open round, the so-manieth; returns what was counted."""
    async with stage.opened() as database:
        stored = [await each_answer_is_stored_once(stage, database, name) for name in stage.net.alliances]
        on_slack = await nothing_is_left_over(stage, database, rounds)
    accepted = len({name for name, action in stage.accepted if action == "pulse.answer"})
    return {
        "members": len(stage.net.people),
        "answers_accepted": accepted,
        "answers_stored": sum(stored),
        **on_slack,
    }


async def each_answer_is_stored_once(stage: Cluster, database: Database, alliance: str) -> int:
    """Returns how many are stored."""
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
    return len(stored)


async def nothing_is_left_over(stage: Cluster, database: Database, rounds: int) -> dict[str, int]:
    """Returns what was counted on Slack."""
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
    assert 2 * len(invited) == len(stage.net.people) * rounds
    doubled = sum(times > 1 for times in posted.values())
    assert doubled == 0
    return {"invited_on_Slack": len(invited), "messages_there": len(posted), "twice": doubled}


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
