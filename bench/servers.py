"""The processes of a figure: ours, the baseline's, the far end, and a PostgreSQL."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bench.population import HOME_TENANT, Place, answers_stored, described, open_rounds, populate
from storage import opening
from storage.opening import Database
from tests.fakes.live import ROOT, SECRET_KEY, environment
from tests.fakes.postgresql import running_postgresql
from tests.fakes.replicas import Replica


class Store(StrEnum):
    SQLITE = "SQLite"
    POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Site:
    """A populated database, the far end, and liaisons on it that are ready; the harness sees the same database."""

    folder: Path
    database: Database
    far_url: str
    key: rsa.RSAPrivateKey
    liaisons: tuple[Replica, ...]
    given: dict[str, str]

    @property
    def service_url(self) -> str:
        return f"{self.far_url}/teams"

    async def open_rounds(self) -> list[Place]:
        """Let a fresh pulse be open in each alliance, and nothing of an earlier one be there."""
        return await open_rounds(self.database)

    async def all_stored(self, answers: int) -> int:
        """Return how many answers are stored; AssertionError unless it is so many."""
        stored = await answers_stored(self.database)
        if stored != answers:
            raise AssertionError(f"{stored} of {answers} answers are stored")
        return stored


@asynccontextmanager
async def process(module: str, *arguments: str, said: str = "") -> AsyncIterator[int]:
    """Run a server of the benchmarks, `python -m module`, and yield its port; it is ended at the end."""
    async with process_of(module, *arguments, said=said) as (port, _):
        yield port


@asynccontextmanager
async def process_of(module: str, *arguments: str, said: str = "") -> AsyncIterator[tuple[int, int]]:
    """The same, with the number of the process beside its port."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # the stock adapter remarks on every activity
    )
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        running.stdin.write(f"{said}\n".encode())
        line = await running.stdout.readline()
        if not line:
            raise RuntimeError(f"{module} ended before it listened")
        yield int(line), running.pid
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


@asynccontextmanager
async def far_end(key: rsa.RSAPrivateKey) -> AsyncIterator[str]:
    """Slack's and Microsoft's side of the wire in a process of its own; yields its address."""
    async with process("bench.far_end", said=json.dumps(public(key))) as port:
        yield f"http://127.0.0.1:{port}"


def new_key() -> rsa.RSAPrivateKey:
    """The key with which this run's Microsoft signs."""
    return rsa.generate_private_key(65537, 2048)


def public(key: rsa.RSAPrivateKey) -> dict[str, str]:
    made: dict[str, str] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {name: made[name] for name in ("kty", "n", "e")}


@asynccontextmanager
async def site(
    store: Store, *, alliances: int, members: int, far_url: str, key: rsa.RSAPrivateKey, liaisons: int = 1
) -> AsyncIterator[Site]:
    """Populate a new database and start so many liaisons on it; everything is taken away at the end."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if store is Store.POSTGRESQL:
            url = stack.enter_context(running_postgresql())
        else:
            url = f"sqlite:///{folder}/liaison.db"
        database = await stack.enter_async_context(opening.opened(url, SECRET_KEY, migrate=True))
        await populate(database, described(alliances=alliances, members=members), service_url=f"{far_url}/teams")
        given = liaison_environment(url, far_url)
        running = tuple(Replica(f"liaison-{number}", folder, given) for number in range(liaisons))
        for one in running:
            stack.push_async_callback(_stop, one)
            await one.start()
        yield Site(folder, database, far_url, key, running, given)


@asynccontextmanager
async def whole_site(store: Store, *, alliances: int, members: int, liaisons: int = 1) -> AsyncIterator[Site]:
    """A site with a far end of its own."""
    key = new_key()
    async with (
        far_end(key) as far_url,
        site(store, alliances=alliances, members=members, far_url=far_url, key=key, liaisons=liaisons) as here,
    ):
        yield here


def liaison_environment(database_url: str, far_url: str) -> dict[str, str]:
    """The settings of a liaison on that database, for which all of Slack and Microsoft is the far end."""
    given = environment(database_url, 0, far_url, far_url, HOME_TENANT)
    return {
        **given,
        "LIAISON_TEAMS_LOGIN_URL": f"{far_url}/login",
        "LIAISON_TEAMS_OPENID_URL": f"{far_url}/openid",
        "LIAISON_LOG_LEVEL": "warning",
    }


async def _stop(replica: Replica) -> None:
    if replica.process is not None and replica.process.returncode is None:
        await replica.terminate()
