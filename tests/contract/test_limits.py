"""The tests' own PostgreSQL: whatever waits there ends by itself, with an error that says so."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.engine import is_sqlite
from storage.opening import Database


async def test_what_waits_on_postgresql_ends_with_an_error_that_names_it(database: Database) -> None:
    if is_sqlite(database.engine):
        pytest.skip("SQLite's waits have a limit of their own, busy_timeout")
    async with database.engine.connect() as holds, database.engine.connect() as waits:
        await holds.execute(text("LOCK TABLE inbox"))
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert (await waits.execute(text(f"SHOW {limit}"))).scalar_one() != "0"
        await waits.execute(text("SET lock_timeout = '10ms'"))

        with pytest.raises(DBAPIError, match="due to lock timeout"):
            await waits.execute(text("SELECT * FROM inbox"))
