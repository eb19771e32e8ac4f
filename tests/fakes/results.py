"""Published figures to look back on: pulse results and check-in summaries, one week apart."""

import datetime as dt

from alliance.checkin import CheckinSummary, Point, SideSummary
from alliance.ids import CheckinId, MemberId, PulseId, SideKey
from alliance.pulse import Between, DimensionResult, Gap, PulseResults, Response, Score, SideScore, Withheld
from tests.fakes.builders import DC, MC, MONDAY


def make_side(side: SideKey, mean: float | None, change: float | None = None) -> SideScore:
    if mean is None:
        return SideScore(side, withheld=Withheld.TOO_FEW, change_withheld=Withheld.TOO_FEW)
    return SideScore(side, Score(mean, 0.4, 0.5, 0.3, 0.2), change=change)


def make_dimension(
    dc: float | None,
    mc: float | None,
    *,
    dimension: str = "trust",
    change: float | None = None,
    is_gap: bool = False,
    items: tuple[str, ...] = ("trust.we", "trust.they"),
) -> DimensionResult:
    gap = Gap(Between.SIDES, withheld=Withheld.OTHER_SIDE_SHORT)
    if dc is not None and mc is not None:
        gap = Gap(Between.SIDES, value=round(dc - mc, 1), band=0.3, is_gap=is_gap)
    return DimensionResult(dimension, (make_side(DC, dc, change), make_side(MC, mc)), gap, items=items)


def make_results(
    number: int, *dimensions: DimensionResult, answered: tuple[int, int] = (10, 10), invited: int = 12
) -> PulseResults:
    response = {side: Response(invited, count) for side, count in zip((DC, MC), answered, strict=True)}
    at = MONDAY + dt.timedelta(weeks=number)
    return PulseResults(PulseId(f"p{number}"), number, at.date(), at, response, dimensions)


def make_summary(
    number: int, *points: Point, answered: tuple[int, int] = (7, 7), invited: tuple[int, int] = (7, 7)
) -> CheckinSummary:
    sides = tuple(
        SideSummary(side, asked, given_, {}) for side, asked, given_ in zip((DC, MC), invited, answered, strict=True)
    )
    day = MONDAY.date() + dt.timedelta(weeks=number)
    return CheckinSummary(CheckinId(f"c{number}"), day, sides, points)


def make_point(rounds: int, *, blocks: bool = True) -> Point:
    return Point(MemberId("dc-op1"), DC, "No contact list yet.", blocks, rounds)
