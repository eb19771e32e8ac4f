"""A real `liaison` process, as an operator starts it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-W", "error::DeprecationWarning:bot", "-m", "bot")
ROOT = Path(__file__).parents[2]
START_WITHIN = 120.0


def environment(**settings: str) -> dict[str, str]:
    """An operator's environment with these settings and no other of ours; warnings and colours as they come."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LIAISON_")}
    ours = {f"LIAISON_{name}": value for name, value in settings.items()}
    return {**plain, "PYTHONPATH": str(ROOT), "LIAISON_SECRET_KEY": "a secret key for tests", **ours}


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


async def liaison(
    folder: Path, *arguments: str, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> Ended:
    """Run one command to its end, in that folder; it is started by the command `through`, or at once."""
    process = await asyncio.create_subprocess_exec(
        *through,
        *COMMAND,
        *arguments,
        cwd=folder,
        env=environment(**(settings or {})),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Running:
    """A `liaison run` that listens at `address`; `logs` are its JSON lines so far."""

    process: asyncio.subprocess.Process
    address: str = ""
    logs: list[dict[str, Any]] = field(default_factory=list)
    code: int | None = None

    async def stop(self) -> int:
        """Ask it to stop as a service manager does; its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    async def until_logged(self, event: str) -> dict[str, Any]:
        """Wait for a line of the log."""
        while True:
            for line in self.logs:
                if line["event"] == event:
                    return line
            await self._read()

    async def _read(self) -> None:
        assert self.process.stderr is not None
        line = await self.process.stderr.readline()
        if not line:
            raise AssertionError(f"the liaison ended: {self.logs}")
        text = line.decode()
        self.logs.append(json.loads(text) if text.startswith("{") else {"event": text.rstrip()})


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[Running]:
    """Start `liaison run` on a free port and wait until it listens; it is stopped at the end."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        cwd=folder,
        env=environment(**{"PORT": "0", "LOG_FORMAT": "json", **settings}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    started = Running(process)
    try:
        async with asyncio.timeout(START_WITHIN):
            started.address = (await started.until_logged("liaison is running"))["address"]
        draining = asyncio.create_task(_drain(started))
        yield started
    finally:
        started.code = await started.stop()
    await draining


async def _drain(started: Running) -> None:
    """Keep reading, so that the process never waits for somebody to read its log."""
    try:
        while True:
            await started._read()
    except AssertionError:
        return
