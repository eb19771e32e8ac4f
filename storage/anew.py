"""Rows of an open pulse round, written anew with every answer, so that none shows when it came (see storage.pulses).

It is the statement that people wait for most often, so the database is spoken to directly, and rows that do not change
are neither decoded nor encoded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, TextClause, text

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
        if not is_sqlite(connection):
            connection.execute(self._in_one_statement, {"pulse_id": pulse_id, **row})
            return
        delete = f"DELETE FROM {self.table} WHERE pulse_id = ? RETURNING {self._columns}"
        anew = {old[1]: old for old in map(tuple, connection.exec_driver_sql(delete, (pulse_id,)).all())}
        anew[row[self.key]] = (pulse_id, *(row[name] for name in (self.key, *self.others)))
        places = ", ".join("?" * (2 + len(self.others)))
        insert = f"INSERT INTO {self.table} ({self._columns}) VALUES ({places})"
        connection.exec_driver_sql(insert, [anew[key] for key in sorted(anew)])

    @property
    def _columns(self) -> str:
        return ", ".join(("pulse_id", self.key, *self.others))

    @cached_property
    def _in_one_statement(self) -> TextClause:
        """No row comes here. The order asks for all that was deleted before the first row is inserted."""
        given = [f"CAST(:{name} AS {'JSON' if name in self.json else 'TEXT'})" for name in (self.key, *self.others)]
        return text(
            f"WITH old AS (DELETE FROM {self.table} WHERE pulse_id = :pulse_id RETURNING {self._columns}) "
            f"INSERT INTO {self.table} ({self._columns}) SELECT {self._columns} FROM ("
            f"SELECT {self._columns} FROM old WHERE {self.key} <> :{self.key} "
            f"UNION ALL SELECT CAST(:pulse_id AS TEXT), {', '.join(given)}) AS anew ORDER BY {self.key}"
        )


ANSWERS = RowsOfRound("pulse_answers", "key", ("side", "ratings", "comment"), json=("ratings",))
PARTICIPANTS = RowsOfRound("pulse_participations", "member_id")
