"""The keys with which Microsoft signs: read when needed, kept for a day, never asked for in a rush."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

from bot.teams import limits
from schedules.clock import Clock

log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_READINGS = 5
_WITHIN = 300
"""At most so many readings within so many seconds: tokens with made-up key ids cost an attacker nothing."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One RSA key and the channels for which it may sign."""

    public: jwt.PyJWK
    endorsements: frozenset[str]


class PublishedKeys:
    """The keys published at an OpenID address. `readings` counts how often they were read."""

    def __init__(self, openid_url: str, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._openid_url = openid_url
        self._session = session
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._tried: deque[float] = deque(maxlen=_READINGS)
        self._read_at: float | None = None
        self._lock = asyncio.Lock()
        self.readings = 0

    async def find(self, kid: str) -> SigningKey | None:
        """Return the key of that id, read anew when it is unknown or old; None when nobody published it.

        When the address does not answer, what was read before goes on being good.
        """
        if self._knows(kid):
            return self._keys[kid]
        async with self._lock:
            if not self._knows(kid) and self._may_read():
                await self._read()
        return self._keys.get(kid)

    def _knows(self, kid: str) -> bool:
        age = None if self._read_at is None else self._now() - self._read_at
        return kid in self._keys and age is not None and age < limits.KEYS_LIVE

    def _may_read(self) -> bool:
        return len(self._tried) < _READINGS or self._now() - self._tried[0] >= _WITHIN

    async def _read(self) -> None:
        self._tried.append(self._now())
        try:
            metadata = await self._json(self._openid_url)
            published = await self._json(str(metadata["jwks_uri"]))
            keys = dict(_usable(published["keys"]))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("signing keys not read", extra={"because": type(error).__name__})
            return
        self._keys = keys
        self._read_at = self._now()
        self.readings += 1

    async def _json(self, url: str) -> Any:
        async with self._session.get(url, timeout=_TIMEOUT) as response:
            response.raise_for_status()
            return await response.json(content_type=None)

    def _now(self) -> float:
        return self._clock.steady()


def _usable(published: list[dict[str, Any]]) -> Iterator[tuple[str, SigningKey]]:
    """Go through the RSA keys that can be read; one that cannot spoils none of the others."""
    for key in published:
        if key.get("kty") != "RSA" or not key.get("kid"):
            continue
        numbers = {name: held for name, held in key.items() if name in ("kty", "kid", "n", "e")}
        try:
            public = jwt.PyJWK.from_dict(numbers, algorithm="RS256")
        except jwt.PyJWTError:
            continue
        yield str(key["kid"]), SigningKey(public, frozenset(key.get("endorsements") or ()))
