"""The front door for HTTP: a request is proven to come from Slack, now and once, before anything reads it."""

import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.messages.parts import Json
from bot.slack import limits
from schedules.clock import Clock

Count = Callable[[str, str], None]
"""Counts a request by the platform's name and what became of it."""

PLATFORM = "slack"
_SIGNATURE = "X-Slack-Signature"
_TIMESTAMP = "X-Slack-Request-Timestamp"
_WINDOW = dt.timedelta(seconds=limits.SIGNATURE_WINDOW)
_PAYLOAD = b"payload="
_JSON_TYPES = frozenset({"event_callback", "url_verification", "app_rate_limited"})


class TurnedAway(Exception):
    """A request goes no further; `status` is what the sender is told, `reason` what is counted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrived:
    """A proven request: its body as Slack's object."""

    body: Json
    text: str


class FrontDoor:
    """Checks requests by the signing secret and the given clock. Nothing of a refused request is kept."""

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        self._secret = signing_secret.encode()
        self._clock = clock
        self._seen: dict[str, dt.datetime] = {}

    async def admit(self, request: web.Request) -> Arrived:
        """Return the proven request; raises TurnedAway (401, 413, 400) otherwise."""
        raw = await self._raw(request)
        signature = self._proven(request, raw)
        text, body = decoded(raw, request)
        if not _may_come_again(body) and signature in self._seen:
            raise TurnedAway(401, "replayed")
        self._remember(signature)
        return Arrived(body, text)

    async def _raw(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > limits.BODY:
            raise TurnedAway(413, "too large")
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise TurnedAway(413, "too large") from None
        if len(raw) > limits.BODY:
            raise TurnedAway(413, "too large")
        return raw

    def _proven(self, request: web.Request, raw: bytes) -> str:
        given = request.headers.get(_SIGNATURE, "")
        stamp = request.headers.get(_TIMESTAMP, "")
        if not self._secret or not given or not stamp:
            raise TurnedAway(401, "unsigned")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise TurnedAway(401, "bad signature")
        proof = hmac.digest(self._secret, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hex()
        if not hmac.compare_digest(f"v0={proof}".encode(), given.encode("utf-8", "surrogateescape")):
            raise TurnedAway(401, "bad signature")
        if abs(self._clock.now().timestamp() - int(stamp)) > limits.SIGNATURE_WINDOW:
            raise TurnedAway(401, "stale")
        return given

    def _remember(self, signature: str) -> None:
        """Keep a signature for as long as it could be used again, wherever in the window it was made."""
        now = self._clock.now()
        while self._seen and next(iter(self._seen.values())) < now:
            del self._seen[next(iter(self._seen))]
        self._seen[signature] = now + 2 * _WINDOW


def decoded(raw: bytes, request: web.Request) -> tuple[str, Json]:
    """Return a body as text and as Slack's object; raises TurnedAway (400) for anything malformed."""
    try:
        if request.charset is not None and request.charset.lower().replace("-", "") != "utf8":
            raise TurnedAway(400, "malformed")
        text = raw.decode()
        body = _read_json(text) if request.content_type == "application/json" else _read_form(raw, text)
    except (ValueError, RecursionError):
        raise TurnedAway(400, "malformed") from None
    if not has_known_shape(body):
        raise TurnedAway(400, "malformed")
    assert isinstance(body, dict)
    return text, body


def has_known_shape(body: Any) -> bool:
    """Return whether the body has the shape of something Slack sends, as far as anybody here reads it."""
    match body:
        case {"ssl_check": "1"}:
            return True
        case {"type": "url_verification", "challenge": str()}:
            return True
        case {"type": "event_callback", "team_id": str(), "event_id": str(), "event": {"type": str()}}:
            return _are_texts(body["event"], "text", "ts", "thread_ts", "tab", "bot_id")
        case {"type": "app_rate_limited"}:
            return True
        case {"type": str() as kind, "user": {"id": str()}} if kind not in _JSON_TYPES:
            return _has_interaction_shape(body)
        case {"command": str(), "team_id": str(), "user_id": str()}:
            return _are_texts(body, "trigger_id", "response_url", "channel_id", "text")
        case _:
            return False


def _has_interaction_shape(body: Json) -> bool:
    objects = ("team", "enterprise", "view", "message", "container", "state", "channel")
    if not all(isinstance(body.get(name), dict | None) for name in objects):
        return False
    match body:
        case {"type": "block_actions", "actions": [{"action_id": str()}, *_]}:
            pass
        case {"type": "view_submission" | "view_closed", "view": {"id": str(), "callback_id": str()}}:
            pass
        case {"type": "block_actions" | "view_submission" | "view_closed"}:
            return False
    return _are_texts(body, "trigger_id", "response_url") and all(
        _are_values(holder.get("state")) for holder in (body, body.get("view") or {})
    )


def _are_values(state: Any) -> bool:
    """Return whether filled in values are two levels of objects, as Slack sends them, or missing."""
    if state is None:
        return True
    values = state.get("values", {}) if isinstance(state, dict) else None
    return isinstance(values, dict) and all(
        isinstance(block, dict) and all(isinstance(element, dict) for element in block.values())
        for block in values.values()
    )


def _are_texts(holder: Json, *names: str) -> bool:
    return all(isinstance(holder.get(name), str | None) for name in names)


def _read_json(text: str) -> Any:
    return json.loads(text)


def _read_form(raw: bytes, text: str) -> Any:
    if raw.startswith(_PAYLOAD) and (payload := unquoted(raw.removeprefix(_PAYLOAD))) is not None:
        return json.loads(payload.decode(errors="replace"))
    form = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100))
    return json.loads(form["payload"]) if "payload" in form else form


def unquoted(value: bytes) -> bytes | None:
    """Undo the quoting of a form's only value, much faster than urllib, which takes its time for a message's blocks.

    binascii knows the same escapes with another sign. None for what has to be read with more care.
    """
    if any(sign in value for sign in (b"&", b"=", b"\n", b"\r")):
        return None
    read = binascii.a2b_qp(value.replace(b"+", b" ").replace(b"%", b"="))
    # Each escape is two bytes shorter now, unless it was none.
    return read if len(value) - len(read) == 2 * value.count(b"%") else None


def _may_come_again(body: Json) -> bool:
    """Return whether a repeat does no harm: events are known by their event_id, checks change nothing."""
    return body.get("type") in _JSON_TYPES or "ssl_check" in body
