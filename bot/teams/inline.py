"""Lines of text as Adaptive Card elements: runs that carry text verbatim, with style as data."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import assert_never

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Chart,
    Choice,
    DateBox,
    Facts,
    Heading,
    Inline,
    Line,
    Link,
    Mention,
    Note,
    Paragraph,
    Progress,
    Quote,
    Rule,
    Scale,
    Shows,
    Strong,
    Table,
    Text,
    TextBox,
    When,
)
from bot.messages.literal import isolated, literal, one_line, shorten
from bot.messages.parts import Json
from bot.teams import limits

Tags = Mapping[str, str]
"""What stands in a card for each person that it can mention: chat address to "<at>name</at>"."""

_LEAST_SHOWN = 60
_OPENS = ("https://", "http://", "mailto:")
_CODE = re.compile(r"(\{)(?=\{)|(\$)(?=\{)|(<)(?=/?at\b)", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*_\[\]~#<>|&]|^\s*(?:[-+]|\d+[.)])(?=\s)", re.MULTILINE)
_ZERO_WIDTH = "\u200b"
_BESIDE = 6
_BACKSLASH = 2


@lru_cache(maxsize=4096)
def weight(letter: str) -> int:
    """Return how many bytes a letter takes in a card, with what `inert` and `isolated` may put beside it."""
    beside = _BESIDE if letter in "{$<" else 2 * _BESIDE if letter == "\n" else 0
    return len(json.dumps(letter)) - 2 + beside


def size_of(*elements: Json) -> int:
    """Return how many bytes the elements take in a card."""
    return sum(len(json.dumps(element)) + 2 for element in elements)


def inert(text: str) -> str:
    """Return the text with template and mention syntax broken by a space of no width, so it stays text.

    The one escape for everything a card shows: `{{DATE(…)}}`, `${…}` and `<at>` work in any of its texts.
    """
    return _CODE.sub(lambda found: f"{found.group()}{_ZERO_WIDTH}", text)


def has_markdown(text: str) -> bool:
    """Whether a text would look different where a card reads markdown."""
    return _MARKDOWN.search(text) is not None


def title(text: str, longest: int) -> str:
    """Return the text for a place of one line that reads no markdown."""
    return inert(one_line(text, longest, weight))


def text_run(text: str, **look: object) -> Json:
    return {"type": "TextRun", "text": text, **look}


def rich_text(runs: list[Json], **place: object) -> Json:
    return {"type": "RichTextBlock", "inlines": runs, **place}


def tags_of(blocks: Iterable[Block]) -> dict[str, str]:
    """Return the tag of each person who can be mentioned; of two with one name only the first can be."""
    tags: dict[str, str] = {}
    for block in blocks:
        for part in (part for line in _lines(block) for part in line if isinstance(part, Mention)):
            tag = f"<at>{title(part.name, limits.TITLE).replace('<', '').replace('>', '')}</at>"
            if part.address and tag not in tags.values():
                tags.setdefault(part.address, tag)
    return tags


def line_element(line: Line, tags: Tags, *, look: Json | None = None, place: Json | None = None) -> Json | None:
    """Return the line as one element, or None when there is nothing to show.

    Teams resolves mentions in a TextBlock but not in a TextRun, so a line that mentions somebody is a
    TextBlock, whose markdown is escaped, and all other lines are rich text.
    """
    if any(isinstance(part, Mention) and part.address in tags for part in line):
        text = _marked_line(line, tags).replace("\n", "\n\n")
        return {"type": "TextBlock", "text": text, "wrap": True, **(look or {}), **(place or {})}
    made = runs(line, **(look or {}))
    return rich_text(made, **(place or {})) if made else None


def runs(line: Line, **look: object) -> list[Json]:
    """Return the line's runs, people's overlong text shortened."""
    made: list[Json] = []
    room = limits.TEXT
    for part in line:
        run = _run(part, max(room, _LEAST_SHOWN))
        if run["text"]:
            room -= size_of(run)
            made.append({**run, **look})
    return made


def _run(part: Inline, room: int) -> Json:
    match part:
        case Text(text) | Mention(text):
            return text_run(_shown(text, room))
        case Strong(text):
            return text_run(_shown(text, room), weight="Bolder")
        case Link(text, url):
            if not _can_open(url):
                return text_run(_shown(f"{text} ({url})", room))
            return text_run(_shown(text or url, room), selectAction={"type": "Action.OpenUrl", "url": url})
        case When():
            return text_run(_when(part))
        case _:
            assert_never(part)


def _marked_line(line: Line, tags: Tags) -> str:
    made = ""
    for part in line:
        made += _marked(part, tags, max(limits.TEXT - size_of({"text": made}), _LEAST_SHOWN))
    return made


def _marked(part: Inline, tags: Tags, room: int) -> str:
    match part:
        case Text(text) | Strong(text):
            return _unmarked(text, room)
        case Link(text, url):
            shown = _unmarked(text, room)
            return f"{shown} {url}" if _can_open(url) else f"{shown} ({_unmarked(url, room)})"
        case Mention(name, address):
            return tags.get(address or "", _unmarked(name, room))
        case When():
            return _when(part)
        case _:
            assert_never(part)


def _unmarked(text: str, room: int) -> str:
    shown = inert(isolated(shorten(literal(text), room, lambda letter: weight(letter) + _BACKSLASH)))
    return _MARKDOWN.sub(lambda found: f"{found.group()[:-1]}\\{found.group()[-1]}", shown)


def _shown(text: str, room: int) -> str:
    return inert(isolated(shorten(literal(text), room, weight)))


def _can_open(url: str) -> bool:
    return url.startswith(_OPENS) and literal(url) == url == inert(url) and len(url) <= limits.TITLE


def _when(when: When) -> str:
    """Return the instant in the syntax that each reader's client fills in, in that reader's own zone.

    https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
    """
    at = when.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    match when.shows:
        case Shows.DATE:
            return f"{{{{DATE({at}, SHORT)}}}}"
        case Shows.TIME:
            return f"{{{{TIME({at})}}}}"
        case Shows.DATE_TIME:
            return f"{{{{DATE({at}, SHORT)}}}} {{{{TIME({at})}}}}"
        case _:
            assert_never(when.shows)


def _lines(block: Block) -> tuple[Line, ...]:
    match block:
        case Paragraph(line) | Note(line):
            return (line,)
        case Facts(rows):
            return tuple(row.value for row in rows)
        case Bullets(items):
            return items
        case Heading() | Quote() | Table() | Chart() | Progress() | Rule() | Actions():
            return ()
        case Scale() | Choice() | TextBox() | DateBox():
            return ()
        case _:
            assert_never(block)
