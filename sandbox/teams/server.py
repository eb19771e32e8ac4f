"""The HTTP server of the Teams stand-in: routes, tokens, faults and the log."""

import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from sandbox.journal import Direction, Exchange
from sandbox.teams import connector, login
from sandbox.teams.core import Core, RequestRecord
from sandbox.teams.errors import Refused
from sandbox.teams.faults import Operation
from sandbox.teams.people import People

Answer = Callable[[Core, web.Request], Awaitable[web.Response]]
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes; far above what Teams takes, so that too large messages meet the connector's own 413."""


class TeamsStandIn(People):
    """Microsoft Teams on this computer, for one bot: start it, point the bot at it, act as its people.

    The bot's settings: login `{base}`, OpenID metadata `{base}/v1/.well-known/openidconfiguration`; the
    service URL comes with every activity. Time is the given clock's; tokens follow `token_clock` where one
    is given.
    """

    __slots__ = ("_runner",)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the base URL without a slash at its end."""
        app = web.Application(client_max_size=LARGEST_BODY)
        for method, path, operation, answer in (*login.ROUTES, *connector.ROUTES):
            app.router.add_route(method, path, self._handler(operation, answer))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        self.session = aiohttp.ClientSession()
        return self.base_url

    async def stop(self) -> None:
        """Stop listening and hang up; what happened stays readable."""
        if self.session is not None:
            await self.session.close()
            self.session = None
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def connect_bot(self, messages_url: str) -> None:
        """Name the bot's full address, such as `http://127.0.0.1:3978/api/messages`."""
        self.bot_url = messages_url

    def _handler(self, operation: Operation, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            code = None
            try:
                response = await self._meet(operation, answer, request)
            except Refused as refused:
                code = refused.code
                response = refused.response()
            except web.HTTPException as refused:
                code = refused.reason
                response = web.Response(status=refused.status, text=refused.text)
            await self._note(operation, request, response, code)
            return response

        return handle

    async def _meet(self, operation: Operation, answer: Answer, request: web.Request) -> web.Response:
        """Answer one call, or let it meet the fault that waits for it."""
        if request.path.startswith("/teams/"):
            connector.check_bearer(self, request)
        fault = self.faults.take(operation)
        if fault is None:
            return await answer(self, request)
        refusal = fault.refusal()
        takes_effect = refusal is None or fault.after_accepting
        response = await answer(self, request) if takes_effect else None
        if fault.delay:
            await self.clock.sleep(fault.delay)
        if refusal is not None:
            raise refusal
        assert response is not None
        return response

    async def _note(self, operation: Operation, request: web.Request, response: web.Response, code: str | None) -> None:
        is_secret = operation is Operation.TOKEN
        body = None if is_secret else await _readable(request)
        now = self.clock.now()
        record = RequestRecord(operation, request.method, request.path, response.status, code, now, body)
        self.requests.append(record)
        self.counts[operation] += 1
        said = None if is_secret else _said(response)
        self.tell(Exchange(now, "teams", Direction.FROM_BOT, request.method, request.path, response.status, body, said))


async def _readable(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except (ValueError, web.HTTPRequestEntityTooLarge):
        return None


def _said(response: web.Response) -> Any:
    text = response.text or ""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
