"""Digests of the sample alliance: a busy week, one with withheld figures, and a quiet one."""

import datetime as dt

from alliance.checkpoint import Checkpoint
from alliance.digest import Digest, OpenMatter, ScorePoint
from alliance.ids import CheckpointId, PulseId, WarningId
from alliance.pulse import (
    Between,
    DimensionResult,
    Gap,
    PulseResults,
    Response,
    Score,
    SideScore,
    Withheld,
)
from alliance.rounds import RoundState
from alliance.warning import EarlyWarning, WarningRule
from bot.messages import sample

_WEEK = dt.date(2026, 3, 9)
_SINCE = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2026, 3, 9, 7, 0, tzinfo=dt.UTC)
_CLOSED = dt.datetime(2026, 3, 6, 16, 0, tzinfo=dt.UTC)


def _scored(mean: float) -> Score:
    return Score(mean, 0.4, 0.6, 0.3, 0.1)


def _dimension(dimension: str, dc: float, mc: float, *, is_gap: bool) -> DimensionResult:
    gap = Gap(Between.SIDES, value=round(dc - mc, 1), band=0.4, is_gap=is_gap)
    scores = (SideScore(sample.DC, _scored(dc)), SideScore(sample.MC, _scored(mc)))
    return DimensionResult(dimension, scores, gap)


def _short(dimension: str, dc: float) -> DimensionResult:
    return DimensionResult(
        dimension,
        (SideScore(sample.DC, _scored(dc)), SideScore(sample.MC, withheld=Withheld.TOO_FEW)),
        Gap(Between.SIDES, withheld=Withheld.OTHER_SIDE_SHORT),
    )


def _pulse(number: int, answered: tuple[int, int], *dimensions: DimensionResult) -> PulseResults:
    response = dict(zip((sample.DC, sample.MC), (Response(12, count) for count in answered), strict=True))
    return PulseResults(PulseId(f"p{number}"), number, _CLOSED.date(), _CLOSED, response, dimensions)


QUIET = Digest(
    alliance_id=sample.ALLIANCE,
    week=_WEEK,
    since=_SINCE,
    until=_UNTIL,
    results=(),
    trend=(),
    checkin_response={sample.DC: (6, 7), sample.MC: (7, 7)},
    matters=(),
    resolved=(),
    overdue={sample.DC: 0, sample.MC: 0},
    checkpoints=(),
    next_checkpoint=None,
    warnings=(),
    decisions=(),
)

BUSY = Digest(
    alliance_id=sample.ALLIANCE,
    week=_WEEK,
    since=_SINCE,
    until=_UNTIL,
    results=(
        _pulse(
            3,
            (10, 9),
            _dimension("trust", 4.1, 3.2, is_gap=True),
            _dimension("communication", 3.6, 3.5, is_gap=False),
        ),
    ),
    trend=(
        ScorePoint(1, "trust", {sample.DC: 4.0, sample.MC: 3.8}),
        ScorePoint(1, "communication", {sample.DC: 3.4, sample.MC: 3.5}),
        ScorePoint(2, "value balance", {sample.DC: 3.9, sample.MC: 3.7}),
        ScorePoint(3, "trust", {sample.DC: 4.1, sample.MC: 3.2}),
        ScorePoint(3, "communication", {sample.DC: 3.6, sample.MC: 3.5}),
    ),
    checkin_response={sample.DC: (6, 7), sample.MC: (7, 7)},
    matters=(
        OpenMatter(2, "Milestone 3 slips again", "executives", "being resolved", urgent=True, age_days=12),
        OpenMatter(3, "Two price lists", "managers", "resolution proposed", urgent=False, age_days=4),
    ),
    resolved=(OpenMatter(1, "Access to the site", "counterparts", "resolved", urgent=False, age_days=9),),
    overdue={sample.DC: 1, sample.MC: 3},
    checkpoints=(
        Checkpoint(CheckpointId("c1"), sample.ALLIANCE, 1, dt.date(2026, 3, 5), _SINCE, _UNTIL, RoundState.OPEN),
    ),
    next_checkpoint=dt.date(2026, 4, 2),
    warnings=(
        EarlyWarning(
            WarningId("w1"),
            sample.ALLIANCE,
            WarningRule.GAP_OPENED,
            "trust",
            None,
            ("Pulse 3: DC 4.1, MC 3.2, a gap of 0.9.",),
            found_at=_CLOSED,
        ),
    ),
    decisions=(
        "Charter version 2 waits for the signature of MC.",
        "Escalation 2 stands with the executives: being resolved.",
    ),
)

WITHHELD = Digest(
    alliance_id=sample.ALLIANCE,
    week=_WEEK,
    since=_SINCE,
    until=_UNTIL,
    results=(_pulse(3, (10, 4), _short("trust", 4.1), _short("communication", 3.6)),),
    trend=(
        ScorePoint(3, "trust", {sample.DC: 4.1, sample.MC: None}),
        ScorePoint(3, "communication", {sample.DC: 3.6, sample.MC: None}),
    ),
    checkin_response={sample.DC: (0, 0), sample.MC: (0, 0)},
    matters=(),
    resolved=(),
    overdue={sample.DC: 0, sample.MC: 0},
    checkpoints=(),
    next_checkpoint=dt.date(2026, 4, 2),
    warnings=(),
    decisions=(),
)
