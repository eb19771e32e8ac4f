"""A connection that was closed while it rested is found out before it is used; one that was busy just now, after."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from alliance.roster import Platform
from storage import postgresql as server
from storage.engine import connection_parameters
from storage.opening import Database

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def asked_for_its_number(database: Database) -> int:
    async with database.engine.connect() as connection:
        return int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one())


def close(database: Database, number: int) -> None:
    where = make_conninfo(**connection_parameters(database.engine) or {})
    with psycopg.connect(where, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))


async def test_nobody_meets_a_connection_that_was_closed_while_it_rested(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LONG_REST", 0)
    number = await asked_for_its_number(database)

    close(database, number)

    assert await asked_for_its_number(database) != number


async def test_one_that_was_closed_a_moment_ago_breaks_a_single_transaction_off(database: Database) -> None:
    number = await asked_for_its_number(database)
    close(database, number)

    with pytest.raises(OperationalError):
        await asked_for_its_number(database)

    assert await asked_for_its_number(database) != number


async def test_whoever_only_reads_leaves_statements_prepared(database: Database) -> None:
    for _ in range(2):
        async with database.open_uow(reads=True) as uow:
            await uow.rosters.memberships(Platform.SLACK, "T0DC", "U1")

    async with database.engine.connect() as connection:
        prepared = (await connection.execute(text("SELECT statement FROM pg_prepared_statements"))).scalars().all()
    assert [statement for statement in prepared if "FROM members" in statement]
