"""Calls of Slack's Web API: paced by its limits, every failure one of the platform's four."""

import json
from collections.abc import Hashable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.messages.parts import Json
from bot.pacing import PATIENCE, Bucket
from bot.platform import NotConnected, RateLimited
from bot.slack import limits
from bot.slack.errors import failure, failure_of
from schedules.clock import Clock
from storage.workspaces import Workspace

BOT_TOKEN = "bot"  # noqa: S105 - the name under which a workspace keeps its token
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_POST = "chat.postMessage"
_READING = frozenset({"conversations.history", "conversations.replies"})
_MOST_CLIENTS = 1_000
_MOST_BUCKETS = 20_000


class SlackApi:
    """Slack's Web API for every workspace; one HTTP session, opened with the first call."""

    def __init__(self, base_url: str, clock: Clock) -> None:
        self._base_url = base_url if base_url.endswith("/") else f"{base_url}/"
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, AsyncWebClient] = {}
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
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            try:
                return await self._ask(token, method, given)
            except (SlackApiError, AttributeError) as error:
                if not (_says_nothing_is_there(error) and urlsplit(self._base_url).path == "/"):
                    raise
            return await self._ask_below(token, method, given)
        except (SlackApiError, *_NO_ANSWER, AttributeError) as error:
            # The last is how slack_sdk fails on an answer that is no JSON object, as of some proxies.
            raise failure_of(method, error) from error

    async def _ask(self, token: str, method: str, given: Json) -> Json:
        # Slack's reading methods take no JSON body, the others do.
        if method in _READING:
            answer = await self._client(token).api_call(method, http_verb="GET", params=given)
        else:
            answer = await self._client(token).api_call(method, json=given)
        return answer.data if isinstance(answer.data, dict) else {}

    async def _ask_below(self, token: str, method: str, given: Json) -> Json:
        """Ask at /api/ of the host that the settings name, as at Slack's own, and stay there if something answers."""
        before, self._base_url = self._base_url, f"{self._base_url}api/"
        self._clients.clear()
        try:
            return await self._ask(token, method, given)
        except (SlackApiError, AttributeError) as error:
            if _says_nothing_is_there(error):
                self._base_url = before
                self._clients.clear()
            raise

    async def respond(self, response_url: str, body: Json) -> None:
        """Answer an interaction at its response_url (5 uses, 30 minutes); raises as `call` does."""
        try:
            client = AsyncWebhookClient(response_url, session=self._opened(), retry_handlers=[])
            answer = await client.send_dict(body)
        except _NO_ANSWER as error:
            raise failure_of("response_url", error) from error
        if answer.status_code != 200:
            raise failure("response_url", answer.status_code, answer.headers, _body(answer.body))

    async def stop(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            self._clients.clear()

    def new_client(self) -> AsyncWebClient:
        """Return a client without a token, at the same address and without retries, for slack-bolt."""
        return AsyncWebClient(base_url=self._base_url, timeout=limits.CALL_TIMEOUT, retry_handlers=[])

    def _client(self, token: str) -> AsyncWebClient:
        session = self._opened()
        if token not in self._clients:
            if len(self._clients) >= _MOST_CLIENTS:
                self._clients.clear()
            self._clients[token] = AsyncWebClient(
                token,
                base_url=self._base_url,
                timeout=limits.CALL_TIMEOUT,
                session=session,
                retry_handlers=[],
            )
        return self._clients[token]

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


def _says_nothing_is_there(error: SlackApiError | AttributeError) -> bool:
    """Whether the address has no such page; slack_sdk stumbles with an AttributeError over one in plain text."""
    return not isinstance(error, SlackApiError) or getattr(error.response, "status_code", 0) == 404


def _body(text: str) -> Json:
    try:
        read = json.loads(text)
    except ValueError:
        # Slack answers a spent response_url with a bare word, such as used_url.
        return {"error": text.strip()[:100]}
    return read if isinstance(read, dict) else {}
