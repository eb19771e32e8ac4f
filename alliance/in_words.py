"""Agreed cadences, windows and figures in everyday words, as a diff of two charters shows them."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from alliance.cadence import WEEKDAY_CODES, Cadence, Frequency, parse_rule
from alliance.calendar import Weekday, Window

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}


def date(day: dt.date) -> str:
    """Return a date in words: "10 March 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def dates(days: Sequence[dt.date]) -> str:
    """Return "7 April 2026" or "7 April 2026 and 30 June 2026"."""
    said = [date(day) for day in days]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def cadence(agreed: Cadence) -> str:
    """Return "every 2 weeks on Wednesday at 10:00" or "every month on the last Friday at 09:00"."""
    rule = parse_rule(agreed.rule)
    unit = "week" if rule.frequency is Frequency.WEEKLY else "month"
    every = f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"
    part, _, day = rule.on.partition("=")
    if part == "BYMONTHDAY":
        return f"{every} on day {day} at {agreed.at:%H:%M}"
    ordinal = f"the {_ORDINALS[day[:-2]]} " if day[:-2] else ""
    return f"{every} on {ordinal}{weekday(WEEKDAY_CODES.index(day[-2:]))} at {agreed.at:%H:%M}"


def weekly(day: Weekday, at: dt.time) -> str:
    """Return "every Monday at 08:00"."""
    return f"every {weekday(day)} at {at:%H:%M}"


def weekday(day: Weekday) -> str:
    return WEEKDAYS[day]


def window(agreed: Window) -> str:
    """Return "1 joint working day", "0.5 joint working days", "4 joint working hours"."""
    if agreed.days:
        return _counted(figure(agreed.days), "joint working day")
    if agreed.minutes % 60 == 0:
        return _counted(str(agreed.minutes // 60), "joint working hour")
    return _counted(str(agreed.minutes), "joint working minute")


def days(count: int) -> str:
    """Return "1 working day", "3 working days"."""
    return _counted(str(count), "working day")


def figure(value: float | Fraction) -> str:
    """Return a number without a needless ".0"; a fraction with no short decimal form stays one: "2/3"."""
    if isinstance(value, Fraction):
        decimal = Fraction(str(float(value)))
        return figure(float(value)) if decimal == value else str(value)
    return str(int(value)) if value == int(value) else str(value)


def _counted(amount: str, unit: str) -> str:
    return f"{amount} {unit}" if amount == "1" else f"{amount} {unit}s"
