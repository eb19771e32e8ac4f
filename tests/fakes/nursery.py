"""Where processes begin that shall die at a boundary: `tests.fakes.dying`, as a test speaks to it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.boundaries import Boundary, arm
from tests.fakes.live import ROOT

BEGINS_WITHIN = 60.0
"""Seconds; the first has to wait for everything to be imported."""


@dataclass
class Forked:
    """A process of the nursery, as far as asyncio's own processes are used in tests."""

    pid: int
    ended: asyncio.Future[int]

    @property
    def returncode(self) -> int | None:
        return self.ended.result() if self.ended.done() else None

    def send_signal(self, number: int, /) -> None:
        if not self.ended.done():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    async def wait(self) -> int:
        return await asyncio.shield(self.ended)


@dataclass
class Nursery:
    """Starts processes, and arms the boundaries at which one of them dies."""

    armed: Path
    process: asyncio.subprocess.Process
    _begun: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    _ended: dict[int, asyncio.Future[int]] = field(default_factory=dict)

    async def spawn(
        self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], log: Path
    ) -> Forked:
        order = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "log": str(log),
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(BEGINS_WITHIN):
            number = await self._begun.get()
        return Forked(number, self._end_of(number))

    def arm(self, boundary: Boundary, at: str = "1") -> None:
        arm(self.armed, boundary, at)

    def is_armed(self, boundary: Boundary) -> bool:
        return (self.armed / boundary.key).exists()

    async def listen(self) -> None:
        """Hear who began and who ended, until the nursery closes."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            said = json.loads(line)
            if "began" in said:
                self._begun.put_nowait(said["began"])
            else:
                self._end_of(said["ended"]).set_result(said["code"])

    def _end_of(self, number: int) -> asyncio.Future[int]:
        return self._ended.setdefault(number, asyncio.get_running_loop().create_future())


@asynccontextmanager
async def nursery(folder: Path) -> AsyncIterator[Nursery]:
    """Open one; what is still alive in it at the end is killed."""
    armed = folder / "armed"
    armed.mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.dying", str(armed)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    made = Nursery(armed, process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
    finally:
        for number, ended in made._ended.items():
            if not ended.done():
                os.kill(number, signal.SIGKILL)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
