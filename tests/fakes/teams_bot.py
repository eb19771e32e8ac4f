"""A tiny bot for the Teams stand-in: checks tokens by the published keys, calls the connector by hand."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from sandbox.clock import MovableClock
from sandbox.teams import NO_LIMITS, Limits, TeamsStandIn

Json = dict[str, Any]
MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
APP_ID = "5d8d3b1e-0000-4000-8000-000000000001"
PASSWORD = "an example secret"
HOME = "11111111-0000-4000-8000-000000000000"
TENANT = "22222222-0000-4000-8000-000000000000"
MIA = "aaaaaaaa-0000-4000-8000-000000000001"
TOM = "aaaaaaaa-0000-4000-8000-000000000002"
TEAM = "19:team@thread.tacv2"
CHANNEL = "19:channel@thread.tacv2"


def make_card(*body: Json, actions: list[Json] | None = None, **more: Any) -> Json:
    text = {"type": "TextBlock", "text": "How did the week go?"}
    card: Json = {"type": "AdaptiveCard", "version": "1.5", "body": [text, *body], **more}
    return card if actions is None else {**card, "actions": actions}


def make_card_message(card: Json, summary: str = "How did the week go?") -> Json:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "summary": summary, "attachments": [attachment]}


@dataclass(frozen=True, slots=True)
class Called:
    """What the connector answered."""

    status: int
    body: Any
    text: str
    headers: dict[str, str]


@dataclass(slots=True)
class TinyBot:
    """Answers what `answer` says, to signed activities alone; keeps what it received."""

    base: str
    clock: MovableClock
    session: aiohttp.ClientSession
    received: list[Json] = field(default_factory=list)
    answer: Callable[[Json], Any] = lambda _: None
    token: str | None = None

    async def receive(self, request: web.Request) -> web.Response:
        activity = await request.json()
        try:
            await self.check(request.headers.get("Authorization", ""), activity)
        except jwt.PyJWTError as refused:
            return web.json_response({"why": type(refused).__name__}, status=401)
        self.received.append(activity)
        answer = self.answer(activity)
        return web.Response() if answer is None else web.json_response(answer)

    async def check(self, header: str, activity: Json) -> None:
        token = header.removeprefix("Bearer ")
        key = (await self.keys()).get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None or "msteams" not in key["endorsements"]:
            raise jwt.InvalidKeyError("no endorsed key of that id")
        claims = jwt.decode(
            token,
            jwt.PyJWK.from_dict({name: held for name, held in key.items() if name != "endorsements"}),
            algorithms=["RS256"],
            audience=APP_ID,
            issuer="https://api.botframework.com",
            options={"require": ["exp", "nbf", "serviceurl"], "verify_exp": False, "verify_nbf": False},
        )
        if not claims["nbf"] <= self.clock.now().timestamp() < claims["exp"]:
            raise jwt.ExpiredSignatureError
        if claims["serviceurl"] != activity["serviceUrl"]:
            raise jwt.MissingRequiredClaimError("serviceurl")

    async def keys(self) -> dict[str, Json]:
        async with self.session.get(f"{self.base}/v1/.well-known/openidconfiguration") as response:
            metadata = await response.json()
        async with self.session.get(metadata["jwks_uri"]) as response:
            return {key["kid"]: key for key in (await response.json())["keys"]}

    async def login(self, tenant: str = HOME, **fields: str) -> Called:
        form = {
            "grant_type": "client_credentials",
            "client_id": APP_ID,
            "client_secret": PASSWORD,
            "scope": "https://api.botframework.com/.default",
            **fields,
        }
        async with self.session.post(f"{self.base}/{tenant}/oauth2/v2.0/token", data=form) as response:
            return await _called(response)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Called:
        if self.token is None:
            self.token = (await self.login()).body["access_token"]
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        url = f"{self.base}/teams/v3/conversations{path}"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return await _called(response)

    async def open_chat(self, person: str = MIA, tenant: str = TENANT) -> str:
        called = await self.call("POST", "", {"tenantId": tenant, "members": [{"id": person}]})
        assert called.status == 201, called.text
        return str(called.body["id"])

    async def post(self, conversation: str, activity: Json) -> Called:
        return await self.call("POST", f"/{conversation}/activities", activity)


async def _called(response: aiohttp.ClientResponse) -> Called:
    text = await response.text()
    body = await response.json() if response.content_type == "application/json" else None
    return Called(response.status, body, text, dict(response.headers))


@dataclass(slots=True)
class Stage:
    """The stand-in with two people and a channel, and the bot connected to it."""

    teams: TeamsStandIn
    bot: TinyBot
    clock: MovableClock

    async def send_card(self, card: Json, person: str = MIA) -> str:
        """Let the bot post a card into somebody's chat and return its id."""
        called = await self.bot.post(await self.bot.open_chat(person), make_card_message(card))
        assert called.status == 201, called.text
        return str(called.body["id"])


@asynccontextmanager
async def teams_stage(limits: Limits = NO_LIMITS) -> AsyncIterator[Stage]:
    clock = MovableClock(MONDAY)
    teams = TeamsStandIn(clock=clock, app_id=APP_ID, app_password=PASSWORD, home_tenant_id=HOME, limits=limits)
    teams.add_tenant(TENANT, "Manufacturing")
    teams.add_person(TENANT, MIA, "Mia Maier", email="mia@mc.example")
    teams.add_person(TENANT, TOM, "Tom Thaler", email="tom@mc.example", installed=False)
    teams.add_channel(TENANT, TEAM, CHANNEL, "Alliance")
    async with teams, aiohttp.ClientSession() as session:
        bot = TinyBot(teams.base_url, clock, session)
        app = web.Application()
        app.router.add_post("/api/messages", bot.receive)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        teams.connect_bot(f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages")
        try:
            yield Stage(teams, bot, clock)
        finally:
            await runner.cleanup()
