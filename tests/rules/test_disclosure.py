"""What crosses from one company to the other is decided in alliance/disclosure.py and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VIEWS = frozenset(
    {"Across", "CheckinSummary", "CriterionResult", "Digest", "EscalationSince", "ItemSince", "OpenMatter"}
    | {"PulseResults", "Remark", "Retrospective", "ScorePoint", "SideSummary"}
)
"""What both companies read of each other."""
MAKERS = frozenset({"criterion_results", "decisions", "matter", "points", "publish", "trend"})
"""The rules that make a part of one; only the one module puts them together."""
ROOMS = ("handlers", "schedules", "storage", "bot")


def built_by(source: str) -> Iterator[str]:
    """Give every view that the source makes, and every rule that makes a part of one, by name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in VIEWS:
                yield name
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("alliance"):
                yield from (alias.name for alias in names if alias.name in MAKERS)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="rules"), attr=name)) if name in MAKERS:
                yield name
            case _:
                pass


def is_example(path: Path) -> bool:
    """The words' own examples are made up, so they show nobody's data."""
    return path.is_relative_to(ROOT / "bot" / "messages")


def test_the_reader_sees_what_is_built() -> None:
    source = "from alliance.criteria import criterion_results\nrules.matter(1)\nx = Digest(1)\ny = c.Remark(2)\n"

    assert set(built_by(source)) == {"criterion_results", "matter", "Digest", "Remark"}


def test_no_view_of_both_companies_is_built_outside_disclosure() -> None:
    sources = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if not is_example(path)]

    strangers = {
        f"{path.relative_to(ROOT)} builds {name}"
        for path in sources
        for name in built_by(path.read_text(encoding="utf-8"))
    }

    assert strangers == set()
