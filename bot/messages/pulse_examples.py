"""Example pulses for the catalog, published by the rule itself so that no figure in them is made up."""

import datetime as dt
from collections.abc import Mapping, Sequence

from alliance.disclosure import pulse_results_view
from alliance.ids import MemberId, PulseId, SideKey
from alliance.items import items_of_round
from alliance.notices import PulseClosed, PulseComments
from alliance.pulse import Pulse, PulseAnswer, PulseResults
from alliance.pulse_results import ClosedRound, EarlierPulse
from alliance.rounds import RoundState
from bot.messages.sample import ALLIANCE, DC, MC, NOW

_TWELVE = tuple(range(12))
_TRUST = items_of_round(1, (), 4)
_CONFLICT = items_of_round(1, ("conflict handling", "advocacy"), 5)

Ratings = Mapping[SideKey, Sequence[tuple[int, ...]]]
"""Each respondent's ratings in the order of the items."""


def _round(number: int, items: tuple[str, ...], ratings: Ratings, before: tuple[EarlierPulse, ...]) -> EarlierPulse:
    pulse = Pulse(
        id=PulseId(f"example-{number}"),
        alliance_id=ALLIANCE,
        charter_version=1,
        number=number,
        day=NOW.date() + dt.timedelta(weeks=2 * number),
        items=items,
        closes_at=NOW,
        state=RoundState.CLOSED,
        invited={side: tuple(MemberId(f"{side}-{n}") for n in _TWELVE) for side in (DC, MC)},
    )
    answers = [
        PulseAnswer(side, dict(zip(items, given, strict=True))) for side, people in ratings.items() for given in people
    ]
    closed = ClosedRound(pulse, answers, (DC, MC), minimum=5, closed_at=NOW, earlier=before)
    return EarlierPulse(pulse, pulse_results_view(closed))


_FIRST = _round(
    1,
    _TRUST,
    {
        DC: [(4, 3, 4, 4), (5, 3, 3, 4), (4, 2, 4, 3), (4, 3, 5, 4), (5, 4, 4, 4), (4, 3, 4, 5)],
        MC: [(4, 3, 3, 3), (5, 2, 4, 2), (4, 2, 3, 3), (5, 3, 4, 3), (4, 2, 3, 2), (4, 3, 4, 4)],
    },
    (),
)
_SECOND = _round(
    2,
    _TRUST,
    {
        DC: [
            (5, 4, 4, 4),
            (5, 4, 4, 5),
            (4, 4, 5, 4),
            (5, 3, 4, 4),
            (4, 4, 4, 5),
            (5, 5, 4, 4),
            (4, 4, 5, 5),
        ],
        MC: [(3, 2, 3, 2), (4, 2, 3, 3), (4, 1, 2, 2), (3, 2, 3, 2), (4, 3, 3, 3), (3, 2, 2, 2)],
    },
    (_FIRST,),
)
_SHORT = _round(
    3,
    _TRUST,
    {DC: [(5, 4, 4, 4), (5, 4, 4, 5), (4, 4, 5, 4), (5, 3, 4, 4), (4, 3, 4, 5)], MC: [(3, 2, 3, 2)] * 4},
    (_SECOND, _FIRST),
)
_FRICTION = _round(
    4,
    _CONFLICT,
    {
        DC: [(4, 3, 4, 2, 8), (5, 4, 4, 1, 9), (4, 4, 3, 2, 7), (3, 3, 5, 1, 9), (4, 3, 4, 3, 6)],
        MC: [(4, 4, 4, 2, 8), (4, 3, 4, 2, 6), (5, 3, 3, 1, 7), (4, 4, 4, 2, 9), (3, 3, 4, 3, 8)],
    },
    (),
)


def _closed(results: PulseResults) -> PulseClosed:
    return PulseClosed(alliance_id=ALLIANCE, results=results)


def _comments(*said: str, few: bool = False) -> PulseComments:
    return PulseComments(
        alliance_id=ALLIANCE,
        pulse_id=PulseId("example-2"),
        number=2,
        side=DC,
        comments=None if few else said,
        minimum=10,
    )


CLOSED = tuple(_closed(past.results) for past in (_SECOND, _FIRST, _SHORT, _FRICTION))
COMMENTS = (
    _comments("Decisions wait for the steering call.", "Good week.\nThe *workshop* helped <a lot>."),
    _comments(),
    _comments(few=True),
)
