"""The demo's narration: who was shown what, on which platform, and what people did."""

import datetime as dt
from collections import Counter

from rich.console import Console

from sandbox.clock import MovableClock
from sandbox.people import Teammate
from sandbox.troupe import Sight

LONGEST = 92
COMPANIES = {"dc": "DC", "mc": "MC", "": "neutral"}


class Story:
    """Prints one line for everybody who was shown the same at the same time, and for what was pressed."""

    def __init__(self, clock: MovableClock, console: Console) -> None:
        self.console = console
        self._clock = clock
        self._minute: dt.datetime | None = None
        self._shown: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}
        self._pressed: Counter[tuple[str, str]] = Counter()

    def saw(self, sight: Sight) -> None:
        if not sight.is_new:
            return
        self._at_this_minute()
        key = (sight.platform, sight.summary)
        self._shown[key] += 1
        self._first.setdefault(key, sight.person.name if sight.person else "the alliance channel")

    def did(self, person: Teammate, label: str) -> None:
        self._at_this_minute()
        self._pressed[person.side, label] += 1

    def flush(self) -> None:
        """Print what this minute brought."""
        if self._minute is None:
            return
        time = f"[dim]{self._minute:%a %d %b %H:%M}[/dim]"
        for (side, label), count in self._pressed.items():
            people = f"{count} people" if count > 1 else "1 person"
            self.console.print(f"{time}  {COMPANIES[side]:<7} {people} pressed “{label}”", highlight=False)
        for key, count in self._shown.items():
            platform, summary = key
            who = self._first[key] if count == 1 else f"{self._first[key]} and {count - 1} more"
            line = summary if len(summary) <= LONGEST else f"{summary[:LONGEST]}…"
            self.console.print(f"{time}  [bold]{platform:<6}[/bold] {who}: ", end="", highlight=False)
            self.console.print(line, markup=False, highlight=False)
        self._shown.clear()
        self._first.clear()
        self._pressed.clear()

    def _at_this_minute(self) -> None:
        minute = self._clock.now().replace(second=0, microsecond=0)
        if self._minute is None or minute - self._minute >= dt.timedelta(minutes=30):
            self.flush()
            self._minute = minute
