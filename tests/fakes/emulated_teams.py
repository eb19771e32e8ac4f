"""A Teams written from its public contract alone, without our sandbox: OpenID keys and tokens at one port, the
connector at another.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication and
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from schedules.clock import SystemClock

APP_ID, APP_PASSWORD = "0d1c2b3a-0000-4000-8000-00000000abcd", "an emulated password"
CONNECTOR_TOKEN = "a token for the connector"
Json = dict[str, Any]
PATIENCE = 90.0
CLOCK = SystemClock()
"""A real process lives in the computer's own time, and so does whoever talks to it."""


@dataclass
class EmulatedTeams:
    """Keeps activities by (conversation, id) as the bot last wrote them; a person's chat is `a:` and their Entra id."""

    tenant: str
    login_url: str = ""
    connector_url: str = ""
    bot: str = ""
    signed: bool = True
    installed: set[str] = field(default_factory=set)
    activities: dict[tuple[str, str], Json] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    # --- keys and tokens ---------------------------------------------------------------------------

    async def openid(self, _request: web.Request) -> web.Response:
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.login_url}/keys"})

    async def keys(self, _request: web.Request) -> web.Response:
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return web.json_response({"keys": [{**public, "kid": "k1", "use": "sig", "endorsements": ["msteams"]}]})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != (APP_ID, APP_PASSWORD):
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": CONNECTOR_TOKEN})

    # --- the connector -------------------------------------------------------------------------------

    async def open(self, request: web.Request) -> web.Response:
        if not self._may(request):
            return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
        body = await request.json()
        (person,) = [member["id"] for member in body["members"]]
        if person not in self.installed:
            return web.json_response({"error": {"code": "ForbiddenOperationException"}}, status=403)
        return web.json_response({"id": f"a:{person}"}, status=201)

    async def write(self, request: web.Request) -> web.Response:
        if not self._may(request):
            return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
        name = request.match_info.get("activity") or f"m{next(self._numbers)}"
        conversation = request.match_info["conversation"]
        self.activities[conversation, name] = {**await request.json(), "id": name, "chat": conversation}
        async with self._changed:
            self._changed.notify_all()
        return web.json_response({"id": name}, status=201)

    def _may(self, request: web.Request) -> bool:
        expected = f"Bearer {CONNECTOR_TOKEN}" if self.signed else None
        fine = request.headers.get("Authorization") == expected
        if not fine:
            self.refused.append(request.path)
        return fine

    # --- people --------------------------------------------------------------------------------------

    async def install(self, person: str) -> None:
        """Add the app, as Teams tells of it."""
        self.installed.add(person)
        await self.send(person, {"type": "installationUpdate", "action": "add", "id": f"i{next(self._numbers)}"})

    async def execute(self, person: str, activity: Json, title: str, inputs: Mapping[str, str] | None = None) -> Json:
        """Press the card's Action.Execute with that title."""
        action = next(one for one in actions_of(activity) if one.get("title") == title)
        assert action["type"] == "Action.Execute", action
        data = {**action.get("data", {}), **(inputs or {})}
        return await self.send(
            person,
            {
                "type": "invoke",
                "name": "adaptiveCard/action",
                "id": f"e{next(self._numbers)}",
                "replyToId": activity["id"],
                "value": {
                    "action": {"type": "Action.Execute", "verb": action.get("verb"), "data": data},
                    "trigger": "manual",
                },
            },
        )

    async def submit(self, person: str, activity: Json, title: str, inputs: Mapping[str, str] | None = None) -> Json:
        """Press it as a client without Universal Actions does: a message whose value is the button's data."""
        action = next(one for one in actions_of(activity) if one.get("title") == title)
        data = {**action.get("data", {}), **(inputs or {})}
        return await self.send(person, {"type": "message", "replyToId": activity["id"], "value": data})

    async def say(self, person: str, text: str) -> None:
        await self.send(person, {"type": "message", "text": text, "id": f"s{next(self._numbers)}"})

    async def send(self, person: str, activity: Json) -> Json:
        """Send an activity with no more than the contract asks for: the tenant stands in the conversation alone."""
        whole = {
            **activity,
            "channelId": "msteams",
            "serviceUrl": self.connector_url,
            "timestamp": CLOCK.now().isoformat(),
            "from": {"id": f"29:{person}", "aadObjectId": person},
            "recipient": {"id": f"28:{APP_ID}"},
            "conversation": {"id": f"a:{person}", "conversationType": "personal", "tenantId": self.tenant},
        }
        headers = {"Authorization": f"Bearer {self._activity_token()}"} if self.signed else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.bot}/api/messages", json=whole, headers=headers) as answer,
        ):
            said = await answer.text()
            assert answer.status == 200, said
            return json.loads(said) if said else {}

    def _activity_token(self) -> str:
        claims = {
            "iss": "https://api.botframework.com",
            "aud": APP_ID,
            "serviceUrl": self.connector_url,
            "nbf": int(CLOCK.now().timestamp()) - 10,
            "exp": int(CLOCK.now().timestamp()) + 3600,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "k1"})

    async def activity_with(self, title: str, person: str = "") -> Json:
        """Wait for a message, to that person if one is named, that has an action with that title."""
        async with asyncio.timeout(PATIENCE), self._changed:
            while True:
                seen = [one for (chat, _), one in self.activities.items() if chat.startswith(f"a:{person}")]
                offers = [one for one in seen if any(a.get("title") == title for a in actions_of(one))]
                if offers:
                    return offers[-1]
                await self._changed.wait()


def actions_of(part: Any) -> list[Json]:
    """Every action of a message, however deep in its cards."""
    if isinstance(part, list):
        return [action for one in part for action in actions_of(one)]
    if not isinstance(part, dict):
        return []
    own = [part] if str(part.get("type", "")).startswith("Action.") else []
    return own + [action for name, inner in part.items() if name != "data" for action in actions_of(inner)]


@asynccontextmanager
async def emulated_teams(tenant: str, *, signed: bool = True) -> AsyncIterator[EmulatedTeams]:
    """Serve both parts on free ports of this machine."""
    teams = EmulatedTeams(tenant, signed=signed)
    login, connector = web.Application(), web.Application()
    login.router.add_get("/openid", teams.openid)
    login.router.add_get("/keys", teams.keys)
    login.router.add_post("/{tenant}/oauth2/v2.0/token", teams.token)
    connector.router.add_post("/v3/conversations", teams.open)
    connector.router.add_post("/v3/conversations/{conversation}/activities", teams.write)
    connector.router.add_put("/v3/conversations/{conversation}/activities/{activity}", teams.write)
    runners = [web.AppRunner(login), web.AppRunner(connector)]
    for runner in runners:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.login_url, teams.connector_url = (f"http://127.0.0.1:{runner.addresses[0][1]}" for runner in runners)
    yield teams
    for runner in runners:
        await runner.cleanup()
