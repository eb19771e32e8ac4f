"""How an escalation begins and goes on: `step` for what people do, `fall_due` for what time does.

Each returns the escalation as it is then and the notices to tell. Windows are joint working time and begin
when the people are told.
"""

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import assert_never

from alliance import escalation_notices as en
from alliance.calendar import JointClock
from alliance.charter import CharterVersion
from alliance.errors import AllianceError
from alliance.escalation import (
    Escalation,
    Event,
    Happened,
    Resolution,
    State,
    Statement,
    is_past_ladder,
    missing_acknowledgements,
    running_window,
    transition,
)
from alliance.escalation_acts import (
    Accept,
    Acknowledge,
    Act,
    Decline,
    GiveStatement,
    MoveUp,
    NameMediator,
    Propose,
    SayProgress,
    Withdraw,
    admit,
)
from alliance.escalation_changes import (
    Scene,
    Stepped,
    asked_for_statements,
    begun,
    common,
    ended,
    heard,
    moved_up,
    newcomers,
    raised,
    redrawn,
    wrote,
)
from alliance.escalation_people import (
    carriers,
    everybody_on,
    renewed_rung,
    rung_above,
    starting_rung,
    with_rung,
)
from alliance.ids import EscalationId, MemberId, SideKey
from alliance.protocol import Urgency
from alliance.roster import Member, Tier

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Draft:
    """A matter before it has its number. `author` is None when an agreed trigger raises it.

    `about` is whose blocker it comes from, None when it comes from none.
    """

    title: str
    facts: str
    need: str
    urgency: Urgency
    author: Member | None
    source: str = ""
    about: Member | None = None


class NotDue(AllianceError):
    """That window has not ended, or the escalation has moved on since. Nothing was changed."""


def raise_escalation(
    draft: Draft, escalation_id: EscalationId, number: int, version: CharterVersion, scene: Scene
) -> Stepped:
    """Begin at the level of whose matter it is, under the protocol in force. Raises NobodyAtLevel."""
    protocol = version.charter.protocol
    holder = draft.about if draft.about is not None and draft.about.active else draft.author
    case = Escalation(
        id=escalation_id,
        alliance_id=scene.roster.alliance_id,
        number=number,
        charter_version=version.version,
        protocol=protocol,
        urgency=draft.urgency,
        author=draft.author.id if draft.author else None,
        title=draft.title,
        facts=draft.facts,
        need=draft.need,
        raised_at=scene.now,
        source=draft.source,
        about=holder.id if holder is draft.about and holder is not None else None,
    )
    return raised(case, starting_rung(protocol, scene.roster, holder), scene)


def step(case: Escalation, act: Act, scene: Scene) -> Stepped:
    """Do what a person asks. Raises IllegalTransition or another AllianceError that says why it cannot be."""
    event = admit(case, act, scene.roster)
    moving = replace(case, state=transition(case, event))
    before = everybody_on(case, scene.roster)
    after, told = _acted(moving, act, event, scene, before)
    return after, (redrawn(after, scene, before), *told)


def fall_due(case: Escalation, event: Event, scene: Scene) -> Stepped:
    """Do what time asks. Raises IllegalTransition for a pair not in the table, NotDue when early or stale."""
    if event in (Event.STATEMENTS_ENDED, Event.STATEMENTS_ENDED_AT_TOP):
        above = rung_above(case, scene.roster, case.level)
        event = Event.STATEMENTS_ENDED if above else Event.STATEMENTS_ENDED_AT_TOP
    moving = replace(case, state=transition(case, event))
    if not is_due(case, event, scene):
        raise NotDue
    before = everybody_on(case, scene.roster)
    after, told = _passed(moving, case.state, event, scene, before)
    return after, (redrawn(after, scene, before), *told)


# --- what time will ask -----------------------------------------------------------------------------


def deadlines(case: Escalation, clock: JointClock) -> tuple[tuple[Event, dt.datetime], ...]:
    """What time will ask next and when, as far as it is known now; instants lie in joint working time."""
    end = _end_of_window(case)
    if end is None or case.due_at is None:
        return ()
    reminder = _reminder(case, clock, case.due_at)
    return (*((reminder,) if reminder else ()), (end, case.due_at))


def is_due(case: Escalation, event: Event, scene: Scene) -> bool:
    """Whether time may ask that now; False for a timer that the escalation has outrun."""
    asked = Event.STATEMENTS_ENDED if event is Event.STATEMENTS_ENDED_AT_TOP else event
    return any(asked is due and at <= scene.now for due, at in deadlines(case, scene.clock))


def _end_of_window(case: Escalation) -> Event | None:
    match case.state:
        case State.ACKNOWLEDGING:
            return Event.ACKNOWLEDGEMENT_ENDED
        case State.STATING:
            return Event.STATEMENTS_ENDED
        case State.RESOLVING | State.PROPOSED | State.NAMING_MEDIATOR | State.MEDIATING:
            if not is_past_ladder(case):
                return Event.RESOLUTION_ENDED
            return Event.MEDIATION_ENDED if case.mediator else Event.MEDIATOR_ENDED
        case State.RESOLVED | State.WITHDRAWN | State.UNRESOLVED:
            return None
        case _:
            assert_never(case.state)


def _reminder(case: Escalation, clock: JointClock, due_at: dt.datetime) -> tuple[Event, dt.datetime] | None:
    window, began = running_window(case), case.window_began_at
    if case.state is State.ACKNOWLEDGING:
        if case.reminded_at is not None or window is None or began is None:
            return None
        return Event.HALF_TIME, clock.part(began, window, HALF)
    waits_for_mediator = is_past_ladder(case) and case.mediator is None
    if case.state is State.STATING or waits_for_mediator or case.last_word_at is None:
        return None
    spoken_at = max(case.last_word_at, case.reminded_at or case.last_word_at)
    asks_at = clock.due(spoken_at, case.protocol.window(case.protocol.quiet_after, case.urgency))
    return (Event.QUIET, asks_at) if asks_at < due_at else None


# --- what people do ---------------------------------------------------------------------------------


def _acted(case: Escalation, act: Act, event: Event, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    """`case` already stands at the state that the table gave."""
    by = act.by.id
    match act:
        case Acknowledge():
            after = _acknowledged(case, act, event, scene)
            return after, (en.EscalationAcknowledged(**common(after, scene), by=by),)
        case SayProgress(text=text):
            after = wrote(heard(case, scene), scene, Happened.SAID, by=by, words=(text, ""))
            return after, (en.EscalationProgress(**common(after, scene), by=by, text=text),)
        case Propose():
            after = _proposed(case, act, scene)
            return after, (en.ResolutionProposed(**common(after, scene), by=by),)
        case Accept():
            return _accepted(case, act, event, scene)
        case Decline(reason=reason):
            after = wrote(heard(case, scene), scene, Happened.DECLINED, by=by, words=(reason, ""))
            after = replace(after, resolution=None)
            return after, (en.ResolutionDeclined(**common(after, scene), by=by, reason=reason),)
        case MoveUp(reason=reason):
            return asked_for_statements(case, scene, by, reason)
        case GiveStatement():
            return _stated(case, act, event, scene, before)
        case NameMediator():
            return _named(case, act, event, scene, before)
        case Withdraw(reason=reason):
            after = ended(wrote(case, scene, Happened.WITHDRAWN, by=by, words=(reason, "")), scene)
            return after, (en.EscalationWithdrawn(**common(after, scene), by=by, reason=reason),)
        case _:
            assert_never(act)


def _acknowledged(case: Escalation, act: Acknowledge, event: Event, scene: Scene) -> Escalation:
    side = _key(act.by.side)
    after = replace(case, acknowledged={**case.acknowledged, side: (act.by.id, scene.now)})
    after = wrote(after, scene, Happened.ACKNOWLEDGED, by=act.by.id, sides=(side,))
    return begun(heard(after, scene), scene) if event is Event.ACKNOWLEDGE_BOTH else after


def _proposed(case: Escalation, act: Propose, scene: Scene) -> Escalation:
    number = case.proposals + 1
    resolution = Resolution(act.by.side, act.by.id, act.decision, act.reason, act.tasks, number)
    after = replace(heard(case, scene), resolution=resolution, proposals=number)
    return wrote(after, scene, Happened.PROPOSED, by=act.by.id, words=(act.decision, act.reason))


def _accepted(case: Escalation, act: Accept, event: Event, scene: Scene) -> Stepped:
    assert case.resolution is not None
    side = _key(act.by.side)
    resolution = replace(case.resolution, accepted=(*case.resolution.accepted, side))
    after = replace(heard(case, scene), resolution=resolution)
    after = wrote(after, scene, Happened.ACCEPTED, by=act.by.id, sides=(side,))
    if event is Event.ACCEPT_FIRST:
        return after, ()
    after = ended(wrote(after, scene, Happened.RESOLVED), scene)
    return after, (en.EscalationResolved(**common(after, scene), by=act.by.id),)


def _stated(case: Escalation, act: GiveStatement, event: Event, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    side = _key(act.by.side)
    given = Statement(side, act.by.id, act.facts, act.other_needs)
    after = replace(case, statements=(*case.statements, given))
    after = wrote(after, scene, Happened.STATED, by=act.by.id, sides=(side,))
    return (after, ()) if event is Event.GIVE_STATEMENT else moved_up(after, scene, before)


def _named(case: Escalation, act: NameMediator, event: Event, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    mediator, side, agreed = act.mediator.id, _key(act.by.side), event is Event.AGREE_MEDIATOR
    after = wrote(case, scene, Happened.MEDIATOR_NAMED, by=act.by.id, words=(act.mediator.name, ""), sides=(side,))
    after = replace(after, mediator_proposed=(side, mediator))
    if agreed:
        after = wrote(replace(after, mediator=mediator), scene, Happened.MEDIATION)
        after = begun(heard(after, scene), scene)
    told = en.MediatorNamed(**common(after, scene), by=act.by.id, mediator=mediator, agreed=agreed, members=before)
    return after, (told, *newcomers(after, scene, before))


# --- what time does ---------------------------------------------------------------------------------


def _passed(case: Escalation, was: State, event: Event, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    match event:
        case Event.HALF_TIME:
            return _reminded(replace(case, reminded_at=scene.now), scene)
        case Event.ACKNOWLEDGEMENT_ENDED:
            return _joined(case, scene, before)
        case Event.RESOLUTION_ENDED:
            lapsed = wrote(case, scene, Happened.LAPSED) if was is State.PROPOSED else case
            return asked_for_statements(lapsed, scene, None, "")
        case Event.STATEMENTS_ENDED | Event.STATEMENTS_ENDED_AT_TOP:
            return moved_up(case, scene, before)
        case Event.QUIET:
            after = wrote(replace(case, reminded_at=scene.now), scene, Happened.ASKED)
            return after, (en.EscalationQuiet(**common(after, scene)),)
        case Event.MEDIATOR_ENDED:
            after = wrote(begun(case, scene), scene, Happened.REMINDED)
            executives = tuple(
                m.id for side in scene.roster.sides for m in scene.roster.active(side.key, [Tier.EXECUTIVE])
            )
            return after, (en.MediatorWanted(**common(after, scene), members=executives or before),)
        case Event.MEDIATION_ENDED:
            after = ended(wrote(case, scene, Happened.UNRESOLVED), scene)
            return after, (en.EscalationUnresolved(**common(after, scene), exit_terms=scene.exit_terms),)
        case _:
            raise NotDue


def _reminded(case: Escalation, scene: Scene, *, ended: bool = False) -> Stepped:
    missing = missing_acknowledgements(case)
    asked = tuple(member for side in missing for member in carriers(case, scene.roster, side))
    after = wrote(case, scene, Happened.REMINDED, sides=missing)
    reminder = en.EscalationReminder(**common(after, scene), members=asked, missing=missing, ended=ended)
    return after, (reminder,)


def _joined(case: Escalation, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    above = rung_above(case, scene.roster, case.reach)
    if above is None:
        stayed = begun(with_rung(case, renewed_rung(case, scene.roster)), scene)
        after, told = _reminded(replace(stayed, reminded_at=scene.now), scene, ended=True)
        return after, (*told, *newcomers(after, scene, before))
    missing = missing_acknowledgements(case)
    after = begun(with_rung(case, above), scene)
    after = wrote(after, scene, Happened.JOINED, level=above.level, sides=missing)
    news = en.NextLevelTold(**common(after, scene), missing=missing, members=before)
    return after, (news, *newcomers(after, scene, before, missing))


def _key(side: SideKey | None) -> SideKey:
    assert side is not None, "admitted as a person of one of the companies"
    return side
