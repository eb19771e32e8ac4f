"""One escalation of the sample alliance at each point of its story, for the templates' examples."""

import datetime as dt
from dataclasses import replace

from alliance import escalation_notices as en
from alliance.escalation import Entry, Escalation, Happened, Resolution, State, Statement, Task
from alliance.escalation_changes import Common
from alliance.ids import EscalationId, MemberId
from alliance.protocol import Protocol, Urgency
from bot.messages.sample import ALLIANCE, DC, MC, NEXT_WEEK, NOW, TOMORROW

_ANA, _BEN, _CLEO, _DANA = (MemberId(key) for key in ("ana", "ben", "cleo", "dana"))
_JONAS, _KATRIN, _LARS, _MARA = (MemberId(key) for key in ("jonas", "katrin", "lars", "mara"))
_NIA = MemberId("nia")
_HOUR = dt.timedelta(hours=1)

_LADDER = {
    0: {DC: (_ANA,), MC: (_JONAS,)},
    1: {DC: (_BEN,), MC: (_KATRIN,)},
    2: {DC: (_CLEO,), MC: (_LARS,)},
    3: {DC: (_DANA,), MC: (_MARA,)},
}
_RAISED = Entry(NOW, Happened.RAISED, _ANA, "The second milestone moved twice.", "One date that both keep.", 0)
_BOTH = {DC: (_ANA, NOW), MC: (_JONAS, NOW + _HOUR)}

NEW = Escalation(
    id=EscalationId("e3"),
    alliance_id=ALLIANCE,
    number=3,
    charter_version=1,
    protocol=Protocol(),
    urgency=Urgency.ROUTINE,
    author=_ANA,
    title="The pilot slips",
    facts="The second milestone moved twice, and nobody was asked.\nThree customers wait.",
    need="One date that both companies keep.",
    raised_at=NOW,
    people={0: _LADDER[0]},
    window_began_at=NOW,
    due_at=TOMORROW,
    history=(_RAISED,),
)
ONE_ACKNOWLEDGED = replace(
    NEW,
    acknowledged={MC: (_JONAS, NOW + _HOUR)},
    history=(_RAISED, Entry(NOW + _HOUR, Happened.ACKNOWLEDGED, _JONAS, sides=(MC,))),
)
JOINED = replace(
    NEW,
    reach=1,
    people={0: _LADDER[0], 1: _LADDER[1]},
    history=(_RAISED, Entry(TOMORROW, Happened.JOINED, level=1, sides=(DC, MC))),
)
ACKNOWLEDGED_BY_BOTH = replace(
    ONE_ACKNOWLEDGED, state=State.RESOLVING, acknowledged=_BOTH, due_at=NEXT_WEEK, last_word_at=NOW
)
PROPOSED_CASE = replace(
    ACKNOWLEDGED_BY_BOTH,
    state=State.PROPOSED,
    proposals=1,
    resolution=Resolution(
        side=MC,
        by=_JONAS,
        decision="The pilot starts on 13 April; changes need both project leads.",
        reason="Both teams can keep that date without overtime.",
        tasks=(Task("Send the customers the new date", _ANA, dt.date(2026, 3, 20)),),
    ),
)
ASKED = replace(ACKNOWLEDGED_BY_BOTH, state=State.STATING, due_at=TOMORROW)
ONE_STATED = replace(ASKED, statements=(Statement(MC, _JONAS, "", ""),))
UP = replace(
    NEW,
    level=1,
    reach=1,
    people={0: _LADDER[0], 1: _LADDER[1]},
    urgency=Urgency.URGENT,
    statements=(
        Statement(DC, _ANA, "Two of three dates were moved without a word.", "Time to plan its shifts."),
        Statement(MC, _JONAS, "The requirements changed after each date.", "A way to serve customers early."),
    ),
    history=(_RAISED, Entry(NOW, Happened.STATEMENTS_ASKED, _JONAS, "We need a decision on priorities.")),
)
NAMING = replace(UP, state=State.NAMING_MEDIATOR, level=4, reach=3, people=_LADDER, due_at=NEXT_WEEK)
NAMED = replace(NAMING, mediator_proposed=(MC, _NIA))
MEDIATING = replace(NAMED, state=State.MEDIATING, mediator=_NIA, last_word_at=NOW)
_ENDED = replace(PROPOSED_CASE, due_at=None, window_began_at=None, ended_at=NOW)
SETTLED = replace(_ENDED, state=State.RESOLVED)


def _with(case: Escalation, paused_until: dt.datetime | None = None) -> Common:
    return Common(alliance_id=ALLIANCE, escalation=case, at=NOW, paused_until=paused_until)


RAISED = (en.EscalationRaised(**_with(NEW)), en.EscalationRaised(**_with(NEW, TOMORROW)))
LEVEL_JOINED = (en.EscalationLevelJoined(**_with(JOINED), missing=(DC, MC), members=(_BEN, _KATRIN)),)
MOVED_UP = (
    en.EscalationMovedUp(**_with(UP), members=(_BEN, _KATRIN)),
    en.EscalationMovedUp(**_with(MEDIATING), members=(_NIA,)),
)
REDRAWN = tuple(
    en.EscalationRedrawn(**_with(case)) for case in (ONE_ACKNOWLEDGED, PROPOSED_CASE, ONE_STATED, NAMED, SETTLED)
)
ACKNOWLEDGED = (
    en.EscalationAcknowledged(**_with(ONE_ACKNOWLEDGED), by=_JONAS),
    en.EscalationAcknowledged(**_with(ACKNOWLEDGED_BY_BOTH), by=_ANA),
)
REMINDER = tuple(
    en.EscalationReminder(**_with(ONE_ACKNOWLEDGED), members=(_ANA,), missing=(DC,), ended=ended)
    for ended in (False, True)
)
NEXT_LEVEL = (
    en.NextLevelTold(**_with(JOINED), missing=(DC, MC), members=(_ANA, _JONAS)),
    en.NextLevelTold(**_with(UP), members=(_ANA, _JONAS)),
)
PROGRESS = (
    en.EscalationProgress(**_with(ACKNOWLEDGED_BY_BOTH), by=_ANA, text="We meet on Thursday to compare plans."),
)
QUIET = (en.EscalationQuiet(**_with(ACKNOWLEDGED_BY_BOTH)),)
PROPOSED = (en.ResolutionProposed(**_with(PROPOSED_CASE), by=_JONAS),)
DECLINED = (
    en.ResolutionDeclined(
        **_with(ACKNOWLEDGED_BY_BOTH), by=_ANA, reason="The 13th is a holiday for two of the customers."
    ),
)
RESOLVED = (en.EscalationResolved(**_with(SETTLED), by=_ANA),)
STATEMENTS_ASKED = (
    en.StatementsAsked(**_with(ASKED), by=None, reason=""),
    en.StatementsAsked(**_with(ASKED), by=_JONAS, reason="We need a decision on priorities."),
)
MEDIATOR_WANTED = (en.MediatorWanted(**_with(NAMING)),)
MEDIATOR_NAMED = (
    en.MediatorNamed(**_with(NAMED), by=_MARA, mediator=_NIA, agreed=False),
    en.MediatorNamed(**_with(MEDIATING), by=_DANA, mediator=_NIA, agreed=True),
)
WITHDRAWN = (
    en.EscalationWithdrawn(
        **_with(replace(NEW, state=State.WITHDRAWN, due_at=None, ended_at=NOW)),
        by=_ANA,
        reason="It was settled at lunch.",
    ),
)
UNRESOLVED = (
    en.EscalationUnresolved(
        **_with(replace(MEDIATING, state=State.UNRESOLVED, due_at=None, ended_at=NOW)),
        exit_terms="Either company may leave with sixty days' notice.",
    ),
)
