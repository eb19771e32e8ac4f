"""One alliance, again and again: each with companies, workspaces and people of its own, all with the same promises."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from alliance.ids import WorkspaceId
from alliance.roster import Roster
from storage.opening import Database
from storage.workspaces import Workspace

_OF_AN_ALLIANCE = ("alliances", "members", "charters", "timers")


async def multiply(database: Database, roster: Roster, times: int) -> None:
    """Store so many alliances like this one; the trail of what was agreed stays the first one's."""
    for number in range(times):
        names = _names(roster, number)
        async with database.open_uow() as uow:
            for side in roster.sides:
                where = names[side.workspace]
                workspace = Workspace(WorkspaceId(uow.new_id()), side.platform, where, where, {"bot": "a token"})
                await uow.workspaces.save(workspace)
            await uow.commit()
        if number == 0:
            continue
        async with database.engine.begin() as connection:
            for name in _OF_AN_ALLIANCE:
                table = SQLModel.metadata.tables[name]
                own = table.c.id if name == "alliances" else table.c.alliance_id
                found = await connection.execute(select(table).where(own == roster.alliance_id))
                await connection.execute(insert(table), [_renamed(dict(row), names) for row in found.mappings()])


def _names(roster: Roster, number: int) -> Mapping[str, str]:
    """What everything that has a name of its own is called in another alliance; in the first, as it is."""
    end = f"n{number}" if number else ""
    ids = [str(roster.alliance_id), *(str(member.id) for member in roster.members)]
    names = {one: f"{one}{end}" for one in ids}
    names |= {side.workspace: f"{side.workspace}{end}" for side in roster.sides}
    return names | {roster.key: f"{roster.key}{end}"}


def _renamed(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {column: _in_other_words(value, names) for column, value in row.items()}


def _in_other_words(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            head, colon, rest = value.partition(":")
            return names.get(value) or f"{names.get(head, head)}{colon}{rest}"
        case dict():
            return {_in_other_words(name, names): _in_other_words(held, names) for name, held in value.items()}
        case list():
            return [_in_other_words(held, names) for held in value]
        case _:
            return value
