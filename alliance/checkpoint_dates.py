"""When checkpoints are held: on the charter's dates or cadence, at one instant for both companies."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from alliance.cadence import (
    NoRound,
    closes_at,
    fixed_closes_at,
    fixed_on_side,
    next_occurrence,
    occurrence_on_side,
)
from alliance.calendar import NeverOpenTogether, WorkingCalendar, local_date
from alliance.charter import CheckpointTerms
from alliance.roster import Roster

LATE = dt.timedelta(days=1)
"""A checkpoint that could not be opened for longer than this is left out."""


@dataclass(frozen=True, slots=True)
class Span:
    """One checkpoint's date, and when it opens and closes."""

    day: dt.date
    opens_at: dt.datetime
    closes_at: dt.datetime


def first_day(terms: CheckpointTerms, anchor: dt.date, roster: Roster, now: dt.datetime) -> dt.date | None:
    """Return the first date from today on, if the charter names one; the cadence counts from `anchor`."""
    today = min(local_date(now, side.calendar.zone) for side in roster.sides)
    fixed = [day for day in terms.dates if day >= today]
    return min((*fixed, *_by_cadence(terms, anchor, roster, now)), default=None)


def following_day(
    terms: CheckpointTerms, anchor: dt.date, roster: Roster, day: dt.date, now: dt.datetime
) -> dt.date | None:
    """Return the first date after `day` that can still be held at `now`; None when there is none."""
    fixed = [
        later for later in sorted(terms.dates) if later > day and span(terms, later, roster).opens_at + LATE >= now
    ]
    recurring = [later for later in _by_cadence(terms, anchor, roster, now) if later > day]
    return min((*fixed, *recurring), default=None)


def _by_cadence(terms: CheckpointTerms, anchor: dt.date, roster: Roster, now: dt.datetime) -> Sequence[dt.date]:
    return [next_occurrence(terms.cadence, anchor, _calendars(roster), now)] if terms.cadence else []


def span(terms: CheckpointTerms, day: dt.date, roster: Roster) -> Span:
    """Return when the checkpoint of a charter date opens and closes.

    It opens for both at the later of the companies' own openings, in their joint working time where there is
    some before the close. Raises NoRound when the cadence leaves that date out on both sides.
    """
    calendars = _calendars(roster)
    if day in terms.dates or terms.cadence is None:
        openings = [fixed_on_side(day, terms.at, calendar) for calendar in calendars]
        closes = fixed_closes_at(day, terms.at, calendars, terms.answer_within)
    else:
        found = [occurrence_on_side(terms.cadence, day, calendar) for calendar in calendars]
        openings = [instant for instant in found if instant is not None]
        closes = closes_at(day, terms.cadence, calendars, terms.answer_within)
    if not openings:
        raise NoRound
    opens = max(openings)
    try:
        shared = roster.joint_clock.next_open(opens)
    except NeverOpenTogether:
        shared = opens
    return Span(day, shared if shared < closes else opens, closes)


def called_span(terms: CheckpointTerms, day: dt.date, roster: Roster, now: dt.datetime) -> Span:
    """Return the span of a checkpoint that an alliance manager calls: it opens now."""
    at = terms.cadence.at if terms.cadence and not terms.dates else terms.at
    closes = fixed_closes_at(day, at, _calendars(roster), max(terms.answer_within, 1))
    return Span(day, now, closes)


def _calendars(roster: Roster) -> tuple[WorkingCalendar, ...]:
    return tuple(side.calendar for side in roster.sides)
