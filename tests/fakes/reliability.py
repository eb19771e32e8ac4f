"""What the tests of bad days did and counted: printed after a run, and a table in docs/explanation."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
TABLE = re.compile(r"(<!-- ran: faults -->\n).*?(<!-- end -->)", re.DOTALL)
PROPERTY = "fault"
"""Under this name a test's report carries its rows, from the process that ran it to the one that prints."""

Row = tuple[str, str, str]
"""The fault with its number, what was done, and what was counted."""


class Counted(Protocol):
    """Says which fault the liaison was put through, what was done, and what the test counted afterwards."""

    def __call__(self, fault: str, did: str, /, **counts: int | str) -> None: ...


def row(fault: str, did: str, counts: dict[str, int | str]) -> Row:
    """Return one row; `answers_stored=12` is told as "answers stored 12"."""
    return fault, did, ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table, in the order of the faults."""
    lines = ["| fault | what was done | what was counted |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(one)} |" for one in sorted(set(rows))]
    return "\n".join(lines) + "\n"


def written(page: str, rows: Iterable[Row]) -> str:
    """Return the page with its table of faults made anew."""
    made = table(rows)
    return TABLE.sub(lambda found: f"{found[1]}{made}{found[2]}", page)
