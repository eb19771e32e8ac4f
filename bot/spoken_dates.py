"""Dates as people type them: "friday", "tomorrow", "12 March", "2026-03-12", "for 2 weeks"."""

import datetime as dt
import re
from collections.abc import Sequence

from alliance.errors import NotUnderstood

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
A_DAY = dt.timedelta(days=1)
_LEAP_YEARS_COME_ROUND = 8

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4})?)?", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_LITTLE_WORDS = frozenset({"on", "the", "of", "this", "coming", "and", "including", "inclusive"})


class UnclearDate(NotUnderstood):
    """That date was not understood. Write it like "2026-03-12", "12 March", "Friday" or "tomorrow"."""


def read_date(words: Sequence[str], today: dt.date) -> dt.date:
    """Return the date that these lower-case words name, seen from `today`. Raises UnclearDate.

    A weekday is the next one after today ("next" moves it past this week's Sunday); a day and month without a
    year is the next such date, today included. Two numbers with a stroke are refused, since the two companies
    may read them differently.
    """
    said = [word for word in words if word not in _LITTLE_WORDS]
    try:
        found = _relative(said, today) or _weekday(said, today) or _written(said, today)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UnclearDate
    return found


def _relative(said: list[str], today: dt.date) -> dt.date | None:
    match said:
        case ["today"] | ["tonight"]:
            return today
        case ["tomorrow"]:
            return today + A_DAY
        case ["end", "week"] | ["end", "week", _]:
            return _sunday(today)
        case ["for", count, "day" | "days"]:
            return today + (_count(count) - 1) * A_DAY
        case ["for", count, "week" | "weeks"]:
            return today + (7 * _count(count) - 1) * A_DAY
        case _:
            return None


def _count(word: str) -> int:
    """Raises ValueError for what is no count from 1 to 99."""
    if word in ("a", "one"):
        return 1
    if not re.fullmatch(r"[1-9]\d?", word, re.ASCII):
        raise ValueError(word)
    return int(word)


def _weekday(said: list[str], today: dt.date) -> dt.date | None:
    after = today
    if said[:1] == ["next"]:
        after, said = _sunday(today), said[1:]
    if len(said) != 1 or (wanted := _nth(WEEKDAYS, said[0])) is None:
        return None
    ahead = (wanted - after.weekday() - 1) % 7 + 1
    return after + ahead * A_DAY


def _sunday(today: dt.date) -> dt.date:
    return today + (6 - today.weekday()) * A_DAY


def _written(said: list[str], today: dt.date) -> dt.date | None:
    match said:
        case [one] if found := _ISO.fullmatch(one):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        case [one] if found := _DOTTED.fullmatch(one):
            return _in_year(int(found[1]), int(found[2]), found[3], today)
        case [one, other] | [one, other, _]:
            year = said[2] if len(said) > 2 else None
            day, month = (one, other) if _DAY.fullmatch(one) else (other, one)
            numbered, named = _DAY.fullmatch(day), _nth(MONTHS, month)
            if numbered and named is not None:
                return _in_year(int(numbered[1]), named + 1, year, today)
            return None
        case _:
            return None


def _in_year(day: int, month: int, year: str | None, today: dt.date) -> dt.date | None:
    """Raises ValueError for a date that does not exist in the year named."""
    if year:
        return dt.date(int(year), month, day) if _YEAR.fullmatch(year) else None
    for ahead in range(_LEAP_YEARS_COME_ROUND + 1):
        try:
            found = dt.date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _nth(names: Sequence[str], word: str) -> int | None:
    """The index of the name that a word of three or more letters begins: "fri", "sept"."""
    if len(word) < 3:
        return None
    return next((index for index, name in enumerate(names) if name.startswith(word)), None)
