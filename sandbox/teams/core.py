"""What all parts of the Teams stand-in share: people and messages, clock, records, the line to the bot."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Unpack

import aiohttp

from sandbox.journal import Direction, Exchange
from sandbox.journal import Listener as ExchangeListener
from sandbox.teams.faults import Fault, Faults, Operation
from sandbox.teams.keys import SigningKeys, TokenOverrides
from sandbox.teams.limits import REAL_LIMITS, Limits, Meter
from sandbox.teams.state import Conversation, Directory, Json, Message, Person

if TYPE_CHECKING:
    from sandbox.clock import Clock

Change = Literal["posted", "updated", "deleted"]
Listener = Callable[[Message, Change], None]
PATIENCE = 15
"""Seconds, of the computer's clock, in which a bot must answer an activity before Teams gives up."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One call of the bot: what it asked, and how it was answered."""

    operation: Operation
    method: str
    path: str
    status: int
    code: str | None
    at: dt.datetime
    body: Any


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """The bot's HTTP answer to an activity; 502 when it cannot be reached, 504 when it took too long."""

    status: int
    body: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One activity that was sent to the bot, and its answer."""

    activity: Json
    answer: BotAnswer
    at: dt.datetime


@dataclass(slots=True, kw_only=True)
class Core:
    """The memory and the settings of one stand-in. `bot_url` is the bot's full `/api/messages` address."""

    clock: "Clock"
    app_id: str
    app_password: str
    home_tenant_id: str
    limits: Limits = REAL_LIMITS
    token_clock: "Clock | None" = None
    bot_name: str = "Liaison"
    bot_url: str | None = None
    base_url: str = ""
    token_outage: bool = False
    keys: SigningKeys = field(default_factory=SigningKeys)
    faults: Faults = field(default_factory=Faults)
    meter: Meter = field(default_factory=Meter)
    tokens: dict[str, dt.datetime] = field(default_factory=dict)
    requests: list[RequestRecord] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    listeners: list[Listener] = field(default_factory=list)
    exchange_listeners: list[ExchangeListener] = field(default_factory=list)
    events: int = 0
    session: aiohttp.ClientSession | None = None
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.bot_id)

    @property
    def bot_id(self) -> str:
        return f"28:{self.app_id}"

    @property
    def service_url(self) -> str:
        return f"{self.base_url}/teams/"

    def token_now(self) -> dt.datetime:
        return (self.token_clock or self.clock).now()

    # --- setting the stage ---------------------------------------------------------------------

    def add_tenant(self, tenant_id: str, name: str) -> None:
        self.directory.add_tenant(tenant_id, name)

    def add_person(
        self,
        tenant_id: str,
        aad_object_id: str,
        name: str,
        *,
        email: str,
        installed: bool = True,
        timezone: str = "Europe/Berlin",
        locale: str = "en-US",
    ) -> Person:
        """Put somebody into a tenant without telling the bot; `install` tells it.

        Raises:
            LookupError: the tenant was not added.
        """
        return self.directory.add_person(
            tenant_id, aad_object_id, name, email=email, installed=installed, timezone=timezone, locale=locale
        )

    def add_channel(
        self,
        tenant_id: str,
        team_id: str,
        channel_id: str,
        name: str,
        *,
        members: Iterable[str] | None = None,
    ) -> Conversation:
        """Put a channel into a team that has the app; without `members` everybody of the tenant is in it."""
        if members is None:
            people = [known for known in self.directory.people.values() if known.tenant_id == tenant_id]
        else:
            people = [self.directory.person(tenant_id, member) for member in members]
        channel = Conversation(channel_id, tenant_id, people, name, team_id, f"Team of {name}")
        self.directory.conversations[channel_id] = channel
        return channel

    # --- bad days ------------------------------------------------------------------------------

    def fail_next(
        self,
        operation: Operation | str,
        *,
        status: int | None,
        code: str | None = None,
        retry_after: int | None = None,
        times: int = 1,
        after_accepting: bool = False,
        delay: float | None = None,
        body: str | None = None,
    ) -> None:
        """Let the next calls of one operation fail; see `Fault`."""
        fault = Fault(status, code, retry_after, times, after_accepting, delay, body)
        self.faults.add(Operation(operation), fault)

    def rotate_keys(self) -> None:
        """Sign with a new key from now on; the old one is no longer published."""
        self.keys.rotate()

    def revoke_tokens(self) -> None:
        """Make every access token given so far worthless."""
        self.tokens.clear()

    # --- the record ----------------------------------------------------------------------------

    def on_message(self, listener: Listener) -> None:
        """Call `listener` after the bot posted, updated or deleted a message, before the bot is answered."""
        self.listeners.append(listener)

    def on_exchange(self, listener: ExchangeListener) -> None:
        """Call `listener` after every request between the bot and this Teams, in either direction."""
        self.exchange_listeners.append(listener)

    def tell(self, exchange: Exchange) -> None:
        for listener in self.exchange_listeners:
            listener(exchange)

    def announce(self, message: Message, change: Change) -> None:
        for listener in self.listeners:
            listener(message, change)

    def inbox(self, tenant: str, person: str) -> list[Message]:
        """Return what the bot wrote into the person's personal chat and did not delete, oldest first, as it is now."""
        chat = self.directory.personal(self.directory.person(tenant, person))
        return [one for one in chat.messages.values() if one.sender == self.bot_id and not one.deleted]

    def messages(self, conversation_id: str) -> list[Message]:
        """Return everything said in a conversation, by the bot and by people; nothing for an unknown one."""
        found = self.directory.find(conversation_id)
        return [] if found is None else list(found.messages.values())

    # --- the line to the bot -------------------------------------------------------------------

    async def send_activity(self, tenant: str, activity: Json, **overrides: Unpack[TokenOverrides]) -> BotAnswer:
        """Post an activity to the bot, signed as Microsoft signs it unless the overrides forge something."""
        whole = {
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "recipient": {"id": self.bot_id, "name": self.bot_name},
            "channelData": {"tenant": {"id": tenant}},
            **activity,
        }
        token = self.keys.activity_token(
            app_id=self.app_id, service_url=whole["serviceUrl"], now=self.token_now(), overrides=overrides
        )
        answer = await self.send_raw(json.dumps(whole).encode(), token=token)
        now = self.clock.now()
        self.deliveries.append(Delivery(whole, answer, now))
        name = str(whole.get("name") or whole.get("type"))
        shown = answer.text if answer.body is None else answer.body
        self.tell(Exchange(now, "teams", Direction.TO_BOT, "POST", name, answer.status, whole, shown))
        return answer

    async def send_raw(
        self, body: bytes, *, token: str | None = None, content_type: str = "application/json; charset=utf-8"
    ) -> BotAnswer:
        """Post any bytes to the bot's address."""
        if self.session is None or self.bot_url is None:
            raise RuntimeError("start the stand-in and tell it the bot's address first")
        headers = {"Content-Type": content_type}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        patience = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with self.session.post(self.bot_url, data=body, headers=headers, timeout=patience) as response:
                text = await response.text()
        except TimeoutError:
            return BotAnswer(504)
        except aiohttp.ClientConnectionError:
            return BotAnswer(502)
        return BotAnswer(response.status, _json(text), text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
