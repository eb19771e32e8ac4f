"""The token with which we call Teams: asked for in our home tenant, kept, and renewed before it ends.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.platform import NotConnected, PlatformError, RateLimited, Unavailable
from bot.teams import limits
from schedules.clock import Clock

log = logging.getLogger(__name__)

SCOPE = "https://api.botframework.com/.default"
_EARLY = dt.timedelta(minutes=5)
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """Our registration at Microsoft Entra; without id or password we call a stand-in that asks for no token."""

    app_id: str
    password: str
    tenant: str
    login_url: str

    @property
    def bot_id(self) -> str:
        """What the liaison itself is called in Teams."""
        return f"28:{self.app_id}"


@dataclass(frozen=True, slots=True)
class HeldToken:
    token: str
    expires: dt.datetime


class OutboundToken:
    """One token for all tenants; several callers that need a new one wait for the same request."""

    def __init__(self, identity: AppIdentity, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._identity = identity
        self._session = session
        self._clock = clock
        self._held: HeldToken | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """Return a token good for minutes to come, "" without a registration; raises Unavailable, RateLimited."""
        if not (self._identity.app_id and self._identity.password):
            return ""
        async with self._lock:
            held, now = self._held, self._clock.now()
            if held is not None and now < held.expires - _EARLY:
                return held.token
            try:
                self._held = await self._ask(now)
            except PlatformError as trouble:
                if held is None or now >= held.expires:
                    raise
                log.warning("token not renewed", extra={"because": str(trouble)})
                return held.token
            return self._held.token

    def drop(self, token: str) -> None:
        """Forget a token that was refused; another one that came meanwhile is kept."""
        if self._held is not None and self._held.token == token:
            self._held = None

    async def _ask(self, now: dt.datetime) -> HeldToken:
        who = self._identity
        url = f"{who.login_url.rstrip('/')}/{who.tenant}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": who.app_id,
            "client_secret": who.password,
            "scope": SCOPE,
        }
        try:
            async with self._session.post(url, data=form, timeout=_TIMEOUT, allow_redirects=False) as response:
                status, wait = response.status, response.headers.get("Retry-After", "")
                body = await _json(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"no token: {type(error).__name__}") from None
        if status == 429:
            raise RateLimited(float(wait) if wait.isdecimal() else limits.WAIT)
        token = body.get("access_token")
        if status != 200 or not isinstance(token, str):
            said = f"no token: {status} {body.get('error', '')} {body.get('error_codes', '')}"
            raise NotConnected(said) if status in (400, 401) else Unavailable(said)
        return HeldToken(token, now + dt.timedelta(seconds=float(body.get("expires_in", 0))))


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
