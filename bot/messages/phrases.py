"""Dates and counts as both companies read them."""

import datetime as dt

from alliance import in_words


def spoken(day: dt.date) -> str:
    """Return a date in words: "10 March 2026"."""
    return in_words.date(day)


def counted(number: int, one: str, several: str = "") -> str:
    """Return "1 criterion", "3 criteria"; `several` is the singular with an s when not given."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def listed(parts: list[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
