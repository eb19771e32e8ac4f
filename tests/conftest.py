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
from tests.fakes.reliability import PAGE, PROPERTY, Counted, Row, row, table, written

# A slow machine is no reason to fail: no test here is about time.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

QUICK, SLOW, HEAVY = 120, 600, 1800
"""Seconds after which a test that is not over stands still; a quiet machine takes a fraction of it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    marks = {mark.name for mark in item.iter_markers()}
    with ends_within(HEAVY if marks & {"heavy", "soak"} else SLOW if "slow" in marks else QUICK):
        return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "run the tests that put the liaison through a fault, and write their table into the documentation"
    parser.addoption("--reliability", action="store_true", help=help_)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--reliability"):
        items[:] = [item for item in items if "counted" in getattr(item, "fixturenames", ())]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: pytest.ExitCode, config: pytest.Config
) -> None:
    """Print what the tests of faults counted, which came with their reports from whichever process ran them."""
    reports = terminalreporter.getreports("passed")
    rows: list[Row] = [
        (fault, did, counted)
        for report in reports
        for name, (fault, did, counted) in report.user_properties
        if name == PROPERTY and report.when == "call"
    ]
    if rows:
        terminalreporter.section("faults")
        terminalreporter.write(table(rows))
    if config.getoption("--reliability") and exitstatus == pytest.ExitCode.OK:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Counted:
    """Say which fault the liaison was put through, what was done, and what the test counted afterwards."""

    def tell(fault: str, did: str, /, **counts: int | str) -> None:
        request.node.user_properties.append((PROPERTY, row(fault, did, counts)))

    return tell


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
