"""Socket Mode: tickets, hello, envelopes and their acknowledgements.

Source: docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.state import APP_ID, Json

MOST_SOCKETS = 10


@dataclass(slots=True, eq=False)
class _Socket:
    stream: web.WebSocketResponse
    number: int
    is_leaving: bool = False


@dataclass(slots=True)
class Sockets:
    """The open connections of the app; every envelope goes to one of them."""

    _tickets: set[str] = field(default_factory=set)
    _open: list[_Socket] = field(default_factory=list)
    _waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _came_or_went: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def count(self) -> int:
        """How many connections take envelopes."""
        return len(self._taking())

    def new_ticket(self) -> str:
        """Return a ticket that opens one connection."""
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection open until either side ends it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        if len(self._open) >= MOST_SOCKETS:
            await stream.send_json(_disconnect("too_many_websockets"))
            await stream.close()
            return stream
        socket = _Socket(stream, next(self._numbers))
        self._open.append(socket)
        try:
            await stream.send_json(_hello(len(self._open)))
            self._came_or_went.set()
            await self._read(stream)
        finally:
            self._open.remove(socket)
            self._came_or_went.set()
        return stream

    async def connected(self, count: int = 1) -> None:
        """Return once exactly so many connections take envelopes."""
        while self.count != count:
            self._came_or_went.clear()
            await self._came_or_went.wait()

    async def send(self, kind: str, payload: Json, retry_num: int, reason: str, wait: float) -> Any:
        """Send one envelope to one connection and return what it was acknowledged with.

        TimeoutError when nobody acknowledges within `wait` seconds; ConnectionError when nobody is connected.
        """
        taking = self._taking()
        if not taking:
            raise ConnectionError("no socket is open")
        socket = taking[next(self._turn) % len(taking)]
        envelope_id = f"00000000-0000-4000-8000-{next(self._numbers):012d}"
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_num, "retry_reason": reason}
        answer = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await socket.stream.send_json(envelope)
            return await asyncio.wait_for(answer, wait)
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str) -> None:
        """Announce the end of every connection; all but a `warning` end it as well."""
        for socket in self._taking():
            await socket.stream.send_json(_disconnect(reason))
            if reason != "warning":
                socket.is_leaving = True
                await socket.stream.close()

    async def stop(self) -> None:
        """Close every connection."""
        for socket in list(self._open):
            await socket.stream.close()

    def _taking(self) -> list[_Socket]:
        return [socket for socket in self._open if not socket.is_leaving and not socket.stream.closed]

    async def _read(self, stream: web.WebSocketResponse) -> None:
        async for frame in stream:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                said = json.loads(frame.data)
            except ValueError:
                continue
            waiting = self._waiting.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(said.get("payload"))


def _hello(connections: int) -> Json:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {"host": "applink", "build_number": 1, "approximate_connection_time": 18060},
        "connection_info": {"app_id": APP_ID},
    }


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}
