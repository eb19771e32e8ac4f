"""The third look: plain text for terminals, logs and fallbacks, 100 columns wide."""

import datetime as dt
import textwrap
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
    Message,
    Note,
    Option,
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
    table_of,
)
from bot.messages.literal import isolated, literal, shorten
from bot.messages.phrases import spoken

WIDTH = 100
_LONGEST = 10_000
_NARROWEST = 3
_GAP = "  "
_BAR = 10
_BLANK = "____________"


def render(message: Message) -> str:
    """Show the message as text: the summary, then every block, a blank line between; ends with a newline.

    A summary with which the first paragraph begins is not said twice.
    """
    told = tuple(_block(block) for block in message.blocks)
    summary = _wrapped(literal(message.summary))
    again = told and " ".join(told[0].split()).startswith(" ".join(summary.split()))
    shown = told if again else (summary, *told)
    return "\n\n".join(part for part in shown if part.strip()) + "\n"


def instant(when: When) -> str:
    """Return the instant in UTC: "24 November 2026", "14:05 UTC" or "24 November 2026, 14:05 UTC"."""
    at = when.at.astimezone(dt.UTC)
    match when.shows:
        case Shows.DATE:
            return spoken(at.date())
        case Shows.TIME:
            return f"{at:%H:%M} UTC"
        case Shows.DATE_TIME:
            return f"{spoken(at.date())}, {at:%H:%M} UTC"
        case _:
            assert_never(when.shows)


def progress_bar(progress: Progress, full: str, empty: str) -> str:
    """Return a bar of ten and the count, so that neither shade nor shape carries the meaning alone."""
    filled = _BAR * progress.done // progress.total if progress.total else 0
    return f"{full * filled}{empty * (_BAR - filled)} {progress.done} of {progress.total}"


def scale_options(scale: Scale) -> tuple[Option, ...]:
    """Return one option per number; the two ends carry their labels: "1 · strongly disagree"."""
    ends = {scale.lowest: scale.lowest_label, scale.highest: scale.highest_label}
    return tuple(
        Option(str(number), f"{number} · {ends[number]}" if ends.get(number) else str(number))
        for number in range(scale.lowest, scale.highest + 1)
    )


def grid(table: Table, width: int = WIDTH) -> tuple[str, ...]:
    """Return the table as aligned lines no wider than `width`: the columns' names, a rule, then the rows."""
    cells = [tuple(literal(cell).replace("\n", " ") for cell in row) for row in (table.columns, *table.rows)]
    widths = _widths(cells, width)
    if not widths:
        return ()
    header, *rows = (
        _GAP.join(isolated(_padded(cell, room)) for cell, room in zip(row, widths, strict=False)).rstrip()
        for row in cells
    )
    return (header, _GAP.join("-" * room for room in widths), *rows)


def _widths(cells: list[tuple[str, ...]], width: int) -> list[int]:
    columns = len(cells[0])
    widths = [max((len(row[i]) for row in cells if i < len(row)), default=0) for i in range(columns)]
    widths = [min(max(room, 1), width) for room in widths]
    while sum(widths) + len(_GAP) * (columns - 1) > width and max(widths, default=0) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _padded(cell: str, room: int) -> str:
    return (cell if len(cell) <= room else f"{cell[: room - 1]}…").ljust(room)


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            title = literal(text).replace("\n", " ")
            return f"{_wrapped(title)}\n{'=' * min(len(title), WIDTH)}"
        case Paragraph(line) | Note(line):
            return _wrapped(_line(line))
        case Quote(text, author):
            said = _wrapped(literal(text), "> ", "> ")
            return f"{said}\n{_wrapped(literal(author), '  — ', '    ')}" if author else said
        case Facts(rows):
            return "\n".join(_wrapped(f"{literal(row.label)}: {_line(row.value)}") for row in rows)
        case Bullets(items):
            return "\n".join(_wrapped(_line(item), "- ", "  ") for item in items)
        case Table(title):
            return "\n".join((_wrapped(literal(title)), *grid(block))).strip("\n")
        case Chart():
            return _block(table_of(block))
        case Progress(label):
            return _wrapped(f"{literal(label)}: {progress_bar(block, '#', '-')}")
        case Rule():
            return "-" * WIDTH
        case Actions(buttons):
            return _wrapped("  ".join(f"[{literal(button.label)}]" for button in buttons))
        case Scale() | Choice() | TextBox() | DateBox():
            return _input(block)
        case _:
            assert_never(block)


def _input(block: Scale | Choice | TextBox | DateBox) -> str:
    match block:
        case Scale(statement=statement, chosen=chosen):
            value = None if chosen is None else str(chosen)
            return _picked(statement, scale_options(block), value)
        case Choice(label=label, options=options, chosen=chosen):
            return _picked(label, options, chosen)
        case TextBox(label=label, hint=hint, written=written):
            asked = f"{literal(label)} ({literal(hint)})" if hint else literal(label)
            return f"{_wrapped(_asking(asked))}\n{_wrapped(literal(written) or _BLANK, '    ', '    ')}"
        case DateBox(label=label, chosen=chosen):
            return _wrapped(f"{literal(label)}: {chosen.isoformat() if chosen else 'YYYY-MM-DD'}")
        case _:
            assert_never(block)


def _picked(asked: str, options: tuple[Option, ...], chosen: str | None) -> str:
    marks = (
        _wrapped(literal(option.label), f"  ({'x' if option.value == chosen else ' '}) ", "      ")
        for option in options
    )
    return "\n".join((_wrapped(_asking(literal(asked))), *marks))


def _asking(label: str) -> str:
    """A label that is a sentence needs no colon."""
    return label if label.endswith((".", "?", ")")) else f"{label}:"


def _line(line: Line) -> str:
    return "".join(isolated(_inline(part)) for part in line)


def _inline(part: Inline) -> str:
    match part:
        case Text(text) | Strong(text):
            return literal(text)
        case Link(text, url):
            return f"{literal(text)} <{literal(url)}>"
        case Mention(name):
            return literal(name)
        case When():
            return instant(part)
        case _:
            assert_never(part)


def _wrapped(text: str, first: str = "", then: str = "") -> str:
    rows: list[str] = []
    for row in shorten(text, _LONGEST).split("\n"):
        rows.extend(textwrap.wrap(row, WIDTH - len(then), replace_whitespace=False) or [""])
    return "\n".join(f"{then if index else first}{row}".rstrip() for index, row in enumerate(rows))
