"""After a checkpoint: what was decided is recorded and told to both companies; the charter's change is proposed."""

from collections.abc import Mapping
from dataclasses import dataclass

from alliance import checkpoint as rules
from alliance.audit import AuditFact
from alliance.checkpoint import Checkpoint, Decision, Retrospective
from alliance.errors import InvalidInput
from alliance.ids import CheckpointId
from alliance.notices import DecisionRecorded
from handlers.call import Call, Handler
from handlers.decision_intents import AskAmendment, AskDecision, ProposeAmendment, RecordDecision
from handlers.intents import Intent
from handlers.replies import Reply


@dataclass(frozen=True, slots=True)
class DecisionAsked(Reply):
    """The dialog in which to say what was decided; `amends`: what is to change in the charter."""

    checkpoint: Checkpoint
    amends: bool


@dataclass(frozen=True, slots=True)
class DecisionKept(Reply):
    """What was just recorded; `again` when it had been recorded before."""

    decision: Decision
    again: bool = False


async def ask_decision(call: Call, intent: AskDecision) -> Reply:
    checkpoint, _ = await _looked_back(call, intent.checkpoint_id)
    return DecisionAsked(checkpoint, amends=False)


async def ask_amendment(call: Call, intent: AskAmendment) -> Reply:
    checkpoint, _ = await _looked_back(call, intent.checkpoint_id)
    return DecisionAsked(checkpoint, amends=True)


async def record_decision(call: Call, intent: RecordDecision) -> Reply:
    return await _record(call, intent.checkpoint_id, intent.decision, amends=False)


async def propose_amendment(call: Call, intent: ProposeAmendment) -> Reply:
    """Say what is to change; the terms themselves follow as a charter version, signed as every other."""
    try:
        return await _record(call, intent.checkpoint_id, intent.change, amends=True)
    except InvalidInput as error:
        raise InvalidInput({"change": error.fields["decision"]}) from None


async def _record(call: Call, checkpoint_id: CheckpointId, words: str, *, amends: bool) -> Reply:
    checkpoint, retrospective = await _looked_back(call, checkpoint_id)
    decision = Decision(words.strip(), call.asker.id, call.now, amends)
    after = rules.decided(retrospective, decision)
    if after is retrospective:
        return DecisionKept(decision, again=True)
    await call.uow.checkpoints.save_retrospective(after)
    draft = await call.uow.charters.draft(call.alliance_id) if amends else None
    await call.tell(
        DecisionRecorded(
            alliance_id=call.alliance_id,
            checkpoint_id=checkpoint.id,
            day=checkpoint.day,
            decision=decision,
            draft=draft.version if draft else None,
        )
    )
    event = "amendment proposed" if amends else "decision recorded"
    subject = f"checkpoint {checkpoint.day.isoformat()}"
    await call.record(AuditFact(event, subject, call.asker.id, details={"decision": decision.decision}))
    return DecisionKept(decision)


async def _looked_back(call: Call, checkpoint_id: CheckpointId) -> tuple[Checkpoint, Retrospective]:
    checkpoint = await call.uow.checkpoints.get(checkpoint_id)
    call.own(checkpoint.alliance_id)
    retrospective = await call.uow.checkpoints.retrospective_of(checkpoint.id)
    if retrospective is None:
        raise rules.StillBeingAnswered
    return checkpoint, retrospective


HANDLERS: Mapping[type[Intent], Handler] = {
    AskDecision: ask_decision,
    RecordDecision: record_decision,
    AskAmendment: ask_amendment,
    ProposeAmendment: propose_amendment,
}
