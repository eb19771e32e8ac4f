"""A roster that is remembered is as fresh as one that is read, on each database, whoever changed it."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from alliance.ids import MemberId
from alliance.pulse import PulseAnswer
from alliance.roster import Member
from storage.opening import Database
from storage.unit_of_work import unit_of_work
from tests.fakes.builders import ALLIANCE, DC, make_roster
from tests.fakes.pulses import make_pulse


@pytest.fixture
async def member(database: Database) -> Member:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()
    return await look(database)


async def look(database: Database) -> Member:
    async with database.open_uow(reads=True) as uow:
        return (await uow.rosters.get(ALLIANCE)).by_key("dc-op1")


async def test_what_another_process_changed_is_seen_at_once(database: Database, member: Member) -> None:
    another = unit_of_work(database.engine, database.seal)

    async with another() as uow:
        await uow.rosters.save_member(replace(member, reachable=False))
        await uow.commit()

    assert not (await look(database)).reachable
    async with database.open_uow(reads=True) as uow:
        (again,) = await uow.rosters.memberships(member.platform, member.workspace, member.address)
    assert not again.reachable


async def test_what_is_not_committed_is_known_to_its_own_transaction_alone(database: Database, member: Member) -> None:
    async with database.open_uow() as uow:
        await uow.rosters.save_member(replace(member, reachable=False))
        assert uow.rosters.have_changed
        assert not (await uow.rosters.get(ALLIANCE)).member(member.id).reachable

    assert (await look(database)).reachable


async def test_members_are_not_read_again_while_nothing_changed(database: Database, member: Member) -> None:
    said: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    assert await look(database) == member

    assert not [statement for statement in said if "members.document" in statement]


async def test_answers_of_a_round_lie_in_the_order_of_their_keys_whatever_came_last(database: Database) -> None:
    pulse = make_pulse()
    async with database.open_uow() as uow:
        await uow.pulses.add(pulse)
        await uow.commit()
    for key, rating in (("b", 1), ("a", 2), ("c", 3), ("b", 4)):
        async with database.open_uow() as uow:
            await uow.pulses.get(pulse.id)
            answer = PulseAnswer(side=DC, ratings={"trust-1": rating}, comment="hm" if key == "a" else "")
            await uow.pulses.save_answer(pulse.id, key, answer, by=MemberId(key))
            await uow.commit()

    async with database.open_uow(reads=True) as uow:
        answers = await uow.pulses.answers(pulse.id)
        people = await uow.pulses.participants(pulse.id)
    assert [(answer.ratings, answer.comment) for answer in answers] == [
        ({"trust-1": 2}, "hm"),
        ({"trust-1": 4}, ""),
        ({"trust-1": 3}, ""),
    ]
    assert people == {MemberId(key) for key in "abc"}
