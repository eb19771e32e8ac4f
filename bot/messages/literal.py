"""People's text made safe to show: what they typed, literally, without the power to do anything else."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

_ALWAYS_KEPT = "\n\t"
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_BIDI_MARKS = {
    0x061C: "ALM",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_SURROGATES = range(0xD800, 0xE000)

_HARMLESS: dict[int, str | None] = {
    **{code: None for code in _CONTROLS if chr(code) not in _ALWAYS_KEPT},
    **dict.fromkeys(map(ord, _LINE_ENDS), "\n"),
    **{code: f"[{name}]" for code, name in _BIDI_MARKS.items()},
    **dict.fromkeys(_SURROGATES, "\ufffd"),
}

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_LEAST_KEPT = 20
HEAVIEST = 16
"""No letter weighs more: JSON takes twelve bytes for one beyond the first plane, and what stands beside it a few."""
NOTHING = "…"


def literal(text: str) -> str:
    """Return the text with control characters gone and direction marks shown by their names.

    Newline and tab stay, every other line end becomes a newline; "[RLO]" stands for U+202E and so on, so that
    a text cannot reorder the words around it. Half surrogates, which no platform accepts, become U+FFFD.
    """
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_HARMLESS)


def isolated(text: str) -> str:
    """Return the text with each line that holds right-to-left letters kept from reordering its neighbours.

    For text that stands in one line with other words; expects `literal` text.
    """
    if text.isascii() or not _has_right_to_left(text):
        return text
    return "\n".join(
        f"{_FIRST_STRONG_ISOLATE}{row}{_POP_ISOLATE}" if _has_right_to_left(row) else row for row in text.split("\n")
    )


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def shorten(text: str, longest: int, weigh: Callable[[str], int] | None = None) -> str:
    """Return the text cut, visibly, so that it weighs at most `longest`: "… 412 characters more".

    A letter weighs 1 unless `weigh` says more, at most `HEAVIEST`. Where there is no room for the count a bare "…" ends
    the text.
    """
    letters = text[: longest + 1]
    if len(letters) * (1 if weigh is None else HEAVIEST) <= longest:
        return text
    weights = list(accumulate(1 if weigh is None else weigh(letter) for letter in letters))
    if len(letters) == len(text) and (not weights or weights[-1] <= longest):
        return text
    tail = f"… {len(text)} characters more"
    cost_of_tail = len(tail) if weigh is None else sum(map(weigh, tail))
    kept = bisect_right(weights, longest - cost_of_tail)
    if kept >= _LEAST_KEPT or longest >= 2 * cost_of_tail:
        return f"{text[:kept]}… {len(text) - kept} characters more"
    return text[: bisect_right(weights, longest - (1 if weigh is None else weigh("…")))] + "…"


def one_line(text: str, longest: int, weigh: Callable[[str], int] | None = None) -> str:
    """Return the text for a place that holds one line and must not be empty: a title, a label, a button."""
    row = literal(text).replace("\n", " ").replace("\t", " ")
    return shorten(row, longest, weigh) if row.strip() else NOTHING


def rows_more(count: int) -> str:
    """Say how many rows of a table there was no room for."""
    return f"… {count} more {'row' if count == 1 else 'rows'}"
