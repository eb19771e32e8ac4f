"""Calls of Slack's Web API: paced by its limits, every failure one of the platform's four."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.parts import Json
from bot.pacing import PATIENCE, Bucket
from bot.platform import NotConnected, RateLimited, Unavailable, object_in
from bot.slack import limits
from bot.slack.errors import failure
from schedules.clock import Clock
from storage.workspaces import Workspace

BOT_TOKEN = "bot"  # noqa: S105 - the name under which a workspace keeps its token
_AS_JSON = {"Content-Type": "application/json; charset=utf-8"}
_POST = "chat.postMessage"
_READING = frozenset({"conversations.history", "conversations.replies"})
_MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Called:
    """Slack's answer to a call; `body` is empty where it is no JSON object, `headers` know no case."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Json

    @property
    def is_done(self) -> bool:
        return self.status == 200 and self.body.get("ok") is True


class SlackApi:
    """Slack's Web API for every workspace; one HTTP session, opened with the first call."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._base_url = base_url if base_url.endswith("/") else f"{base_url}/"
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._buckets: dict[Hashable, Bucket] = {}

    async def call(
        self, workspace: Workspace, method: str, *, patient: bool = True, waits_out: bool = False, **arguments: Any
    ) -> Json:
        """Call a method with the workspace's bot token and return Slack's answer.

        It waits for its turn; one that is far off, or that Slack has put off, is RateLimited, so that others may go
        before it, unless it `waits_out` that too. Where `patient` is False somebody is waiting, and it only counts.
        Raises RateLimited, Unavailable, Unreachable or Rejected.
        """
        token = workspace.tokens.get(BOT_TOKEN)
        if not token:
            raise NotConnected(f"the workspace {workspace.name} has no bot token")
        buckets = self._buckets_of(workspace.external_id, method, arguments.get("channel"))
        if patient:
            await self._turn(buckets, waits_out=waits_out)
        else:
            for bucket in buckets:
                bucket.take()
        try:
            return await self.call_with(token, method, **arguments)
        except RateLimited as limit:
            for bucket in buckets:
                bucket.hold(limit.retry_after)
            raise

    async def _turn(self, buckets: list[Bucket], *, waits_out: bool) -> None:
        """Wait for the turn of a call; RateLimited where that is for long, unless it waits out even that."""
        due_in = max((bucket.due_in() for bucket in buckets), default=0.0)
        if not waits_out and (due_in > PATIENCE or _held(buckets) > 0):
            raise RateLimited(due_in)
        seconds = max((bucket.take() for bucket in buckets), default=0.0)
        if seconds > 0:
            await self._clock.sleep(seconds)
        while (held := _held(buckets)) > 0:  # Slack asked another call for it meanwhile
            if not waits_out:
                raise RateLimited(held)
            await self._clock.sleep(held)

    async def call_with(self, token: str, method: str, **arguments: Any) -> Json:
        """Call a method with any token, at once; raises as `call` does."""
        called = await self.asked(token, method, **arguments)
        if called.status == 404 and urlsplit(self._base_url).path == "/":
            called = await self._asked_below(token, method, arguments)
        if not called.is_done:
            raise failure(method, called.status, called.headers, called.body)
        return called.body

    async def asked(self, token: str, method: str, **arguments: Any) -> Called:
        """Return whatever Slack answers; raises Unavailable when it does not."""
        given = {name: value for name, value in arguments.items() if value is not None}
        url, headers = f"{self._base_url}{method}", {"Authorization": f"Bearer {token}"}
        if method in _READING:  # these take no JSON body, the others do
            return await self._sent(method, "GET", url, params=given, headers=headers)
        return await self._sent(method, "POST", url, data=json.dumps(given), headers=headers | _AS_JSON)

    async def _asked_below(self, token: str, method: str, arguments: Json) -> Called:
        """Ask at /api/ of the host that the settings name, as at Slack's own, and stay there if something answers."""
        before, self._base_url = self._base_url, f"{self._base_url}api/"
        called = await self.asked(token, method, **arguments)
        if called.status == 404:
            self._base_url = before
        return called

    async def respond(self, response_url: str, body: Json) -> None:
        """Answer an interaction at its response_url (5 uses, 30 minutes); raises as `call` does."""
        answer = await self._sent("response_url", "POST", response_url, data=json.dumps(body), headers=_AS_JSON)
        if answer.status != 200:
            # Slack answers a spent response_url with a bare word, such as used_url.
            said = answer.body or {"error": answer.text.strip()[:100]}
            raise failure("response_url", answer.status, answer.headers, said)

    async def _sent(self, method: str, verb: str, url: str, **how: Any) -> Called:
        try:
            async with self._opened().request(verb, url, **how) as response:
                text = await response.text(errors="replace")
                return Called(response.status, response.headers, text, object_in(text))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(f"{method}: Slack did not answer ({type(error).__name__})") from error

    async def stop(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def new_client(self) -> AsyncWebClient:
        """Return a client without a token, at the same address and without retries, for slack-bolt."""
        return AsyncWebClient(base_url=self._base_url, timeout=limits.CALL_TIMEOUT, retry_handlers=[])

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limits.CALL_TIMEOUT))
        return self._session

    def _buckets_of(self, team: str, method: str, channel: str | None) -> list[Bucket]:
        if method == _POST:
            return [
                self._bucket((team, method, channel), limits.POSTS_PER_CHANNEL),
                self._bucket((team, method), limits.POSTS_PER_WORKSPACE),
            ]
        rate = limits.METHODS.get(method)
        return [self._bucket((team, method), rate)] if rate is not None else []

    def _bucket(self, key: Hashable, rate: limits.Rate) -> Bucket:
        if key not in self._buckets:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            self._buckets[key] = Bucket(self._clock, rate.per_minute / 60, rate.burst)
        return self._buckets[key]


def _held(buckets: list[Bucket]) -> float:
    return max((bucket.held_for() for bucket in buckets), default=0.0)
