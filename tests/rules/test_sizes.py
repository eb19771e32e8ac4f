"""No function is longer than one screen, no file holds more than one topic."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("alliance", "storage", "handlers", "schedules", "bot", "sandbox", "bench", "docs", "tests")
GENERATED = ROOT / "storage" / "migrations" / "versions"  # written by alembic, one table after the other
PAGE = ROOT / "sandbox" / "web" / "page" / "src"
MOST_LINES_OF_A_FUNCTION = 50
MOST_LINES_OF_A_FILE = 400


def sources() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(path for path in found if GENERATED not in path.parents)


def long_functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield node.name, lines


def function_of(lines: int) -> str:
    return "def long():\n" + "    pass\n" * (lines - 1)


def test_every_room_is_looked_at() -> None:
    rooms = {path.relative_to(ROOT).parts[0] for path in sources()}

    assert rooms >= set(ROOMS) - {"bench"}


def test_the_measure_counts_the_first_line_too() -> None:
    assert list(long_functions(ast.parse(function_of(50)))) == []
    assert list(long_functions(ast.parse(function_of(51)))) == [("long", 51)]


def test_no_function_is_longer_than_fifty_lines() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in sources()
        for name, lines in long_functions(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert too_long == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [*sources(), *(path for path in PAGE.rglob("*") if path.is_file())]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    too_long = [
        f"{path.relative_to(ROOT)} has {lines} lines" for path, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE
    ]

    assert too_long == []
