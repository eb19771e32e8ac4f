"""Notices about escalations: each carries the escalation as it was when the fact happened."""

import datetime as dt
from dataclasses import dataclass

from alliance.escalation import Escalation
from alliance.ids import MemberId, SideKey
from alliance.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationNotice(Notice):
    """A fact about an escalation, with the escalation as it was then; `paused_until` when the joint clock stands.

    `members` None: it goes to everybody whom the escalation has reached, on both sides; else to these alone.
    """

    escalation: Escalation
    at: dt.datetime
    paused_until: dt.datetime | None = None
    members: tuple[MemberId, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRaised(EscalationNotice):
    """Both sides' people at the first level are told in the same instant, with the same words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAcknowledged(EscalationNotice):
    by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReminder(EscalationNotice):
    """Goes to the people of the sides that have not acknowledged, `missing`.

    Half of the window has passed, or (`ended`) all of it while no further level is left to join.
    """

    missing: tuple[SideKey, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationLevelJoined(EscalationNotice):
    """Not both sides acknowledged in time, so the next level joins: to those who are new to it."""

    missing: tuple[SideKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLevelTold(EscalationNotice):
    """Those who knew of it hear that the next level has it too.

    `missing`: who had not acknowledged in time, so that it joined; none: it moved up, with both statements.
    """

    missing: tuple[SideKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationProgress(EscalationNotice):
    """Somebody said how it is going."""

    by: MemberId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationQuiet(EscalationNotice):
    """Acknowledged, and nothing heard for a while: how does it stand?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionProposed(EscalationNotice):
    by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionDeclined(EscalationNotice):
    by: MemberId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationResolved(EscalationNotice):
    """The other side accepted the resolution."""

    by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsAsked(EscalationNotice):
    """Before it moves up, each side is asked for its statement; `by` None when a window ended."""

    by: MemberId | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationMovedUp(EscalationNotice):
    """The next level, or the mediator, is told, with both statements together: to those who are new to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorWanted(EscalationNotice):
    """The ladder is at its end: the executives of both companies name a mediator together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorNamed(EscalationNotice):
    """`agreed` False: one side named somebody and the other has to agree."""

    by: MemberId
    mediator: MemberId
    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationWithdrawn(EscalationNotice):
    by: MemberId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationUnresolved(EscalationNotice):
    """Mediation ended without agreement: the charter's exit terms apply."""

    exit_terms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRedrawn(EscalationNotice):
    """Nothing to alert anybody to: the message that people already have shows the state as it is now."""
