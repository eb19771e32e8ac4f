"""Lines of text as Slack's rich text elements, which carry text verbatim and style as data."""

import json
import re
from typing import assert_never

from bot.messages.blocks import Inline, Line, Link, Mention, Shows, Strong, Text, When
from bot.messages.literal import isolated, literal, one_line, shorten
from bot.messages.parts import Json
from bot.messages.plain import instant
from bot.slack import limits

_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_OPENS = ("https://", "http://", "mailto:")
_LEAST_SHOWN = 40
_DATE_FORMATS = {
    Shows.DATE: "{date_long}",
    Shows.TIME: "{time}",
    Shows.DATE_TIME: "{date_long}, {time}",
}


def plain_text(text: str, longest: int) -> Json:
    """Return a plain text object of one line; emoji names between colons stay as they were typed."""
    return {"type": "plain_text", "text": one_line(text, longest), "emoji": False}


def escaped(text: str) -> str:
    """Return the text for the one field that Slack reads as markup: the top-level `text` of a message."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def styled(text: str, style: str | None = None) -> Json:
    """Return a text element; the text must not be empty."""
    return {"type": "text", "text": text} | ({"style": {style: True}} if style else {})


def runs(line: Line, *, italic: bool = False) -> list[Json]:
    """Return the line's elements, people's overlong text shortened; empty when there is nothing to show."""
    made: list[Json] = []
    room = limits.TEXT
    for part in line:
        element = _element(part, max(room, _LEAST_SHOWN))
        if element is None:
            continue
        room -= len(element.get("text", "")) + len(element.get("url", ""))
        if italic:
            element["style"] = {**element.get("style", {}), "italic": True}
        made.append(element)
    return made


def section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements or [styled(" ")]}


def rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def size_of(*elements: Json) -> int:
    """Return how long the elements are as JSON, in characters."""
    return sum(len(json.dumps(element, ensure_ascii=False)) for element in elements)


def _element(part: Inline, room: int) -> Json | None:
    match part:
        case Text(text):
            return _text(text, room)
        case Strong(text):
            return _text(text, room, "bold")
        case Link(text, url):
            return _link(text, url, room)
        case Mention(name, address):
            if address is not None and _USER_ID.fullmatch(address):
                return {"type": "user", "user_id": address}
            return _text(name, room)
        case When(at, shows):
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": _DATE_FORMATS[shows],
                "fallback": instant(part),
            }
        case _:
            assert_never(part)


def _text(text: str, room: int, style: str | None = None) -> Json | None:
    shown = isolated(shorten(literal(text), room))
    return styled(shown, style) if shown else None


def _link(text: str, url: str, room: int) -> Json | None:
    if not url.startswith(_OPENS) or len(url) > limits.URL or literal(url) != url:
        return _text(f"{text} ({url})", room)
    return {"type": "link", "url": url, "text": isolated(one_line(text, room))}
