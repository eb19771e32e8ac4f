"""What the questions came to."""

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.roster import Platform, Tier

UNKNOWN_WORKSPACE = {Platform.SLACK: "T0FILLIN", Platform.TEAMS: "00000000-0000-0000-0000-000000000000"}
"""Stands where nobody said the workspace's id yet; it passes the check, and nothing is connected to it."""
FILL_IN = "FILL-IN"
"""Begins an address that nobody said yet."""


@dataclass(frozen=True, slots=True)
class Company:
    """One of the two; `hours` as in "09:00-17:00", `country` as in "DE-BW" or ""."""

    key: str
    name: str
    platform: Platform
    workspace: str
    zone: str
    hours: str
    country: str


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    company: str
    tier: Tier
    name: str
    responsibility: str
    address: str


@dataclass(frozen=True, slots=True)
class Answers:
    """`settings` by the variable's name; empty ones were left for later. `people` are three of each company."""

    settings: Mapping[str, str]
    alliance: str
    companies: tuple[Company, ...]
    people: tuple[Person, ...]

    def to_fill_in(self) -> list[str]:
        """What was left for later, in the words of the two files."""
        unknown = [f"the workspace of {c.name}" for c in self.companies if c.workspace in UNKNOWN_WORKSPACE.values()]
        nameless = sum(person.address.startswith(FILL_IN) for person in self.people)
        return [*unknown, *([f"{nameless} addresses that begin with {FILL_IN}"] if nameless else [])]
