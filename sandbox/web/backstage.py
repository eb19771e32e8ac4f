"""What the page may look at behind the stage: the liaison's promises and its audit trail, handed in by the demo."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from alliance.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Company:
    """One side; `platform` is "slack" or "teams"."""

    key: str
    name: str
    platform: str
    calendar: WorkingCalendar


@dataclass(frozen=True, slots=True)
class Due:
    """Something that the liaison has promised, in words that stand after "Next:"."""

    at: dt.datetime
    words: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the audit trail; `actor` is the key of the person, None for the liaison or a former member."""

    number: int
    at: dt.datetime
    actor: str | None
    event: str
    subject: str
    facts: Mapping[str, str]
    details: Mapping[str, str]


class Backstage(Protocol):
    """Read-only: nothing of it lets the page act on the liaison."""

    @property
    def companies(self) -> tuple[Company, ...]: ...

    async def due(self) -> Due | None:
        """What the liaison does next by itself."""
        ...

    async def audit(self, after: int) -> list[AuditLine]:
        """Every entry with a higher number, in order."""
        ...

    async def audit_holds(self) -> bool:
        """Whether the whole chain verifies."""
        ...
