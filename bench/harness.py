"""Measures figures: warm-up, then rounds of ours and of the baseline in turns, so that a noisy minute meets both."""

import gc
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence

from bench import figures
from bench.figure import Figure, Measured, Reading

Step = Callable[[str], None]
"""Is told in a few words what is measured now."""


class NoSuchFigure(Exception):
    """A name on the command line fits no figure."""


def every_figure() -> list[Figure]:
    """All figures, file by file in the order of their names."""
    found: list[Figure] = []
    for module in sorted(pkgutil.iter_modules(figures.__path__), key=lambda one: one.name):
        of_the_file: Sequence[Figure] = importlib.import_module(f"{figures.__name__}.{module.name}").FIGURES
        found.extend(of_the_file)
    return found


def chosen(among: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    """The figures whose names contain one of these; all of them without names. Raises NoSuchFigure."""
    for name in names:
        if not any(name in figure.name for figure in among):
            known = ", ".join(figure.name for figure in among)
            raise NoSuchFigure(f"No figure is called {name}. There are: {known}.")
    return [figure for figure in among if not names or any(name in figure.name for name in names)]


async def measure(figure: Figure, step: Step, rounds: int | None = None) -> Measured:
    """Measure one figure; `rounds` replaces its own number of them."""
    ours: list[Reading] = []
    baseline: list[Reading] = []
    async with figure.measuring() as measuring:
        for number in _numbers(figure.warm_ups, rounds or figure.rounds):
            said = f"round {number}" if number > 0 else "warm-up"
            gc.collect()  # what the last round left behind is not this one's work
            step(f"{said}: ours")
            reading = await measuring.ours()
            if number > 0:
                ours.append(reading)
            if measuring.baseline is None:
                continue
            step(f"{said}: baseline")
            reading = await measuring.baseline()
            if number > 0:
                baseline.append(reading)
    return Measured(figure, tuple(ours), tuple(baseline))


def _numbers(warm_ups: int, rounds: int) -> Iterator[int]:
    """Rounds count from 1; 0 is a warm-up."""
    yield from (0 for _ in range(warm_ups))
    yield from range(1, rounds + 1)
