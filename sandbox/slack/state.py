"""What the stand-in remembers: workspaces, people, channels, messages, views, triggers."""

import copy
import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.clock import Clock

Json = dict[str, Any]

TRIGGER_LIFE = dt.timedelta(seconds=3)
RESPONSE_URL_LIFE = dt.timedelta(minutes=30)
RESPONSE_URL_USES = 5
APP_ID = "A0STANDIN1"
NO_FALLBACK_TEXT = "This content can't be displayed."


class NotThere(LookupError):
    """What the test or the teammate wanted to use does not exist in this workspace."""


@dataclass(slots=True)
class Person:
    """Somebody seen from one workspace; `home_team_id` differs for guests of a shared channel."""

    user_id: str
    name: str
    tz: str
    email: str
    home_team_id: str
    is_bot: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What a message showed until it was updated or deleted."""

    text: str
    blocks: list[Json] | None


@dataclass(slots=True)
class Message:
    """A message as it stands now, with what it showed before."""

    team_id: str
    channel_id: str
    ts: str
    user_id: str
    text: str
    blocks: list[Json] | None = None
    bot_id: str | None = None
    thread_ts: str | None = None
    metadata: Json | None = None
    ephemeral_for: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    client_msg_id: str | None = None
    earlier: list[Version] = field(default_factory=list)

    def change(self, text: str, blocks: list[Json] | None) -> None:
        """Show something else from now on; what was shown joins `earlier`."""
        self.earlier.append(Version(self.text, self.blocks))
        self.text, self.blocks = text, blocks

    def as_it_was(self, version: int) -> "Message":
        """Return a copy that shows `earlier[version]`, as a client that missed the update still does."""
        then = self.earlier[version]
        return replace(self, text=then.text, blocks=then.blocks, deleted=False)

    def to_json(self, *, with_metadata: bool = True) -> Json:
        """Return the message object of Slack's answers and payloads."""
        shown: Json = {
            "type": "message",
            "user": self.user_id,
            "ts": self.ts,
            "text": self.text,
            "team": self.team_id,
        }
        optional = {
            "bot_id": self.bot_id,
            "app_id": APP_ID if self.bot_id else None,
            "blocks": copy.deepcopy(self.blocks),
            "thread_ts": self.thread_ts,
            "client_msg_id": self.client_msg_id,
            "metadata": copy.deepcopy(self.metadata) if with_metadata else None,
            "edited": {"user": self.user_id, "ts": self.edited_ts} if self.edited_ts else None,
        }
        return shown | {name: value for name, value in optional.items() if value is not None}


@dataclass(slots=True)
class Channel:
    """A channel, or a direct conversation between the bot and `im_with`."""

    channel_id: str
    name: str
    members: list[str]
    created: int
    is_ext_shared: bool = False
    im_with: str | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    latest: int = 0

    def next_ts(self, now: dt.datetime) -> str:
        """Return the instant as Slack writes it, moved on by microseconds until it is the latest here."""
        micros = int(now.timestamp()) * 1_000_000 + now.microsecond
        self.latest = max(micros, self.latest + 1)
        return f"{self.latest // 1_000_000}.{self.latest % 1_000_000:06d}"


@dataclass(slots=True)
class View:
    """A modal or a home tab as one person sees it."""

    view_id: str
    team_id: str
    user_id: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None
    bot_id: str

    @property
    def blocks(self) -> list[Json]:
        found: list[Json] = self.body["blocks"]
        return found

    def to_json(self, values: Json | None = None) -> Json:
        """Return the view object of Slack's answers and payloads, with these state values."""
        shown: Json = {
            "id": self.view_id,
            "team_id": self.team_id,
            "type": self.body["type"],
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": {"type": "plain_text", "text": "View Title", "emoji": True},
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            "submit_disabled": False,
            **copy.deepcopy(self.body),
            "state": {"values": values or {}},
            "hash": self.hash,
            "root_view_id": self.root_view_id,
            "previous_view_id": self.previous_view_id,
            "app_id": APP_ID,
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }
        return shown


@dataclass(slots=True)
class Workspace:
    """One workspace in which the app is installed."""

    team_id: str
    name: str
    bot_token: str
    bot_user_id: str
    app_token: str | None
    is_installed: bool = True
    home_enabled: bool = True
    may_read_channels: bool = False
    most_read: int = 999
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.name.lower().replace(" ", "-")

    @property
    def bot_id(self) -> str:
        return f"B{self.bot_user_id[1:]}"

    def person(self, user_id: str) -> Person:
        """Return the person; NotThere for a stranger."""
        try:
            return self.people[user_id]
        except KeyError:
            raise NotThere(f"{self.team_id} has no person {user_id}") from None

    def im(self, user_id: str) -> Channel | None:
        """Return the direct conversation between this person and the bot, if one was opened."""
        return next((one for one in self.channels.values() if one.im_with == user_id), None)


@dataclass(slots=True)
class Trigger:
    """A person's interaction, which may open one view within three seconds."""

    team_id: str
    user_id: str
    given_at: dt.datetime
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """An address for answers to one interaction."""

    team_id: str
    channel_id: str
    user_id: str
    given_at: dt.datetime
    original: Message | None
    used: int = 0


class World:
    """Everything the stand-in remembers, in one place, and the identifiers it gives out.

    Identifiers are counted, so that the same story gets the same ones.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.workspaces: dict[str, Workspace] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._given: Counter[str] = Counter()

    def workspace(self, team_id: str) -> Workspace:
        """Return the workspace; NotThere when it was never added."""
        try:
            return self.workspaces[team_id]
        except KeyError:
            raise NotThere(f"there is no workspace {team_id}") from None

    def new_id(self, prefix: str) -> str:
        """Return an identifier that looks like Slack's, such as `Ev0000000001`."""
        self._given[prefix] += 1
        return f"{prefix}{self._given[prefix]:010d}"

    def new_word(self, length: int = 5) -> str:
        """Return a short word without meaning, as Slack uses for what the app left unnamed."""
        self._given["word"] += 1
        return hashlib.sha256(str(self._given["word"]).encode()).hexdigest()[:length]

    def open_im(self, workspace: Workspace, user_id: str) -> tuple[Channel, bool]:
        """Return the direct conversation with this person and whether it was there before."""
        found = workspace.im(user_id)
        if found is not None:
            return found, True
        channel = Channel(
            channel_id=f"D{user_id[1:]}",
            name="directmessage",
            members=[user_id, workspace.bot_user_id],
            created=self.seconds(),
            im_with=user_id,
        )
        workspace.channels[channel.channel_id] = channel
        return channel, False

    def new_trigger(self, team_id: str, user_id: str) -> str:
        """Return a fresh trigger id, good for one view within three seconds."""
        trigger_id = f"{self.seconds()}.{self.new_id('')}.{self.new_word(32)}"
        self.triggers[trigger_id] = Trigger(team_id, user_id, self.clock.now())
        return trigger_id

    def new_response_url(
        self, kind: str, team_id: str, channel: Channel, user_id: str, original: Message | None
    ) -> str:
        """Return the path of a fresh response address; `kind` is `actions` or `commands`."""
        path = f"/{kind}/{team_id}/{self.new_id('')}/{self.new_word(24)}"
        self.response_urls[path] = ResponseUrl(team_id, channel.channel_id, user_id, self.clock.now(), original)
        return path

    def seconds(self) -> int:
        """Return the clock's time in whole seconds since 1970."""
        return int(self.clock.now().timestamp())
