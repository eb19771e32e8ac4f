"""What a figure is: something of ours measured against its baseline, round by round, and what it must reach."""

import statistics
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round gave, in the figure's unit; `beside` names what else is worth keeping of it, with its unit."""

    value: float
    beside: Mapping[str, float] = field(default_factory=dict)


Round = Callable[[], Awaitable[Reading]]


@dataclass(frozen=True, slots=True)
class Measuring:
    """One round of ours and one of the baseline, set up and ready; None for a figure that has no baseline."""

    ours: Round
    baseline: Round | None = None


class Of(StrEnum):
    """What a limit is laid on."""

    OURS = "ours"
    OURS_BY_BASELINE = "ours / baseline"
    BASELINE_BY_OURS = "baseline / ours"


@dataclass(frozen=True, slots=True)
class Must:
    """What a figure must reach, at least or at most."""

    of: Of
    at_least: float | None = None
    at_most: float | None = None

    def is_reached_by(self, measured: float) -> bool:
        return (self.at_least is None or measured >= self.at_least) and (
            self.at_most is None or measured <= self.at_most
        )


def ratio_at_least(limit: float) -> Must:
    """Ours divided by the baseline is at least that."""
    return Must(Of.OURS_BY_BASELINE, at_least=limit)


def ratio_at_most(limit: float) -> Must:
    """Ours divided by the baseline is at most that."""
    return Must(Of.OURS_BY_BASELINE, at_most=limit)


def times_less(limit: float) -> Must:
    """The baseline divided by ours is at least that: ours takes so many times less."""
    return Must(Of.BASELINE_BY_OURS, at_least=limit)


def value_at_most(limit: float) -> Must:
    """Ours itself, in the figure's unit, is at most that."""
    return Must(Of.OURS, at_most=limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `name` chooses it on the command line. `must` is None for what is only reported. `measuring` is entered once: it
    starts what is needed, is warmed up, gives its rounds and is left again. Every round does the same amount of work on
    a state like that of the first (a fresh database or a fresh open round), and raises when the work was not done.
    """

    name: str
    title: str
    unit: str
    against: str
    must: Must | None
    measuring: Callable[[], AbstractAsyncContextManager[Measuring]]
    rounds: int = ROUNDS
    warm_ups: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure's readings; the n-th of ours and the n-th of the baseline were taken one after the other."""

    figure: Figure
    ours: tuple[Reading, ...]
    baseline: tuple[Reading, ...] = ()

    @property
    def ours_median(self) -> float:
        return statistics.median(reading.value for reading in self.ours)

    @property
    def baseline_median(self) -> float | None:
        return statistics.median(reading.value for reading in self.baseline) if self.baseline else None

    @property
    def ratio(self) -> float | None:
        """The medians divided, the way round on which the figure's limit is laid."""
        if self.baseline_median is None:
            return None
        return self._divided(self.ours_median, self.baseline_median)

    @property
    def ratios(self) -> tuple[float, ...]:
        """The same, pair by pair: how far the rounds lie apart. Empty without a baseline."""
        if not self.baseline:
            return ()
        return tuple(self._divided(a.value, b.value) for a, b in zip(self.ours, self.baseline, strict=True))

    @property
    def is_reached(self) -> bool | None:
        """Whether the figure reaches what it must; None when it must reach nothing."""
        if self.figure.must is None:
            return None
        measured = self.ours_median if self.figure.must.of is Of.OURS else self.ratio
        if measured is None:
            raise ValueError(f"{self.figure.name} has a limit on a ratio and no baseline")
        return self.figure.must.is_reached_by(measured)

    @property
    def beside(self) -> Mapping[str, float]:
        """The medians of what was noted beside our values."""
        names = dict.fromkeys(name for reading in self.ours for name in reading.beside)
        return {
            name: statistics.median(reading.beside[name] for reading in self.ours if name in reading.beside)
            for name in names
        }

    def _divided(self, ours: float, baseline: float) -> float:
        inverted = self.figure.must is not None and self.figure.must.of is Of.BASELINE_BY_OURS
        return baseline / ours if inverted else ours / baseline
