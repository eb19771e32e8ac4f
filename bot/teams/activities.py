"""Activities as Teams sends them, read into what they say: who, where, and what was typed or pressed.

Reads plain JSON, so that it outlives the framework (docs/decisions/009).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance.roster import Platform
from bot.messages.parts import Json
from bot.storable import storable
from handlers.dispatch import ChatIdentity

CARD_MARK = "card"
"""In a button's data: the delivery whose card it stands on, the same in each card that this was sent as."""
_OURS = frozenset({"token", "opened_by", "msteams", CARD_MARK})
_LONGEST = 512
"""Characters of a name or an id; Teams' own are shorter."""


class Malformed(Exception):
    """An activity that cannot be read: `reason` says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button with the inputs sent along; `opened_by` is the token of the button that opened the dialog.

    `card` names the delivery whose card the button stands on, where it is known.
    """

    token: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    opened_by: str = ""
    card: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One activity. `who` is None when no Entra id was sent; `text` has no mention of the bot in it. `sender` and `bot`
    are Teams' own ids for the two.

    `id` is empty where the sender gave none; then `fingerprint` is all that tells it from another one.
    """

    kind: str
    id: str
    name: str
    action: str
    conversation: str
    personal: bool
    tenant: str
    service_url: str
    sender: str
    bot: str
    who: ChatIdentity | None
    by_bot: bool
    mentioned: bool
    reply_to: str
    text: str
    pressed: Pressed | None
    automatic: bool
    bot_added: bool
    fingerprint: str = ""

    @property
    def once(self) -> str:
        """The same for each delivery of this activity, and for nothing else."""
        return f"teams:activity:{self.conversation}:{self.id or self.fingerprint}"

    def same_press(self, pressed: Pressed) -> str:
        """The same for each press of one button, by one person with the same inputs, on one message.

        A message that was sent twice, since nobody heard whether it had arrived, is one.
        """
        sent = json.dumps(sorted(pressed.inputs.items()))
        digest = hashlib.sha256(sent.encode()).hexdigest()
        person = self.who.address if self.who else ""
        message = pressed.card or self.reply_to or self.id or self.fingerprint
        return f"teams:press:{self.conversation}:{message}:{person}:{pressed.token}:{digest}"


def received_of(activity: Mapping[str, Any]) -> Received:
    """Read an activity; raises Malformed when it does not say who, where and what."""
    kind = _name(activity, "type")
    conversation, sender = _object(activity, "conversation"), _object(activity, "from")
    bot = str(_maybe(activity, "recipient").get("id", ""))
    tenant = _tenant(activity, conversation)
    person = _text(sender.get("aadObjectId"))
    mention = _mention_of(bot, activity)
    automatic = _maybe(activity, "value").get("trigger") == "automatic"
    personal, pressed = _is_personal(conversation), _pressed(activity)
    acts = personal and pressed is not None and not automatic
    return Received(
        kind=kind,
        id=_name(activity, "id") if activity.get("id") else "",
        name=_text(activity.get("name")),
        action=_text(activity.get("action")),
        conversation=_name(conversation, "id"),
        personal=personal,
        tenant=tenant,
        service_url=str(activity.get("serviceUrl", "")),
        sender=str(sender.get("id", "")),
        bot=bot,
        who=ChatIdentity(Platform.TEAMS, tenant, person, is_here=acts) if _is_name(person) else None,
        by_bot=_is_bot(sender, bot),
        mentioned=mention is not None,
        reply_to=_text(activity.get("replyToId")),
        text=_typed(_text(activity.get("text")), mention or ""),
        pressed=pressed,
        automatic=automatic,
        bot_added=bot in [added.get("id") for added in _objects(activity, "membersAdded")],
        fingerprint="" if activity.get("id") else _fingerprint(activity),
    )


def _fingerprint(activity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(activity, sort_keys=True).encode()).hexdigest()


# --- who and where ----------------------------------------------------------------------------------


def _tenant(activity: Mapping[str, Any], conversation: Mapping[str, Any]) -> str:
    """The tenant; some activities name it in the conversation alone."""
    named = _maybe(_maybe(activity, "channelData"), "tenant").get("id") or conversation.get("tenantId")
    if not _is_name(named):
        raise Malformed("no tenant")
    return storable(str(named))


def _is_personal(conversation: Mapping[str, Any]) -> bool:
    kind = conversation.get("conversationType")
    return kind == "personal" or (kind is None and not conversation.get("isGroup"))


def _is_bot(sender: Mapping[str, Any], bot: str) -> bool:
    known = str(sender.get("id", ""))
    return known == bot or known.startswith("28:") or sender.get("role") == "bot"


# --- what was typed or pressed ----------------------------------------------------------------------


def _mention_of(bot: str, activity: Mapping[str, Any]) -> str | None:
    """The words that stand for the bot in the text, None when it is not mentioned."""
    for entity in _objects(activity, "entities"):
        if entity.get("type") == "mention" and _maybe(entity, "mentioned").get("id") == bot:
            return _text(entity.get("text"))
    return None


def _typed(text: str, mention: str) -> str:
    """Without the mention, and without the hard spaces that Teams puts beside it."""
    own = text.replace(mention, " ") if mention else text
    return own.replace("&nbsp;", " ").strip()


def _pressed(activity: Mapping[str, Any]) -> Pressed | None:
    value = _maybe(activity, "value")
    match activity.get("name"):
        case "adaptiveCard/action":
            action = _maybe(value, "action")
            return _press(_maybe(action, "data"), action.get("verb"))
        case "task/fetch" | "task/submit":
            return _press(_maybe(value, "data"), None)
        case _:
            return _press(value, None)


def _press(data: Mapping[str, Any], verb: object) -> Pressed | None:
    token = data.get("token") or verb
    if not _is_name(token):
        return None
    opened_by, card = data.get("opened_by"), data.get(CARD_MARK)
    return Pressed(
        token=storable(str(token)),
        inputs={
            storable(name): storable(_as_text(held))
            for name, held in data.items()
            if name not in _OURS and isinstance(held, str | int | float | list)
        },
        opened_by=storable(str(opened_by)) if _is_name(opened_by) else "",
        card=storable(str(card)) if _is_name(card) else "",
    )


def _as_text(value: object) -> str:
    """An input's value: clients send text, some send numbers and toggles as they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


# --- JSON that may be anything ----------------------------------------------------------------------


def _object(held: Mapping[str, Any], name: str) -> Json:
    found = held.get(name)
    if not isinstance(found, dict):
        raise Malformed(f"no {name}")
    return found


def _maybe(held: Mapping[str, Any], name: str) -> Json:
    found = held.get(name)
    return found if isinstance(found, dict) else {}


def _objects(held: Mapping[str, Any], name: str) -> list[Json]:
    found = held.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_name(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= _LONGEST


def _name(held: Mapping[str, Any], name: str) -> str:
    found = held.get(name)
    if not isinstance(found, str) or not _is_name(found):
        raise Malformed(f"no {name}")
    return storable(found)


def _text(found: object) -> str:
    return storable(found) if isinstance(found, str) else ""
