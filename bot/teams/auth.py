"""Who may speak to us as Teams: the check of the token that comes with every activity.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt

from bot.settings import is_loopback
from bot.teams import limits
from bot.teams.keys import PublishedKeys, SigningKey
from schedules.clock import Clock

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
_HOST = "smba.trafficmanager.net"
_DOMAINS = (".botframework.com", ".teams.microsoft.com")
_REMEMBERED = 1_000


class Refused(Exception):
    """A request that is not from Teams: `status` is 401 or 403, `reason` one of a few, for the counter."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Passed:
    """What is kept of a good token: what it vouches for, and until when (POSIX seconds, leeway included)."""

    service_url: str | None
    endorsed: bool
    expires: float


class TeamsTokenCheck:
    """Lets activities through that Microsoft signed for this app and for the address they name.

    `allow_unsigned` is for a machine that only it can reach: then no token is asked for, and answers go to
    this machine alone.
    """

    def __init__(
        self,
        app_id: str,
        openid_url: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        allow_unsigned: bool = False,
    ) -> None:
        self._app_id = app_id
        self._openid_url = openid_url
        self._clock = clock
        self._allow_unsigned = allow_unsigned
        self._keys = PublishedKeys(openid_url, session, clock)
        self._passed: dict[bytes, Passed] = {}
        self._reading = 0

    async def check(self, authorization_header: str, activity: Mapping[str, Any]) -> None:
        """Return when the activity may be believed; raises Refused otherwise."""
        if activity.get("channelId") != CHANNEL:
            raise Refused(403, "wrong channel")
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str) or not self._may_serve(service_url):
            raise Refused(403, "unknown service address")
        if self._allow_unsigned:
            return
        passed = await self._token(authorization_header)
        if not passed.endorsed:
            raise Refused(403, "key not endorsed for Teams")
        if passed.service_url != service_url.rstrip("/"):
            raise Refused(403, "token for another service address")

    async def _token(self, header: str) -> Passed:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no token")
        if not token.isascii():
            raise Refused(401, "unreadable token")
        digest = hashlib.sha256(token.encode()).digest()
        now = self._clock.now().timestamp()
        known = self._recall(digest)
        if known is not None and now < known.expires:
            return known
        passed = await self._verify(token)
        self._remember(digest, passed, now)
        return passed

    async def _verify(self, token: str) -> Passed:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, RecursionError):
            raise Refused(401, "unreadable token") from None
        if header.get("alg") != "RS256":
            raise Refused(401, "wrong algorithm")
        key = await self._keys.find(str(header.get("kid")))
        if key is None:
            raise Refused(401, "unknown key")
        claims = self._claims(token, key)
        expires = _instant(claims, "exp")
        now = self._clock.now().timestamp()
        if expires is None or now >= expires + limits.LEEWAY:
            raise Refused(401, "expired")
        begins = _instant(claims, "nbf") if "nbf" in claims else now
        if begins is None or begins > now + limits.LEEWAY:
            raise Refused(401, "not valid yet")
        return Passed(_signed_address(claims), CHANNEL in key.endorsements, expires + limits.LEEWAY)

    def _claims(self, token: str, key: SigningKey) -> dict[str, Any]:
        """Return what is signed; times are judged by our own clock, not by the computer's."""
        try:
            return jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidAudienceError:
            raise Refused(401, "token for another app") from None
        except jwt.InvalidIssuerError:
            raise Refused(401, "wrong issuer") from None
        except jwt.MissingRequiredClaimError:
            raise Refused(401, "claim missing") from None
        except jwt.PyJWTError:
            raise Refused(401, "bad signature") from None

    # --- tokens seen before --------------------------------------------------------------------------

    def _recall(self, digest: bytes) -> Passed | None:
        """What is known of a token; nothing once the keys were read anew, since its key may be withdrawn."""
        if self._reading != self._keys.readings:
            self._passed.clear()
            self._reading = self._keys.readings
        return self._passed.get(digest)

    def _remember(self, digest: bytes, passed: Passed, now: float) -> None:
        if len(self._passed) >= _REMEMBERED:
            self._passed = {kept: held for kept, held in self._passed.items() if now < held.expires}
        if len(self._passed) < _REMEMBERED:
            self._passed[digest] = passed

    # --- where answers may go ------------------------------------------------------------------------

    def _may_serve(self, service_url: str) -> bool:
        """Whether our answers, and our token, may go there.

        Trust follows who signs: keys published on this machine vouch for addresses on this machine.
        """
        try:
            service, keys = urlsplit(service_url), urlsplit(self._openid_url)
            service_port = service.port or (443 if service.scheme == "https" else 80)
        except ValueError:
            return False
        host = service.hostname or ""
        if service.username is not None or service.scheme not in ("http", "https"):
            return False
        if is_loopback(host):
            return self._allow_unsigned or is_loopback(keys.hostname or "")
        known = host == _HOST or host.endswith(_DOMAINS)
        return known and not self._allow_unsigned and service.scheme == "https" and service_port == 443


def _signed_address(claims: Mapping[str, Any]) -> str | None:
    """The address that a token is good for; Microsoft documents the claim as serviceUrl and sends serviceurl."""
    address = claims.get("serviceurl", claims.get("serviceUrl"))
    return address.rstrip("/") if isinstance(address, str) else None


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
