"""How an alliance stands for one of its members: what is open, what waits for them, and what comes next."""

import datetime as dt
from dataclasses import dataclass

from alliance.action_item import ActionItem
from alliance.charter import CharterState
from alliance.escalation import Escalation, State
from alliance.ids import AllianceId, CheckinId, CheckpointId, PulseId, SideKey
from alliance.roster import Member, Roster, Tier


@dataclass(frozen=True, slots=True)
class CharterStanding:
    """`in_force` is the version that binds now; `pending` one that `missing` sides have yet to sign."""

    in_force: int | None
    pending: int | None
    pending_state: CharterState | None
    missing: tuple[SideKey, ...]


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round to which the member is invited, by the id that its button names."""

    id: CheckinId | PulseId | CheckpointId
    closes_at: dt.datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class WaitingMatter:
    """An open escalation in which it is the member's turn; its state says for what, `case` is all of it."""

    number: int
    title: str
    state: State
    case: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """What recurs, and when it next happens for the member's company."""

    what: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where things stand, for one member; `today` is the date in their company."""

    alliance_id: AllianceId
    member: Member
    charter: CharterStanding
    checkin: OpenRound | None
    pulse: OpenRound | None
    checkpoint: OpenRound | None
    open_escalations: int
    waiting: tuple[WaitingMatter, ...]
    items: tuple[ActionItem, ...]
    coming: tuple[Coming, ...]
    today: dt.date
    roster: Roster | None = None

    @property
    def count(self) -> int:
        """How many things wait for the member: rounds to answer, escalations to act on, a signature, action items."""
        rounds = (self.checkin, self.pulse, self.checkpoint)
        unanswered = sum(1 for one in rounds if one is not None and not one.answered)
        return unanswered + len(self.waiting) + len(self.items) + self.waits_for_signature

    @property
    def waits_for_signature(self) -> bool:
        """Whether a proposed charter version waits for the signature of this member's side, which they may give."""
        from_here = self.member.side in self.charter.missing and self.member.tier is Tier.EXECUTIVE
        return from_here and self.charter.pending_state is CharterState.PROPOSED
