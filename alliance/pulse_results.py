"""The publishing rule: what of a closed pulse may be shown to both companies, and what is withheld and why.

A side's figure needs enough answers; a joint figure needs enough on both sides, since `joint - mine =
theirs`. Where one person joined or left since a dimension was last asked, two levels would tell that person's
rating apart, so the later one is withheld. Where answers are alike, a figure would say what each person said.
Every reason is told, and none of them depends on what a withheld side answered, save that the answers were
alike. What is published is rounded here, and gaps and steps are differences of published figures, so that
they say nothing beyond them. docs/decisions/004 has the whole argument.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from alliance.ids import SideKey
from alliance.items import Item, Voice, scored_by_dimension, unscored
from alliance.pulse import (
    Between,
    DimensionResult,
    Gap,
    Pulse,
    PulseAnswer,
    PulseResults,
    Response,
    Score,
    SideFigure,
    SideScore,
    Unscored,
    Withheld,
)
from alliance.statistics import combined, half_width, mean, rounded

Sides = tuple[SideKey, SideKey]
LEAST_MINIMUM = 3
"""Answers below which nothing is published, whatever a charter says."""
REPEATS_OF_A_GAP = 3
TELLING_APART = 2
"""Answers that must differ from the most common one: with fewer, an insider can tell everybody's."""


@dataclass(frozen=True, slots=True)
class EarlierPulse:
    """A closed round and what was published of it."""

    pulse: Pulse
    results: PulseResults


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """All that the rule may look at; `earlier` is newest first, `minimum` the charter's answers a side."""

    pulse: Pulse
    answers: Sequence[PulseAnswer]
    sides: Sides
    minimum: int
    closed_at: dt.datetime
    earlier: Sequence[EarlierPulse] = ()

    def ratings(self, side: SideKey, item: Item) -> list[int]:
        """One side's scored ratings of one item."""
        return [item.scored(a.ratings[item.key]) for a in self.answers if a.side == side]

    def values(self, side: SideKey, items: Sequence[Item]) -> list[Fraction]:
        """What each respondent of a side contributes: the mean of their scored ratings of these items."""
        return [
            Fraction(sum(item.scored(answer.ratings[item.key]) for item in items), len(items))
            for answer in self.answers
            if answer.side == side
        ]

    def response(self, side: SideKey) -> Response:
        answered = sum(answer.side == side for answer in self.answers)
        return Response(invited=len(self.pulse.invited.get(side, ())), answered=answered)

    def last_with(self, item: Item) -> EarlierPulse | None:
        """The newest earlier round that asked this item."""
        return next((past for past in self.earlier if item.key in past.pulse.items), None)


def publish(closed: ClosedRound) -> PulseResults:
    """Return all that is published of a round, the same for both companies."""
    pulse = closed.pulse
    return PulseResults(
        pulse_id=pulse.id,
        number=pulse.number,
        day=pulse.day,
        closed_at=closed.closed_at,
        response={side: closed.response(side) for side in closed.sides},
        dimensions=tuple(_dimension(closed, name, items) for name, items in scored_by_dimension(pulse.items).items()),
        unscored=tuple(_unscored(closed, item) for item in unscored(pulse.items)),
    )


def _dimension(closed: ClosedRound, name: str, items: tuple[Item, ...]) -> DimensionResult:
    before = _measured_before(closed, name, items)
    sides = tuple(_side_score(closed, side, items, before) for side in closed.sides)
    because = _joint_reason([score.withheld for score in sides])
    return DimensionResult(
        dimension=name,
        sides=sides,
        gap=_side_gap(closed, items, sides, because, before),
        mirrors=_mirrors(closed, items, because, before),
        items=tuple(item.key for item in items),
    )


# --- one side ---------------------------------------------------------------------------------------


def _withheld(closed: ClosedRound, side: SideKey, items: Sequence[Item]) -> Withheld | None:
    """Why a side's figure of these items is withheld; only the last of the reasons looks at any rating."""
    if closed.response(side).answered < max(closed.minimum, LEAST_MINIMUM):
        return Withheld.TOO_FEW
    last = closed.last_with(items[0])
    if last and _hardly_changed(last.pulse.invited.get(side, ()), closed.pulse.invited.get(side, ())):
        return Withheld.MEMBERSHIP
    return Withheld.ALIKE if _alike(closed.values(side, items)) else None


def _hardly_changed(before: Collection[str], now: Collection[str]) -> bool:
    """Whether one person joined, left, or took another's place: a step would be about that person."""
    joined, left = set(now) - set(before), set(before) - set(now)
    return len(joined) <= 1 and len(left) <= 1 and bool(joined or left)


def _alike(values: Sequence[Fraction] | Sequence[int]) -> bool:
    """Whether all answers are equal, or all but one.

    One odd answer is not enough to hide the others: whoever gave it would know what everybody else said, and
    so would everybody who reads that all are equal and was among them.
    """
    most_common = Counter(values).most_common(1)[0][1]
    return len(values) - most_common < TELLING_APART


def _side_score(closed: ClosedRound, side: SideKey, items: Sequence[Item], before: DimensionResult | None) -> SideScore:
    because = _withheld(closed, side, items)
    if because is not None:
        return SideScore(side, withheld=because, change_withheld=because)
    score = _score(closed, side, items)
    if before is None:
        return SideScore(side, score, change_withheld=Withheld.NOT_MEASURED)
    former = next((s.score for s in before.sides if s.side == side), None)
    if former is None:
        return SideScore(side, score, change_withheld=Withheld.LAST_TIME)
    return SideScore(side, score, change=rounded(score.mean - former.mean))


def _score(closed: ClosedRound, side: SideKey, items: Sequence[Item]) -> Score:
    values = closed.values(side, items)
    rated = [(item, rating) for item in items for rating in closed.ratings(side, item)]
    favourable = sum(rating in item.favourable for item, rating in rated)
    unfavourable = sum(rating in item.unfavourable for item, rating in rated)
    neutral = len(rated) - favourable - unfavourable
    return Score(
        mean=rounded(mean(values)),
        band=rounded(half_width(values, closed.response(side).invited)),
        favourable=rounded(Fraction(favourable, len(rated)), 2),
        neutral=rounded(Fraction(neutral, len(rated)), 2),
        unfavourable=rounded(Fraction(unfavourable, len(rated)), 2),
    )


def _unscored(closed: ClosedRound, item: Item) -> Unscored:
    return Unscored(item.dimension, item.key, tuple(_figure(closed, side, item) for side in closed.sides))


def _figure(closed: ClosedRound, side: SideKey, item: Item) -> SideFigure:
    because = _withheld(closed, side, (item,))
    if because is not None:
        return SideFigure(side, withheld=because)
    values = closed.values(side, (item,))
    band = half_width(values, closed.response(side).invited)
    return SideFigure(side, mean=rounded(mean(values)), band=rounded(band))


# --- both sides -------------------------------------------------------------------------------------


def _joint_reason(reasons: Sequence[Withheld | None]) -> Withheld | None:
    """Why a figure of both sides is withheld: if either is, for then it would give that side away."""
    if Withheld.TOO_FEW in reasons:
        return Withheld.OTHER_SIDE_SHORT
    return next((because for because in (Withheld.MEMBERSHIP, Withheld.ALIKE) if because in reasons), None)


def _measured_before(closed: ClosedRound, name: str, items: tuple[Item, ...]) -> DimensionResult | None:
    """The dimension's last result, when it was made of exactly these items: there is no trend across
    wordings.
    """
    last = closed.last_with(items[0])
    found = next((d for d in last.results.dimensions if d.dimension == name), None) if last else None
    return found if found and found.items == tuple(item.key for item in items) else None


def _side_gap(
    closed: ClosedRound,
    items: tuple[Item, ...],
    sides: Sequence[SideScore],
    because: Withheld | None,
    before: DimensionResult | None,
) -> Gap:
    first, second = (side.score for side in sides)
    if because is not None or first is None or second is None:
        return Gap(Between.SIDES, withheld=because)
    parts = [(side, items) for side in closed.sides]
    gap = Gap(
        Between.SIDES,
        value=rounded(first.mean - second.mean),
        band=_band_of_difference(closed, parts),
    )
    return _called(gap, items[0], before.gap if before else None)


def _mirrors(
    closed: ClosedRound, items: tuple[Item, ...], because: Withheld | None, before: DimensionResult | None
) -> tuple[Gap, ...]:
    """How each side sees itself minus how it is seen; both or none, for with the side gap one gives the
    other.
    """
    voices = {item.voice: item for item in items}
    we, they = voices.get(Voice.WE), voices.get(Voice.THEY)
    if we is None or they is None:
        return ()
    if because is None and any(_alike(closed.ratings(s, item)) for s in closed.sides for item in items):
        because = Withheld.ALIKE
    if because is not None:
        return tuple(Gap(Between.MIRROR, about=side, withheld=because) for side in closed.sides)
    former = {gap.about: gap for gap in before.mirrors} if before else {}
    first, second = closed.sides
    return tuple(
        _called(_mirror(closed, (about, we), (other, they)), we, former.get(about))
        for about, other in ((first, second), (second, first))
    )


def _mirror(closed: ClosedRound, own: tuple[SideKey, Item], seen: tuple[SideKey, Item]) -> Gap:
    parts = [(side, (item,)) for side, item in (own, seen)]
    self_view, other_view = (rounded(mean(closed.values(side, items))) for side, items in parts)
    band = _band_of_difference(closed, parts)
    return Gap(Between.MIRROR, about=own[0], value=rounded(self_view - other_view), band=band)


def _band_of_difference(closed: ClosedRound, parts: Iterable[tuple[SideKey, Sequence[Item]]]) -> float:
    bands = (half_width(closed.values(side, items), closed.response(side).invited) for side, items in parts)
    return rounded(combined(*bands))


def _called(gap: Gap, item: Item, before: Gap | None) -> Gap:
    """Say whether a difference is called a gap: wide and clear of 0, or wide three times running the same
    way.

    A time when it was withheld breaks the row.
    """
    value, band = gap.value or 0.0, gap.band or 0.0
    if abs(value) < item.smallest_gap:
        return gap
    earlier = before.value if before and before.value is not None else 0.0
    repeats = before.repeats + 1 if before and earlier * value > 0 else 1
    return replace(gap, repeats=repeats, is_gap=abs(value) > band or repeats >= REPEATS_OF_A_GAP)
