"""Pulses to test with: closed rounds, and answers of people who all say much the same."""

import datetime as dt
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from alliance.ids import MemberId, PulseId, SideKey
from alliance.items import ITEMS
from alliance.pulse import Pulse, PulseAnswer
from alliance.pulse_results import ClosedRound, EarlierPulse, publish
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY

TRUST = ("trust.we", "trust.they")
FRICTION = ("conflict-handling.task-friction", "conflict-handling.personal-friction")
ADVOCACY = ("advocacy",)
EVERYTHING = (*TRUST, *FRICTION, *ADVOCACY)
MIXED = (1, 2, 3, 4, 5, 4, 3, 2, 4, 5, 3, 2)


def people(side: SideKey, count: int, *, first: int = 0) -> tuple[MemberId, ...]:
    return tuple(MemberId(f"{side}-{number}") for number in range(first, first + count))


def make_pulse(
    items: Sequence[str] = TRUST,
    *,
    number: int = 1,
    dc: Sequence[MemberId] = people(DC, 12),
    mc: Sequence[MemberId] = people(MC, 12),
) -> Pulse:
    return Pulse(
        id=PulseId(f"pulse-{number}"),
        alliance_id=ALLIANCE,
        charter_version=1,
        number=number,
        day=MONDAY.date() + dt.timedelta(weeks=number),
        items=tuple(items),
        closes_at=MONDAY + dt.timedelta(weeks=number),
        invited={DC: tuple(dc), MC: tuple(mc)},
    )


def rate(side: SideKey, ratings: Iterable[int], items: Sequence[str] = TRUST) -> list[PulseAnswer]:
    """One answer for each rating, the same for every item."""
    return [PulseAnswer(side, dict.fromkeys(items, rating)) for rating in ratings]


def make_closed(
    dc: Iterable[PulseAnswer],
    mc: Iterable[PulseAnswer],
    *,
    pulse: Pulse | None = None,
    minimum: int = 5,
    earlier: Sequence[EarlierPulse] = (),
) -> ClosedRound:
    pulse = pulse or make_pulse()
    return ClosedRound(pulse, [*dc, *mc], (DC, MC), minimum, pulse.closes_at, earlier)


def measured(closed: ClosedRound) -> EarlierPulse:
    """A closed round as a later one looks back on it."""
    return EarlierPulse(closed.pulse, publish(closed))


def answer_sets(
    side: SideKey, items: Sequence[str] = EVERYTHING, *, least: int = 0, most: int = 12
) -> st.SearchStrategy[list[PulseAnswer]]:
    """Any answers of one side to these items, with comments."""
    ratings = st.fixed_dictionaries({key: st.integers(ITEMS[key].lowest, ITEMS[key].highest) for key in items})
    one = st.builds(PulseAnswer, st.just(side), ratings, st.text(max_size=5))
    return st.lists(one, min_size=least, max_size=most)
