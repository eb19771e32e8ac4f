"""Socket Mode: the same slack-bolt app, fed by a connection that the liaison opens, for places nobody can call.

The SDK's client is known to stay connected and deaf, or never to connect again (python-slack-sdk#1110, #1446,
#1701; bolt-python#1529). So a watchdog looks at its pings and makes a new one when they stop.
"""

import asyncio
import logging
from collections.abc import Awaitable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from schedules.clock import Clock

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
"""How often the client pings Slack, in the computer's own time."""
_PINGS_MISSED = 6
_CONNECT_SECONDS = 15.0
_CLOSE_SECONDS = 5.0


class SocketMode:
    """Keeps one connection open between `start` and `stop`."""

    def __init__(self, app: AsyncApp, app_token: str, clock: Clock, *, ping_seconds: float = PING_SECONDS) -> None:
        """Prepare it; the clock paces the watchdog and has to be that of the network, the computer's own."""
        self._app = app
        self._token = app_token
        self._clock = clock
        self._ping_seconds = ping_seconds
        self._handler: AsyncSocketModeHandler | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._last_pong: float | None = None
        self.reconnected = 0

    @property
    def handler(self) -> AsyncSocketModeHandler | None:
        """The SDK's handler at work, None while there is none."""
        return self._handler

    async def start(self) -> None:
        """Connect and watch the connection; when Slack cannot be reached now, go on trying."""
        await self._connect()
        self._watchdog = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """Close the connection, within a few seconds whatever state it is in."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.wait({self._watchdog})
            self._watchdog = None
        await self._close()

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(self._ping_seconds * _PINGS_MISSED)
            if await self._is_alive():
                continue
            log.warning("socket is deaf, making a new one")
            await self._close()
            await self._connect()
            self.reconnected += 1

    async def _is_alive(self) -> bool:
        """Return whether the connection is open and a ping was answered since the last look."""
        if self._handler is None:
            return False
        client = self._handler.client
        heard, self._last_pong = client.last_ping_pong_time != self._last_pong, client.last_ping_pong_time
        return heard and await client.is_connected()

    async def _connect(self) -> None:
        self._last_pong = None
        self._handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=self._ping_seconds)
        if not await _within(_CONNECT_SECONDS, self._handler.connect_async()):  # type: ignore[no-untyped-call]
            log.warning("socket not connected yet")

    async def _close(self) -> None:
        """Close the client, and what its own close leaves behind when it hangs."""
        if self._handler is None:
            return
        client = self._handler.client
        client.closed = True
        await _within(_CLOSE_SECONDS, client.close())  # type: ignore[no-untyped-call]
        started = (client.message_processor, client.current_session_monitor, client.message_receiver)
        left = [task for task in started if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await _within(_CLOSE_SECONDS, client.aiohttp_client_session.close())
        self._handler = None


async def _within(seconds: float, work: Awaitable[object]) -> bool:
    """Return whether the work was done in so many seconds; what the SDK raises is logged."""
    try:
        await asyncio.wait_for(work, seconds)
    except TimeoutError:
        return False
    except Exception:
        log.exception("socket failed")
        return False
    return True
