"""Rounds of check-ins, pulses and checkpoints: when they open, when they remind, who is there."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

from alliance.cadence import Cadence, occurrence_on_side, occurrences
from alliance.calendar import WorkingCalendar, local_date, working_fraction
from alliance.ids import MemberId
from alliance.roster import Roster, Side

LATE = dt.timedelta(days=1)
"""A round that should have begun longer ago than this is left out."""
REMINDERS = (Fraction(1, 2), Fraction(7, 8))
"""How much of a side's own working time between opening and close has passed when it is reminded."""


class RoundState(StrEnum):
    """A round (check-in, pulse, checkpoint) takes answers while it is open."""

    OPEN = "open"
    CLOSED = "closed"


def next_opening(
    cadence: Cadence, anchor: dt.date, calendar: WorkingCalendar, after: dt.date, not_before: dt.datetime
) -> tuple[dt.date, dt.datetime]:
    """Return the date of one company's next round later than `after`, and the instant it opens there.

    Rounds that would have opened before `not_before`, and those that give way to the next, are left out.
    """
    for day in occurrences(cadence, anchor, after):
        opens_at = occurrence_on_side(cadence, day, calendar)
        if opens_at is not None and opens_at >= not_before:
            return day, opens_at
    raise AssertionError("a cadence has no end")


def begins_at(cadence: Cadence, day: dt.date, calendars: Iterable[WorkingCalendar]) -> dt.datetime | None:
    """Return when the round begins for whichever company is first; None when it gives way for all."""
    sides = (occurrence_on_side(cadence, day, calendar) for calendar in calendars)
    return min((instant for instant in sides if instant is not None), default=None)


def reminders_at(calendar: WorkingCalendar, opens_at: dt.datetime, closes_at: dt.datetime) -> tuple[dt.datetime, ...]:
    """Return the at most two instants, in the side's working hours, at which it is reminded."""
    moments = (working_fraction(calendar, opens_at, closes_at, share) for share in REMINDERS)
    return tuple(moment for moment in moments if moment is not None)


def present(roster: Roster, side: Side, members: Iterable[MemberId], now: dt.datetime) -> tuple[MemberId, ...]:
    """Return those of the members who are active and not away today."""
    today = local_date(now, side.calendar.zone)
    wanted = frozenset(members)
    return tuple(m.id for m in roster.active(side.key) if m.id in wanted and not m.is_away(today))
