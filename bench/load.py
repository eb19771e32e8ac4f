"""The load generator: requests made before, sent as they are over kept connections, answers read only as far as needed.

It costs the machine little beside the server that is measured, which shares its cores with it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

TOO_LATE = 60.0
"""Seconds after which a round without an answer is a failure."""


class NotAllTaken(AssertionError):
    """A server refused, dropped or never answered a request of a round."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How a round went: seconds in all, and seconds for each request."""

    seconds: float
    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Make one request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def closed_loop(ports: Sequence[int], requests: Sequence[bytes], connections: int) -> Loaded:
    """Send each request once; every connection sends its next one as soon as it has its answer.

    Connections are dealt out to the ports in turn. Raises NotAllTaken when not every answer is a 200.
    """
    work = iter(requests)
    latencies: list[float] = []

    async def worker(port: int) -> None:
        connection = await _connected(port)
        try:
            for request in work:
                began = time.perf_counter()
                await connection.ask(request)
                latencies.append(time.perf_counter() - began)
        finally:
            connection.close()

    began = time.perf_counter()
    async with asyncio.timeout(TOO_LATE):
        await asyncio.gather(*(worker(ports[number % len(ports)]) for number in range(connections)))
    return Loaded(time.perf_counter() - began, latencies)


async def open_loop(port: int, requests: Sequence[bytes], per_second: float) -> Loaded:
    """Send each request at its own time, whether or not earlier ones were answered.

    Latencies count from the time for which a request was planned, so that a stall meets all who would have come then.
    Raises NotAllTaken when not every answer is a 200.
    """
    idle: deque[_Connection] = deque([await _connected(port) for _ in range(16)])
    latencies: list[float] = []

    async def one(request: bytes, planned: float) -> None:
        connection = idle.pop() if idle else await _connected(port)
        await connection.ask(request)
        latencies.append(time.perf_counter() - planned)
        idle.append(connection)

    began = time.perf_counter()
    async with asyncio.timeout(TOO_LATE), asyncio.TaskGroup() as tasks:
        for request, planned in zip(requests, _times(began, per_second), strict=False):
            if (early := planned - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            tasks.create_task(one(request, planned))
    for connection in idle:
        connection.close()
    return Loaded(time.perf_counter() - began, latencies)


def _times(began: float, per_second: float) -> Iterator[float]:
    number = 0
    while True:
        yield began + number / per_second
        number += 1


@dataclass
class _Connection(asyncio.Protocol):
    """One kept connection with at most one request on its way."""

    transport: asyncio.Transport | None = None
    received: bytes = b""
    answered: asyncio.Future[None] | None = field(default=None)

    async def ask(self, request: bytes) -> None:
        assert self.transport is not None
        self.received = b""
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await self.answered

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or self.answered is None or self.answered.done() or len(body) < _length(head):
            return
        if head.startswith(b"HTTP/1.1 200 "):
            self.answered.set_result(None)
        else:
            self.answered.set_exception(NotAllTaken(self.received[:600].decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(NotAllTaken(f"the connection was closed: {exc}"))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


async def _connected(port: int) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    return connection
