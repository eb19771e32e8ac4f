"""A liaison with nothing to do: its memory, and how long it takes from its start until it is ready."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.figure import Figure, Measuring, Reading, ratio_at_most, value_at_most
from bench.memory import resident
from bench.servers import liaison_environment, process_of
from storage import opening
from tests.fakes.live import SECRET_KEY
from tests.fakes.replicas import Replica

FAR = "http://127.0.0.1:9"
"""Nobody listens there: a liaison that is idle calls nobody."""


@asynccontextmanager
async def _database() -> AsyncIterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/liaison.db"
        async with opening.opened(url, SECRET_KEY, migrate=True):
            pass
        yield Path(name), url


@asynccontextmanager
async def _idle(folder: Path, url: str) -> AsyncIterator[tuple[Replica, float]]:
    """A liaison that is ready, and the seconds that took."""
    liaison = Replica("idle", folder, liaison_environment(url, FAR))
    began = time.perf_counter()
    await liaison.start()
    try:
        yield liaison, time.perf_counter() - began
    finally:
        await liaison.terminate()


@asynccontextmanager
async def _memory() -> AsyncIterator[Measuring]:
    async with _database() as (folder, url):

        async def ours() -> Reading:
            async with _idle(folder, url) as (liaison, _):
                assert isinstance(liaison.process, asyncio.subprocess.Process)
                return Reading(resident(liaison.process.pid))

        async def baseline() -> Reading:
            async with process_of("bench.imports_alone") as (_, pid):
                return Reading(resident(pid))

        yield Measuring(ours, baseline)


@asynccontextmanager
async def _start() -> AsyncIterator[Measuring]:
    async with _database() as (folder, url):

        async def ours() -> Reading:
            async with _idle(folder, url) as (_, seconds):
                return Reading(seconds)

        async def baseline() -> Reading:
            began = time.perf_counter()
            async with process_of("bench.imports_alone"):
                return Reading(time.perf_counter() - began)

        yield Measuring(ours, baseline)


IMPORTS = "import of slack_bolt and botbuilder alone"
FIGURES = (
    Figure("idle-memory", "An idle liaison: memory", "MB", IMPORTS, ratio_at_most(1.6), _memory),
    Figure("idle-start", "From the start of a liaison until it is ready", "s", IMPORTS, value_at_most(3), _start),
)
