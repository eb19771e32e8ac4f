"""The demo's narration: who was shown what, on which platform, and what people did."""

import datetime as dt
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from sandbox.clock import MovableClock
from sandbox.people import Teammate
from sandbox.troupe import Sight

TOGETHER = dt.timedelta(minutes=30)
"""What happens within this time is told together: one line for the same message to many people."""
COMPANIES = {"dc": "DC", "mc": "MC", "": "neutral"}
PLATFORM_STYLES = {"Slack": "magenta", "Teams": "blue"}


@dataclass(slots=True)
class Line:
    """One thing that happened to, or was done by, `count` people; `first` is who came first."""

    first: str
    count: int = 1


class Story:
    """Prints one line for everybody who was shown the same at about the same time, and for what was pressed."""

    def __init__(self, clock: MovableClock, console: Console) -> None:
        self.console = console
        self._clock = clock
        self._began: dt.datetime | None = None
        self._lines: dict[tuple[str, str, str], Line] = {}

    def week(self, number: int) -> None:
        """Begin a week's chapter."""
        self.flush()
        self.console.rule(f"Week {number}", style="dim")

    def saw(self, sight: Sight) -> None:
        """Tell of a new message; redrawn ones change what was told already."""
        if sight.is_new:
            who = sight.person.name if sight.person else "the alliance channel"
            self._note(("saw", sight.platform, sight.summary), who)

    def did(self, person: Teammate, label: str) -> None:
        self._note(("did", COMPANIES[person.side], label), person.name)

    def flush(self) -> None:
        """Print what was gathered, in the order in which it began."""
        for (kind, where, text), line in self._lines.items():
            others = f" and {line.count - 1} more" if line.count > 1 else ""
            told = Text(f"{self._began:%a %d %b %H:%M}  ", style="dim", no_wrap=True, overflow="ellipsis")
            if kind == "did":
                told.append(f"{where:<6}", style="green")
                told.append(f"{line.first}{others} pressed “{text}”", style="not dim")
            else:
                told.append(f"{where:<6}", style=f"not dim {PLATFORM_STYLES[where]}")
                told.append(f"{line.first}{others}: ", style="not dim bold")
                told.append(text, style="not dim")
            self.console.print(told)
        self._lines.clear()
        self._began = None

    def _note(self, key: tuple[str, str, str], who: str) -> None:
        now = self._clock.now()
        if self._began is None or now - self._began >= TOGETHER:
            self.flush()
            self._began = now
        if key in self._lines:
            self._lines[key].count += 1
        else:
            self._lines[key] = Line(who)
