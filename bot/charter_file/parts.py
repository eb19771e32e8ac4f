"""The parts of a file that are right by themselves: cross checks look at them while others are wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from alliance.calendar import BadCalendar, WorkingCalendar
from bot.charter_file.convert import calendar_of
from bot.charter_file.document import CalendarWords, PersonWords
from bot.charter_file.reading import Path, Tree

M = TypeVar("M", bound=BaseModel)
Finding = tuple[Path, str]


@dataclass
class Parts:
    """Looks into what was read; what is missing or wrong is None, and is told of by the models themselves."""

    tree: Tree

    def at(self, *path: str | int) -> Any:
        """What is written there, or None."""
        found: Any = self.tree
        for part in path:
            match found:
                case dict():
                    found = found.get(str(part))
                case list() if isinstance(part, int) and part < len(found):
                    found = found[part]
                case _:
                    return None
        return found

    def valid(self, kind: type[M], *path: str | int) -> M | None:
        """What is written there, when it is right by itself."""
        try:
            return kind.model_validate(self.at(*path))
        except ValidationError:
            return None

    def each(self, kind: type[M], *path: str | int) -> Iterator[tuple[Path, M]]:
        """Every entry of the list written there that is right by itself."""
        written = self.at(*path)
        for number in range(len(written) if isinstance(written, list) else 0):
            entry = self.valid(kind, *path, number)
            if entry is not None:
                yield (*path, number), entry

    @cached_property
    def companies(self) -> tuple[str, ...]:
        """The companies' keys."""
        written = self.at("companies")
        return tuple(written) if isinstance(written, dict) else ()

    @cached_property
    def people(self) -> dict[str, PersonWords | None]:
        """Everybody who is named, None for those whose fields are wrong."""
        written = self.at("people")
        keys = written if isinstance(written, dict) else {}
        return {key: self.valid(PersonWords, "people", key) for key in keys}

    @cached_property
    def calendars(self) -> tuple[WorkingCalendar, ...]:
        """The companies' calendars as far as they are right."""
        found = (self.valid(CalendarWords, "companies", key, "calendar") for key in self.companies)
        made = []
        for written in found:
            try:
                made.extend([calendar_of(written)] if written else [])
            except BadCalendar:
                continue
        return tuple(made)

    def per_company(self, written: Any, path: Path, what: str) -> Iterator[Finding]:
        """Whether a mapping says something for each of the two companies and for nobody else."""
        if not isinstance(written, dict) or len(self.companies) != 2:
            return
        for key in written:
            if key not in self.companies:
                yield (
                    (*path, key),
                    f"There is no company with this key. Known are: {', '.join(self.companies)}.",
                )
        for key in self.companies:
            if key not in written:
                yield path, f"{what} for {key} is missing: both companies have a say here."
