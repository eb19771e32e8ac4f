"""Being away: until which day a member is asked nothing."""

import datetime as dt
from dataclasses import replace

from alliance.errors import AllianceError
from alliance.roster import Member

LONGEST_AWAY = dt.timedelta(days=366)


class DayHasPassed(AllianceError):
    """That day has passed, so nothing was changed. Name the last day on which you are away."""


class TooFarAhead(AllianceError):
    """That is more than a year ahead, so nothing was changed. Name a day within a year."""


def away(member: Member, until: dt.date | None, today: dt.date) -> Member:
    """Return the member away up to and including `until`, or back (None); `today` is the date there.

    Raises DayHasPassed and TooFarAhead.
    """
    if until is not None and until < today:
        raise DayHasPassed
    if until is not None and until - today > LONGEST_AWAY:
        raise TooFarAhead
    return replace(member, away_until=until)
