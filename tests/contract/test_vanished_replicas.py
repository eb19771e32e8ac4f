"""A replica that vanished, or stands still, holds no lock for long; a server that vanished is noticed."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import connection_parameters, make_engine
from storage.opening import Database, opened
from storage.postgresql import LIMITS
from storage.unit_of_work import Interrupted
from tests.fakes.builders import ALLIANCE, make_roster

SOON = "?options=-c%20idle_in_transaction_session_timeout%3D200ms&"
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def plain_url(database_url: str, postgresql: str) -> Iterator[str]:
    """The address of the same database for a role of which nobody has said anything."""
    name = f"plain_{uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as server:
        server.execute(f"CREATE ROLE {name} LOGIN SUPERUSER")
        yield re.sub(r"//[^@]*@", f"//{name}@", database_url)
        server.execute(f"DROP ROLE {name}")


@asynccontextmanager
async def engine_at(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url)
    yield engine
    await engine.dispose()


async def limits_at(url: str) -> dict[str, str]:
    async with engine_at(url) as engine, engine.connect() as connection:
        return {name: str((await connection.execute(text(f"SHOW {name}"))).scalar_one()) for name in LIMITS}


async def test_our_sessions_have_limits_where_nobody_has_said_others(plain_url: str, database_url: str) -> None:
    ours = await limits_at(plain_url)
    of_the_address = await limits_at(plain_url.replace("?", "?options=-c%20lock_timeout%3D7s&"))
    of_the_role = await limits_at(database_url)

    assert (ours["lock_timeout"], ours["statement_timeout"]) == ("10s", "1min")
    assert ours["idle_in_transaction_session_timeout"] == "30s"
    assert of_the_address == {**ours, "lock_timeout": "7s"}
    assert of_the_role["lock_timeout"] == "20s"


async def test_a_server_that_vanished_is_noticed_on_every_connection_of_ours(database_url: str) -> None:
    async with engine_at(database_url) as ours, engine_at(f"{database_url}&keepalives_idle=99") as said:
        parameters, others = connection_parameters(ours), connection_parameters(said)

    assert parameters is not None
    assert others is not None
    assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == ("30", "30000")
    assert (others["keepalives_idle"], others["tcp_user_timeout"]) == ("99", "30000")


async def test_who_stands_still_in_a_transaction_is_cut_off_and_the_others_go_on(
    database: Database, database_url: str
) -> None:
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()

    async with opened(database_url.replace("?", SOON), "a secret key for tests") as still:
        with pytest.raises(Interrupted):  # noqa: PT012 - it is what comes last that is refused
            async with still.open_uow() as standing:
                await standing.rosters.lock(ALLIANCE)
                async with database.open_uow() as other:  # would wait for as long as the first one holds the row
                    await other.rosters.lock(ALLIANCE)
                await standing.rosters.lock(ALLIANCE)

        async with still.open_uow() as again:
            await again.rosters.lock(ALLIANCE)
