"""Escalations: acted on by people, carried up by time, read by both companies alike.

How one is raised, and the dialogs, are in `handlers/escalation_forms.py`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from alliance import escalation_acts as acts
from alliance.disclosure import escalation_view
from alliance.errors import InvalidInput, NotAMember
from alliance.escalation import Escalation, Event, State, Task, is_open
from alliance.escalation_acts import require_level, require_proposal
from alliance.escalation_changes import Scene
from alliance.ladder import fall_due, is_due
from alliance.roster import Member
from handlers import escalation_forms, warnings
from handlers import intents as i
from handlers.action_items import decide, task_of
from handlers.call import Call, Handler
from handlers.escalation_forms import written
from handlers.escalation_steps import escalation_of, readable, scene_of, settle, stepped
from handlers.replies import Nothing, Reply
from handlers.time_intents import EscalationFallsDue

MOST_TASKS = 3


@dataclass(frozen=True, slots=True)
class EscalationShown(Reply):
    """One escalation with its whole history, or (`anew`) its card alone; `paused_until` when the joint clock stands."""

    escalation: Escalation
    paused_until: dt.datetime | None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class EscalationsListed(Reply):
    """The open escalations, by number."""

    escalations: tuple[Escalation, ...]


async def acknowledge(call: Call, intent: i.AcknowledgeEscalation) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    require_level(case, intent.level)
    await stepped(call, case, acts.Acknowledge(call.asker))
    return Nothing()


async def say_progress(call: Call, intent: i.SayProgress) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    words = written(text=intent.text)
    await stepped(call, case, acts.SayProgress(call.asker, words["text"]))
    return Nothing()


async def propose(call: Call, intent: i.ProposeResolution) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    words = written(decision=intent.decision, reason=intent.reason)
    act = acts.Propose(call.asker, words["decision"], words["reason"], _tasks(call, intent.tasks))
    await stepped(call, case, act)
    return Nothing()


def _tasks(call: Call, words: tuple[i.TaskWords, ...]) -> tuple[Task, ...]:
    """The action items that were filled in; their inputs are counted as the dialog shows them."""
    wrong: dict[str, str] = {}
    tasks: list[Task] = []
    for position, task in enumerate(words[:MOST_TASKS], start=1):
        if not (task.title.strip() or task.owner or task.due):
            continue
        try:
            tasks.append(task_of(call, task, f"_{position}"))
        except InvalidInput as error:
            wrong |= error.fields
    if wrong:
        raise InvalidInput(wrong)
    return tuple(tasks)


async def accept(call: Call, intent: i.AcceptResolution) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    require_proposal(case, intent.proposed_by, intent.proposal)
    after = await stepped(call, case, acts.Accept(call.asker))
    if after.state is State.RESOLVED and after.resolution is not None:
        await decide(call, after.resolution.tasks, f"escalation {after.number}")
    return Nothing()


async def decline(call: Call, intent: i.DeclineResolution) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    require_proposal(case, intent.proposed_by, intent.proposal)
    words = written(reason=intent.reason)
    await stepped(call, case, acts.Decline(call.asker, words["reason"]))
    return Nothing()


async def move_up(call: Call, intent: i.MoveEscalationUp) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    require_level(case, intent.level)
    words = written(reason=intent.reason)
    await stepped(call, case, acts.MoveUp(call.asker, words["reason"]))
    return Nothing()


async def give_statement(call: Call, intent: i.GiveStatement) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    require_level(case, intent.level)
    words = written(facts=intent.facts, other_needs=intent.other_needs)
    await stepped(call, case, acts.GiveStatement(call.asker, words["facts"], words["other_needs"]))
    return Nothing()


async def name_mediator(call: Call, intent: i.NameMediator) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    await stepped(call, case, acts.NameMediator(call.asker, _mediator(call, intent.mediator)))
    return Nothing()


def _mediator(call: Call, key: str) -> Member:
    try:
        return call.roster.by_key(key)
    except NotAMember:
        raise InvalidInput({"mediator": "Choose one of the mediators in the list."}) from None


async def withdraw(call: Call, intent: i.WithdrawEscalation) -> Reply:
    case = await escalation_of(call, intent.escalation_id)
    words = written(reason=intent.reason)
    await stepped(call, case, acts.Withdraw(call.asker, words["reason"]))
    return Nothing()


async def falls_due(call: Call, intent: EscalationFallsDue) -> Reply:
    """Do what time asks; a timer that the escalation has outrun does nothing."""
    case = await escalation_of(call, intent.escalation_id)
    event, scene = Event.__members__.get(intent.event), scene_of(call)
    if event is None or not is_due(case, event, scene):
        return Nothing()
    if event is Event.MEDIATION_ENDED:
        version = await call.uow.charters.get(call.alliance_id, case.charter_version)
        scene = Scene(call.roster, call.now, version.charter.exit_terms)
    await settle(call, case, fall_due(case, event, scene))
    if event is Event.ACKNOWLEDGEMENT_ENDED:
        await warnings.after_acknowledgement_ended(call, case)
    return Nothing()


# --- reading ----------------------------------------------------------------------------------------


async def show(call: Call, intent: i.ShowEscalation) -> Reply:
    case, clock = await readable(call, intent.number), call.roster.joint_clock
    stands = is_open(case) and not clock.is_open(call.now)
    return EscalationShown(case, clock.next_open(call.now) if stands else None, intent.anew)


async def list_open(call: Call, _intent: i.ListEscalations) -> Reply:
    cases = await call.uow.escalations.open_ones(call.alliance_id)
    asker = call.asker
    readable_ones = (case for case in cases if asker.side is not None or case.mediator == asker.id)
    return EscalationsListed(tuple(escalation_view(case) for case in readable_ones))


HANDLERS: Mapping[type[i.Intent], Handler] = {
    **escalation_forms.HANDLERS,
    i.AcknowledgeEscalation: acknowledge,
    i.SayProgress: say_progress,
    i.ProposeResolution: propose,
    i.AcceptResolution: accept,
    i.DeclineResolution: decline,
    i.MoveEscalationUp: move_up,
    i.GiveStatement: give_statement,
    i.NameMediator: name_mediator,
    i.WithdrawEscalation: withdraw,
    i.ShowEscalation: show,
    i.ListEscalations: list_open,
    EscalationFallsDue: falls_due,
}
