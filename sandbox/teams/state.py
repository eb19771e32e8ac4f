"""Who and what is there: tenants, people, channels, conversations and the messages in them."""

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.teams.activities import card_of
from sandbox.teams.errors import Refused, activity_not_found, conversation_not_found

Json = dict[str, Any]


def _digest(*parts: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256("\0".join(parts).encode()).digest()).decode().rstrip("=")


@dataclass(slots=True)
class Person:
    """Somebody in a tenant. `id` is what this bot, and no other, knows them by."""

    id: str
    aad_object_id: str
    tenant_id: str
    name: str
    email: str
    timezone: str
    locale: str
    installed: bool
    blocked: bool = False

    def as_member(self) -> Json:
        given, _, surname = self.name.partition(" ")
        return {
            "id": self.id,
            "name": self.name,
            "aadObjectId": self.aad_object_id,
            "objectId": self.aad_object_id,
            "givenName": given,
            "surname": surname,
            "email": self.email,
            "userPrincipalName": self.email,
            "tenantId": self.tenant_id,
            "userRole": "user",
        }


@dataclass(slots=True)
class Message:
    """A message as it stands now, with what it said before each update and what single people see instead."""

    id: str
    conversation_id: str
    tenant_id: str
    sender: str
    activity: Json
    sent_at: dt.datetime
    reply_to: str | None = None
    changed_at: dt.datetime | None = None
    deleted: bool = False
    history: list[Json] = field(default_factory=list)
    views: dict[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return str(self.activity.get("text") or "")

    @property
    def summary(self) -> str:
        return str(self.activity.get("summary") or "")

    @property
    def card(self) -> Json | None:
        return card_of(self.activity)

    def card_for(self, person: str) -> Json | None:
        """Return the card as that person sees it: their own view after a press, else everybody's."""
        return self.views.get(person) or self.card


@dataclass(slots=True)
class Conversation:
    """A personal chat between the bot and one person, or a channel with its threads."""

    id: str
    tenant_id: str
    members: list[Person]
    name: str | None = None
    team_id: str | None = None
    team_name: str | None = None
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def is_personal(self) -> bool:
        return self.team_id is None

    def message(self, activity_id: str) -> Message:
        found = self.messages.get(activity_id)
        if found is None or found.deleted:
            raise activity_not_found()
        return found


@dataclass(slots=True)
class Directory:
    """Everything the stand-in remembers; ids are derived, so people have the same ids in every run."""

    bot_id: str
    tenants: dict[str, str] = field(default_factory=dict)
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    last_message_id: int = 0

    def add_tenant(self, tenant_id: str, name: str) -> None:
        self.tenants[tenant_id] = name

    def add_person(
        self,
        tenant_id: str,
        aad_object_id: str,
        name: str,
        *,
        email: str,
        installed: bool,
        timezone: str,
        locale: str,
    ) -> Person:
        if tenant_id not in self.tenants:
            raise LookupError(f"no tenant {tenant_id}")
        person = Person(
            id=f"29:1{_digest(self.bot_id, tenant_id, aad_object_id)}",
            aad_object_id=aad_object_id,
            tenant_id=tenant_id,
            name=name,
            email=email,
            timezone=timezone,
            locale=locale,
            installed=installed,
        )
        self.people[tenant_id, aad_object_id] = person
        return person

    def person(self, tenant_id: str, person: str) -> Person:
        """Return the person by directory id or by 29:-id.

        Raises:
            LookupError: nobody of that id is in the tenant.
        """
        for known in self.people.values():
            if known.tenant_id == tenant_id and person in (known.aad_object_id, known.id):
                return known
        raise LookupError(f"no person {person} in tenant {tenant_id}")

    def people_named(self, person: str) -> Iterator[Person]:
        """Go through everybody with that id in any tenant."""
        return (known for known in self.people.values() if person in (known.aad_object_id, known.id))

    def personal(self, person: Person) -> Conversation:
        """Return the one personal chat of the bot and that person, opening it when needed."""
        chat_id = f"a:1{_digest('chat', person.id)}"
        return self.conversations.setdefault(chat_id, Conversation(chat_id, person.tenant_id, [person]))

    def locate(self, conversation_id: str) -> tuple[Conversation, str | None]:
        """Return the conversation and, for `19:…;messageid=…`, the message its thread began with.

        Raises:
            Refused: 404, there is no such conversation.
        """
        channel_id, _, root = conversation_id.partition(";messageid=")
        found = self.conversations.get(channel_id)
        if found is None or (root and root not in found.messages):
            raise conversation_not_found()
        return found, root or None

    def find(self, conversation_id: str) -> Conversation | None:
        try:
            return self.locate(conversation_id)[0]
        except Refused:
            return None

    def next_message_id(self, now: dt.datetime) -> str:
        """Return an id as Teams makes them: milliseconds, never twice the same."""
        self.last_message_id = max(self.last_message_id + 1, int(now.timestamp() * 1000))
        return str(self.last_message_id)
