"""Which scores the digest draws: the dimensions that say most, over the pulses that asked for them."""

from collections.abc import Mapping, Sequence

from alliance.digest import Digest, ScorePoint
from alliance.ids import SideKey
from alliance.items import ADVOCACY
from bot.messages.blocks import Chart, ChartKind, Series
from bot.messages.reader import Reader

MOST_DIMENSIONS = 3
"""Two lines each: more than six lines cannot be told apart, and no platform draws more than a dozen."""


def trend_chart(digest: Digest, reader: Reader) -> Chart | None:
    """Return the trend of the dimensions with the widest gap or the lowest score; None without pulse results.

    All of one chart were asked in the same pulses, on the same scale. Before anything was measured twice, the
    newest pulse's scores stand side by side instead.
    """
    asked: dict[str, list[ScorePoint]] = {}
    for point in digest.trend:
        asked.setdefault(point.dimension, []).append(point)
    repeated = {dimension: points for dimension, points in asked.items() if len(points) > 1}
    if not repeated:
        return _newest(digest, reader)
    ranked = sorted(repeated, key=lambda dimension: -_weight(repeated[dimension], dimension, digest.floor))
    first = _group(ranked[0], repeated)
    chosen = [dimension for dimension in ranked if _group(dimension, repeated) == first][:MOST_DIMENSIONS]
    return Chart(
        ChartKind.LINE,
        f"Scores over time, {_scale(chosen[0])}",
        tuple(f"Pulse {point.number}" for point in repeated[chosen[0]]),
        tuple(
            Series(f"{reader.company(side.key)} {dimension}", _values(repeated[dimension], side.key))
            for dimension in chosen
            for side in reader.roster.sides
        ),
        y_title="score",
    )


def _newest(digest: Digest, reader: Reader) -> Chart | None:
    points = [p for p in digest.trend if p.number == digest.trend[-1].number and p.dimension != ADVOCACY]
    if not points:
        return None
    return Chart(
        ChartKind.BAR,
        f"Scores of pulse {points[0].number}, {_scale(points[0].dimension)}",
        tuple(point.dimension for point in points),
        tuple(Series(reader.company(side.key), _values(points, side.key)) for side in reader.roster.sides),
        y_title="score",
    )


def _group(dimension: str, asked: Mapping[str, Sequence[ScorePoint]]) -> tuple[object, ...]:
    return (dimension == ADVOCACY, *(point.number for point in asked[dimension]))


def _weight(points: Sequence[ScorePoint], dimension: str, floor: float) -> float:
    """How much a dimension's newest figures ask for attention: the gap, or how far below the floor."""
    means = [mean for mean in points[-1].means.values() if mean is not None]
    if dimension == ADVOCACY:
        means = [1 + mean * 0.4 for mean in means]
    apart = max(means) - min(means) if len(means) > 1 else 0.0
    return max(apart, floor - min(means, default=floor))


def _values(points: Sequence[ScorePoint], side: SideKey) -> tuple[float | None, ...]:
    return tuple(point.means.get(side) for point in points)


def _scale(dimension: str) -> str:
    return "from 0 to 10" if dimension == ADVOCACY else "from 1 to 5"
