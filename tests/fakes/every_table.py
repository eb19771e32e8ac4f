"""An installation with rows in every table, made up where no rule reads them: for what treats all tables alike."""

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Table, insert
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from alliance.audit import AuditFact
from alliance.ids import WorkspaceId
from alliance.roster import Platform
from storage.opening import Database
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, MONDAY, make_roster

FACTS = 510
"""More than one page of the trail."""
MANY = {"inbox": 1001, "posts": 1001, "deliveries": 1001}
"""Rows of tables that are read in several pages: by one key, by two, by a number."""
READ_BY_RULES = {"alliances", "members", "audit", "audit_details", "workspaces", "pulses"}
_TEXT = "\u202eä\U0001f642 <b>{{x}}</b> \\u0000 '%s' "


async def fill(database: Database) -> None:
    """Write three rows or more to every table."""
    async with database.open_uow() as uow:
        await uow.rosters.save(make_roster())
        for number in range(3):
            await uow.workspaces.save(
                Workspace(WorkspaceId(f"w{number}"), Platform.SLACK, f"T{number}", f"DC {number}", {"bot": "xoxb-1"})
            )
            await uow.audit.append(ALLIANCE, MONDAY, *facts(number))
        await uow.commit()
    async with database.engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in READ_BY_RULES:
                rows = [_row(table, number) for number in range(1, 1 + MANY.get(table.name, 3))]
                await connection.execute(insert(table), rows)
        sealed = [{**_row(table_of("pulses"), number), "secret": _secret(database, number)} for number in (1, 2, 3)]
        await connection.execute(insert(table_of("pulses")), sealed)


async def fill_more(database: Database, rows: int) -> None:
    """Write that many more rows to one table."""
    posts = table_of("posts")
    async with database.engine.begin() as connection:
        await connection.execute(insert(posts), [_row(posts, number) for number in range(10_000, 10_000 + rows)])


def facts(of: int) -> list[AuditFact]:
    return [AuditFact("noted", f"matter {of}", details={"words": f"{_TEXT} {number}"}) for number in range(FACTS // 3)]


def table_of(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def _secret(database: Database, number: int) -> str | None:
    """Open rounds have one, closed ones have none."""
    return database.seal.close("00" * 32) if number == 1 else None


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> object:
    if isinstance(column.type, AutoString):
        return f"{column.name} {number} {_TEXT}"
    if isinstance(column.type, UTCDateTime):
        return MONDAY + dt.timedelta(days=number, microseconds=number)
    if isinstance(column.type, Date):
        return MONDAY.date() + dt.timedelta(days=number)
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Integer):
        return number * 7
    return {"z": [None, 1.5, number], "a": {"said": _TEXT, "empty": {}}}
