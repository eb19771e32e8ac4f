"""Simulated teammates: each has a seeded character, sees only what a person would see, and answers in working hours."""

import datetime as dt
import random
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from sandbox.seats import Seat, Seen, SeenButton


class Kind(StrEnum):
    PROMPT = "prompt"
    SLOW = "slow"
    SILENT = "silent"
    UNHAPPY = "unhappy"


@dataclass(frozen=True, slots=True)
class Character:
    """How somebody is: minutes until they look, the share of rounds they answer, and how they tend to rate (1 to 5)."""

    kind: Kind
    soonest: int
    latest: int
    answers: float
    mood: float


CHARACTERS = {
    Kind.PROMPT: Character(Kind.PROMPT, 4, 90, answers=1.0, mood=4.0),
    Kind.SLOW: Character(Kind.SLOW, 180, 1500, answers=0.9, mood=3.6),
    Kind.SILENT: Character(Kind.SILENT, 240, 1800, answers=0.35, mood=3.2),
    Kind.UNHAPPY: Character(Kind.UNHAPPY, 20, 300, answers=0.95, mood=2.2),
}
_MIX = (Kind.PROMPT,) * 5 + (Kind.SLOW,) * 4 + (Kind.UNHAPPY,) * 2 + (Kind.SILENT,)
_FIRST_HOUR, _LAST_HOUR = 9, 17


@dataclass(slots=True)
class Teammate:
    """One person of the sample alliance, with their seat in their own company's chat.

    `leanings`: by how much more (or less) than their mood they rate a dimension of a pulse.
    """

    key: str
    name: str
    side: str
    tier: str
    zone: str
    seat: Seat
    character: Character
    seed: int
    away: tuple[dt.date, dt.date] | None = None
    leanings: dict[str, float] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _read: dict[str, str] = field(default_factory=dict)

    def dice(self, *about: object) -> random.Random:
        """Chance that depends on the seed, the person and what it is about, never on the order of things."""
        return random.Random(f"{self.seed}:{self.key}:{':'.join(map(str, about))}")

    def nth(self, action: str) -> int:
        """How many times this person has been asked for an action, this time included."""
        self._seen[action] = self._seen.get(action, 0) + 1
        return self._seen[action]

    def reads(self, subject: str, text: str) -> None:
        """Remember what a message said about something."""
        self._read[subject] = f"{self._read.get(subject, '')} {text.lower()}"

    def knows(self, subject: str, word: str) -> bool:
        """Whether any message about it ever held that word."""
        return word in self._read.get(subject, "")

    def looks_at(self, now: dt.datetime, about: str, nth: int) -> dt.datetime:
        """When they get to it: after as long as their character takes, in their own working hours."""
        delay = self.dice("delay", about, nth).randint(self.character.soonest, self.character.latest)
        return self._working(_rounded(now) + dt.timedelta(minutes=delay))

    def is_at_work(self, now: dt.datetime) -> bool:
        day = now.astimezone(ZoneInfo(self.zone)).date()
        return self.away is None or not self.away[0] <= day <= self.away[1]

    def _working(self, instant: dt.datetime) -> dt.datetime:
        local = instant.astimezone(ZoneInfo(self.zone))
        while local.weekday() > 4 or local.hour >= _LAST_HOUR or not self.is_at_work(local):
            local = (local + dt.timedelta(days=1)).replace(hour=_FIRST_HOUR, minute=local.minute // 2)
        if local.hour < _FIRST_HOUR:
            local = local.replace(hour=_FIRST_HOUR, minute=local.minute // 2)
        return local.astimezone(dt.UTC)


def character_of(key: str, seed: int) -> Character:
    """The character that a seed gives somebody."""
    return CHARACTERS[random.Random(f"{seed}:{key}:character").choice(_MIX)]


def _rounded(now: dt.datetime) -> dt.datetime:
    """Ten whole minutes: the seconds that sending takes must not decide what people do."""
    return now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody is about to do with a message: a button, what is filled in, and what in the dialog it opens."""

    button: SeenButton
    inputs: dict[str, str] = field(default_factory=dict)
    dialog: dict[str, str] = field(default_factory=dict)


async def do(person: Teammate, seen: Seen, deed: Deed) -> None:
    """Press, and fill in the dialog if one opens."""
    opened = await person.seat.press(seen, deed.button, deed.inputs)
    if opened is not None:
        await person.seat.submit(opened, _choosable(opened, deed.dialog))


def _choosable(dialog: Seen, wanted: dict[str, str]) -> dict[str, str]:
    """What was meant, with the first option where the dialog does not offer it."""
    options = {field.name: field.options for field in dialog.inputs if field.options}
    return {
        name: value if name not in options or value in options[name] else options[name][0]
        for name, value in wanted.items()
    }
