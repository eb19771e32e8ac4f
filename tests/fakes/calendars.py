"""Working calendars to test with: the sample alliance's two, and any from six places with awkward clocks."""

import datetime as dt

from hypothesis import strategies as st

from alliance.calendar import MONDAY_TO_FRIDAY, WorkingCalendar

CHICAGO = WorkingCalendar("America/Chicago", country="US")
STUTTGART = WorkingCalendar("Europe/Berlin", country="DE", subdivision="BW")

PLACES = (
    ("America/Chicago", "US", ""),
    ("Europe/Berlin", "DE", "BW"),
    ("Africa/Cairo", "EG", ""),
    ("Australia/Sydney", "AU", "NSW"),
    ("America/Santiago", "CL", ""),
    ("Asia/Kolkata", "IN", ""),
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def make_calendar(
    zone: str = "Europe/Berlin",
    *,
    workdays: frozenset[int] = MONDAY_TO_FRIDAY,
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(17),
    country: str = "",
    subdivision: str = "",
    closed_on: frozenset[dt.date] = frozenset(),
) -> WorkingCalendar:
    return WorkingCalendar(zone, workdays, opens, closes, country, subdivision, closed_on)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any calendar from PLACES: six hours a day or more, Tuesday to Thursday at least, some days off."""
    zone, country, subdivision = draw(st.sampled_from(PLACES))
    opens = draw(st.integers(0, 12 * 60))
    closes = draw(st.integers(opens + 6 * 60, 23 * 60 + 59))
    return make_calendar(
        zone,
        workdays=frozenset({1, 2, 3}) | draw(st.sets(st.integers(0, 6))),
        opens=dt.time(opens // 60, opens % 60),
        closes=dt.time(closes // 60, closes % 60),
        country=country,
        subdivision=subdivision,
        closed_on=draw(st.frozensets(st.dates(day("2026-01-01"), day("2027-03-01")), max_size=5)),
    )


def instants() -> st.SearchStrategy[dt.datetime]:
    """Any instant of 2026 to the microsecond, dense around daylight saving changes in both hemispheres."""
    seasons = (
        ("2026-01-01", "2026-12-31"),
        ("2026-03-05", "2026-04-30"),
        ("2026-09-01", "2026-11-05"),
    )
    return st.one_of(
        *(
            st.datetimes(dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last), timezones=st.just(dt.UTC))
            for first, last in seasons
        )
    )
