"""An installation moves to another database whole, or not at all."""

import asyncio
import contextlib
import signal
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlmodel import SQLModel

from alliance.audit import AuditFact
from storage.copying import AT_ONCE, CannotCopy, copied
from storage.engine import make_engine, take_as_long_as_needed
from storage.opening import opened
from storage.schema import current_revision
from storage.upgrading import upgrade
from tests.contract.conftest import SECRET, empty_database
from tests.contract.test_storage import put_notice
from tests.fakes.bad_days import tables
from tests.fakes.builders import ALLIANCE, MONDAY
from tests.fakes.every_table import FACTS, MANY, fill, fill_more
from tests.fakes.processes import COMMAND, environment

PATIENCE = ("statement_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "source.db"


@pytest.fixture
async def source(file: Path) -> str:
    """A database on SQLite with rows in every table."""
    url = f"sqlite:///{file}"
    async with opened(url, SECRET) as database:
        await fill(database)
    return url


@pytest.fixture
def target(database_url: str) -> str:
    """An empty database, without tables, on each engine."""
    return database_url


@pytest.fixture
def small_target(tmp_path: Path) -> str:
    """One on SQLite, where the engine makes no difference."""
    return f"sqlite:///{tmp_path}/target.db"


async def rows_in(url: str) -> int:
    """How many rows of ours are there; none where there are no tables."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        there = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        ours = [table for table in SQLModel.metadata.sorted_tables if table.name in there]
        counts = [await connection.scalar(select(func.count()).select_from(table)) or 0 for table in ours]
    await engine.dispose()
    return sum(counts)


async def test_every_row_of_every_table_arrives_as_it_was(source: str, target: str) -> None:
    told: list[tuple[int, int]] = []

    found = await copied(source, target, SECRET, told=lambda done, whole: told.append((done, whole)))

    async with opened(source, SECRET) as before, opened(target, SECRET, migrate=False) as after:
        here, there = await tables(before.engine), await tables(after.engine)
        assert there == here
        assert found.rows == {name: len(rows) for name, rows in here.items()}
        assert min(found.rows.values()) > 0
        assert {name: found.rows[name] for name in MANY} == MANY
        assert max(MANY.values()) > 2 * AT_ONCE
        assert found.trails == {"key-al1": FACTS // 3 * 3}
    whole = 3 * sum(found.rows.values())
    assert {of for _, of in told} == {whole}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (whole, whole)


@pytest.mark.slow
async def test_the_other_way_round_goes_as_well(source: str, postgresql: str, tmp_path: Path) -> None:
    back = f"sqlite:///{tmp_path}/back.db"
    async with empty_database(postgresql) as between:
        await copied(source, between, SECRET)
        await copied(between, back, SECRET)

    async with opened(source, SECRET) as before, opened(back, SECRET, migrate=False) as after:
        assert await tables(after.engine) == await tables(before.engine)


async def test_limits_of_a_server_on_long_transactions_are_lifted_for_one(postgresql: str) -> None:
    engine = make_engine(postgresql)
    async with engine.begin() as connection:
        await connection.run_sync(take_as_long_as_needed)
        during = [await connection.scalar(text(f"SHOW {name}")) for name in PATIENCE]
    async with engine.begin() as connection:
        after = [await connection.scalar(text(f"SHOW {name}")) for name in PATIENCE]
    await engine.dispose()

    assert during == ["0", "0"]
    assert "0" not in after


async def test_what_is_written_next_gets_numbers_of_its_own(source: str, target: str) -> None:
    await copied(source, target, SECRET)

    async with opened(target, SECRET, migrate=False) as database:
        await put_notice(database, "the next", "ana", "jonas")
        async with database.open_uow() as uow:
            await uow.audit.append(ALLIANCE, MONDAY, AuditFact("signed", "charter 2"))
            await uow.commit()
        async with database.open_uow() as uow:
            claimed = await uow.outbox.claim("slack:T0DC", MONDAY, 5)
            assert await uow.audit.verify(ALLIANCE) is None
    highest = MANY["deliveries"] * 7
    assert [delivery.id for delivery in claimed] == [highest + 1, highest + 2]


# --- refused --------------------------------------------------------------------------------------------


async def test_a_target_that_holds_something_is_left_as_it_is(source: str, target: str) -> None:
    engine = make_engine(target)
    await upgrade(engine, "0001")
    async with engine.begin() as connection:
        await connection.execute(SQLModel.metadata.tables["inbox"].insert(), {"key": "k", "received_at": MONDAY})

    with pytest.raises(CannotCopy, match=r"^Nothing was copied\. The target holds something already: inbox\. "):
        await copied(source, target, SECRET)

    assert await current_revision(engine) == "0001"
    assert await rows_in(target) == 1
    await engine.dispose()


async def test_the_database_itself_is_no_target(source: str) -> None:
    with pytest.raises(CannotCopy, match="The target holds something already"):
        await copied(source, source, SECRET)


async def test_a_source_at_another_schema_is_refused_before_the_target_is_touched(
    file: Path, small_target: str
) -> None:
    engine = make_engine(f"sqlite:///{file}")
    await upgrade(engine, "0002")
    await engine.dispose()

    with pytest.raises(CannotCopy, match=r"The source is at schema 0002 .* Run liaison db upgrade on it first"):
        await copied(f"sqlite:///{file}", small_target, SECRET)

    there = make_engine(small_target)
    assert await current_revision(there) is None
    await there.dispose()


async def test_a_source_that_is_not_there_is_not_made(file: Path, small_target: str) -> None:
    with pytest.raises(CannotCopy, match="There is no database at"):
        await copied(f"sqlite:///{file}", small_target, SECRET)

    assert not file.exists()  # noqa: ASYNC240 - nobody else waits meanwhile


@pytest.mark.parametrize(
    ("source_url", "target_url", "says"),
    [
        ("nothing", "sqlite:///{folder}/a.db", "The source's address cannot be used: name a file"),
        ("{source}", "mysql://host/name", "The target's address cannot be used: mysql is not known here"),
        ("{source}", "sqlite://", "The target's address cannot be used: a database in memory would be lost"),
        ("{source}", "postgresql://127.0.0.1:1/name", "The target does not do its work: .*refused"),
        ("postgresql://127.0.0.1:1/name", "sqlite:///{folder}/a.db", "The source cannot be opened: .*refused"),
    ],
)
async def test_addresses_that_lead_nowhere_are_said_with_which_of_the_two(
    source: str, tmp_path: Path, source_url: str, target_url: str, says: str
) -> None:
    with pytest.raises(CannotCopy, match=says):
        await copied(source_url.format(source=source), target_url.format(folder=tmp_path), SECRET)


async def test_a_key_that_does_not_open_the_tokens_is_refused(source: str, small_target: str) -> None:
    with pytest.raises(CannotCopy, match="The secret key does not fit what is stored"):
        await copied(source, small_target, "another secret key for tests")

    assert await rows_in(small_target) == 0


async def test_a_trail_that_does_not_hold_is_not_carried_on(source: str, file: Path, small_target: str) -> None:
    change(file, "UPDATE audit SET document = replace(document, 'matter', 'Matter') WHERE seq = 400")

    with pytest.raises(
        CannotCopy, match="The audit trail of key-al1 does not hold in the source: entry 400: its content"
    ):
        await copied(source, small_target, SECRET)

    assert await rows_in(small_target) == 0


async def test_what_somebody_writes_to_the_source_meanwhile_is_not_lost_without_a_word(
    source: str, file: Path, small_target: str
) -> None:
    def write(done: int, whole: int) -> None:
        if done > whole / 2:
            change(file, "UPDATE timers SET attempts = attempts + 1")

    with pytest.raises(CannotCopy, match="Somebody wrote to timers in the source meanwhile: stop the liaison"):
        await copied(source, small_target, SECRET, told=write)

    assert await rows_in(small_target) == 0


# --- broken off -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.2, 1.0])
async def test_broken_off_it_leaves_nothing_and_can_be_done_again(source: str, target: str, after: float) -> None:
    def stop(done: int, whole: int) -> None:
        if done >= after * whole:
            copying.cancel()

    copying = asyncio.create_task(copied(source, target, SECRET, told=stop))
    with pytest.raises(asyncio.CancelledError):
        await copying
    left = await rows_in(target)
    await copied(source, target, SECRET)

    assert left == 0
    assert await rows_in(target) == await rows_in(source)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [(signal.SIGINT, 130, "Stopped. Nothing was copied."), (signal.SIGKILL, -signal.SIGKILL, "")],
    ids=["Ctrl-C", "kill -9"],
)
async def test_a_process_that_is_stopped_in_the_middle_leaves_nothing(
    source: str, postgresql: str, tmp_path: Path, *, sent: signal.Signals, code: int, says: str
) -> None:
    async with opened(source, SECRET) as database:
        await fill_more(database, 30_000)
    async with empty_database(postgresql) as target:
        process = await asyncio.create_subprocess_exec(
            *(*COMMAND, "db", "copy", "--from", source, "--to", target),
            cwd=tmp_path,
            env=environment(SECRET_KEY=SECRET),
            stderr=asyncio.subprocess.PIPE,
        )
        await begun(target)
        process.send_signal(sent)
        _, said = await process.communicate()

        assert (process.returncode, said.decode().strip()) == (code, says)
        assert await rows_in(target) == 0


async def begun(target: str) -> None:
    """Return once rows are being copied there."""
    locked = text("SELECT 1 FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = to_regclass('posts')")
    engine = make_engine(target)
    async with engine.connect() as plain, asyncio.timeout(120):
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        while await connection.scalar(locked) is None:  # noqa: ASYNC110 - another process has no Event of ours
            await asyncio.sleep(0.02)
    await engine.dispose()


def change(file: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as plain, plain:
        plain.execute(statement)
