"""The RSA keys with which Microsoft signs, what it publishes of them, and tokens made with any of them."""

import datetime as dt
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://api.botframework.com"
LIFETIME = dt.timedelta(hours=1)


class KeyRole(StrEnum):
    """Which key signs: the one in use, one for another channel, one never published, one withdrawn."""

    CURRENT = "current"
    UNENDORSED = "unendorsed"
    UNKNOWN = "unknown"
    RETIRED = "retired"


class TokenOverrides(TypedDict, total=False):
    """What a forged token has instead of the right thing; None leaves the claim, or the whole header, out."""

    issuer: str | None
    audience: str | None
    service_url: str | None
    not_before: dt.datetime | None
    expires_at: dt.datetime | None
    key: KeyRole
    algorithm: str
    kid: str | None
    token: str | None


@dataclass(slots=True)
class Key:
    kid: str
    endorsements: tuple[str, ...]
    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def published(self) -> dict[str, Any]:
        numbers: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        shown = {name: numbers[name] for name in ("kty", "n", "e")}
        return {
            **shown,
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "endorsements": list(self.endorsements),
        }


@dataclass(slots=True)
class SigningKeys:
    """The key ring. Keys for forgeries are made when first asked for."""

    rotations: int = 0
    ring: dict[KeyRole, Key] = field(default_factory=dict)

    def get(self, role: KeyRole) -> Key:
        if role is KeyRole.RETIRED and role not in self.ring:
            self.rotate()
        if role not in self.ring:
            channel = "webchat" if role is KeyRole.UNENDORSED else "msteams"
            self.ring[role] = Key(f"{role}-{self.rotations}", (channel,))
        return self.ring[role]

    def rotate(self) -> None:
        """Withdraw the key in use and publish a new one under a new id."""
        self.ring[KeyRole.RETIRED] = self.get(KeyRole.CURRENT)
        self.rotations += 1
        del self.ring[KeyRole.CURRENT]
        self.get(KeyRole.CURRENT)

    def published(self) -> dict[str, Any]:
        shown = [self.get(role).published() for role in (KeyRole.CURRENT, KeyRole.UNENDORSED)]
        return {"keys": shown}

    def sign(self, claims: dict[str, Any], overrides: TokenOverrides) -> str:
        key = self.get(overrides.get("key", KeyRole.CURRENT))
        kid = overrides.get("kid", key.kid)
        algorithm = overrides.get("algorithm", "RS256")
        headers = {} if kid is None else {"kid": kid, "x5t": kid}
        if algorithm == "none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        if algorithm.startswith("HS"):
            return jwt.encode(claims, key.published()["n"], algorithm=algorithm, headers=headers)
        return jwt.encode(claims, key.private, algorithm=algorithm, headers=headers)

    def activity_token(
        self, *, app_id: str, service_url: str, now: dt.datetime, overrides: TokenOverrides
    ) -> str | None:
        """Return the bearer token of an activity, or None when the overrides say that none is sent."""
        if "token" in overrides:
            return overrides["token"]
        claims = {
            "iss": overrides.get("issuer", ISSUER),
            "aud": overrides.get("audience", app_id),
            "serviceurl": overrides.get("service_url", service_url),
            "nbf": overrides.get("not_before", now),
            "exp": overrides.get("expires_at", now + LIFETIME),
        }
        return self.sign({name: held for name, held in claims.items() if held is not None}, overrides)
