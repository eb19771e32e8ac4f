"""History of others: every row that one alliance has left behind, again and again under other ids."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from storage.opening import Database

_OF_EVERYBODY = {"workspaces", "inbox", "chores", "drafts"}
"""Tables that do not grow with the history of alliances."""
_IDS = {"id", "key", "alliance_id", "notice_id", "pulse_id", "checkin_id", "checkpoint_id", "member_id", "recipient"}
"""Columns that name a row or point to one; what stands in documents names the rows of which these are copies."""
_IDS |= {"workspace", "workspace_id", "lane", "actor"}
AT_ONCE = 20_000


async def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row there is, by table."""
    async with database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _OF_EVERYBODY
        }


async def add_history(database: Database, rows: Mapping[str, list[dict[str, Any]]], times: int) -> int:
    """Store the rows so many times more, each time as those of another alliance; returns how many rows there are."""
    async with database.engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for portion in _portions(_copies(table, rows.get(table.name, []), times)):
                await connection.execute(insert(table), portion)
    async with database.engine.connect() as connection:
        return sum([await _count(connection, table) for table in SQLModel.metadata.sorted_tables])


def _copies(table: Table, rows: list[dict[str, Any]], times: int) -> Iterator[dict[str, Any]]:
    numbered = table.autoincrement_column is not None and not isinstance(table.autoincrement_column.type, str)
    for number in range(times):
        for row in rows:
            copy = {name: f"{value}~{number}" if _is_id(name, value) else value for name, value in row.items()}
            if numbered and isinstance(row.get("id"), int):
                del copy["id"]
            yield copy


def _is_id(name: str, value: object) -> bool:
    return name in _IDS and isinstance(value, str)


def _portions(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    portion: list[dict[str, Any]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
