"""Several liaison processes on one PostgreSQL behind one address, each of which can be killed and started again."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiohttp

from tests.fakes.live import free_port

PATIENCE = 120.0
"""Seconds; several processes that start and die at once on two cores take their time."""


class Process(Protocol):
    """What is needed of a process, whoever started it."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int, /) -> None: ...
    def terminate(self) -> None: ...
    async def wait(self) -> int: ...


Spawn = Callable[[tuple[str, ...], Path, Mapping[str, str], Path], Awaitable[Process]]
"""Starts `liaison` with arguments, in a folder, with an environment, all that it writes going to a log."""


async def spawned(arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start `python -m bot`."""
    with log.open("ab") as to:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments), cwd=folder, env=environment, stdout=to, stderr=to
        )


@dataclass
class Replica:
    """One process; `arguments` follow `liaison run`."""

    name: str
    folder: Path
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: Process | None = None
    spawn: Spawn = spawned

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8")

    async def start(self) -> None:
        """Start it and return once it is ready."""
        given = {**self.environment, "LIAISON_PORT": str(self.port)}
        log = self.folder / f"{self.name}.log"
        self.process = await self.spawn(("run", *self.arguments), self.folder, given, log)
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                assert self.process.returncode is None, self.log[-3000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Let it die where it stands."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> int:
        """Ask it to stop; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def kill_at_random(processes: list[Replica], dice: random.Random, *, enough: Callable[[int], bool]) -> int:
    """Kill one of them after another at random moments until it is enough; each comes back. Returns how many kills."""
    kills = 0
    while not enough(kills):
        await asyncio.sleep(dice.uniform(0.5, 4.0))
        victim = dice.choice(processes)
        await victim.kill()
        await victim.start()
        kills += 1
    return kills


class Front:
    """The proxy before the replicas: each connection goes to the next one that takes it."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.address = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in set(self._connections):
            task.cancel()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            behind = await self._connected()
            if behind is not None:
                await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._replicas:
            self._turn += 1
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._replicas[self._turn % len(self._replicas)].port)
        return None


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await source.read(65536):
            target.write(some)
            await target.drain()
    with suppress(OSError):
        target.close()


@asynccontextmanager
async def replicas(
    folder: Path, environment: Mapping[str, str], names: Mapping[str, tuple[str, ...]], spawn: Spawn = spawned
) -> AsyncIterator[tuple[list[Replica], Front]]:
    """Processes that are not started yet, by their names and arguments, and the proxy before them, which runs."""
    made = [Replica(name, folder, environment, arguments, spawn=spawn) for name, arguments in names.items()]
    front = Front([replica for replica in made if "worker" not in replica.arguments])
    await front.start()
    try:
        yield made, front
    finally:
        await front.stop()
        for replica in made:
            if replica.process is not None and replica.process.returncode is None:
                await replica.kill()
