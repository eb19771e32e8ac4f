"""What both sides say of the success criteria: each side's own word, then what the two mean together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from alliance.charter import Criterion
from alliance.checkpoint import CheckpointAnswer, CriterionRating, CriterionResult, Finding, Standing
from alliance.errors import NotAMember
from alliance.ids import MemberId, SideKey
from alliance.roster import Roster

CAUTION = (Standing.MISSED, Standing.AT_RISK, Standing.ON_COURSE, Standing.MET)
"""The most cautious first: a side that is of two minds is taken at its more cautious one."""
SAME_MEASURE = 0.05
"""The share of the target by which two measured values may differ and still be the same."""


def criterion_results(
    criteria: Sequence[Criterion], answers: Sequence[CheckpointAnswer], roster: Roster
) -> tuple[CriterionResult, ...]:
    """Return every criterion, in the charter's order, as both sides see it."""
    return tuple(_result(criterion, answers, roster) for criterion in criteria)


def _result(criterion: Criterion, answers: Sequence[CheckpointAnswer], roster: Roster) -> CriterionResult:
    standings: dict[SideKey, Standing | None] = {}
    measured: dict[SideKey, float | None] = {}
    for side in roster.sides:
        ratings = {
            answer.member_id: rating
            for answer in answers
            if answer.side == side.key
            for rating in answer.ratings
            if rating.criterion == criterion.key
        }
        owner = ratings.get(_owner(criterion, side.key, roster))
        standings[side.key] = standing_of(owner, list(ratings.values()))
        measured[side.key] = measured_of(owner, list(ratings.values()))
    return CriterionResult(
        criterion=criterion.key,
        name=criterion.name,
        unit=criterion.unit,
        target=criterion.target,
        standings=standings,
        measured=measured,
        finding=finding(standings, measured, criterion.target),
        direction=criterion.direction,
    )


def _owner(criterion: Criterion, side: SideKey, roster: Roster) -> MemberId:
    try:
        return roster.by_key(criterion.owners.get(side, "")).id
    except NotAMember:
        return MemberId("")


def standing_of(owner: CriterionRating | None, ratings: Sequence[CriterionRating]) -> Standing | None:
    """Return one side's standing: its owner's word, else what most say, the cautious one of two."""
    if owner is not None and owner.standing is not None:
        return owner.standing
    counts = Counter(rating.standing for rating in ratings if rating.standing is not None)
    most = max(counts.values(), default=0)
    return next((standing for standing in CAUTION if most and counts[standing] == most), None)


def measured_of(owner: CriterionRating | None, ratings: Sequence[CriterionRating]) -> float | None:
    """Return one side's measured value: its owner's, else the median of those given; None when none was."""
    if owner is not None and owner.measured is not None:
        return owner.measured
    values = [rating.measured for rating in ratings if rating.measured is not None]
    return median(values) if values else None


def finding(
    standings: Mapping[SideKey, Standing | None], measured: Mapping[SideKey, float | None], target: float
) -> Finding:
    """Return what the sides' words mean together: unmeasured as soon as one of them does not say."""
    if any(standing is None for standing in standings.values()):
        return Finding.UNMEASURED
    values = [value for value in measured.values() if value is not None]
    apart = len(values) == len(standings) and max(values) - min(values) > SAME_MEASURE * abs(target) + 1e-9
    if apart or len(set(standings.values())) > 1:
        return Finding.CONTESTED
    return Finding.AGREED


def share_of_target(measured: float, target: float) -> float | None:
    """Return a measured value in percent of the target; None where the target is zero."""
    return None if target == 0 else 100 * measured / target
