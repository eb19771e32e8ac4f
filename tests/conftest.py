"""The fixtures everybody needs: a database, its units of work, an alliance in it. And the end of standing still."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.roster import Roster
from storage.engine import make_engine
from storage.seal import Seal
from storage.tables import AllianceRow
from storage.unit_of_work import OpenUnitOfWork, unit_of_work
from tests.fakes.builders import make_charter_version, make_roster
from tests.fakes.patience import ends_within

# A slow machine is no reason to fail: no test here is about time.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

QUICK, SLOW, HEAVY = 120, 600, 1800
"""Seconds after which a test that is not over stands still; a quiet machine takes a fraction of it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    marks = {mark.name for mark in item.iter_markers()}
    with ends_within(HEAVY if "heavy" in marks else SLOW if "slow" in marks else QUICK):
        return (yield)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty SQLite database with all tables."""
    made = make_engine(f"sqlite:///{tmp_path}/liaison.db")
    async with made.begin() as connection:
        await connection.run_sync(AllianceRow.metadata.create_all)
    yield made
    await made.dispose()


@pytest.fixture
def open_uow(engine: AsyncEngine) -> OpenUnitOfWork:
    return unit_of_work(engine, Seal("a secret key for tests"))


@pytest.fixture
async def roster(open_uow: OpenUnitOfWork) -> Roster:
    """The DC and MC alliance, stored, with its charter in force."""
    made = make_roster()
    async with open_uow() as uow:
        await uow.rosters.save(made)
        await uow.charters.save(make_charter_version())
        await uow.commit()
    return made
