"""Many at the same moment: upgrades, imports and presses wait for each other, and nobody's is lost."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from alliance.ids import AllianceId
from alliance.roster import Member
from bot.actions.tokens import token
from bot.alliance_cli import imported, planned
from bot.desk import Answer, Desk
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.enrolment import ChangedMeanwhile, ImportPlan
from handlers.intents import PersonIntent, RaiseEscalation, ShowStatus
from handlers.replies import Reply
from storage.engine import make_engine
from storage.opening import Database
from storage.postgresql import MOST
from storage.schema import current_revision, newest_revision
from storage.unit_of_work import giving_way
from storage.upgrading import upgrade
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter_version, make_member, make_roster
from tests.fakes.charter_files import document_with
from tests.fakes.driving import Driver
from tests.fakes.pulse_rounds import DC_OPENS, ratings_of, schedule, the_pulse

OTHER = AllianceId("al2")
Makes = Callable[[AllianceId], PersonIntent]
Asks = Callable[[Makes, str], Coroutine[Any, Any, Reply]]

SOMEBODY_WAITS = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")

PEOPLE = 30
"""A side; the pools of connections are smaller than all of them together."""


# --- the schema -------------------------------------------------------------------------------------


async def test_processes_that_upgrade_at_once_end_with_one_schema(database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(3)]

    await asyncio.gather(*(upgrade(engine) for engine in engines))

    assert await current_revision(engines[0]) == newest_revision()
    await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_an_upgrade_that_fails_half_way_leaves_nothing_behind(database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE workspaces (something_else INTEGER)"))

    with pytest.raises(DBAPIError, match="workspaces"):
        await upgrade(engine)

    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["workspaces"]
    await engine.dispose()


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database: Database) -> None:
    await upgrade(database.engine)

    assert await current_revision(database.engine) == newest_revision()


# --- imports ----------------------------------------------------------------------------------------


async def test_of_two_first_imports_at_once_the_second_is_told_that_something_changed(database: Database) -> None:
    document = document_with()
    plan = await planned(database.open_uow, document)

    async def bring_in() -> ImportPlan:
        return await imported(database.open_uow, document, now=MONDAY, expected=plan)

    done = await asyncio.gather(bring_in(), bring_in(), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == [ChangedMeanwhile.__name__, ImportPlan.__name__]
    async with database.open_uow(reads=True) as uow:
        (roster,) = await uow.rosters.all()
        assert len(roster.members) == len(document.people)
        assert await uow.audit.verify(roster.alliance_id) is None


# --- presses ----------------------------------------------------------------------------------------


@pytest.fixture
async def crowd(database: Database) -> tuple[Member, ...]:
    """Sixty more people than usual, in the alliance whose pulse has just opened at both companies."""
    people = tuple(make_member(f"{side}-more{number}", side) for side in (DC, MC) for number in range(PEOPLE))
    roster = make_roster()
    async with database.open_uow() as uow:
        await uow.rosters.save(replace(roster, members=(*roster.members, *people)))
        await uow.charters.save(make_charter_version())
        await uow.commit()
    driver = Driver(database.engine, database.open_uow, MONDAY)
    await schedule(driver, roster, make_charter_version())
    await driver.run_until(DC_OPENS)
    return people


async def test_everybody_presses_at_once_and_no_answer_is_lost(database: Database, crowd: tuple[Member, ...]) -> None:
    pulse = await the_pulse(Driver(database.engine, database.open_uow, DC_OPENS))
    dispatch = Dispatch(database.open_uow, wake=lambda _lanes: None, scrub=database.scrub)
    desk = Desk(dispatch, database.open_uow, now=lambda: DC_OPENS)
    ratings = {key: str(rating) for key, rating in ratings_of(pulse, 3).items()}

    async def answers_twice_and_asks(member: Member) -> tuple[Answer, ...]:
        who = ChatIdentity(member.platform, member.workspace, member.address)
        made = token("pulse.answer", ALLIANCE, pulse.id)
        return await asyncio.gather(
            desk.pressed(who, made, ratings, key=f"press of {member.id}"),
            desk.pressed(who, made, ratings, key=f"press of {member.id}"),
            desk.said(who, "status", key=f"question of {member.id}"),
        )

    told = await asyncio.gather(*(answers_twice_and_asks(member) for member in crowd))

    assert not [answer for answers in told for answer in answers if answer.refused]
    async with database.open_uow(reads=True) as uow:
        assert len(await uow.pulses.answers(pulse.id)) == len(crowd)
        assert await uow.pulses.participants(pulse.id) == {member.id for member in crowd}


@pytest.fixture
async def two_alliances(database: Database) -> tuple[Asks, Asks]:
    """Somebody of each of two alliances, who asks for something each time that they are told to."""
    async with database.open_uow() as uow:
        for alliance_id in (ALLIANCE, OTHER):
            await uow.rosters.save(make_roster(alliance_id))
            await uow.charters.save(replace(make_charter_version(), alliance_id=alliance_id))
        await uow.commit()
    dispatch = Dispatch(database.open_uow, wake=lambda _lanes: None, scrub=database.scrub)

    def asking(alliance_id: AllianceId) -> Asks:
        member = make_roster(alliance_id).members[0]
        who = ChatIdentity(member.platform, member.workspace, member.address)
        return lambda make, key: dispatch.ask(make(alliance_id), who=who, key=key, now=MONDAY)

    return asking(ALLIANCE), asking(OTHER)


def raising(alliance_id: AllianceId) -> PersonIntent:
    return RaiseEscalation(alliance_id=alliance_id, title="The list", facts="It is late.", need="A date.")


def looking(alliance_id: AllianceId) -> PersonIntent:
    return ShowStatus(alliance_id=alliance_id)


@pytest.mark.parametrize(
    ("what", "is_held_by"),
    [
        (raising, f"SELECT id FROM alliances WHERE id = '{ALLIANCE}' FOR UPDATE"),
        (looking, "LOCK TABLE checkins IN ACCESS EXCLUSIVE MODE"),
    ],
)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_waits_for_one_alliance_takes_no_connection_from_another(
    database: Database, two_alliances: tuple[Asks, Asks], what: Makes, is_held_by: str
) -> None:
    of_one, of_another = two_alliances
    async with database.engine.connect() as somebody:
        await somebody.execute(text(is_held_by))
        rush = [asyncio.create_task(of_one(what, f"press {number}")) for number in range(2 * MOST)]
        while not (await somebody.execute(SOMEBODY_WAITS)).scalar_one():
            continue

        async with asyncio.timeout(5):
            await of_another(raising, "a press")

        assert not any(task.done() for task in rush)
    await asyncio.gather(*rush)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_alliances_take_turns(two_alliances: tuple[Asks, Asks]) -> None:
    of_one, of_another = two_alliances
    done: list[str] = []

    async def asked(ask: Asks, name: str) -> None:
        await ask(raising, name)
        done.append(name)

    await asyncio.gather(*(asked(of_one, f"one {number}") for number in range(9)), asked(of_another, "another"))

    assert done.index("another") <= 1


async def test_what_gives_way_leaves_room_for_people_however_much_there_is(database: Database) -> None:
    open_later, over = giving_way(database.open_uow, database.engine), asyncio.Event()

    async def is_at_work(name: int) -> int:
        async with open_later(reads=True) as uow:
            await uow.rosters.all()
            await over.wait()
        return name

    at_work = [asyncio.create_task(is_at_work(number)) for number in range(2 * MOST)]

    async with asyncio.timeout(5):
        for _ in range(MOST):
            async with database.open_uow() as uow:
                await uow.rosters.save(make_roster())
                await uow.commit()

    over.set()
    assert await asyncio.gather(*at_work) == list(range(2 * MOST))


async def test_what_gives_way_goes_on_after_one_that_failed_or_was_called_off(database: Database) -> None:
    open_later = giving_way(database.open_uow, database.engine)

    async def fails() -> None:
        async with open_later(reads=True):
            raise ZeroDivisionError

    ended = await asyncio.gather(*(fails() for _ in range(2 * MOST)), return_exceptions=True)
    waiting = asyncio.create_task(fails())
    waiting.cancel()

    assert {type(one) for one in ended} == {ZeroDivisionError}
    async with asyncio.timeout(5), open_later(reads=True) as uow:
        assert await uow.rosters.all() == []


async def test_who_only_reads_waits_for_no_writer_and_cannot_write(database: Database) -> None:
    async with database.open_uow() as writer:
        await writer.rosters.save(make_roster())

        async with asyncio.timeout(5), database.open_uow(reads=True) as reader:
            assert await reader.rosters.all() == []
        await writer.commit()

    async with database.open_uow(reads=True) as reader:
        assert len(await reader.rosters.all()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_a_writer_inside_another_is_told_instead_of_waiting_for_ever(database: Database) -> None:
    async with database.open_uow():
        with pytest.raises(RuntimeError, match="inside another"):
            async with database.open_uow():
                pass

    async with asyncio.timeout(5), database.open_uow() as after:
        assert await after.rosters.all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_a_write_of_a_reader_is_refused(database: Database) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        async with database.open_uow(reads=True) as reader:
            await reader.rosters.save(make_roster())
