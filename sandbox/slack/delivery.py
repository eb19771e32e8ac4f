"""Brings what people do to the bot: by signed HTTP requests, or by Socket Mode when the bot connected."""

import json
import urllib.parse
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import aiohttp

from sandbox.clock import Clock
from sandbox.journal import Direction, Exchange, Listener
from sandbox.slack.sign import signature_headers
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import Json, NotThere

MOST_RETRIES = 3
RETRY_AFTER = (0, 60, 300)
"""Seconds Slack waits before each of its three retries of an event."""


class Kind(StrEnum):
    """What is delivered, named as Socket Mode names it."""

    EVENT = "events_api"
    INTERACTION = "interactive"
    COMMAND = "slash_commands"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request to the bot and how it answered.

    `status` is 0 when no answer came; `failure` is then Slack's retry reason, as it is for an answer that is
    not 2xx. `problem` says why Slack can do nothing with what the bot answered.
    """

    kind: Kind
    payload: Json
    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    retry_num: int = 0
    problem: str | None = None

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def may_be_retried(self) -> bool:
        """Whether Slack would deliver this again by itself."""
        refused = self.headers.get("x-slack-no-retry") == "1"
        return self.kind is Kind.EVENT and not self.is_taken and not refused and self.retry_num < MOST_RETRIES

    def json(self) -> Any:
        """Return the body as JSON, None when it is empty or something else."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


class Delivery:
    """The way to the bot."""

    def __init__(self, clock: Clock, signing_secret: str, sockets: Sockets, ack_seconds: float) -> None:
        self._clock = clock
        self._signing_secret = signing_secret
        self._sockets = sockets
        self._ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None
        self.bot_url: str | None = None
        self.log: deque[Delivered] = deque(maxlen=10_000)
        self.listeners: list[Listener] = []

    async def deliver(self, kind: Kind, payload: Json, *, retry_num: int = 0, reason: str = "") -> Delivered:
        """Deliver once; sockets go before HTTP when any is open. NotThere when there is no way to the bot."""
        if self._sockets.count:
            delivered = await self._by_socket(kind, payload, retry_num, reason)
        elif self.bot_url is not None:
            delivered = await self._by_http(kind, payload, retry_num, reason)
        else:
            raise NotThere("no bot is attached and none connected by Socket Mode")
        self.log.append(delivered)
        self._tell(delivered)
        return delivered

    def _tell(self, delivered: Delivered) -> None:
        answer = delivered.body if delivered.json() is None else delivered.json()
        name = _named(delivered.kind, delivered.payload)
        now = self._clock.now()
        for listener in self.listeners:
            listener(
                Exchange(now, "slack", Direction.TO_BOT, "POST", name, delivered.status, delivered.payload, answer)
            )

    async def verify_url(self) -> bool:
        """Do Slack's check of a request address: whether the bot sends a challenge back."""
        challenge = {
            "type": "url_verification",
            "token": "",
            "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWM",
        }
        answer = await self._by_http(Kind.EVENT, challenge, 0, "")
        said = answer.json()
        echoed = said.get("challenge") if isinstance(said, dict) else answer.body
        return answer.is_taken and echoed == challenge["challenge"]

    async def stop(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _by_socket(self, kind: Kind, payload: Json, retry_num: int, reason: str) -> Delivered:
        try:
            said = await self._sockets.send(kind, payload, retry_num, reason, self._ack_seconds)
        except TimeoutError:
            return Delivered(kind, payload, 0, failure="timeout", retry_num=retry_num)
        except ConnectionError:
            return Delivered(kind, payload, 0, failure="connection_failed", retry_num=retry_num)
        body = "" if said is None else json.dumps(said)
        return Delivered(kind, payload, 200, body, {}, retry_num=retry_num)

    async def _by_http(self, kind: Kind, payload: Json, retry_num: int, reason: str) -> Delivered:
        body, content_type = _encoded(kind, payload)
        timestamp = int(self._clock.now().timestamp())
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= signature_headers(self._signing_secret, timestamp, body)
        if retry_num:
            headers |= {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._ack_seconds))
        try:
            async with self._session.post(self.bot_url or "", data=body.encode(), headers=headers) as answer:
                text = await answer.text()
        except TimeoutError:
            return Delivered(kind, payload, 0, failure="http_timeout", retry_num=retry_num)
        except aiohttp.ClientError:
            return Delivered(kind, payload, 0, failure="connection_failed", retry_num=retry_num)
        failure = None if answer.ok else "http_error"
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Delivered(kind, payload, answer.status, text, lowered, failure, retry_num)


def _named(kind: Kind, payload: Json) -> str:
    match kind:
        case Kind.EVENT:
            return str(payload.get("event", payload).get("type"))
        case Kind.INTERACTION:
            return str(payload.get("type"))
        case Kind.COMMAND:
            return str(payload.get("command"))


def _encoded(kind: Kind, payload: Json) -> tuple[str, str]:
    match kind:
        case Kind.EVENT:
            return json.dumps(payload), "application/json"
        case Kind.INTERACTION:
            return urllib.parse.urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        case Kind.COMMAND:
            return urllib.parse.urlencode(payload), "application/x-www-form-urlencoded"
