"""The entrance for Teams: `POST /api/messages`, where nothing is believed before its token was checked."""

import json
import logging
from collections.abc import Callable

from aiohttp import web
from botbuilder.core import InvokeResponse

from bot.messages.parts import Json
from bot.teams import limits
from bot.teams.activities import Malformed, received_of
from bot.teams.adapter import TeamsAdapter
from bot.teams.auth import Refused, TeamsTokenCheck
from bot.teams.handler import Liaison
from storage.unit_of_work import Interrupted

log = logging.getLogger(__name__)

Count = Callable[[str, str], None]
"""Counts a request of a platform: "taken", or the reason for which it was refused."""
PLATFORM = "teams"


class TooLarge(Exception):
    """A body of more bytes than any activity has."""


class TeamsEntrance:
    """Answers 413, 400, 401 or 403, counted, to what is no activity of Teams'; else as the turn says.

    While the database is away it answers 503, and Teams lets the person try again.
    """

    def __init__(self, check: TeamsTokenCheck, adapter: TeamsAdapter, liaison: Liaison, count: Count) -> None:
        self._check = check
        self._adapter = adapter
        self._liaison = liaison
        self._count = count

    async def handle(self, request: web.Request) -> web.Response:
        try:
            answer = await self._take(request)
        except TooLarge:
            return self._refuse(413, "too large")
        except Malformed as bad:
            return self._refuse(400, "malformed", bad.reason)
        except Refused as refused:
            return self._refuse(refused.status, refused.reason)
        except Interrupted as away:
            log.warning("request not taken", extra={"platform": PLATFORM, "because": str(away)[:200]})
            return web.Response(status=503)
        if answer is None:
            return web.Response()
        if answer.body is None:
            return web.Response(status=answer.status)
        return web.json_response(answer.body, status=answer.status)

    async def _take(self, request: web.Request) -> InvokeResponse | None:
        body = await _body(request)
        await self._check.check(request.headers.get("Authorization", ""), body)
        received = received_of(body)
        self._count(PLATFORM, "taken")
        return await self._adapter.process(received, self._liaison.on_turn)

    def _refuse(self, status: int, reason: str, detail: str = "") -> web.Response:
        self._count(PLATFORM, reason)
        log.info("request refused", extra={"platform": PLATFORM, "status": status, "because": reason})
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return web.json_response({"error": detail or reason}, status=status, headers=headers)


async def _body(request: web.Request) -> Json:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > limits.BODY:
            raise TooLarge
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(body, dict):
        raise Malformed("not an object")
    return body
