"""One workspace on the stand-in and a small slack-bolt bot beside it, for the tests of the stand-in."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import Clock as VerifierClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import MovableClock
from sandbox.slack import NO_LIMITS, Limits, SlackStandIn

START = dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC)
TEAM, BOT, ANN, BEN = "T1DC", "U0BOT", "U1ANN", "U2BEN"
TOKEN, APP_TOKEN, SECRET = "xoxb-dc", "xapp-dc", "shhh"


class _SameClock(VerifierClock):
    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


@dataclass(slots=True)
class Office:
    """The stand-in, its clock, a client with the bot's token, and the bot."""

    clock: MovableClock
    slack: SlackStandIn
    client: AsyncWebClient
    app: AsyncApp
    refused: list[int] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    answer_with: int | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve the bot: the signature by slack_sdk's verifier on the sandbox's clock, the rest by bolt."""
        body = await request.text()
        verifier = SignatureVerifier(SECRET, clock=_SameClock(self.clock))
        if not verifier.is_valid_request(body, dict(request.headers)):
            self.refused.append(401)
            return web.Response(status=401)
        if "X-Slack-Retry-Num" in request.headers:
            self.retries.append(f"{request.headers['X-Slack-Retry-Num']} {request.headers['X-Slack-Retry-Reason']}")
        if self.answer_with is not None:
            return web.Response(status=self.answer_with)
        return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))


def make_slack(clock: MovableClock, limits: Limits = NO_LIMITS) -> SlackStandIn:
    """Return a stand-in with one workspace, two people, another bot, a guest, a leaver and two channels."""
    slack = SlackStandIn(clock=clock, signing_secret=SECRET, limits=limits)
    slack.add_workspace(TEAM, "Delta Corp", TOKEN, BOT, APP_TOKEN)
    slack.add_person(TEAM, ANN, "Ann Ames", "America/New_York", "ann@delta.example")
    slack.add_person(TEAM, BEN, "Ben Bright", "Europe/Berlin", "ben@delta.example")
    slack.add_person(TEAM, "U3ROBOT", "Robot", "UTC", "", is_bot=True)
    slack.add_person(TEAM, "U4GONE", "Gia Gone", "UTC", "gia@delta.example", deleted=True)
    slack.add_person(TEAM, "U5GUEST", "Gus Guest", "UTC", "gus@mc.example", home_team_id="T2MC")
    slack.add_channel(TEAM, "C1SHARED", "joint", [BOT, ANN, "U5GUEST"], is_ext_shared=True)
    slack.add_channel(TEAM, "C2CLOSED", "closed", [ANN])
    return slack


@contextlib.asynccontextmanager
async def open_office(limits: Limits = NO_LIMITS) -> AsyncIterator[Office]:
    """Start the stand-in and the bot, attached to each other by HTTP, and stop both at the end."""
    clock = MovableClock(START)
    slack = make_slack(clock, limits)
    base_url = await slack.start()
    client = AsyncWebClient(TOKEN, base_url=f"{base_url}/api/")
    app = AsyncApp(client=client, request_verification_enabled=False)
    office = Office(clock, slack, client, app)
    server = web.Application()
    server.router.add_post("/slack/events", office.serve)
    runner = web.AppRunner(server, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.attach(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield office
    finally:
        await slack.stop()
        await runner.cleanup()


def button(action_id: str, value: str = "yes") -> dict[str, Any]:
    """Return a small button."""
    return {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "text": {"type": "plain_text", "text": "Press"},
    }


def plain(text: str) -> dict[str, Any]:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[dict[str, Any]]:
    """Return options whose labels are their values in capitals."""
    return [{"text": plain(value.upper()), "value": value} for value in values]


def asking(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an input block around an element."""
    return {"type": "input", "block_id": block_id, "label": plain("Question"), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal with these blocks and a submit button."""
    return {"type": "modal", "title": plain("Form"), "submit": plain("Send"), "blocks": list(blocks), **more}
