"""One company's working calendar: wall times, holidays, hours and reminders."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.calendar import (
    BadCalendar,
    NeverOpen,
    WorkingCalendar,
    add_working_days,
    holiday_name,
    hours_of,
    is_open,
    is_working_day,
    local_instant,
    next_open,
    next_working_day,
    working_fraction,
)
from tests.fakes.calendars import CHICAGO, STUTTGART, calendars, day, instants, make_calendar, utc

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("date", "at", "zone", "expected"),
    [
        ("2026-03-08", "02:30", "America/Chicago", "2026-03-08T08:30"),  # skipped: 03:30 daylight time
        ("2026-11-01", "01:30", "America/Chicago", "2026-11-01T06:30"),  # repeated: the first of the two
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:30"),
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-04-24", "00:00", "Africa/Cairo", "2026-04-23T22:00"),  # midnight itself is skipped: 01:00
        ("2026-10-29", "23:30", "Africa/Cairo", "2026-10-29T20:30"),
        ("2026-07-01", "09:00", "Asia/Kolkata", "2026-07-01T03:30"),
    ],
)
def test_a_skipped_time_moves_forward_and_a_repeated_one_is_the_first(
    date: str, at: str, zone: str, expected: str
) -> None:
    assert local_instant(day(date), dt.time.fromisoformat(at), zone) == utc(expected)


@pytest.mark.parametrize(
    ("calendar", "date", "name"),
    [
        (CHICAGO, "2026-11-26", "Thanksgiving Day"),
        (CHICAGO, "2026-07-03", "Independence Day (observed)"),
        (CHICAGO, "2027-12-31", "New Year's Day (observed)"),
        (STUTTGART, "2026-06-04", "Corpus Christi"),
        (STUTTGART, "2026-01-06", "Epiphany"),
    ],
)
def test_public_holidays_are_no_working_days(calendar: WorkingCalendar, date: str, name: str) -> None:
    assert holiday_name(calendar, day(date)) == name
    assert not is_working_day(calendar, day(date))


def test_a_holiday_of_one_part_of_a_country_is_a_working_day_elsewhere() -> None:
    berlin = make_calendar(country="DE", subdivision="BE")

    assert is_working_day(berlin, day("2026-06-04"))
    assert holiday_name(make_calendar(), day("2026-12-25")) is None


def test_working_days_skip_weekends_holidays_and_company_holidays() -> None:
    bridge = make_calendar(country="DE", subdivision="BW", closed_on=frozenset({day("2026-05-15")}))

    assert next_working_day(bridge, day("2026-05-13")) == day("2026-05-13")
    assert next_working_day(bridge, day("2026-05-14")) == day("2026-05-18")
    assert add_working_days(bridge, day("2026-05-13"), 0) == day("2026-05-13")
    assert add_working_days(bridge, day("2026-05-13"), 1) == day("2026-05-18")
    assert add_working_days(bridge, day("2026-05-16"), 2) == day("2026-05-19")


def test_hours_follow_daylight_saving() -> None:
    assert hours_of(CHICAGO, day("2026-03-06")) == (utc("2026-03-06T15:00"), utc("2026-03-06T23:00"))
    assert hours_of(CHICAGO, day("2026-03-09")) == (utc("2026-03-09T14:00"), utc("2026-03-09T22:00"))
    assert hours_of(CHICAGO, day("2026-03-08")) is None


def test_hours_that_the_clocks_skip_never_reach_into_the_next_day() -> None:
    nuuk = make_calendar(zone="America/Nuuk", workdays=frozenset(range(7)), closes=dt.time(23, 30))

    saturday = hours_of(nuuk, day("2026-03-28"))

    assert saturday == (utc("2026-03-28T11:00"), utc("2026-03-29T01:00"))


def test_a_company_is_open_from_its_opening_until_before_its_closing() -> None:
    assert not is_open(STUTTGART, utc("2026-03-06T07:59:59"))
    assert is_open(STUTTGART, utc("2026-03-06T08:00"))
    assert is_open(STUTTGART, utc("2026-03-06T15:59:59"))
    assert not is_open(STUTTGART, utc("2026-03-06T16:00"))
    assert next_open(STUTTGART, utc("2026-03-06T16:00")) == utc("2026-03-09T08:00")
    assert next_open(STUTTGART, utc("2026-03-06T12:34")) == utc("2026-03-06T12:34")


def test_a_reminder_half_way_over_a_weekend_falls_inside_working_hours() -> None:
    friday_noon, tuesday_noon = utc("2026-03-06T11:00"), utc("2026-03-10T11:00")

    assert working_fraction(STUTTGART, friday_noon, tuesday_noon, HALF) == utc("2026-03-09T11:00")
    assert working_fraction(STUTTGART, friday_noon, tuesday_noon, Fraction(5, 16)) == utc("2026-03-09T08:00")


def test_there_is_no_reminder_while_the_company_is_shut() -> None:
    assert working_fraction(STUTTGART, utc("2026-03-06T16:00"), utc("2026-03-09T08:00"), HALF) is None


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"zone": ""}, "time zone"),
        ({"zone": "America"}, "time zone"),
        ({"country": "ZZ"}, "ZZ"),
        ({"country": "Germany"}, "two capital letters"),
        ({"country": "DE", "subdivision": "XX"}, "DE XX"),
        ({"subdivision": "BW"}, "country"),
        ({"workdays": frozenset()}, "working day"),
        ({"workdays": frozenset({7})}, "working day"),
        ({"opens": dt.time(17), "closes": dt.time(9)}, "later than opening"),
        ({"opens": dt.time(9, 0, 30)}, "whole minutes"),
    ],
)
def test_an_unusable_calendar_is_refused_in_words(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(BadCalendar, match=words) as refused:
        make_calendar(**parts)

    assert isinstance(refused.value, ValueError)


def test_a_calendar_that_never_opens_says_so() -> None:
    start = day("2026-01-01")
    shut = make_calendar(closed_on=frozenset(start + dt.timedelta(days=n) for n in range(400)))

    with pytest.raises(NeverOpen):
        next_working_day(shut, start)
    with pytest.raises(NeverOpen):
        next_open(shut, utc("2026-01-01T00:00"))


@settings(max_examples=60, deadline=None)
@given(calendars(), instants(), st.integers(0, 30), st.fractions(0, Fraction(99, 100), max_denominator=100))
def test_a_share_of_working_time_falls_inside_working_hours(
    calendar: WorkingCalendar, start: dt.datetime, days: int, fraction: Fraction
) -> None:
    end = start + dt.timedelta(days=days, hours=3)

    at = working_fraction(calendar, start, end, fraction)

    if at is None:
        assert next_open(calendar, start) >= end
    else:
        assert start <= at < end
        assert is_open(calendar, at)
