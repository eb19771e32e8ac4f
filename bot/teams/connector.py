"""The Bot Connector's REST calls, over one shared session: paced, with our token, errors by their meaning.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import datetime as dt
import email.utils
import json
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.messages.parts import Json
from bot.pacing import PATIENCE, Pace, Windows
from bot.platform import (
    MessageGone,
    NotConnected,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
    Unreachable,
    object_in,
)
from bot.teams import limits
from bot.teams.login import OutboundToken
from schedules.clock import Clock

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
Lane = tuple[object, Windows]

_GONE = {
    "209": "they blocked or removed the liaison in Microsoft Teams",
    "BotDisabledByAdmin": "an administrator switched the liaison off in Microsoft Teams",
    "BotNotInConversationRoster": "they removed the liaison from Microsoft Teams",
    "ConversationBlockedByUser": "they blocked the liaison in Microsoft Teams",
    "ConversationNotFound": "their conversation with the liaison is gone from Microsoft Teams",
    "ForbiddenOperationException": "the liaison is not installed for them in Microsoft Teams",
    "MessageWritesBlocked": "they blocked or removed the liaison in Microsoft Teams",
}
"""What the connector's codes mean, as people are told; 209 comes with MessageWritesBlocked."""
_FORBIDDEN = "Microsoft Teams does not let the liaison write to them"


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation (`;messageid=` in its id names a thread), its tenant, and where that is served."""

    service_url: str
    tenant: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Called:
    """What came back; `code` is the connector's own name for an error."""

    status: int
    body: Json
    retry_after: str = ""

    @property
    def code(self) -> str:
        error = self.body.get("error")
        return str(error.get("code", "")) if isinstance(error, dict) else str(self.body.get("errorCode", ""))


class Connector:
    """Opens conversations and writes into them; all its errors are those of `bot.platform`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: OutboundToken,
        clock: Clock,
        *,
        timeout: aiohttp.ClientTimeout = _TIMEOUT,
    ) -> None:
        self._session = session
        self._token = token
        self._clock = clock
        self._timeout = timeout
        self._pace = Pace(clock)

    async def open(self, service_url: str, tenant: str, body: Json) -> str:
        """Return the id of the conversation that `body` describes, the same one each time for one person."""
        person = json.dumps(body.get("members"))
        lane = (("open", tenant, person), limits.SENDING)
        answer = await self._call("POST", service_url, "v3/conversations", body, tenant=tenant, lane=lane)
        return _id(answer)

    async def send(self, place: Place, activity: Json) -> str:
        """Post an activity and return its id."""
        answer = await self._write("POST", place, "activities", activity)
        return _id(answer)

    async def update(self, place: Place, activity_id: str, activity: Json) -> None:
        """Put an activity in the place of one that we posted."""
        body = {**activity, "id": activity_id}
        await self._write("PUT", place, f"activities/{quote(activity_id, safe='')}", body)

    async def delete(self, place: Place, activity_id: str) -> None:
        await self._write("DELETE", place, f"activities/{quote(activity_id, safe='')}", None)

    async def _write(self, method: str, place: Place, what: str, body: Json | None) -> Json:
        path = f"v3/conversations/{quote(place.conversation, safe='')}/{what}"
        whole, _, _ = place.conversation.partition(";messageid=")
        lane = (("write", place.tenant, whole), limits.SENDING)
        return await self._call(method, place.service_url, path, body, tenant=place.tenant, lane=lane)

    async def _call(
        self, method: str, service_url: str, path: str, body: Json | None, *, tenant: str, lane: Lane
    ) -> Json:
        url = _url(service_url, path)
        key, lanes = lane[0], (lane, (("tenant", tenant), limits.TENANT))
        due_in = self._pace.due_in(*lanes)
        if self._pace.held_for(key) > 0 or due_in > PATIENCE:
            # It goes back, so that others may go before it.
            raise RateLimited(due_in)
        await self._pace.wait(*lanes)
        if held := self._pace.held_for(key):  # Teams asked another call for it meanwhile
            raise RateLimited(held)
        token = await self._token.get()
        called = await self._once(method, url, body, token)
        if called.status == 401 and token:
            self._token.drop(token)
            called = await self._once(method, url, body, await self._token.get())
        if 200 <= called.status < 300:
            return called.body
        error = self._error(called)
        if isinstance(error, RateLimited):
            self._pace.hold(key, error.retry_after)
        raise error

    async def _once(self, method: str, url: URL, body: Json | None, token: str) -> Called:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self._session.request(
                method, url, json=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                text = await response.text(errors="replace")
                return Called(response.status, object_in(text), response.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{method}: {type(error).__name__}") from None

    def _error(self, called: Called) -> PlatformError:
        said = f"{called.status} {called.code}".strip()
        match called.status:
            case 429:
                return RateLimited(self._wait(called.retry_after))
            case 401:
                return NotConnected(said)
            case status if status in limits.TRY_AGAIN:
                return Unavailable(said)
            case 403:
                return Unreachable(said, _GONE.get(called.code, _FORBIDDEN))
            case 404 if called.code in _GONE:
                return Unreachable(said, _GONE[called.code])
            case 404 | 410:
                return MessageGone(said)
            case _:
                return Rejected(said)

    def _wait(self, retry_after: str) -> float:
        """Return the seconds that a Retry-After header asks for, which may also name an instant."""
        if retry_after.isdecimal():
            return float(retry_after)
        try:
            until = email.utils.parsedate_to_datetime(retry_after)
        except ValueError:
            return limits.WAIT
        left = until.replace(tzinfo=until.tzinfo or dt.UTC) - self._clock.now()
        return max(left.total_seconds(), 0.0)


def _url(service_url: str, path: str) -> URL:
    url = URL(f"{service_url.rstrip('/')}/{path}", encoded=True)
    try:
        readable = url.host is not None and url.port is not None
    except ValueError:
        readable = False
    if not readable:
        raise Rejected("the service address cannot be read")
    return url


def _id(answer: Json) -> str:
    """The id in an answer; without one we could not refer to it again, so it counts as not done.

    Teams leaves it out when it split a message, which ours never make it do.
    """
    found = answer.get("id")
    if not isinstance(found, str) or not found:
        raise Rejected("the answer names no id")
    return found
