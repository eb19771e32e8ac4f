"""A short, stable name for agreed terms, so that it can be proven later what was signed."""

import hashlib
import json

from storage.codec import encode


def fingerprint(agreed: object) -> str:
    """The SHA-256 of a dataclass as it is stored, in hexadecimal digits; the same on every machine."""
    written = json.dumps(encode(agreed), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
