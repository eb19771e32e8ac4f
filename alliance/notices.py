"""Notices: facts worth telling somebody, before anyone has decided how they look.

Every notice belongs to one alliance. `alliance.audience` says who hears it; `bot/messages/catalog.py` says the words.
A notice about an escalation carries the escalation as it was when the fact happened.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from alliance.action_item import ActionItem
from alliance.charter import Card, Change, Charter
from alliance.checkin import CheckinSummary, Point
from alliance.checkpoint import Decision, Retrospective
from alliance.digest import Digest
from alliance.ids import AllianceId, CheckinId, CheckpointId, MemberId, PulseId, SideKey
from alliance.pulse import PulseResults
from alliance.standing import Standing
from alliance.warning import EarlyWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A fact of one alliance."""

    alliance_id: AllianceId


# --- charter ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterDrafted(Notice):
    """A version was imported; either alliance manager can propose it.

    `changes` are those against the charter in force; while there is none, `first` is the whole charter.
    """

    version: int
    changes: tuple[Change, ...]
    first: Charter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterDraftRedrawn(Notice):
    """Nothing to alert anybody to: a draft was proposed, or replaced, so its message has no button any more."""

    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterProposed(Notice):
    """A version waits for one signature of each company until `lapses_at`.

    `changes` are those against the charter in force; while there is none, `first` is the whole charter.
    """

    version: int
    proposed_by: MemberId
    lapses_at: dt.datetime
    purpose: str
    changes: tuple[Change, ...]
    first: Charter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterRedrawn(Notice):
    """Nothing to alert anybody to: the message about a proposed version shows its state as it is now."""

    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterSigned(Notice):
    """One company has signed, the other not yet."""

    version: int
    by: MemberId
    at: dt.datetime
    still_missing: tuple[SideKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterInForce(Notice):
    version: int
    signed_by: tuple[MemberId, ...]
    first_checkin: dt.date | None
    first_pulse: dt.date | None
    replaces: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterDeclined(Notice):
    """`in_force` is the version that stays in force, None when there is none."""

    version: int
    by: MemberId
    reason: str
    in_force: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterLapsed(Notice):
    """`in_force` is the version that stays in force, None when there is none."""

    version: int
    missing: tuple[SideKey, ...]
    in_force: int | None = None


# --- check-ins --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinOpened(Notice):
    """One side's invitation; `members` are the invited of that side."""

    checkin_id: CheckinId
    side: SideKey
    closes_at: dt.datetime
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinReminder(Notice):
    """Goes only to those who have not answered when it is written."""

    checkin_id: CheckinId
    closes_at: dt.datetime
    members: tuple[MemberId, ...]
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinClosed(Notice):
    """The summary, to both companies at the same moment."""

    summary: CheckinSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinRedrawn(Notice):
    """Nothing to alert anybody to: somebody answered elsewhere, so the message that asked them says so."""

    checkin_id: CheckinId
    closes_at: dt.datetime
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinEnded(Notice):
    """Nothing to alert anybody to: the message in which people answered shows that the round is over."""

    checkin_id: CheckinId
    day: dt.date
    members: tuple[MemberId, ...]
    answered: tuple[MemberId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPassedOn(Notice):
    """A blocker or a need reaches the author's counterpart."""

    checkin_id: CheckinId
    point: Point
    counterpart: MemberId


# --- pulses -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseOpened(Notice):
    pulse_id: PulseId
    side: SideKey
    items: tuple[str, ...]
    closes_at: dt.datetime
    minimum_answers: int
    minimum_comments: int
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseReminder(Notice):
    pulse_id: PulseId
    closes_at: dt.datetime
    members: tuple[MemberId, ...]
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseEnded(Notice):
    """Nothing to alert anybody to: everybody who was invited sees that the round is over, answered or not."""

    pulse_id: PulseId
    number: int
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseClosed(Notice):
    """The published figures: same words, same moment, both companies' alliance managers and managers."""

    results: PulseResults


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseComments(Notice):
    """One side's comments, to that side's own managers only, shuffled; None when there were too few answers."""

    pulse_id: PulseId
    number: int
    side: SideKey
    comments: tuple[str, ...] | None
    minimum: int


# --- checkpoints and action items -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointOpened(Notice):
    checkpoint_id: CheckpointId
    day: dt.date
    closes_at: dt.datetime
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointReminder(Notice):
    checkpoint_id: CheckpointId
    closes_at: dt.datetime
    members: tuple[MemberId, ...]
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointEnded(Notice):
    """Nothing to alert anybody to: the message in which people answered shows that the checkpoint is over."""

    checkpoint_id: CheckpointId
    day: dt.date
    members: tuple[MemberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointClosed(Notice):
    """The retrospective, to both companies at the same moment."""

    retrospective: Retrospective


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecorded(Notice):
    """What was decided after a checkpoint; `draft` is a drafted charter version that waits to be proposed."""

    checkpoint_id: CheckpointId
    day: dt.date
    decision: Decision
    draft: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItemDecided(Notice):
    item: ActionItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItemDue(Notice):
    """`overdue` False: due within a working day; True: past its date."""

    item: ActionItem
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItemRedrawn(Notice):
    """Nothing to alert anybody to: an action item is done, so its owner's message has no button any more."""

    item: ActionItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItemDone(Notice):
    item: ActionItem
    by: MemberId


# --- digests, warnings, people ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReady(Notice):
    """One side's executives get it at their own hour; the content is the same for both."""

    side: SideKey
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningFound(Notice):
    warning: EarlyWarning
    opened_escalation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeChanged(Notice):
    """Nothing to alert anybody to: something changed for these people, so their homes are drawn as things stand.

    `anew`: asked for, so it is shown where no home was shown before. `homes` is never stored: how things stand is
    read when the turn of one of the people comes.
    """

    members: tuple[MemberId, ...]
    anew: bool = False
    homes: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUnreachable(Notice):
    """A platform says that a person cannot be reached; told to their own alliance manager."""

    member: MemberId
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesWait(Notice):
    """To a person's own company's channel, its agreed back-up: what is meant for them waits, and only that."""

    member: MemberId
    side: SideKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrativeRead(Notice):
    """An operator read an alliance's records; visible to both companies' alliance managers."""

    what: str
    at: dt.datetime
    details: Mapping[str, str]
