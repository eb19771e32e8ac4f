"""What every change of an escalation has in common: it is saved, told, timed and put into the audit trail."""

from alliance.audit import AuditFact
from alliance.disclosure import escalation_view
from alliance.errors import NotFound, NotPermitted
from alliance.escalation import Entry, Escalation, Happened, level_name
from alliance.escalation_acts import Act
from alliance.escalation_changes import Scene, Stepped
from alliance.ids import EscalationId
from alliance.ladder import Draft, deadlines, raise_escalation, step
from handlers.call import Call
from handlers.time_intents import EscalationFallsDue


async def open_escalation(call: Call, draft: Draft) -> Escalation:
    """Raise a matter under the charter in force and tell both sides at once.

    Where one came from the same `draft.source` before, that one is returned. Raises NotInForce, NobodyAtLevel.
    """
    await call.uow.rosters.lock(call.alliance_id)
    version = await call.uow.charters.in_force(call.alliance_id)
    known = await call.uow.escalations.from_source(call.alliance_id, draft.source)
    if known is not None:
        return known
    number = await call.uow.escalations.next_number(call.alliance_id)
    new_id = EscalationId(call.uow.new_id())
    case, told = raise_escalation(draft, new_id, number, version, scene_of(call))
    await settle(call, None, (case, told))
    return case


async def escalation_of(call: Call, escalation_id: EscalationId) -> Escalation:
    """Load one of this alliance's escalations, locked; NotFound for any other."""
    case = await call.uow.escalations.get(escalation_id)
    call.own(case.alliance_id)
    return case


async def readable(call: Call, number: int) -> Escalation:
    """The escalation with that number as the asker may read it: both companies read all of it.

    A mediator reads those in which they mediate.
    """
    case = await call.uow.escalations.numbered(call.alliance_id, number)
    if case is None:
        raise NotFound(f"There is no escalation {number} in this alliance. Say “escalations” to see the open ones.")
    if call.asker.side is None and case.mediator != call.asker.id:
        raise NotPermitted("A mediator reads the escalations in which both companies named them.")
    return escalation_view(case)


async def stepped(call: Call, case: Escalation, act: Act) -> Escalation:
    """Do what a person asks of an escalation, or raise the reason why not."""
    return await settle(call, case, step(case, act, scene_of(call)))


async def settle(call: Call, before: Escalation | None, done: Stepped) -> Escalation:
    """Keep a step: the escalation, its notices, its timers, an audit fact for each new line of its history."""
    after, told = done
    await call.uow.escalations.save(after)
    await call.tell(*told)
    await _set_timers(call, after)
    known = len(before.history) if before else 0
    await call.record(*(_audit_fact(after, entry) for entry in after.history[known:]))
    return after


async def _set_timers(call: Call, case: Escalation) -> None:
    await call.take_back(f"escalation:{case.id}")
    for event, at in deadlines(case, call.roster.joint_clock):
        falls = EscalationFallsDue(alliance_id=call.alliance_id, escalation_id=case.id, event=event.name)
        await call.promise(f"escalation:{case.id}:{event.name.lower()}", falls, at)


def _audit_fact(case: Escalation, entry: Entry) -> AuditFact:
    facts = {"state": str(case.state), "level": level_name(case, entry.level)}
    if entry.sides:
        facts["sides"] = ", ".join(entry.sides)
    if entry.what is Happened.RAISED:
        facts["urgency"] = str(case.urgency)
    words = {"text": entry.text, "more": entry.more}
    if entry.what is Happened.RAISED:
        words["title"] = case.title
    return AuditFact(
        event=f"escalation {entry.what}",
        subject=f"escalation {case.number}",
        actor=entry.by,
        facts=facts,
        details={name: text for name, text in words.items() if text} or None,
    )


def scene_of(call: Call) -> Scene:
    return Scene(call.roster, call.now)
