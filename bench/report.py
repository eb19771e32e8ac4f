"""The table that people read, and the file that the next run and the documentation read."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.figure import Figure, Measured, Must, Reading

RESULTS = Path(__file__).parent / "results.json"
Kept = dict[str, Any]


def kept(measured: Measured, machine: str, at: dt.datetime) -> Kept:
    """One figure as `results.json` holds it; the machine and the time stand with each, since runs may be partial."""
    figure = measured.figure
    return {
        "title": figure.title,
        "unit": figure.unit,
        "baseline is": figure.against,
        "ours": _rounds(measured.ours_median, measured.ours),
        "baseline": None if measured.baseline_median is None else _rounds(measured.baseline_median, measured.baseline),
        "ratio": _short(measured.ratio),
        "ratios": [_short(ratio) for ratio in measured.ratios],
        "must reach": must(figure),
        "reached": measured.is_reached,
        "beside": {name: _short(value) for name, value in measured.beside.items()},
        "machine": machine,
        "measured at": at.isoformat(timespec="seconds"),
    }


def write(results: Mapping[str, Kept], path: Path = RESULTS) -> None:
    """Put these figures into the file; what it holds of others stays."""
    path.write_text(json.dumps({**read(path), **results}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path = RESULTS) -> dict[str, Kept]:
    """What the file holds; nothing when there is none."""
    if not path.exists():
        return {}
    found: dict[str, Kept] = json.loads(path.read_text(encoding="utf-8"))
    return found


def table(results: Mapping[str, Kept]) -> Table:
    """Figure, ours, baseline, ratio with its range, what must be reached; in red what is not."""
    drawn = Table(show_lines=True, title_justify="left")
    drawn.add_column("figure", ratio=5)
    for column in ("ours", "baseline", "ratio", "must reach"):
        drawn.add_column(column, justify="right", ratio=2)
    for name, one in results.items():
        colour = {True: "green", False: "bold red", None: "default"}[one["reached"]]
        drawn.add_row(
            f"{one['title']}\n[dim]{name}[/]" + "".join(f"\n[dim]{said}[/]" for said in _beside(one)),
            f"{_spoken(one['ours']['median'])} {one['unit']}",
            f"{_spoken(one['baseline']['median'])} {one['unit']}\n[dim]{one['baseline is']}[/]"
            if one["baseline"]
            else "–",
            _ratio(one),
            f"[{colour}]{one['must reach'] or 'reported'}[/]",
        )
    return drawn


def must(figure: Figure) -> str:
    """What must be reached, as in "ours / baseline >= 0.4"; empty when it is only reported."""
    limit: Must | None = figure.must
    if limit is None:
        return ""
    sign, value = (">=", limit.at_least) if limit.at_least is not None else ("<=", limit.at_most)
    return f"{limit.of} {sign} {value:g}" + (f" {figure.unit}" if limit.of == "ours" else "")


def _rounds(median: float, readings: tuple[Reading, ...]) -> Kept:
    return {"median": _short(median), "rounds": [_short(reading.value) for reading in readings]}


def _beside(one: Kept) -> list[str]:
    return [f"{name}: {_spoken(value)}" for name, value in one["beside"].items()]


def _ratio(one: Kept) -> str:
    if one["ratio"] is None:
        return "–"
    return f"{_spoken(one['ratio'])}\n[dim]{_spoken(min(one['ratios']))} to {_spoken(max(one['ratios']))}[/]"


def _short(value: float | None) -> float | None:
    """Four figures that mean something."""
    return None if value is None else float(f"{value:.4g}")


def _spoken(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
