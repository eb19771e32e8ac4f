"""Cadences: the agreed dates, each company's own opening, and one closing for both."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.cadence import (
    WEEKDAY_CODES,
    BadRule,
    Cadence,
    NoRound,
    closes_at,
    fixed_closes_at,
    fixed_on_side,
    next_occurrence,
    occurrence_on_side,
    occurrences,
    weekly_at,
)
from alliance.calendar import (
    WorkingCalendar,
    add_working_days,
    is_working_day,
    local_date,
    local_instant,
    next_working_day,
)
from tests.fakes.calendars import CHICAGO, PLACES, STUTTGART, calendars, day, instants, make_calendar, utc

BOTH = (CHICAGO, STUTTGART)
NINE = dt.time(9)
MONDAYS = Cadence("FREQ=WEEKLY;BYDAY=MO", NINE)
ANCHOR = day("2026-01-05")
SHUT_FOR_CHRISTMAS = make_calendar(closed_on=frozenset(day("2026-12-24") + dt.timedelta(days=n) for n in range(11)))


def dates(cadence: Cadence, anchor: str, after: str, count: int = 4) -> list[str]:
    found = itertools.islice(occurrences(cadence, day(anchor), day(after)), count)
    return [date.isoformat() for date in found]


# --- rules ---


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("byday=tu;freq=weekly;interval=1", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=3", "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR"),
        (" FREQ=MONTHLY;BYMONTHDAY=28 ", "FREQ=MONTHLY;BYMONTHDAY=28"),
    ],
)
def test_equal_rules_have_one_spelling(text: str, rule: str) -> None:
    assert Cadence(text, NINE).rule == rule
    assert str(Cadence(text, NINE)) == f"{rule} at 09:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weekly",
        "FREQ=DAILY",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=MO,TU",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        "FREQ=WEEKLY;BYDAY=MO;",
        "FREQ=WEEKLY;BYDAY=MO;BYMONTHDAY=3",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=-2MO",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO",
        "RRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE:20260105",
    ],
)
def test_any_other_rule_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(BadRule) as refused:
        Cadence(text, NINE)

    assert isinstance(refused.value, ValueError)
    assert "FREQ=WEEKLY" in refused.value.sentence
    assert "BYMONTHDAY" in refused.value.sentence


def test_a_cadence_keeps_a_local_time_on_a_whole_minute() -> None:
    with pytest.raises(BadRule, match="whole minute"):
        Cadence(MONDAYS.rule, dt.time(9, 0, 1))
    with pytest.raises(BadRule, match="without a zone"):
        Cadence(MONDAYS.rule, dt.time(9, tzinfo=dt.UTC))


# --- dates ---


def test_intervals_are_counted_from_the_anchor_wherever_one_looks_from() -> None:
    fortnightly = Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", NINE)

    # The anchor's week has its Tuesday on the 6th, before the anchor itself.
    assert dates(fortnightly, "2026-01-08", "2026-01-01", 2) == ["2026-01-20", "2026-02-03"]
    assert dates(fortnightly, "2026-01-08", "2026-01-20", 1) == ["2026-02-03"]
    assert dates(fortnightly, "2026-01-08", "2026-01-27", 1) == ["2026-02-03"]


def test_months_are_counted_from_the_anchor_too() -> None:
    quarterly = Cadence("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", NINE)

    assert dates(quarterly, "2025-11-10", "2026-03-01", 3) == ["2026-05-29", "2026-08-28", "2026-11-27"]
    assert dates(Cadence("FREQ=MONTHLY;BYMONTHDAY=28", NINE), "2026-01-29", "2026-01-01", 2) == [
        "2026-02-28",
        "2026-03-28",
    ]


def rules() -> st.SearchStrategy[str]:
    code = st.sampled_from(WEEKDAY_CODES)
    weekly = st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 4), code)
    weekday = st.builds("BYDAY={}{}".format, st.sampled_from([1, 2, 3, 4, -1]), code)
    monthday = st.builds("BYMONTHDAY={}".format, st.integers(1, 28))
    monthly = st.builds("FREQ=MONTHLY;INTERVAL={};{}".format, st.sampled_from([1, 3]), weekday | monthday)
    return weekly | monthly


@settings(deadline=None)
@given(rules(), st.dates(day("2024-01-01"), day("2026-12-31")), st.dates(day("2023-06-01"), day("2028-12-31")))
def test_dates_are_those_of_the_standard_however_far_one_looks_ahead(
    rule: str, anchor: dt.date, after: dt.date
) -> None:
    standard = rrulestr(rule, dtstart=dt.datetime.combine(anchor, dt.time()))
    expected = [
        moment.date() for moment in standard.xafter(dt.datetime.combine(after, dt.time.max), count=5, inc=False)
    ]

    assert list(itertools.islice(occurrences(Cadence(rule, NINE), anchor, after), 5)) == expected


# --- each company's opening ---


def test_a_round_opens_at_the_same_local_time_across_daylight_saving() -> None:
    def openings(calendar: WorkingCalendar) -> list[str]:
        instants_ = (occurrence_on_side(MONDAYS, day(f"2026-03-{d:02}"), calendar) for d in (2, 9, 23, 30))
        return [f"{instant:%H:%M}" for instant in instants_ if instant]

    assert openings(CHICAGO) == ["15:00", "14:00", "14:00", "14:00"]  # clocks changed on the 8th
    assert openings(STUTTGART) == ["08:00", "08:00", "08:00", "07:00"]  # and on the 29th


def test_a_holiday_moves_the_round_of_that_company_alone() -> None:
    easter_monday = day("2026-04-06")

    assert occurrence_on_side(MONDAYS, easter_monday, STUTTGART) == utc("2026-04-07T07:00")
    assert occurrence_on_side(MONDAYS, easter_monday, CHICAGO) == utc("2026-04-06T14:00")


def test_thanksgiving_moves_a_thursday_round_to_friday() -> None:
    thursdays = Cadence("FREQ=WEEKLY;BYDAY=TH", NINE)

    assert occurrence_on_side(thursdays, day("2026-11-26"), CHICAGO) == utc("2026-11-27T15:00")


def test_a_weekend_date_moves_to_monday() -> None:
    monthly = Cadence("FREQ=MONTHLY;BYMONTHDAY=15", NINE)

    assert occurrence_on_side(monthly, day("2026-08-15"), STUTTGART) == utc("2026-08-17T07:00")


def test_a_round_that_would_meet_the_next_one_gives_way_to_it() -> None:
    assert occurrence_on_side(MONDAYS, day("2026-12-21"), SHUT_FOR_CHRISTMAS) == utc("2026-12-21T08:00")
    assert occurrence_on_side(MONDAYS, day("2026-12-28"), SHUT_FOR_CHRISTMAS) is None
    assert occurrence_on_side(MONDAYS, day("2027-01-04"), SHUT_FOR_CHRISTMAS) == utc("2027-01-04T08:00")

    after = utc("2026-12-21T08:00")
    assert next_occurrence(MONDAYS, ANCHOR, [SHUT_FOR_CHRISTMAS], after) == day("2027-01-04")
    assert next_occurrence(MONDAYS, ANCHOR, [SHUT_FOR_CHRISTMAS, CHICAGO], after) == day("2026-12-28")


def test_the_next_round_is_the_one_that_nobody_has_begun() -> None:
    assert next_occurrence(MONDAYS, ANCHOR, BOTH, utc("2026-03-09T07:59:59")) == day("2026-03-09")
    assert next_occurrence(MONDAYS, ANCHOR, BOTH, utc("2026-03-09T08:00")) == day("2026-03-16")
    assert next_occurrence(MONDAYS, ANCHOR, BOTH, utc("2025-06-01T00:00")) == ANCHOR


def test_a_round_still_on_its_way_over_a_holiday_is_not_forgotten() -> None:
    easter_monday_evening = utc("2026-04-06T20:00")

    assert next_occurrence(MONDAYS, ANCHOR, [STUTTGART], easter_monday_evening) == day("2026-04-06")


# --- closing ---


def test_a_round_closes_for_both_when_the_slower_side_has_had_its_working_days() -> None:
    # Stuttgart opens on Tuesday the 7th, two working days later is the 9th; Chicago would be done on the 8th.
    assert closes_at(day("2026-04-06"), MONDAYS, BOTH, 2) == utc("2026-04-09T07:00")
    # The same dates on both sides: Chicago's clock is behind.
    assert closes_at(day("2026-04-13"), MONDAYS, BOTH, 2) == utc("2026-04-15T14:00")


def test_a_side_whose_round_gave_way_does_not_hold_the_other_up() -> None:
    assert closes_at(day("2026-12-28"), MONDAYS, (SHUT_FOR_CHRISTMAS, CHICAGO), 2) == utc("2026-12-30T15:00")
    with pytest.raises(NoRound):
        closes_at(day("2026-12-28"), MONDAYS, (SHUT_FOR_CHRISTMAS,), 2)


def test_a_single_agreed_date_follows_the_same_rules() -> None:
    ascension = day("2026-05-14")

    assert fixed_on_side(ascension, NINE, STUTTGART) == utc("2026-05-15T07:00")
    assert fixed_on_side(ascension, NINE, CHICAGO) == utc("2026-05-14T14:00")
    assert fixed_closes_at(ascension, NINE, BOTH, 1) == utc("2026-05-18T07:00")


# --- the digest ---


@pytest.mark.parametrize(
    ("calendar", "after", "expected"),
    [
        (CHICAGO, "2026-04-03T00:00", "2026-04-06T13:00"),
        (STUTTGART, "2026-04-03T00:00", "2026-04-07T06:00"),  # Easter Monday
        (STUTTGART, "2026-04-07T06:00", "2026-04-13T06:00"),
        (CHICAGO, "2026-03-02T14:00", "2026-03-09T13:00"),  # clocks changed between the two
    ],
)
def test_each_company_gets_its_digest_on_its_own_monday(calendar: WorkingCalendar, after: str, expected: str) -> None:
    assert weekly_at(calendar, 0, dt.time(8), utc(after)) == utc(expected)


# --- what holds for every cadence and every two calendars ---

SPRING = utc("2026-01-20T00:00")
WINTER = utc("2026-12-10T00:00")

local_times = st.sampled_from([dt.time(0), dt.time(2, 30), dt.time(23, 30)]) | st.builds(
    dt.time, st.integers(0, 23), st.integers(0, 59)
)
cadences = st.builds(Cadence, rules(), local_times)
anchors = st.dates(day("2025-06-01"), day("2026-01-01"))


def rounds_of_2026(
    cadence: Cadence, anchor: dt.date, sides: tuple[WorkingCalendar, ...]
) -> list[tuple[dt.date, tuple[dt.datetime | None, ...]]]:
    """Live through the year as the liaison does: each round sets the next from the instant it began."""
    now, lived = utc("2025-12-20T00:00"), []
    while now < utc("2027-01-20T00:00"):
        date = next_occurrence(cadence, anchor, sides, now)
        openings = tuple(occurrence_on_side(cadence, date, side) for side in sides)
        lived.append((date, openings))
        now = min(opening for opening in openings if opening)
    return lived


def assert_shows(instant: dt.datetime, date: dt.date, at: dt.time, zone: str) -> None:
    """The zone's clock shows that time, the first if repeated, or skipped it and shows a later one."""
    local = instant.astimezone(ZoneInfo(zone))
    wanted = dt.datetime.combine(date, at)
    late = local.replace(tzinfo=None) - wanted
    wall = wanted.replace(tzinfo=ZoneInfo(zone))
    exists = wall.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wanted

    assert local.fold == 0
    assert late == dt.timedelta(0) if exists else dt.timedelta(0) < late <= dt.timedelta(hours=1)


@pytest.mark.parametrize("zone", [zone for zone, _, _ in PLACES])
@settings(max_examples=15, deadline=None)
@given(code=st.sampled_from(WEEKDAY_CODES), at=local_times)
def test_no_weekday_is_skipped_or_doubled_by_daylight_saving(zone: str, code: str, at: dt.time) -> None:
    every_day = make_calendar(zone, workdays=frozenset(range(7)))
    cadence = Cadence(f"FREQ=WEEKLY;BYDAY={code}", at)

    lived = rounds_of_2026(cadence, day("2025-12-01"), (every_day,))

    for date, (opening,) in lived:
        assert opening is not None
        assert_shows(opening, date, at, zone)
    steps = {later - earlier for (earlier, _), (later, _) in itertools.pairwise(lived)}
    assert steps == {dt.timedelta(days=7)}


@settings(max_examples=40, deadline=None)
@given(cadences, anchors, st.tuples(calendars(), calendars()))
def test_every_round_comes_once_for_each_side_on_a_working_day(
    cadence: Cadence, anchor: dt.date, sides: tuple[WorkingCalendar, WorkingCalendar]
) -> None:
    lived = rounds_of_2026(cadence, anchor, sides)

    assert [date for date, _ in lived] == sorted({date for date, _ in lived})
    for number, side in enumerate(sides):
        opened = [openings[number] for _, openings in lived]
        within = [instant for instant in opened if instant and SPRING < instant < WINTER]
        agreed = itertools.takewhile(
            lambda date: date < day("2027-03-01"), occurrences(cadence, anchor, day("2025-10-01"))
        )
        expected = {local_instant(next_working_day(side, date), cadence.at, side.zone) for date in agreed}
        assert within == sorted(instant for instant in expected if SPRING < instant < WINTER)
        assert all(is_working_day(side, local_date(instant, side.zone)) for instant in within)


@settings(max_examples=60, deadline=None)
@given(cadences, anchors, st.tuples(calendars(), calendars()), instants(), st.integers(0, 6))
def test_both_sides_have_their_working_days_until_the_one_closing(
    cadence: Cadence,
    anchor: dt.date,
    sides: tuple[WorkingCalendar, WorkingCalendar],
    after: dt.datetime,
    answer_within: int,
) -> None:
    date = next_occurrence(cadence, anchor, sides, after)

    closing = closes_at(date, cadence, sides, answer_within)

    assert closing == closes_at(date, cadence, sides[::-1], answer_within)
    owed = [
        local_instant(add_working_days(side, local_date(opening, side.zone), answer_within), cadence.at, side.zone)
        for side in sides
        if (opening := occurrence_on_side(cadence, date, side))
    ]
    assert all(closing >= instant for instant in owed)
    assert closing in owed


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(0, 6), local_times, instants())
def test_the_weekly_moment_is_the_next_one_and_on_a_working_day(
    calendar: WorkingCalendar, weekday: int, at: dt.time, after: dt.datetime
) -> None:
    moment = weekly_at(calendar, weekday, at, after)

    assert moment > after
    assert is_working_day(calendar, local_date(moment, calendar.zone))
    assert weekly_at(calendar, weekday, at, moment - dt.timedelta(microseconds=1)) == moment
    assert moment - after <= dt.timedelta(days=22)
