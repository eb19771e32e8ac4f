"""When rounds recur: dates by an agreed rule, moved for each company to one of its working days.

The date that the rule gives is the schedule key of a round, the same for both companies; the instant at which
the round opens is each company's own. A round that would be moved onto the next one gives way to it.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from dateutil.rrule import rrulestr

from alliance.calendar import (
    Weekday,
    WorkingCalendar,
    add_working_days,
    local_date,
    local_instant,
    next_working_day,
)
from alliance.errors import AllianceError

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ALLOWED = (
    'Write "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU" (every 1 to 4 weeks, one weekday), '
    '"FREQ=MONTHLY;BYDAY=2WE" (every 1 or 3 months, the first to fourth of that weekday, -1 for the last) '
    'or "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15" (every 1 or 3 months, day 1 to 28).'
)
LOOK_BACK = dt.timedelta(days=190)
"""More than two of the longest intervals: no older round is still on its way to a working day."""

_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY"})
_WEEKDAY = re.compile("|".join(WEEKDAY_CODES))
_WEEKDAY_OF_MONTH = re.compile(f"(-1|[1-4])({_WEEKDAY.pattern})")
_DAY_OF_MONTH = re.compile("[1-9]|1[0-9]|2[0-8]")


class BadRule(AllianceError, ValueError):
    """This cadence is not one the alliance can keep."""


class NoRound(AllianceError):
    """Neither company works between this round and the next, so this round is left out."""


class Frequency(StrEnum):
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule's text says; `on` is its BYDAY or BYMONTHDAY part. Equal rules have one spelling."""

    frequency: Frequency
    interval: int
    on: str

    def __str__(self) -> str:
        interval = "" if self.interval == 1 else f"INTERVAL={self.interval};"
        return f"FREQ={self.frequency};{interval}{self.on}"


@lru_cache(maxsize=256)
def parse_rule(text: str) -> Rule:
    """Read the subset of RRULE (RFC 5545) that the liaison keeps, in any order or case. Raises BadRule."""
    pairs = [part.partition("=")[::2] for part in text.strip().upper().split(";")]
    parts = dict(pairs)
    if len(parts) < len(pairs) or not parts.keys() <= _PARTS:
        raise BadRule(ALLOWED)
    match parts.pop("FREQ", ""), parts.pop("INTERVAL", "1"), parts:
        case "WEEKLY", "1" | "2" | "3" | "4" as interval, {"BYDAY": day, **rest}:
            allowed = not rest and _WEEKDAY.fullmatch(day)
            rule = Rule(Frequency.WEEKLY, int(interval), f"BYDAY={day}")
        case "MONTHLY", "1" | "3" as interval, {"BYDAY": day, **rest}:
            allowed = not rest and _WEEKDAY_OF_MONTH.fullmatch(day)
            rule = Rule(Frequency.MONTHLY, int(interval), f"BYDAY={day}")
        case "MONTHLY", "1" | "3" as interval, {"BYMONTHDAY": day, **rest}:
            allowed = not rest and _DAY_OF_MONTH.fullmatch(day)
            rule = Rule(Frequency.MONTHLY, int(interval), f"BYMONTHDAY={day}")
        case _:
            raise BadRule(ALLOWED)
    if not allowed:
        raise BadRule(ALLOWED)
    return rule


@dataclass(frozen=True, slots=True)
class Cadence:
    """A rule and the local time at which each company's round opens; the rule is kept in one spelling.

    Raises BadRule.
    """

    rule: str
    at: dt.time

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", str(parse_rule(self.rule)))
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise BadRule("The time of a cadence is a local one on a whole minute, without a zone.")

    def __str__(self) -> str:
        return f"{self.rule} at {self.at:%H:%M}"


def occurrences(cadence: Cadence, anchor: dt.date, after: dt.date) -> Iterator[dt.date]:
    """Yield the rule's dates later than `after`, from `anchor` on, without end.

    Intervals are counted from the anchor's week (Monday to Sunday) or month, so `after` never shifts them.
    """
    start = _period_start(parse_rule(cadence.rule), anchor, max(anchor, after))
    for moment in rrulestr(cadence.rule, dtstart=dt.datetime.combine(start, dt.time())):
        day = moment.date()
        if day > after and day >= anchor:
            yield day


def _period_start(rule: Rule, anchor: dt.date, day: dt.date) -> dt.date:
    """Return the first date of the interval that holds `day`."""
    match rule.frequency:
        case Frequency.WEEKLY:
            monday = anchor - dt.timedelta(days=anchor.weekday())
            weeks = (day - monday).days // 7
            return monday + dt.timedelta(weeks=weeks - weeks % rule.interval)
        case Frequency.MONTHLY:
            months = (day.year - anchor.year) * 12 + day.month - anchor.month
            year, month = divmod(anchor.year * 12 + anchor.month - 1 + months - months % rule.interval, 12)
            return dt.date(year, month + 1, 1)


def _day_on_side(cadence: Cadence, day: dt.date, calendar: WorkingCalendar) -> dt.date | None:
    moved = next_working_day(calendar, day)
    following = next(occurrences(cadence, day, day))
    return moved if moved < following else None


def occurrence_on_side(cadence: Cadence, day: dt.date, calendar: WorkingCalendar) -> dt.datetime | None:
    """Return the UTC instant at which the round of that date opens for one company.

    On a day off it moves to the company's next working day; None when that would be the day of the following
    round or later. `day` is one of the cadence's own dates.
    """
    moved = _day_on_side(cadence, day, calendar)
    return None if moved is None else local_instant(moved, cadence.at, calendar.zone)


def next_occurrence(
    cadence: Cadence, anchor: dt.date, calendars: Sequence[WorkingCalendar], after: dt.datetime
) -> dt.date:
    """Return the date of the first round that begins, for whichever company is first, later than `after`."""
    return next(_rounds(cadence, anchor, calendars, after))[0]


def _rounds(
    cadence: Cadence, anchor: dt.date, calendars: Sequence[WorkingCalendar], after: dt.datetime
) -> Iterator[tuple[dt.date, dt.datetime]]:
    """Yield the dates of the rounds that begin later than `after`, each with its first company's instant."""
    if not calendars:
        raise ValueError("a round needs a working calendar")
    for day in occurrences(cadence, anchor, after.date() - LOOK_BACK):
        sides = (occurrence_on_side(cadence, day, calendar) for calendar in calendars)
        begins = min((instant for instant in sides if instant is not None), default=None)
        if begins is not None and begins > after:
            yield day, begins


def closes_at(day: dt.date, cadence: Cadence, calendars: Sequence[WorkingCalendar], answer_within: int) -> dt.datetime:
    """Return the one instant at which the round closes for both companies.

    It is the latest, over the companies, of `answer_within` own working days after the own opening, so that
    nobody has less. A company whose round gave way to the next has no say; NoRound when that holds for all.
    """
    opened = [(calendar, _day_on_side(cadence, day, calendar)) for calendar in calendars]
    ends = [
        local_instant(add_working_days(calendar, moved, answer_within), cadence.at, calendar.zone)
        for calendar, moved in opened
        if moved is not None
    ]
    if not ends:
        raise NoRound
    return max(ends)


def fixed_on_side(day: dt.date, at: dt.time, calendar: WorkingCalendar) -> dt.datetime:
    """Return the UTC instant of an agreed single date for one company, moved to its next working day."""
    return local_instant(next_working_day(calendar, day), at, calendar.zone)


def fixed_closes_at(day: dt.date, at: dt.time, calendars: Sequence[WorkingCalendar], answer_within: int) -> dt.datetime:
    """Return the one instant at which a round on an agreed single date closes, by the rule of `closes_at`."""
    return max(
        local_instant(add_working_days(calendar, next_working_day(calendar, day), answer_within), at, calendar.zone)
        for calendar in calendars
    )


def weekly_at(calendar: WorkingCalendar, weekday: Weekday, at: dt.time, after: dt.datetime) -> dt.datetime:
    """Return the first instant later than `after` of a company's own weekly moment, moved off its days off.

    A week without a working day is left out.
    """
    cadence = Cadence(f"FREQ=WEEKLY;BYDAY={WEEKDAY_CODES[weekday]}", at)
    anchor = local_date(after, calendar.zone) - LOOK_BACK
    return next(_rounds(cadence, anchor, (calendar,), after))[1]
