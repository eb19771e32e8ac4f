"""What PostgreSQL breaks off for reasons of its own is done again, and took place once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.intents import RaiseEscalation
from storage.engine import connection_parameters
from storage.opening import Database
from storage.unit_of_work import Interrupted
from tests.fakes.builders import ALLIANCE, MONDAY, make_charter_version, make_roster
from tests.fakes.driving import Driver

DEADLOCK, SERIALIZATION = "40P01", "40001"
RAISE = RaiseEscalation(alliance_id=ALLIANCE, title="The list", facts="It is late.", need="A date.")


@pytest.fixture
async def driver(database: Database) -> Driver:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.charters.save(make_charter_version())
        await uow.commit()
    return Driver(database.engine, database.open_uow, MONDAY)


@contextmanager
def broken_off(engine: AsyncEngine, statement: str, how: str, times: int) -> Iterator[list[str]]:
    """Let PostgreSQL break off transactions, when they come to that statement; yields those it did break off."""
    done: list[str] = []

    def break_off(connection: Any, cursor: Any, said: str, *_more: object) -> None:
        if len(done) < times and said.startswith(statement):
            done.append(said)
            if how == "connection":
                terminate(engine, connection.connection.dbapi_connection)
            else:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{how}'; END $$")

    event.listen(engine.sync_engine, "before_cursor_execute", break_off)
    yield done
    event.remove(engine.sync_engine, "before_cursor_execute", break_off)


def terminate(engine: AsyncEngine, connection: Any) -> None:
    parameters = connection_parameters(engine)
    assert parameters is not None
    with psycopg.connect(**parameters, autocommit=True) as other:  # type: ignore[arg-type]  # all of them are words
        other.execute("SELECT pg_terminate_backend(%s)", (connection.driver_connection.info.backend_pid,))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", [DEADLOCK, SERIALIZATION, "connection"])
@pytest.mark.parametrize("statement", ["INSERT INTO inbox", "INSERT INTO escalations", "INSERT INTO deliveries"])
async def test_what_is_broken_off_is_done_again_and_took_place_once(driver: Driver, how: str, statement: str) -> None:
    with broken_off(driver.engine, statement, how, times=2) as done:
        await driver.ask("dc-op1", RAISE)

    async with driver.open_uow(reads=True) as uow:
        assert await uow.escalations.next_number(ALLIANCE) == 2
        assert await uow.audit.verify(ALLIANCE) is None
    assert len(done) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_is_broken_off_again_and_again_is_said_to_be_and_changes_nothing(driver: Driver) -> None:
    with broken_off(driver.engine, "INSERT INTO escalations", DEADLOCK, times=3), pytest.raises(Interrupted):
        await driver.ask("dc-op1", RAISE)

    async with driver.open_uow(reads=True) as uow:
        assert await uow.escalations.next_number(ALLIANCE) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_timer_that_is_broken_off_stays_due_and_does_not_count_as_failed(driver: Driver) -> None:
    await driver.ask("dc-op1", RAISE)
    async with driver.open_uow(reads=True) as uow:
        due = await uow.timers.next_due()
        before = await uow.timers.of(ALLIANCE)
    assert due is not None

    with broken_off(driver.engine, "DELETE FROM timers", DEADLOCK, times=1), pytest.raises(Interrupted):
        await driver.dispatch.fall_due(due)

    async with driver.open_uow(reads=True) as uow:
        assert await uow.timers.of(ALLIANCE) == before
    assert await driver.dispatch.fall_due(due)
