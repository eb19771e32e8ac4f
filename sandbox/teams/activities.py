"""Whether the connector takes a message activity from the bot."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sandbox.teams.cards import ADAPTIVE_CARD, card_problems, walk
from sandbox.teams.errors import bad_argument, too_big

HARD_LIMIT = 100 * 1024
"""Bytes of the whole payload as UTF-16 (Microsoft's "Format your bot messages")."""
ADVISED_LIMIT = 28 * 1024
"""Above this a card may not pass webhooks and connectors; noted, not refused."""


def size_of(activity: Mapping[str, Any]) -> int:
    """Return the bytes of the activity's JSON as UTF-16, as Teams counts them."""
    return len(json.dumps(activity, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "surrogatepass"))


def card_of(activity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the Adaptive Card of the activity's attachment, where it has one."""
    for attachment in activity.get("attachments") or ():
        if attachment.get("contentType") == ADAPTIVE_CARD:
            content: dict[str, Any] = attachment["content"]
            return content
    return None


def check_message(activity: Mapping[str, Any], people: Collection[str]) -> tuple[str, ...]:
    """Accept a message activity and return what deserves a remark, or refuse it.

    `people` are the ids a mention may name: the members of the conversation.

    Raises:
        Refused: 413 when it is too large, 400 with the JSON path of everything that is wrong with it.
    """
    size = size_of(activity)
    if size > HARD_LIMIT:
        raise too_big()
    problems = [*_content_problems(activity), *_mention_problems(activity, people)]
    if problems:
        raise bad_argument("; ".join(problems))
    return (f"{size} bytes, more than the {ADVISED_LIMIT} advised",) if size > ADVISED_LIMIT else ()


def _content_problems(activity: Mapping[str, Any]) -> Iterator[str]:
    text, attachments = activity.get("text"), activity.get("attachments") or []
    if text is not None and not isinstance(text, str):
        yield "$.text is not a string"
    if activity.get("textFormat", "markdown") not in {"plain", "markdown", "xml"}:
        yield f"$.textFormat {activity['textFormat']!r} is unknown"
    if not isinstance(attachments, list):
        yield "$.attachments is not a list"
    elif not text and not attachments:
        yield "$.text is missing: a message needs text or an attachment"
    elif text and attachments:
        yield "$.text cannot stand beside $.attachments: Teams would split the message"
    elif len(attachments) > 1:
        yield f"$.attachments holds {len(attachments)}, one is allowed"
    elif attachments:
        yield from _attachment_problems(activity, attachments[0])


def _attachment_problems(activity: Mapping[str, Any], attachment: Any) -> Iterator[str]:
    path = "$.attachments[0]"
    if not isinstance(attachment, dict) or attachment.get("contentType") != ADAPTIVE_CARD:
        yield f"{path}.contentType must be {ADAPTIVE_CARD}"
        return
    if not isinstance(activity.get("summary"), str) or not activity["summary"].strip():
        yield "$.summary is missing: a card needs words for its notification"
    yield from (str(problem) for problem in card_problems(attachment.get("content"), f"{path}.content"))


def _mention_problems(activity: Mapping[str, Any], people: Collection[str]) -> Iterator[str]:
    text = activity.get("text")
    yield from _mentions("$.entities", activity.get("entities"), text if isinstance(text, str) else "", people)
    for attachment in activity.get("attachments") or ():
        card = attachment.get("content") if isinstance(attachment, dict) else None
        teams = card.get("msteams") if isinstance(card, dict) else None
        if isinstance(teams, dict):
            path = "$.attachments[0].content.msteams.entities"
            yield from _mentions(path, teams.get("entities"), _words_of(card), people)


def _mentions(path: str, entities: Any, text: str, people: Collection[str]) -> Iterator[str]:
    if not isinstance(entities, list | None):
        yield f"{path} is not a list"
        return
    for index, entity in enumerate(entities or ()):
        where = f"{path}[{index}]"
        if not isinstance(entity, dict):
            yield f"{where} is not an object"
        elif entity.get("type") == "mention":
            words, mentioned = str(entity.get("text", "")), entity.get("mentioned")
            if not re.fullmatch(r"<at>.+</at>", words, re.DOTALL) or words not in text:
                yield f"{where}.text {words!r} does not match any text of the message"
            who = mentioned.get("id") if isinstance(mentioned, dict) else None
            if not isinstance(who, str) or who not in people:
                yield f"{where}.mentioned.id {who!r} is not a member of the conversation"


def _words_of(card: Any) -> str:
    shown = ("text", "title", "value")
    return "\n".join(str(held[name]) for _, held in walk(card) for name in shown if isinstance(held.get(name), str))
