"""A request as slack-bolt has it, from what the front door has read."""

from collections.abc import Sequence

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.front_door import Arrived


def as_bolt_has_it(arrived: Arrived, request: web.Request) -> AsyncBoltRequest:
    """Return a request over HTTP whose body has been read already; slack-bolt itself would read it again."""
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    made = AsyncBoltRequest(body=arrived.body, query=request.query_string, headers=headers, mode="socket_mode")
    made.mode, made.raw_body = "http", arrived.text
    return made
