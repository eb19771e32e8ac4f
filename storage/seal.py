"""Secrets at rest: sealed with the installation's secret key, which can be rotated."""

import asyncio
import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SHORTEST = 16
"""Letters that a key has at least."""
FOR_NOW = 1.0
"""Seconds, in the computer's own time, for which a secret stays open that many ask for."""
SENTENCE = (
    "The secret key does not fit what is stored: put the former key back, after the new one, separated by a comma. "
    "If it is lost: liaison doctor says what to do."
)


class CannotUnseal(Exception):
    """None of the keys fits what is stored; the text says what to do."""


class Seal:
    """Seals and opens with the first key; opens what any former key sealed.

    `secret_key` is one key or several separated by commas, the current one first; each is any text of 16 or more
    characters. Fernet (AES-128-CBC with HMAC-SHA256) under the SHA-256 of each.
    """

    def __init__(self, secret_key: str) -> None:
        keys = keys_of(secret_key)
        if not keys or any(len(key) < SHORTEST for key in keys):
            raise ValueError("the secret key needs at least 16 characters")
        self._fernet = MultiFernet([Fernet(_derive(key)) for key in keys])
        self._open_now: dict[str, str] = {}

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the secret; raises CannotUnseal when none of the keys fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise CannotUnseal(SENTENCE) from error

    def open_for_now(self, sealed: str) -> str:
        """As `open`, for what many ask for within a second: it stays open for that long, and no longer."""
        secret = self._open_now.get(sealed)
        if secret is None:
            secret = self._open_now[sealed] = self.open(sealed)
            asyncio.get_running_loop().call_later(FOR_NOW, self._open_now.pop, sealed, None)
        return secret

    def opens(self, sealed: str) -> bool:
        """Whether one of the keys fits."""
        try:
            self.open(sealed)
        except CannotUnseal:
            return False
        return True

    def renew(self, sealed: str) -> str:
        """Return the same secret sealed with the current key."""
        return self.close(self.open(sealed))


def keys_of(secret_key: str) -> list[str]:
    """The keys of that setting, the current one first."""
    return [key.strip() for key in secret_key.split(",") if key.strip()]


def _derive(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
