"""Moving an installation to another database: every table, in one transaction, compared before it counts.

Any of our databases can be moved to any other. Rows are read in the order of their keys and written in it: so no page
of the target tells who answered a pulse when, as no page of the source does.
"""

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, func, insert, inspect, literal, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.audit import AuditTrail
from storage.engine import (
    count_on,
    file_of,
    keep_writers_out,
    make_engine,
    of_one_instant,
    take_as_long_as_needed,
    wait_for_turn,
)
from storage.opening import Database, DatabaseTrouble, OtherSchema, in_short, opened
from storage.rosters import Rosters
from storage.schema import Told
from storage.seal import SENTENCE
from storage.tables import AllianceRow
from storage.unit_of_work import Interrupted

AT_ONCE = 500
"""Rows that are held in memory and written by one statement."""


class CannotCopy(DatabaseTrouble):
    """Nothing was copied, and the source is as it was; the text says so, why, and what to do."""

    def __init__(self, because: str) -> None:
        super().__init__(f"Nothing was copied. {because}")


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows were copied, by table, and how many entries of each alliance's audit trail hold, by its key."""

    rows: Mapping[str, int]
    trails: Mapping[str, int]


async def copied(source_url: str, target_url: str, secret_key: str, *, told: Told = lambda _done, _all: None) -> Copied:
    """Copy everything to an empty database; it counts once every row was compared and every audit trail verified.

    The target is brought to this version's schema first; the source has to be there, and is only read. Procrastinate's
    own tables are left out: lanes are woken anew at the start. `told` hears how many rows are done, and of how many:
    each is read three times. Raises CannotCopy; then, and when it is broken off, the target holds nothing of ours.
    """
    _is_there(source_url)
    async with _opened("source", source_url, secret_key, migrate=False) as source:
        await _refuse_newer("source", source)
        await _key_fits(source)
        await _is_empty(target_url)
        async with _opened("target", target_url, secret_key, migrate=True) as target:
            await _refuse_newer("target", target)
            return await _move(source, target, told)


# --- before it begins -----------------------------------------------------------------------------------


@contextmanager
def _trouble_with(which: str) -> Iterator[None]:
    """Say of which of the two databases the trouble is."""
    try:
        yield
    except CannotCopy:
        raise
    except OtherSchema as trouble:
        said = str(trouble).partition(" Run: ")[0].replace("The database", f"The {which}", 1)
        raise CannotCopy(f"{said} Run liaison db upgrade on it first, as the database of the settings.") from trouble
    except DatabaseTrouble as trouble:
        raise CannotCopy(str(trouble).replace("The database", f"The {which}", 1)) from trouble
    except (SQLAlchemyError, OSError, Interrupted) as error:
        raise CannotCopy(f"The {which} does not do its work: {in_short(error)}.") from error


@contextmanager
def _address_of(which: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise CannotCopy(f"The {which}'s address cannot be used: {error}.") from error


@asynccontextmanager
async def _opened(which: str, database_url: str, secret_key: str, *, migrate: bool) -> AsyncIterator[Database]:
    with _trouble_with(which):
        async with opened(database_url, secret_key, migrate=migrate) as database:
            yield database


def _is_there(source_url: str) -> None:
    with _address_of("source"):
        file = file_of(source_url)
    if file is not None and not file.is_file():
        raise CannotCopy(f"There is no database at {file}.")


async def _refuse_newer(which: str, database: Database) -> None:
    """A schema that a later version added to can be worked with, but it has columns that are not known here."""
    at = await database.standing()
    if at.is_newer:
        raise CannotCopy(f"The {which} is at schema {at.revision}, of a later version. Copy it with that version.")


async def _key_fits(source: Database) -> None:
    """Raises CannotCopy when the secret key does not open what is sealed: the target could not be used with it."""
    async with source.open_uow(reads=True) as uow:
        sealed = [*await uow.workspaces.sealed(), *await uow.pulses.sealed()]
    if not all(source.seal.opens(one) for one in sealed):
        raise CannotCopy(SENTENCE)


async def _is_empty(target_url: str) -> None:
    """Look before anything is migrated there; raises CannotCopy when it holds rows."""
    with _trouble_with("target"), _address_of("target"):
        engine = make_engine(target_url)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_refuse_what_is_used)
        finally:
            await engine.dispose()


def _refuse_what_is_used(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    used = [
        table.name
        for table in _tables()
        if table.name in there and connection.execute(select(literal(1)).select_from(table).limit(1)).first()
    ]
    if used:
        more = f" and {len(used) - 3} tables more" if len(used) > 3 else ""
        raise CannotCopy(
            f"The target holds something already: {', '.join(used[:3])}{more}. It was left as it is. "
            "Name an empty database, and start no liaison on it before the copy is made."
        )


# --- the copy -------------------------------------------------------------------------------------------


@dataclass
class _Sum:
    """How many rows, and a digest of them all that does not ask for their order: databases sort letters differently."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Sequence[RowMapping]) -> None:
        for row in rows:
            written = json.dumps(list(row.values()), sort_keys=True, default=_written)
            one = hashlib.sha256(written.encode()).digest()
            self.digest = (self.digest + int.from_bytes(one)) % 2**256
        self.rows += len(rows)


def _written(value: dt.date | dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value.isoformat()


@dataclass
class _Told:
    """Adds up what was done, for whoever watches."""

    tell: Told
    whole: int
    done: int = field(default=0, init=False)

    def add(self, rows: int) -> None:
        self.done += rows
        self.tell(self.done, self.whole)


async def _move(source: Database, target: Database, told: Told) -> Copied:
    with _trouble_with("target"):  # what goes wrong in the source says so itself, see _pages
        async with _snapshot(source) as there, target.engine.begin() as here:
            await here.run_sync(_reserve)
            heard = _Told(told, 3 * await _count(there))
            wanted = {table.name: await _copy(there, here, table, heard) for table in _tables()}
            await _compare(here, wanted, heard)
            trails = await _verified(here)
            await _is_still_so(source, wanted, heard)
            await _let_stop()
    return Copied({name: found.rows for name, found in wanted.items()}, trails)


@asynccontextmanager
async def _snapshot(source: Database) -> AsyncIterator[AsyncConnection]:
    connection = of_one_instant(source.engine).connect()
    try:
        with _trouble_with("source"):
            await connection.start()
            await connection.run_sync(take_as_long_as_needed)
        yield connection
    finally:
        await connection.close()


def _reserve(target: Connection) -> None:
    """Let nobody else begin here before it is over."""
    take_as_long_as_needed(target)
    wait_for_turn(target, "schema")
    keep_writers_out(target, _tables())
    _refuse_what_is_used(target)


async def _copy(there: AsyncConnection, here: AsyncConnection, table: Table, heard: _Told) -> _Sum:
    found = _Sum()
    async for rows in _pages("source", there, table):
        await here.execute(insert(table), [dict(row) for row in rows])
        found.add(rows)
        heard.add(len(rows))
    await here.run_sync(count_on, table)
    return found


async def _pages(which: str, connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[RowMapping]]:
    """The rows in the order of their keys, a few at a time."""
    keys = table.primary_key.columns
    query = select(table).order_by(*keys).limit(AT_ONCE)
    page = query
    while rows := await _read(which, connection, page):
        yield rows
        last = rows[-1]
        page = query.where(tuple_(*keys) > tuple(last[key] for key in keys))


async def _let_stop() -> None:
    """SQLite answers without a pause, in which nobody could break it off."""
    await asyncio.sleep(0)


async def _read(which: str, connection: AsyncConnection, page: Select[Any]) -> Sequence[RowMapping]:
    await _let_stop()
    with _trouble_with(which):
        rows: Sequence[RowMapping] = (await connection.execute(page)).mappings().all()
        return rows


async def _summed(which: str, connection: AsyncConnection, table: Table, heard: _Told) -> _Sum:
    found = _Sum()
    async for rows in _pages(which, connection, table):
        found.add(rows)
        heard.add(len(rows))
    return found


async def _compare(here: AsyncConnection, wanted: Mapping[str, _Sum], heard: _Told) -> None:
    for table in _tables():
        if await _summed("target", here, table, heard) != wanted[table.name]:
            raise CannotCopy(f"The rows of {table.name} are not in the target as they are in the source.")


async def _is_still_so(source: Database, wanted: Mapping[str, _Sum], heard: _Told) -> None:
    """What was written meanwhile would be lost without a word."""
    async with _snapshot(source) as there:
        for table in _tables():
            if await _summed("source", there, table, heard) != wanted[table.name]:
                raise CannotCopy(
                    f"Somebody wrote to {table.name} in the source meanwhile: stop the liaison that runs on it, "
                    "and copy again."
                )


async def _verified(here: AsyncConnection) -> Mapping[str, int]:
    """How many entries each audit trail has; raises CannotCopy when one does not hold."""
    entries: dict[str, int] = {}
    async with AsyncSession(bind=here) as session:
        trail = AuditTrail(session)
        for roster in await Rosters(session).all():
            if broken := await trail.verify(roster.alliance_id):
                raise CannotCopy(
                    f"The audit trail of {roster.key} does not hold in the source: entry {broken.seq}: "
                    f"{broken.because}. Restore it from a backup and tell both companies."
                )
            entries[roster.key] = await trail.count(roster.alliance_id)
    return entries


async def _count(source: AsyncConnection) -> int:
    """How many rows there are in all."""
    queries = [select(func.count().label("rows")).select_from(table) for table in _tables()]
    return sum([row["rows"] for query in queries for row in await _read("source", source, query)])


def _tables() -> Sequence[Table]:
    assert AllianceRow.metadata is SQLModel.metadata
    return SQLModel.metadata.sorted_tables
