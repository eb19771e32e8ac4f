"""When a company works, and when two companies work at the same time.

A wall time belongs to a date and a zone; every instant here is aware, and UTC on the way out. Hours are
half-open: a company that works from 9 to 17 is open at 9:00 and shut at 17:00. Shut time never counts.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from alliance.errors import AllianceError

Weekday = int
"""0 is Monday, 6 is Sunday."""
Stretch = tuple[dt.datetime, dt.datetime]
"""Opening and closing instant, UTC, on whole minutes."""

MONDAY_TO_FRIDAY: frozenset[Weekday] = frozenset(range(5))
LONGEST_CLOSURE = 366
"""Days without a working day after which a calendar counts as never open."""
LONGEST_WAIT = 60
"""Days without a joint stretch after which two calendars count as never open together."""
ORDINARY_YEAR = 2026
ONE_DAY = dt.timedelta(days=1)
ONE_MINUTE = dt.timedelta(minutes=1)
MICROSECOND = dt.timedelta(microseconds=1)


class BadCalendar(AllianceError, ValueError):
    """This working calendar cannot be used."""


class BadWindow(AllianceError, ValueError):
    """Write a window as joint working days ("5d", "0.5d") or joint working time ("4h", "90m"), above zero."""


class NeverOpen(AllianceError):
    """This working calendar has no working day for a whole year."""


class NeverOpenTogether(AllianceError):
    """The two companies share no working time in the next 60 days, so no time can be counted."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """One company's working hours, the same on each of its working days.

    `zone` is an IANA name; `country` and `subdivision` are ISO 3166 ("DE", "BW") and bring public holidays,
    none when empty; `closed_on` holds the company's own holidays. Raises BadCalendar.
    """

    zone: str
    workdays: frozenset[Weekday] = MONDAY_TO_FRIDAY
    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(17)
    country: str = ""
    subdivision: str = ""
    closed_on: frozenset[dt.date] = frozenset()

    def __post_init__(self) -> None:
        _check_zone(self.zone)
        if not self.workdays or not self.workdays <= frozenset(range(7)):
            raise BadCalendar("Name at least one working day, from 0 (Monday) to 6 (Sunday).")
        if any(at.second or at.microsecond or at.tzinfo for at in (self.opens, self.closes)):
            raise BadCalendar("Opening and closing are local times on whole minutes, without a zone.")
        if self.closes <= self.opens:
            raise BadCalendar(f"Closing ({self.closes:%H:%M}) must be later than opening ({self.opens:%H:%M}).")
        if self.country or self.subdivision:
            _check_country(self.country, self.subdivision)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as problem:
        raise BadCalendar(f'The time zone "{zone}" is unknown. Write it as in "Europe/Berlin".') from problem


@lru_cache(maxsize=256)
def _check_country(country: str, subdivision: str) -> None:
    import holidays  # heavy: only an installation that names a country pays for it

    where = f"{country} {subdivision}".strip()
    if not re.fullmatch("[A-Z]{2}", country):
        raise BadCalendar(f'The country "{where}" is unknown. Write two capital letters, as in "DE".')
    try:
        holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as problem:
        raise BadCalendar(
            f'No public holidays are known for "{where}". Write a country as in "DE" and its part as in "BW".'
        ) from problem


@lru_cache(maxsize=1024)
def _public_holidays(country: str, subdivision: str, year: int) -> Mapping[dt.date, str]:
    import holidays

    # A library language that a country lacks falls back to that country's own.
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US").items())


def local_instant(day: dt.date, at: dt.time, zone: str) -> dt.datetime:
    """Return the UTC instant at which that zone's clock shows `at` on `day`.

    A time skipped by daylight saving moves forward by the gap; a repeated time means its first occurrence.
    """
    # With fold=0 the offset from before the change applies, which is both of these rules.
    return dt.datetime.combine(day, at.replace(fold=0), ZoneInfo(zone)).astimezone(dt.UTC)


def local_date(instant: dt.datetime, zone: str) -> dt.date:
    """Return the date that zone's calendar shows at `instant`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def holiday_name(cal: WorkingCalendar, day: dt.date) -> str | None:
    """Name the public holiday, in English where known; the company's own holidays have no name."""
    if not cal.country:
        return None
    return _public_holidays(cal.country, cal.subdivision, day.year).get(day)


def is_working_day(cal: WorkingCalendar, day: dt.date) -> bool:
    return day.weekday() in cal.workdays and day not in cal.closed_on and holiday_name(cal, day) is None


def next_working_day(cal: WorkingCalendar, day: dt.date) -> dt.date:
    """Return `day` itself if it is a working day, else the first one after it. Raises NeverOpen."""
    for ahead in range(LONGEST_CLOSURE):
        candidate = day + ahead * ONE_DAY
        if is_working_day(cal, candidate):
            return candidate
    raise NeverOpen


def add_working_days(cal: WorkingCalendar, day: dt.date, n: int) -> dt.date:
    """Return the n-th working day after `day`; for 0, `day` moved to a working day. Raises NeverOpen."""
    if n <= 0:
        return next_working_day(cal, day)
    for _ in range(n):
        day = next_working_day(cal, day + ONE_DAY)
    return day


def hours_of(cal: WorkingCalendar, day: dt.date) -> Stretch | None:
    """Return when the company opens and shuts on that local date, or None when it stays shut."""
    if not is_working_day(cal, day):
        return None
    opens = local_instant(day, cal.opens, cal.zone)
    # A closing time that the clocks skip at the end of a day must not reach into the next one.
    midnight = local_instant(day + ONE_DAY, dt.time(), cal.zone)
    closes = min(local_instant(day, cal.closes, cal.zone), midnight)
    return (opens, closes) if opens < closes else None


def is_open(cal: WorkingCalendar, instant: dt.datetime) -> bool:
    hours = hours_of(cal, local_date(instant, cal.zone))
    return hours is not None and hours[0] <= instant < hours[1]


def next_open(cal: WorkingCalendar, instant: dt.datetime) -> dt.datetime:
    """Return `instant` itself while open, else the next opening. Raises NeverOpen."""
    day = local_date(instant, cal.zone)
    for ahead in range(LONGEST_CLOSURE):
        hours = hours_of(cal, day + ahead * ONE_DAY)
        if hours and instant < hours[1]:
            return max(hours[0], instant.astimezone(dt.UTC))
    raise NeverOpen


def working_fraction(
    cal: WorkingCalendar, start: dt.datetime, end: dt.datetime, fraction: Fraction
) -> dt.datetime | None:
    """Return the instant by which `fraction` of the company's open time from `start` to `end` has passed.

    0 <= fraction < 1, so it falls inside working hours and before `end`. None when shut all that time.
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"a fraction of the way lies from 0 to below 1, not {fraction}")
    pieces = list(_open_between(cal, start, end))
    left = int(fraction * sum(_microseconds(piece) for piece in pieces))
    for piece in pieces:
        if left < _microseconds(piece):
            return piece[0] + left * MICROSECOND
        left -= _microseconds(piece)
    return None


def _open_between(cal: WorkingCalendar, start: dt.datetime, end: dt.datetime) -> Iterator[Stretch]:
    last = local_date(end, cal.zone)
    day = local_date(start, cal.zone)
    while day <= last:
        if (hours := hours_of(cal, day)) and (piece := _clip(hours, (start, end))):
            yield piece
        day += ONE_DAY


def _clip(one: Stretch, other: Stretch) -> Stretch | None:
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start.astimezone(dt.UTC), end.astimezone(dt.UTC)) if start < end else None


def _microseconds(stretch: Stretch) -> int:
    return (stretch[1] - stretch[0]) // MICROSECOND


class Unit(StrEnum):
    DAYS = "days"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Window:
    """An amount of joint working time: `days` (joint days) or `minutes` (joint open minutes).

    Exactly one of them is above zero. At most 1,000 days or 1,000 hours. Raises BadWindow.
    """

    days: Fraction = Fraction(0)
    minutes: int = 0

    def __post_init__(self) -> None:
        if self.days < 0 or self.minutes < 0 or (self.days > 0) == (self.minutes > 0):
            raise BadWindow
        if self.days > 1000 or self.minutes > 60_000:
            raise BadWindow("A window is at most 1,000 joint working days or 1,000 joint working hours.")

    @property
    def unit(self) -> Unit:
        return Unit.DAYS if self.days else Unit.MINUTES

    @property
    def amount(self) -> Fraction:
        """How many of its unit."""
        return Fraction(self.days) if self.days else Fraction(self.minutes)

    def times(self, factor: Fraction) -> "Window":
        """Stretch or shorten by a factor above zero; minutes are rounded up. Raises BadWindow."""
        if self.days:
            return Window(days=self.days * factor)
        return Window(minutes=-(-self.minutes * factor // 1))

    def __str__(self) -> str:
        """Write it so that `parse_window` reads the same back."""
        if self.minutes:
            return f"{self.minutes // 60}h" if self.minutes % 60 == 0 else f"{self.minutes}m"
        decimal = f"{float(self.days):.4f}".rstrip("0").rstrip(".")
        return f"{decimal if Fraction(decimal) == self.days else self.days}d"


def parse_window(text: str) -> Window:
    """Read "5d", "0.5d", "2/3d", "4h", "1.5h" or "90m". Raises BadWindow."""
    match = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6}|/[1-9][0-9]{0,5})?)\s*([dhm])\s*", text)
    if match is None:
        raise BadWindow
    number, unit = Fraction(match[1]), match[2]
    if unit == "d":
        return Window(days=number)
    minutes = number * 60 if unit == "h" else number
    if minutes.denominator != 1:
        raise BadWindow
    return Window(minutes=minutes.numerator)


@dataclass(frozen=True, slots=True)
class JointClock:
    """Counts time only while both calendars are open. Which one is `first` makes no difference.

    A joint day is one uninterrupted stretch in which both are open, however long: a window in days is
    measured along those stretches, so one day from the middle of Monday's ends in the middle of Tuesday's.
    Everything here raises NeverOpenTogether when no stretch begins within 60 days.
    """

    first: WorkingCalendar
    second: WorkingCalendar

    def stretches(self, start: dt.datetime) -> Iterator[Stretch]:
        """Yield every joint day that ends after `start`, in order, whole: the first may have begun before."""
        day, idle = local_date(start, self.first.zone), 0
        while idle <= LONGEST_WAIT:
            idle += 1
            for stretch in self._shared_on(day):
                if start < stretch[1]:
                    idle = 0
                    yield stretch
            day += ONE_DAY
        raise NeverOpenTogether

    def _shared_on(self, day: dt.date) -> Iterator[Stretch]:
        """Yield what the first company's day shares with the second's days, which may be one or two."""
        if (hours := hours_of(self.first, day)) is None:
            return
        other, last = (local_date(instant, self.second.zone) for instant in hours)
        while other <= last:
            if (theirs := hours_of(self.second, other)) and (shared := _clip(hours, theirs)):
                yield shared
            other += ONE_DAY

    def is_open(self, instant: dt.datetime) -> bool:
        return is_open(self.first, instant) and is_open(self.second, instant)

    def next_open(self, instant: dt.datetime) -> dt.datetime:
        """Return `instant` itself while both are open, else the moment at which the clock resumes."""
        return max(next(self.stretches(instant))[0], instant.astimezone(dt.UTC))

    def due(self, start: dt.datetime, window: Window) -> dt.datetime:
        """Return when the window that begins at `start` has passed, rounded up to the whole minute.

        It lies inside a joint stretch or at its very end.
        """
        return self._reach(start, window.unit, window.amount)

    def part(self, start: dt.datetime, window: Window, share: Fraction) -> dt.datetime:
        """Return when `share` of the window has passed: for reminders, hence while both are open.

        0 <= share < 1. What would fall on the end of one stretch waits for the beginning of the next; it is
        never later than `due`.
        """
        if not 0 <= share < 1:
            raise ValueError(f"a part of a window lies from 0 to below 1, not {share}")
        reached = self._reach(start, window.unit, window.amount * share)
        return min(self.next_open(reached), self.due(start, window))

    def elapsed(self, start: dt.datetime, end: dt.datetime, unit: Unit) -> Fraction:
        """Return the joint working time between two instants, exactly; 0 when `end` is not after `start`."""
        passed = Fraction(0)
        day, last = (local_date(instant, self.first.zone) for instant in (start, end))
        while day <= last:
            for stretch in self._shared_on(day):
                if piece := _clip(stretch, (start, end)):
                    passed += Fraction(_microseconds(piece), _unit_length(stretch, unit))
            day += ONE_DAY
        return passed

    def elapsed_share(self, start: dt.datetime, window: Window, now: dt.datetime) -> Fraction:
        """Return how much of the window has passed at `now`: 1 when due, more when overdue."""
        return self.elapsed(start, now, window.unit) / window.amount

    def _reach(self, start: dt.datetime, unit: Unit, amount: Fraction) -> dt.datetime:
        for stretch in self.stretches(start):
            begin = max(start.astimezone(dt.UTC), stretch[0])
            length = _unit_length(stretch, unit)
            available = Fraction(_microseconds((begin, stretch[1])), length)
            if amount <= available:
                return _whole_minute(begin + -(-amount * length // 1) * MICROSECOND)
            amount -= available
        raise NeverOpenTogether


def _unit_length(stretch: Stretch, unit: Unit) -> int:
    """How many microseconds of this stretch make one unit."""
    return _microseconds(stretch if unit is Unit.DAYS else (stretch[0], stretch[0] + ONE_MINUTE))


def _whole_minute(instant: dt.datetime) -> dt.datetime:
    past = dt.timedelta(seconds=instant.second, microseconds=instant.microsecond)
    return instant - past + ONE_MINUTE if past else instant


def joint_minutes_per_week(first: WorkingCalendar, second: WorkingCalendar) -> int:
    """Return the joint open minutes of an ordinary week, the lesser of a January and a July one.

    Holidays are left aside, and so are the few weeks in which only one of the two has changed its clocks.
    """
    clock = JointClock(*(replace(cal, country="", subdivision="", closed_on=frozenset()) for cal in (first, second)))
    mondays = (
        dt.datetime(ORDINARY_YEAR, 1, 12, tzinfo=dt.UTC),
        dt.datetime(ORDINARY_YEAR, 7, 13, tzinfo=dt.UTC),
    )
    return min(int(clock.elapsed(monday, monday + 7 * ONE_DAY, Unit.MINUTES)) for monday in mondays)
