"""A copy of a SQLite database while it is in use: whole, of one instant, and looked over before it gets its name."""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from storage import engine
from storage.opening import DatabaseTrouble

PAGES_AT_A_TIME = 500

Told = Callable[[int, int], None]
"""Hears how many pages are copied, and of how many."""


class CannotBackUp(Exception):
    """No copy was made; the text says why and what to do. What was there before is as it was."""


def file_of(database_url: str) -> Path:
    """The SQLite file of that address; raises CannotBackUp for a server, DatabaseTrouble for what is no address."""
    try:
        file = engine.file_of(database_url)
    except ValueError as error:
        raise DatabaseTrouble(f"The database address cannot be used: {error}") from error
    if file is None:
        raise CannotBackUp("This database is a server's: copy it with pg_dump, which is safe while it runs.")
    if not file.is_file():
        raise CannotBackUp(f"There is no database at {file} yet, so there is nothing to copy.")
    return file


def back_up(source: Path, target: Path, *, told: Told = lambda _done, _all: None) -> int:
    """Copy the database file to `target`, readable by its owner alone; returns the copy's size in bytes.

    Writers go on meanwhile: the copy is of the instant at which it began. It stands under its name only when it is
    whole. Raises CannotBackUp.
    """
    if target.exists() and target.samefile(source):
        raise CannotBackUp(f"{target} is the database itself; name another file.")
    try:
        with _beside(target) as unfinished:
            with closing(sqlite3.connect(source, timeout=engine.BUSY_TIMEOUT / 1000, isolation_level=None)) as database:
                _copy(database, unfinished, told)
            os.replace(unfinished, target)
        return target.stat().st_size
    except sqlite3.Error as error:
        raise CannotBackUp(f"The database was not copied: {error}. Nothing of it was changed.") from error
    except OSError as error:
        raise CannotBackUp(f"{target} cannot be written: {error.strerror}. Nothing was changed.") from error


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A file in the same folder, for its owner alone, that is gone at the end unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(database: sqlite3.Connection, file: Path, told: Told) -> None:
    # A reader's view of one instant: without it the copy would begin anew with each write of somebody else's.
    database.execute("BEGIN")
    database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        database.backup(copy, pages=PAGES_AT_A_TIME, progress=lambda _status, left, all_: told(all_ - left, all_))
        # One file, without a log beside it; the liaison makes its own again when it opens the file.
        copy.execute("PRAGMA journal_mode=DELETE")
        ((found,),) = copy.execute("PRAGMA integrity_check(1)").fetchall()
    if found != "ok":
        raise CannotBackUp(f"The database is damaged: {found}. Go back to an earlier copy, and keep this file.")
