"""Early warnings: other features say that something ended, the rules look, alliance managers are told."""

import datetime as dt
from collections.abc import Iterable, Mapping

from alliance.action_item import overdue_on
from alliance.audit import AuditFact
from alliance.checkin import CheckinSummary
from alliance.escalation import Escalation
from alliance.ids import SideKey, WarningId
from alliance.ladder import Draft
from alliance.notices import WarningFound
from alliance.protocol import NobodyAtLevel, Urgency
from alliance.pulse import PulseResults
from alliance.triggers import Triggers
from alliance.warning import (
    ACKNOWLEDGEMENTS_OVER,
    EarlyWarning,
    Sign,
    acknowledgement_signs,
    action_item_signs,
    checkin_signs,
    pulse_signs,
    title_of,
)
from handlers.call import Call
from handlers.escalation_steps import open_escalation

ROUNDS_READ = 60
"""How many earlier rounds the rules may look back over: a dimension comes round once in a cycle."""
MISSED = "acknowledgement missed"
NEED = "Both sides look at this together and say what should follow from it."
"""What an escalation that the charter opened by itself asks for."""


async def after_pulse(call: Call, results: PulseResults) -> None:
    """Look for warnings in a pulse that has just closed; `results` is what was published of it."""
    earlier = await call.uow.pulses.results(call.alliance_id, ROUNDS_READ)
    history = [results, *(r for r in earlier if r.number < results.number)]
    triggers = await _triggers(call)
    await _tell(call, triggers, pulse_signs(history, triggers, _companies(call)))


async def after_checkin(call: Call, summary: CheckinSummary) -> None:
    """Look for warnings in a check-in that has just closed."""
    earlier = await call.uow.checkins.summaries(call.alliance_id, ROUNDS_READ)
    history = [summary, *(s for s in earlier if s.day < summary.day)]
    triggers = await _triggers(call)
    await _tell(call, triggers, checkin_signs(history, triggers, _companies(call)))


async def after_acknowledgement_ended(call: Call, case: Escalation) -> None:
    """Count a window to acknowledge that has just ended; `case.acknowledged` still says who did in time.

    Call it once for each window that ended with a side missing.
    """
    late = [side.key for side in call.roster.sides if side.key not in case.acknowledged]
    if not late:
        return
    subject = f"escalation {case.number}"
    await call.record(*(AuditFact(MISSED, subject, facts={"side": side}) for side in late))
    recent = await call.uow.audit.since(call.alliance_id, call.now - ACKNOWLEDGEMENTS_OVER)
    missed = {
        side: [(e.at, e.subject) for e in recent if e.event == MISSED and e.facts.get("side") == side] for side in late
    }
    triggers = await _triggers(call)
    await _tell(call, triggers, acknowledgement_signs(missed, triggers, _companies(call)))


async def weekly(call: Call, week: dt.date) -> None:
    """Look for action items that slip on one side; once a week, before the digest is made."""
    items = await call.uow.action_items.open_ones(call.alliance_id)
    late = overdue_on(items, call.roster, call.now)
    overdue = {side: [f"action item {item.number}" for item in theirs] for side, theirs in late.items()}
    triggers = await _triggers(call)
    await _tell(call, triggers, action_item_signs(overdue, triggers, _companies(call), week))


async def _triggers(call: Call) -> Triggers:
    return (await call.uow.charters.in_force(call.alliance_id)).charter.triggers


def _companies(call: Call) -> Mapping[SideKey, str]:
    return {side.key: side.company for side in call.roster.sides}


async def _tell(call: Call, triggers: Triggers, signs: Iterable[Sign]) -> None:
    for sign in signs:
        warning = sign.found(WarningId(call.uow.new_id()), call.alliance_id, call.now)
        if not await call.uow.warnings.add(warning, sign.occasion):
            continue
        facts = {"rule": str(sign.rule), "side": sign.side or "both"}
        await call.record(AuditFact("warning found", f"warning {warning.id}", facts=facts))
        opened = await _open_by_charter(call, warning) if sign.rule in triggers.open_escalation else None
        await call.tell(WarningFound(alliance_id=call.alliance_id, warning=warning, opened_escalation=opened))


async def _open_by_charter(call: Call, warning: EarlyWarning) -> int | None:
    """Return the escalation that the charter lets this rule open; None when nobody stands on its ladder.

    One that an earlier warning opened about the same is kept while it is open: the matter is in hand.
    """
    title = title_of(warning)
    for case in await call.uow.escalations.open_ones(call.alliance_id):
        if case.author is None and case.title.casefold() == title.casefold():
            return case.number
    draft = Draft(
        title=title,
        facts="\n".join(warning.evidence),
        need=NEED,
        urgency=Urgency.ROUTINE,
        author=None,
        source=f"warning:{warning.id}",
    )
    try:
        return (await open_escalation(call, draft)).number
    except NobodyAtLevel:
        return None
