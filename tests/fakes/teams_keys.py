"""Signing keys for the Teams stand-in that are made once in a test run, since making them takes its time."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.teams.keys import Key, KeyRole, SigningKeys

CHANNELS = {KeyRole.CURRENT: "msteams", KeyRole.UNENDORSED: "webchat", KeyRole.UNKNOWN: "msteams"}


def keys_made_before() -> SigningKeys:
    """A key ring of its own, with the same keys as every other one; a rotation still makes a new key."""
    ring = {role: Key(f"{role}-0", (channel,), _private(role)) for role, channel in CHANNELS.items()}
    return SigningKeys(ring=ring)


@cache
def _private(role: KeyRole) -> rsa.RSAPrivateKey:
    assert role in CHANNELS
    return rsa.generate_private_key(65537, 2048)
