"""Windows of joint working time: examples people argue about, and what holds for every two calendars."""

import datetime as dt
import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.calendar import (
    BadWindow,
    JointClock,
    NeverOpenTogether,
    Unit,
    Window,
    is_open,
    joint_minutes_per_week,
    parse_window,
)
from tests.fakes.calendars import CHICAGO, STUTTGART, calendars, instants, make_calendar, utc

CLOCK = JointClock(CHICAGO, STUTTGART)
MINUTE = dt.timedelta(minutes=1)
HALF = Fraction(1, 2)
ONE_DAY = Window(days=Fraction(1))


@pytest.mark.parametrize(
    ("text", "window", "spelling"),
    [
        ("5d", Window(days=Fraction(5)), "5d"),
        ("0.5d", Window(days=HALF), "0.5d"),
        ("2/3d", Window(days=Fraction(2, 3)), "2/3d"),
        ("4h", Window(minutes=240), "4h"),
        ("1.5h", Window(minutes=90), "90m"),
        (" 90 m ", Window(minutes=90), "90m"),
        ("120m", Window(minutes=120), "2h"),
        ("1000d", Window(days=Fraction(1000)), "1000d"),
    ],
)
def test_a_window_is_read_and_written(text: str, window: Window, spelling: str) -> None:
    assert parse_window(text) == window
    assert str(window) == spelling


@pytest.mark.parametrize(
    "text", ["", "5", "d", "0d", "0m", "-1d", "5w", "1/0d", "0.01h", "5d4h", "1e3d", "٥d", "1001d", "99999h"]
)
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadWindow):
        parse_window(text)


def test_a_window_has_exactly_one_unit() -> None:
    with pytest.raises(BadWindow):
        Window()
    with pytest.raises(BadWindow):
        Window(days=Fraction(1), minutes=1)


def test_a_window_is_shortened_by_a_factor() -> None:
    assert Window(days=Fraction(5)).times(HALF) == Window(days=Fraction(5, 2))
    assert Window(minutes=45).times(HALF) == Window(minutes=23)
    with pytest.raises(BadWindow):
        ONE_DAY.times(Fraction(0))


@given(st.fractions(min_value=Fraction(1, 99_999), max_value=1000, max_denominator=99_999))
def test_every_window_in_days_reads_back(days: Fraction) -> None:
    assert parse_window(str(Window(days=days))).days == days


# --- the joint clock ---


def test_chicago_and_stuttgart_share_one_hour_and_two_while_their_clocks_differ() -> None:
    stretches = list(itertools.islice(CLOCK.stretches(utc("2026-03-05T00:00")), 20))

    hours = {start.date().isoformat(): (end - start) / dt.timedelta(hours=1) for start, end in stretches}
    assert hours["2026-03-06"] == 1
    assert hours["2026-03-09"] == 2  # Chicago changed on the 8th
    assert hours["2026-03-27"] == 2
    assert hours["2026-03-30"] == 1  # Stuttgart on the 29th
    assert "2026-03-08" not in hours
    assert "2026-03-29" not in hours


@pytest.mark.parametrize(
    ("start", "window", "due"),
    [
        # The middle of Monday's stretch to the middle of Tuesday's, the two being of the same length.
        ("2026-03-02T15:30", "1d", "2026-03-03T15:30"),
        # Friday's stretch is 15:00 to 16:00, Monday's 14:00 to 16:00: from middle to middle.
        ("2026-03-06T15:30", "1d", "2026-03-09T15:00"),
        ("2026-03-27T15:00", "1d", "2026-03-30T14:30"),
        # From outside, one day is the whole next stretch.
        ("2026-03-06T20:00", "1d", "2026-03-09T16:00"),
        ("2026-03-06T20:00", "0.5d", "2026-03-09T15:00"),
        # Four hours at one hour a day, then two.
        ("2026-03-05T12:00", "4h", "2026-03-09T16:00"),
        # Thanksgiving is shut in Chicago; the Friday after is not.
        ("2026-11-25T15:30", "1d", "2026-11-27T15:30"),
        # Good Friday and Easter Monday are shut in Stuttgart.
        ("2026-04-02T14:30", "1d", "2026-04-07T14:30"),
        ("2026-03-02T15:59:30", "1m", "2026-03-03T15:01"),
        ("2026-03-02T15:10:01", "5m", "2026-03-02T15:16"),
    ],
)
def test_a_window_falls_due(start: str, window: str, due: str) -> None:
    assert CLOCK.due(utc(start), parse_window(window)) == utc(due)


def test_the_clock_resumes_when_both_are_open_again() -> None:
    wednesday_evening = utc("2026-11-25T16:00")

    assert not CLOCK.is_open(wednesday_evening)
    assert CLOCK.next_open(wednesday_evening) == utc("2026-11-27T15:00")
    assert CLOCK.next_open(utc("2026-11-27T15:20:30")) == utc("2026-11-27T15:20:30")


def test_a_half_time_reminder_waits_for_people_rather_than_meet_their_closing() -> None:
    monday_opening, two_days = utc("2026-03-02T15:00"), Window(days=Fraction(2))

    assert CLOCK.part(monday_opening, two_days, HALF) == utc("2026-03-03T15:00")
    assert CLOCK.part(monday_opening, ONE_DAY, HALF) == utc("2026-03-02T15:30")


def test_a_reminder_never_comes_after_the_end_of_a_tiny_window() -> None:
    last_minute, one_minute = utc("2026-03-02T15:59"), Window(minutes=1)

    assert CLOCK.part(last_minute, one_minute, HALF) == CLOCK.due(last_minute, one_minute)


def test_the_share_of_a_window_goes_on_past_its_end() -> None:
    start = utc("2026-03-02T15:00")

    assert CLOCK.elapsed_share(start, ONE_DAY, start) == 0
    assert CLOCK.elapsed_share(start, ONE_DAY, utc("2026-03-02T15:15")) == Fraction(1, 4)
    assert CLOCK.elapsed_share(start, ONE_DAY, utc("2026-03-03T23:00")) == 2


def test_a_day_that_spans_the_other_companys_night_still_counts_every_shared_minute() -> None:
    every_day, round_the_clock = frozenset(range(7)), dt.time(23, 59)
    chicago = make_calendar(zone="America/Chicago", workdays=every_day, opens=dt.time(0), closes=round_the_clock)
    sydney = make_calendar(zone="Australia/Sydney", opens=dt.time(9), closes=dt.time(20))

    clock = JointClock(chicago, sydney)

    # Sydney's Monday is 22:00 to 09:00 UTC; in it Chicago has its one shut minute, 05:59 to 06:00.
    assert list(itertools.islice(clock.stretches(utc("2026-01-11T12:00")), 2)) == [
        (utc("2026-01-11T22:00"), utc("2026-01-12T05:59")),
        (utc("2026-01-12T06:00"), utc("2026-01-12T09:00")),
    ]


def test_two_companies_that_never_meet_are_told_so() -> None:
    auckland = make_calendar(zone="Pacific/Auckland", opens=dt.time(10), closes=dt.time(16))
    clock = JointClock(auckland, STUTTGART)
    start = utc("2026-03-02T15:00")

    assert joint_minutes_per_week(auckland, STUTTGART) == 0
    assert clock.elapsed(start, start + dt.timedelta(days=90), Unit.MINUTES) == 0
    with pytest.raises(NeverOpenTogether) as refused:
        clock.due(start, ONE_DAY)
    assert "60 days" in refused.value.sentence


def test_an_ordinary_week_leaves_holidays_and_clock_changes_aside() -> None:
    assert joint_minutes_per_week(CHICAGO, STUTTGART) == 5 * 60
    assert joint_minutes_per_week(STUTTGART, STUTTGART) == 5 * 8 * 60


# --- what holds for every two calendars ---


def clocks() -> st.SearchStrategy[JointClock]:
    pairs = st.builds(JointClock, calendars(), calendars())
    return pairs.filter(lambda clock: joint_minutes_per_week(clock.first, clock.second) >= 30)


def windows() -> st.SearchStrategy[Window]:
    return st.one_of(
        st.builds(Window, days=st.fractions(min_value=Fraction(1, 50), max_value=12, max_denominator=50)),
        st.builds(Window, minutes=st.integers(1, 2000)),
    )


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), windows())
def test_due_lies_in_an_open_joint_minute_or_at_its_end(clock: JointClock, start: dt.datetime, window: Window) -> None:
    due = clock.due(start, window)

    assert due > start
    assert (due.second, due.microsecond) == (0, 0)
    assert clock.is_open(due - MINUTE)


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), windows())
def test_exactly_the_window_has_passed_when_it_falls_due(clock: JointClock, start: dt.datetime, window: Window) -> None:
    due = clock.due(start, window)

    assert clock.elapsed(start, due - MINUTE, window.unit) < window.amount
    assert clock.elapsed(start, due, window.unit) >= window.amount
    assert clock.elapsed_share(start, window, due) >= 1


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), instants(), windows(), st.fractions(min_value=1, max_value=3, max_denominator=9))
def test_due_never_moves_back_for_a_later_start_or_a_longer_window(
    clock: JointClock, one: dt.datetime, other: dt.datetime, window: Window, factor: Fraction
) -> None:
    earlier, later = sorted((one, other))

    assert clock.due(earlier, window) <= clock.due(later, window)
    assert clock.due(earlier, window) <= clock.due(earlier, window.times(factor))


@settings(max_examples=60, deadline=None)
@given(clocks(), st.tuples(instants(), instants(), instants()).map(sorted), st.sampled_from(Unit))
def test_elapsed_time_adds_up(clock: JointClock, moments: list[dt.datetime], unit: Unit) -> None:
    first, second, third = moments

    whole = clock.elapsed(first, third, unit)

    assert whole == clock.elapsed(first, second, unit) + clock.elapsed(second, third, unit)
    assert clock.elapsed(third, first, unit) == 0 or first == third


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), st.sampled_from(Unit))
def test_no_time_passes_while_one_company_is_shut(clock: JointClock, start: dt.datetime, unit: Unit) -> None:
    resumes = clock.next_open(start)

    assert clock.is_open(resumes)
    assert clock.elapsed(start, resumes, unit) == 0
    assert clock.elapsed(start, resumes + MINUTE, unit) > 0


@settings(max_examples=30, deadline=None)
@given(clocks(), instants())
def test_joint_minutes_are_the_minutes_in_which_both_are_open(clock: JointClock, start: dt.datetime) -> None:
    begin = start.replace(second=0, microsecond=0)
    minutes = [begin + n * MINUTE for n in range(36 * 60)]

    counted = sum(is_open(clock.first, at) and is_open(clock.second, at) for at in minutes)

    assert clock.elapsed(begin, begin + 36 * 60 * MINUTE, Unit.MINUTES) == counted


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), windows(), instants())
def test_it_makes_no_difference_which_company_is_named_first(
    clock: JointClock, start: dt.datetime, window: Window, now: dt.datetime
) -> None:
    mirrored = JointClock(clock.second, clock.first)

    assert mirrored.due(start, window) == clock.due(start, window)
    assert mirrored.part(start, window, HALF) == clock.part(start, window, HALF)
    assert mirrored.elapsed(start, now, window.unit) == clock.elapsed(start, now, window.unit)
    assert mirrored.next_open(start) == clock.next_open(start)
    assert list(itertools.islice(mirrored.stretches(start), 8)) == list(itertools.islice(clock.stretches(start), 8))


@settings(max_examples=60, deadline=None)
@given(clocks(), instants(), windows(), st.fractions(min_value=0, max_value=Fraction(9, 10), max_denominator=20))
def test_a_reminder_comes_while_both_are_open_and_not_after_the_end(
    clock: JointClock, start: dt.datetime, window: Window, share: Fraction
) -> None:
    reminder = clock.part(start, window, share)

    due = clock.due(start, window)
    assert start <= reminder <= due
    assert clock.is_open(reminder) or reminder == due
    assert clock.elapsed_share(start, window, reminder) >= min(share, Fraction(1))
