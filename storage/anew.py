"""Rows of an open pulse round, written anew with every answer, so that none shows when it came (see storage.pulses).

It is the statement that people wait for most often, so the database is spoken to directly, and rows that do not change
never leave it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.engine import is_sqlite
from storage.prepared import connection_of, said


@dataclass(frozen=True)
class RowsOfRound:
    """A table with rows by `pulse_id` and `key`; the row's other columns are text, JSON text or null."""

    table: str
    key: str
    others: tuple[str, ...] = ()
    json: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        return (self.key, *self.others)

    @property
    def columns(self) -> str:
        return ", ".join(("pulse_id", *self.own))

    def by_turns(self) -> tuple[str, ...]:
        """SQLite deletes and inserts by statements of their own; what goes back is kept aside in memory meanwhile."""
        aside = f"temp.{self.table}_aside"
        fields = ", ".join(("pulse_id", f"{self.key} PRIMARY KEY", *self.others))
        given = ", ".join(f":{name}" for name in ("pulse_id", *self.own))
        return (
            f"CREATE TEMP TABLE IF NOT EXISTS {self.table}_aside ({fields}) WITHOUT ROWID",
            f"INSERT INTO {aside} SELECT {self.columns} FROM {self.table} WHERE pulse_id = :pulse_id",
            f"INSERT OR REPLACE INTO {aside} VALUES ({given})",
            f"DELETE FROM {self.table} WHERE pulse_id = :pulse_id",
            f"INSERT INTO {self.table} ({self.columns}) SELECT {self.columns} FROM {aside} ORDER BY {self.key}",
            f"DELETE FROM {aside}",
        )

    def at_once(self) -> tuple[str, ...]:
        """PostgreSQL's two parts of one statement. The order asks for all that was deleted before a row is inserted."""
        old, new = f"old_{self.table}", f"new_{self.table} AS (INSERT INTO {self.table} ({self.columns})"
        given = [f"CAST(:{name} AS {'JSON' if name in self.json else 'TEXT'})" for name in self.own]
        anew = (
            f"SELECT {self.columns} FROM {old} WHERE {self.key} <> :{self.key} "
            f"UNION ALL SELECT CAST(:pulse_id AS TEXT), {', '.join(given)}"
        )
        return (
            f"{old} AS (DELETE FROM {self.table} WHERE pulse_id = :pulse_id RETURNING {self.columns})",
            f"{new} SELECT {self.columns} FROM ({anew}) AS anew ORDER BY {self.key})",
        )


ANSWERS = RowsOfRound("pulse_answers", "key", ("side", "ratings", "comment"), json=("ratings",))
PARTICIPANTS = RowsOfRound("pulse_participations", "member_id")
_BOTH = (ANSWERS, PARTICIPANTS)
_BY_TURNS = tuple(text(statement) for rows in _BOTH for statement in rows.by_turns())
_AT_ONCE = text(f"WITH {', '.join(part for rows in _BOTH for part in rows.at_once())} SELECT 1")


async def write(session: AsyncSession, pulse_id: str, row: Mapping[str, str | None]) -> None:
    """Put an answer and who gave it among those of their round, or in their places, and write all anew by their keys.

    `row` has what both tables hold. The caller holds the round.
    """
    statements = _BY_TURNS if is_sqlite(connection_of(session)) else (_AT_ONCE,)
    await said(session, *statements, pulse_id=pulse_id, **row)
