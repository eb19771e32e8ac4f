"""Checkpoints: a dated look back with retrospective answers and the success criteria, side by side."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alliance.calendar import local_date
from alliance.charter import Direction
from alliance.errors import AllianceError, AlreadyClosed, InvalidInput, NotFound, NotPermitted
from alliance.ids import AllianceId, CheckpointId, MemberId, SideKey
from alliance.roster import Roster, Tier
from alliance.rounds import RoundState

QUESTIONS = ("went_well", "differently", "learned", "changed", "skills", "adapt")
"""What every checkpoint asks, by key; the words stand with the messages."""
LONGEST_ANSWER = 2000
LONGEST_DECISION = 1000
INVITED = (Tier.MANAGER, Tier.ALLIANCE_MANAGER, Tier.EXECUTIVE)


class AnswersClosed(AlreadyClosed):
    """This checkpoint has closed, so your answers were not changed. The next one takes new ones."""


class NotInvited(NotPermitted):
    """You were not invited to this checkpoint, so nothing was changed. The next one will ask you again."""


class NoCheckpointOpen(NotFound):
    """No checkpoint is open now. Either alliance manager can call one at any time."""


class CheckpointStillOpen(AllianceError):
    """A checkpoint is open already. Answer that one first; another can be called once it has closed."""


class CheckpointHeldToday(AllianceError):
    """There was a checkpoint today already. You can call the next one from tomorrow on."""


class StillBeingAnswered(AllianceError):
    """This checkpoint is still open. Decisions are recorded once it has closed and both companies have read it."""


class Standing(StrEnum):
    """What a side says of a criterion."""

    MET = "met"
    ON_COURSE = "on course"
    AT_RISK = "at risk"
    MISSED = "missed"


class Finding(StrEnum):
    """What both sides' standings together say; disagreement is itself a finding."""

    AGREED = "agreed"
    CONTESTED = "contested"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One look back. Managers and up on both sides are invited."""

    id: CheckpointId
    alliance_id: AllianceId
    charter_version: int
    day: dt.date
    opened_at: dt.datetime
    closes_at: dt.datetime
    state: RoundState = RoundState.OPEN
    invited: Mapping[SideKey, tuple[MemberId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriterionRating:
    """One member's rating of one criterion, with the measured value where they know it."""

    criterion: str
    standing: Standing | None
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class CheckpointAnswer:
    """One member's retrospective: answers by question key, and ratings of the criteria."""

    member_id: MemberId
    side: SideKey
    answers: Mapping[str, str]
    ratings: tuple[CriterionRating, ...]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion as both sides see it: each side's standing and measured value, and their sum."""

    criterion: str
    name: str
    unit: str
    target: float
    standings: Mapping[SideKey, Standing | None]
    measured: Mapping[SideKey, float | None]
    finding: Finding
    direction: Direction = Direction.HIGHER


@dataclass(frozen=True, slots=True)
class Remark:
    """A retrospective answer as it crosses sides: by side, without a name."""

    question: str
    side: SideKey
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided together after a checkpoint, as one member wrote it down.

    `amends`: the charter itself is to change; an alliance manager proposes the amendment.
    """

    decision: str
    by: MemberId
    at: dt.datetime
    amends: bool = False


@dataclass(frozen=True, slots=True)
class EscalationSince:
    """An escalation that was raised or has ended since last time, and how it stands."""

    number: int
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class ItemSince:
    """An action item that was done since last time, or is still open."""

    number: int
    title: str
    owner: MemberId
    due: dt.date
    done: bool
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Retrospective:
    """What both companies are told when a checkpoint closes; what came since the previous one is counted and named.

    `response` holds answered and invited. `decided_before` are the decisions of the previous checkpoint;
    `decisions` are added to this one once it has been read.
    """

    checkpoint_id: CheckpointId
    day: dt.date
    response: Mapping[SideKey, tuple[int, int]]
    criteria: tuple[CriterionResult, ...]
    remarks: tuple[Remark, ...]
    escalations_opened: int
    escalations_closed: int
    action_items_done: int
    action_items_open: int
    escalations: tuple[EscalationSince, ...] = ()
    items: tuple[ItemSince, ...] = ()
    decided_before: tuple[Decision, ...] = ()
    decisions: tuple[Decision, ...] = ()


# --- the rules --------------------------------------------------------------------------------------


def to_invite(roster: Roster, closes_at: dt.datetime) -> Mapping[SideKey, tuple[MemberId, ...]]:
    """Return managers and up on both sides, but for those who are away until the checkpoint is over."""
    return {
        side.key: tuple(
            member.id
            for member in roster.active(side.key, INVITED)
            if not member.is_away(local_date(closes_at, side.calendar.zone))
        )
        for side in roster.sides
    }


def answered(
    checkpoint: Checkpoint, answer: CheckpointAnswer, criteria: frozenset[str], now: dt.datetime
) -> CheckpointAnswer:
    """Return the answer as it is kept, without blank texts and empty ratings.

    `criteria` are the keys of the charter version that the checkpoint began under. Raises AnswersClosed,
    NotInvited, NotFound for a criterion that is none of them, InvalidInput when no question is answered.
    """
    may_answer(checkpoint, answer.member_id, answer.side, now)
    if any(rating.criterion not in criteria for rating in answer.ratings):
        raise NotFound
    texts = {key: answer.answers.get(key, "").strip()[:LONGEST_ANSWER] for key in QUESTIONS}
    kept = {key: text for key, text in texts.items() if text}
    if not kept:
        raise InvalidInput({QUESTIONS[0]: "Please answer at least one of the six questions."})
    ratings = tuple(r for r in answer.ratings if r.standing is not None or r.measured is not None)
    return replace(answer, answers=kept, ratings=ratings)


def may_answer(checkpoint: Checkpoint, member_id: MemberId, side: SideKey, now: dt.datetime) -> None:
    """Refuse whoever was not invited, and everybody after the close."""
    if member_id not in checkpoint.invited.get(side, ()):
        raise NotInvited
    if checkpoint.state is RoundState.CLOSED or now >= checkpoint.closes_at:
        raise AnswersClosed


def close(checkpoint: Checkpoint) -> Checkpoint:
    if checkpoint.state is RoundState.CLOSED:
        raise AnswersClosed
    return replace(checkpoint, state=RoundState.CLOSED)


def decided(retrospective: Retrospective, decision: Decision) -> Retrospective:
    """Return the retrospective with a decision more; the same words of the same person are one decision.

    Raises InvalidInput for a blank or an overlong one.
    """
    words = decision.decision.strip()
    if not words:
        raise InvalidInput({"decision": "Say what was decided, in a sentence or two."})
    if len(words) > LONGEST_DECISION:
        raise InvalidInput({"decision": f"Please keep this to {LONGEST_DECISION} characters."})
    if any((d.decision, d.by, d.amends) == (words, decision.by, decision.amends) for d in retrospective.decisions):
        return retrospective
    return replace(retrospective, decisions=(*retrospective.decisions, replace(decision, decision=words)))
