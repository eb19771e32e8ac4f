"""Rows of an open pulse round, written anew with every answer, so that none shows when it came (see storage.pulses).

It is the statement that people wait for most often, so the database is spoken to directly, and rows that do not change
never leave it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, TextClause, text

from storage.direct import THEN
from storage.engine import is_sqlite


@dataclass(frozen=True)
class RowsOfRound:
    """A table with rows by `pulse_id` and `key`; the row's other columns are text, JSON text or null."""

    table: str
    key: str
    others: tuple[str, ...] = ()
    json: tuple[str, ...] = ()

    def write(self, connection: Connection, pulse_id: str, row: Mapping[str, str | None]) -> None:
        """Put the row among those of its round, in the place of one with its key, and write all anew by their keys.

        The caller holds the round.
        """
        values = {"pulse_id": pulse_id, **row}
        if is_sqlite(connection):
            connection.exec_driver_sql(self._by_turns, values)
        else:
            connection.execute(self._in_one_statement, values)

    @cached_property
    def _by_turns(self) -> str:
        """SQLite deletes and inserts by statements of their own; what goes back is kept aside in memory meanwhile."""
        columns, aside = self._columns, f"temp.{self.table}_aside"
        fields = ", ".join(("pulse_id", f"{self.key} PRIMARY KEY", *self.others))
        given = ", ".join(f":{name}" for name in ("pulse_id", self.key, *self.others))
        return THEN.join(
            (
                f"CREATE TEMP TABLE IF NOT EXISTS {self.table}_aside ({fields}) WITHOUT ROWID",
                f"INSERT INTO {aside} SELECT {columns} FROM {self.table} WHERE pulse_id = :pulse_id",
                f"INSERT OR REPLACE INTO {aside} VALUES ({given})",
                f"DELETE FROM {self.table} WHERE pulse_id = :pulse_id",
                f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {aside} ORDER BY {self.key}",
                f"DELETE FROM {aside}",
            )
        )

    @property
    def _columns(self) -> str:
        return ", ".join(("pulse_id", self.key, *self.others))

    @cached_property
    def _in_one_statement(self) -> TextClause:
        """The order asks for all that was deleted before the first row is inserted."""
        given = [f"CAST(:{name} AS {'JSON' if name in self.json else 'TEXT'})" for name in (self.key, *self.others)]
        return text(
            f"WITH old AS (DELETE FROM {self.table} WHERE pulse_id = :pulse_id RETURNING {self._columns}) "
            f"INSERT INTO {self.table} ({self._columns}) SELECT {self._columns} FROM ("
            f"SELECT {self._columns} FROM old WHERE {self.key} <> :{self.key} "
            f"UNION ALL SELECT CAST(:pulse_id AS TEXT), {', '.join(given)}) AS anew ORDER BY {self.key}"
        )


ANSWERS = RowsOfRound("pulse_answers", "key", ("side", "ratings", "comment"), json=("ratings",))
PARTICIPANTS = RowsOfRound("pulse_participations", "member_id")
