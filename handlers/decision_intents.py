"""What is asked after a checkpoint: to record a decision, to propose that the charter change."""

from dataclasses import dataclass

from alliance.ids import CheckpointId
from alliance.permissions import Right
from handlers.intents import PersonIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDecision(PersonIntent):
    """Wants the dialog in which to record what was decided after a checkpoint."""

    right = Right.RECORD_DECISION
    only_reads = True
    checkpoint_id: CheckpointId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecision(PersonIntent):
    right = Right.RECORD_DECISION
    checkpoint_id: CheckpointId
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAmendment(PersonIntent):
    """Wants the dialog in which to say what is to change in the charter."""

    right = Right.PROPOSE_CHARTER
    only_reads = True
    checkpoint_id: CheckpointId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAmendment(PersonIntent):
    """An alliance manager proposes, after a checkpoint, that the charter change; its terms follow as a version."""

    right = Right.PROPOSE_CHARTER
    checkpoint_id: CheckpointId
    change: str
