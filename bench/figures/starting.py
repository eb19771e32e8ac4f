"""A hundred thousand scheduled occurrences: how long a start takes, and how much memory they hold."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.figure import Figure, Measuring, Reading, ratio_at_most, times_less
from tests.fakes.live import ROOT

MANY, FEW = 100_000, 1_000


@asynccontextmanager
async def _starting() -> AsyncIterator[Measuring]:
    with tempfile.TemporaryDirectory() as folder:
        url, store = f"sqlite:///{folder}/liaison.db", str(Path(folder) / "jobs.db")
        await _run("bench.promises", url, "--fill", str(MANY))
        await _run("bench.apscheduler_store", store, str(MANY))

        async def ours() -> Reading:
            said = await _run("bench.promises", url)
            return Reading(said["seconds"], {"MB more memory": said["grown"]})

        async def baseline() -> Reading:
            said = await _run("bench.apscheduler_store", store, str(MANY))
            return Reading(said["seconds"], {"MB more memory": said["grown"], "s to start without jobs": said["bare"]})

        yield Measuring(ours, baseline)


@asynccontextmanager
async def _memory() -> AsyncIterator[Measuring]:
    with tempfile.TemporaryDirectory() as folder:
        urls = {count: f"sqlite:///{folder}/{count}.db" for count in (MANY, FEW)}
        for count, url in urls.items():
            await _run("bench.promises", url, "--fill", str(count))

        async def ours() -> Reading:
            return Reading((await _run("bench.promises", urls[MANY]))["resident"])

        async def baseline() -> Reading:
            return Reading((await _run("bench.promises", urls[FEW]))["resident"])

        yield Measuring(ours, baseline)


async def _run(module: str, *arguments: str) -> dict[str, float]:
    """What a process of its own says it took, so that neither the other's memory nor its modules count."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    if running.returncode != 0:
        raise RuntimeError(f"{module} ended with {running.returncode}")
    return json.loads(said or "{}")  # type: ignore[no-any-return]


FIGURES = (
    Figure(
        name="starting-time",
        title=f"Starting with {MANY:,} scheduled occurrences, until it is known what is due and what comes next",
        unit="s",
        against="APScheduler with a SQLAlchemyJobStore that holds as many cron jobs, started as its guide says",
        must=times_less(50),
        measuring=_starting,
        warm_ups=0,
    ),
    Figure(
        name="starting-memory",
        title=f"Memory of a process with {MANY:,} scheduled occurrences",
        unit="MB",
        against=f"the same with {FEW:,}",
        must=ratio_at_most(1.05),
        measuring=_memory,
    ),
)
