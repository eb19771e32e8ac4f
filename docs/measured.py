"""What was measured, as the benchmarks left it: `bench/results.json` of `make bench`, and a simulated week."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parents[1] / "bench"


def figures() -> str:
    """Every figure: ours, its baseline, their ratio, and what it must reach."""
    results = _read("results.json")
    rows = [
        (
            one["title"],
            f"{one['ours']['median']:,} {one['unit']}",
            f"{one['baseline']['median']:,} {one['unit']}: {one['baseline is']}" if one["baseline"] else "–",
            "–" if one["ratio"] is None else f"{one['ratio']:,}",
            one["must reach"] or "reported",
        )
        for one in results.values()
    ]
    machines = sorted({str(one["machine"]) for one in results.values()})
    return "\n\n".join([_table(("figure", "ours", "baseline in the same run", "ratio", "must reach"), rows), *machines])


def week() -> str:
    """What one simulated week took."""
    found = _read("week.json")
    if not found:
        return "Not measured yet: `python -m bench.week`."
    took = [
        ("alliances, members", f"{found['alliances']:,}, {found['members']:,}"),
        ("busy seconds of one processor core, in the week", f"{found['seconds of processor']:,}"),
        ("peak memory", f"{found['peak memory MB']:,} MB"),
        ("database after the week", f"{found['database MB']:,} MB, {sum(found['rows'].values()):,} rows"),
        ("sent to the platforms", f"{sum(found['calls'].values()):,} calls, {found['MB sent']:,} MB"),
    ]
    took += [(f"seconds: {what}", f"{one:,}") for what, one in found["seconds of processor by work"].items()]
    took += [(f"happened: {what}", f"{count:,}") for what, count in found["happened"].items()]
    took += [(f"calls: {what}", f"{count:,}") for what, count in found["calls"].items()]
    took += [(f"rows: {what}", f"{count:,}") for what, count in list(found["rows"].items())[:8]]
    return f"{_table(('what', 'how much'), took)}\n\n{found['machine']}"


def _read(name: str) -> dict[str, Any]:
    path = BENCH / name
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    drawn = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in drawn)


PARTS: Mapping[str, Callable[[], str]] = {"measured": figures, "week": week}
