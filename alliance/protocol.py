"""The conflict protocol: the ladder of levels that an escalation climbs, as the charter agreed it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from alliance.calendar import Window
from alliance.errors import AllianceError
from alliance.ids import MemberId, SideKey
from alliance.roster import Member, Roster, Tier


class Urgency(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"


class Who(StrEnum):
    """Who stands at a level, on both sides alike."""

    COUNTERPARTS = "counterparts"
    MANAGERS = "managers"
    ALLIANCE_MANAGERS = "alliance managers"
    EXECUTIVES = "executives"
    MEDIATOR = "mediator"


@dataclass(frozen=True, slots=True)
class Level:
    """One rung: both sides' people at it acknowledge and resolve within these windows of joint working time."""

    who: Who
    acknowledge: Window
    resolve: Window


DEFAULT_LEVELS = (
    Level(Who.COUNTERPARTS, Window(days=Fraction(1)), Window(days=Fraction(5))),
    Level(Who.MANAGERS, Window(days=Fraction(1)), Window(days=Fraction(5))),
    Level(Who.ALLIANCE_MANAGERS, Window(days=Fraction(1)), Window(days=Fraction(10))),
    Level(Who.EXECUTIVES, Window(days=Fraction(1)), Window(days=Fraction(20))),
)


@dataclass(frozen=True, slots=True)
class Protocol:
    """The ladder without the mediator, who is always last and is named within `mediator_within`.

    `urgent_factor` (0 < factor <= 1) shortens every window of an urgent escalation. Each side has `statements_within`
    to say its piece before a matter moves up; an acknowledged escalation is asked about after `quiet_after`.
    All windows are joint working time.
    """

    levels: tuple[Level, ...] = DEFAULT_LEVELS
    mediator_within: Window = Window(days=Fraction(10))
    mediation: Window = Window(days=Fraction(20))
    statements_within: Window = Window(days=Fraction(1))
    quiet_after: Window = Window(days=Fraction(3))
    urgent_factor: Fraction = Fraction(1, 2)

    @property
    def top(self) -> int:
        """The index of the last level before the mediator."""
        return len(self.levels) - 1

    def window(self, window: Window, urgency: Urgency) -> Window:
        """The window as it counts for this urgency."""
        return window.times(self.urgent_factor) if urgency is Urgency.URGENT else window


class NobodyAtLevel(AllianceError):
    """Nobody stands at that level on one side, so the escalation cannot start there."""


_TIERS: Mapping[Who, Tier] = {
    Who.MANAGERS: Tier.MANAGER,
    Who.ALLIANCE_MANAGERS: Tier.ALLIANCE_MANAGER,
    Who.EXECUTIVES: Tier.EXECUTIVE,
}


def people_at(level: Who, roster: Roster, author: Member | None) -> Mapping[SideKey, tuple[MemberId, ...]]:
    """The members who stand at a level, side by side; the counterparts are the author and theirs, if there is one."""
    if level is Who.COUNTERPARTS and author is not None:
        return {side.key: _counterpart_on(side.key, roster, author) for side in roster.sides}
    if level is Who.MEDIATOR or level is Who.COUNTERPARTS:
        return {side.key: () for side in roster.sides}
    return {side.key: tuple(member.id for member in roster.active(side.key, [_TIERS[level]])) for side in roster.sides}


def _counterpart_on(side: SideKey, roster: Roster, author: Member) -> tuple[MemberId, ...]:
    if author.side == side:
        return (author.id,)
    found = roster.counterpart(author)
    return (found.id,) if found is not None and found.side == side else ()


def with_levels(protocol: Protocol, levels: tuple[Level, ...]) -> Protocol:
    return dataclasses.replace(protocol, levels=levels)
