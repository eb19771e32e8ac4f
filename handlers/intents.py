"""Intents: all that can be asked, by people through chat or by time through timers.

Every intent names its alliance. A person's intent names the right that it needs; time's intents need none and are
refused from people. Ids come from buttons, which anybody could forge, so handlers check what they name.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from alliance.checkin import Course
from alliance.checkpoint import CriterionRating
from alliance.ids import (
    AllianceId,
    CheckinId,
    CheckpointId,
    EscalationId,
    MemberId,
    PulseId,
    WarningId,
)
from alliance.permissions import Right
from alliance.protocol import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Something asked of one alliance."""

    alliance_id: AllianceId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonIntent(Intent):
    """Asked by a member, who must hold `right`; one that `only_reads` may be asked again and again.

    Of one that is `kept_secret` not even the digest is kept by which a repeat is known: whoever tried all answers
    would find the one that was given. Its handler has to make a repeat harmless.
    """

    right: ClassVar[Right]
    only_reads: ClassVar[bool] = False
    kept_secret: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeIntent(Intent):
    """Asked by time alone, through a timer."""


# --- charter ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCharter(PersonIntent):
    right = Right.PROPOSE_CHARTER
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignCharter(PersonIntent):
    right = Right.SIGN_CHARTER
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineCharter(PersonIntent):
    right = Right.SIGN_CHARTER
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDeclineCharter(PersonIntent):
    """Wants the dialog in which to decline."""

    right = Right.SIGN_CHARTER
    only_reads = True
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCharter(PersonIntent):
    """Wants to read a version whole; None: the one in force, else the newest."""

    right = Right.READ_CHARTER
    only_reads = True
    version: int | None = None


# --- check-ins --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheckin(PersonIntent):
    """`elsewhere`: not in the message that asked, which is then drawn anew."""

    right = Right.ANSWER_CHECKIN
    checkin_id: CheckinId
    course: Course
    moved: str
    next: str
    in_the_way: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCheckin(PersonIntent):
    """Wants to see or change the own answer of a round; None: the round that is open now."""

    right = Right.ANSWER_CHECKIN
    only_reads = True
    checkin_id: CheckinId | None = None


# --- pulses -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPulse(PersonIntent):
    right = Right.ANSWER_PULSE
    kept_secret = True
    pulse_id: PulseId
    ratings: Mapping[str, int]
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPulse(PersonIntent):
    """Wants to answer, or to correct the own answer; None: the round that is open now."""

    right = Right.ANSWER_PULSE
    only_reads = True
    pulse_id: PulseId | None = None


# --- escalations ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRaise(PersonIntent):
    """Wants the dialog in which to raise; from a blocker of a check-in, or from a warning, when one is named."""

    right = Right.RAISE_ESCALATION
    only_reads = True
    checkin_id: CheckinId | None = None
    author: MemberId | None = None
    warning_id: WarningId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseEscalation(PersonIntent):
    """From a blocker (`checkin_id` and `author`) or a warning it is raised once."""

    right = Right.RAISE_ESCALATION
    title: str
    facts: str
    need: str
    urgency: Urgency = Urgency.ROUTINE
    checkin_id: CheckinId | None = None
    author: MemberId | None = None
    warning_id: WarningId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationIntent(PersonIntent):
    """Acts on one escalation; its rules ask too whether the person stands on it."""

    right = Right.ACT_ON_ESCALATION
    escalation_id: EscalationId


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeEscalation(EscalationIntent):
    """`level` is the level that the pressed message showed."""

    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEscalationForm(EscalationIntent):
    """Wants a dialog: "progress", "resolution", "decline", "move-up", "statement", "mediator" or "withdraw".

    `level`, here and below, is the level that the pressed message showed, where it matters.
    """

    only_reads = True
    form: str
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayProgress(EscalationIntent):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWords:
    """An action item as a person typed it: owner by member key, date as chosen."""

    title: str
    owner: str
    due: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeResolution(EscalationIntent):
    decision: str
    reason: str
    tasks: tuple[TaskWords, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptResolution(EscalationIntent):
    """`proposed_by` and `proposal`, its number, are those that the pressed message showed."""

    proposed_by: MemberId
    proposal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineResolution(EscalationIntent):
    proposed_by: MemberId
    reason: str
    proposal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveEscalationUp(EscalationIntent):
    reason: str
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveStatement(EscalationIntent):
    facts: str
    other_needs: str
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMediator(EscalationIntent):
    """Naming the one that the other side named is agreeing; `mediator` is a member key."""

    right = Right.NAME_MEDIATOR
    mediator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawEscalation(EscalationIntent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEscalation(PersonIntent):
    """Wants it with its whole history, or `anew` the card as it is now."""

    right = Right.READ_ESCALATION
    only_reads = True
    number: int
    anew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEscalations(PersonIntent):
    right = Right.READ_ESCALATION
    only_reads = True


# --- checkpoints and action items -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCheckpoint(PersonIntent):
    """An alliance manager wants a look back now."""

    right = Right.OPEN_CHECKPOINT


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCheckpoint(PersonIntent):
    """Wants the dialog in which to answer; None: the checkpoint that is open now."""

    right = Right.ANSWER_CHECKPOINT
    only_reads = True
    checkpoint_id: CheckpointId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheckpoint(PersonIntent):
    right = Right.ANSWER_CHECKPOINT
    checkpoint_id: CheckpointId
    answers: Mapping[str, str]
    ratings: tuple[CriterionRating, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskActionItem(PersonIntent):
    """Wants the dialog in which to decide an action item."""

    right = Right.DECIDE_ACTION_ITEM
    only_reads = True
    checkpoint_id: CheckpointId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideActionItem(PersonIntent):
    right = Right.DECIDE_ACTION_ITEM
    task: TaskWords
    checkpoint_id: CheckpointId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishActionItem(PersonIntent):
    """`listed` True: asked from the list, which is then shown anew."""

    right = Right.FINISH_ACTION_ITEM
    number: int
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListActionItems(PersonIntent):
    right = Right.READ_ACTION_ITEMS
    only_reads = True


# --- digests, status, privacy -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDigest(PersonIntent):
    right = Right.READ_DIGEST
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStatus(PersonIntent):
    right = Right.READ_STATUS
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCounterparts(PersonIntent):
    right = Right.READ_STATUS
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHelp(PersonIntent):
    """`unknown` is the word that was not understood, if any."""

    right = Right.READ_STATUS
    only_reads = True
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAway(PersonIntent):
    """`until` is the last day away, in the member's company's own calendar; None: back now."""

    right = Right.SET_AWAY
    until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStored(PersonIntent):
    """What is stored about me?"""

    right = Right.ASK_WHAT_IS_STORED
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMe(PersonIntent):
    """Delete what is stored about me; `confirmed` False asks back first."""

    right = Right.BE_FORGOTTEN
    confirmed: bool = False
