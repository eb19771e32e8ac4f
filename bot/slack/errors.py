"""How Slack's failures are told apart: wait, try again, give this person up, or give this message up."""

from typing import Any

from bot.platform import NotConnected, PlatformError, RateLimited, Rejected, Unavailable, Unreachable

_WAIT_BY_DEFAULT = 30.0
"""Seconds, when Slack limits without saying for how long."""

TOKEN_REFUSED = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""The workspace has to be installed again, or with more rights; the message itself is fine."""

_NO_CHAT = "their conversation with the liaison is gone from Slack"
_UNKNOWN = "Slack does not know this account any more"
GONE = {
    "cannot_dm_bot": "the address belongs to an app, not to a person",
    "channel_not_found": _NO_CHAT,
    "is_archived": _NO_CHAT,
    "messages_tab_disabled": "direct messages of the liaison are switched off in this Slack workspace",
    "not_in_channel": _NO_CHAT,
    "user_disabled": "their Slack account was closed",
    "user_not_found": _UNKNOWN,
    "user_not_in_channel": _NO_CHAT,
    "user_not_visible": _UNKNOWN,
    "users_not_found": _UNKNOWN,
}
"""Nobody is there; what people are told of it."""
_OUT_OF_ORDER = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
_TOO_FAST = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})


class Refused(Rejected):
    """Slack refuses the request with an error code of its own."""

    def __init__(self, method: str, code: str, complaints: tuple[str, ...] = ()) -> None:
        super().__init__(": ".join([f"{method}: {code}", *(["; ".join(complaints)] if complaints else [])]))
        self.code = code


def failure(method: str, status: int, headers: Any, body: dict[str, Any]) -> PlatformError:
    """Return what Slack's answer means, by its status and its error code."""
    code = str(body.get("error", ""))
    if status == 429 or code in _TOO_FAST:
        return RateLimited(_seconds(headers))
    if code in TOKEN_REFUSED:
        return NotConnected(f"{method}: Slack refuses the token of this workspace ({code}{_needed(body)})")
    if status >= 500 or code in _OUT_OF_ORDER:
        return Unavailable(f"{method}: Slack is out of order ({status} {code})".replace(" )", ")"))
    if code in GONE:
        return Unreachable(code, GONE[code])
    if not code:
        return Unavailable(f"{method}: Slack gave an answer that cannot be read ({status})")
    return Refused(method, code, _complaints(body))


def _seconds(headers: Any) -> float:
    try:
        return max(1.0, float(headers["Retry-After"]))
    except (KeyError, TypeError, ValueError):
        return _WAIT_BY_DEFAULT


def _needed(body: dict[str, Any]) -> str:
    return f", it needs {body['needed']}" if body.get("needed") else ""


def _complaints(body: dict[str, Any]) -> tuple[str, ...]:
    more = body.get("response_metadata")
    messages = more.get("messages") if isinstance(more, dict) else None
    found = messages or body.get("errors") or []
    return tuple(str(one) for one in found) if isinstance(found, list) else ()
