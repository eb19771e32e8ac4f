"""Slack's request signature. Source: docs.slack.dev/authentication/verifying-requests-from-slack."""

import hashlib
import hmac


def signature_headers(signing_secret: str, timestamp: int, body: str) -> dict[str, str]:
    """Return the headers that prove a body came from Slack at `timestamp`, in Unix seconds."""
    proof = hmac.new(signing_secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={proof}"}
