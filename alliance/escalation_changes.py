"""What the steps of an escalation are made of: windows, history, moving up, the notices' common part."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import TypedDict

from alliance import escalation_notices as en
from alliance.calendar import JointClock
from alliance.disclosure import escalation_view
from alliance.escalation import Entry, Escalation, Happened, is_open, running_window
from alliance.escalation_people import Rung, everybody_on, rung_above, with_rung
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.roster import Roster

Told = tuple[en.EscalationNotice, ...]
Stepped = tuple[Escalation, Told]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step depends on beside the escalation: the people, the instant, and the charter's exit terms."""

    roster: Roster
    now: dt.datetime
    exit_terms: str = ""

    @property
    def clock(self) -> JointClock:
        return self.roster.joint_clock


class Common(TypedDict):
    alliance_id: AllianceId
    escalation: Escalation
    at: dt.datetime
    paused_until: dt.datetime | None


def common(case: Escalation, scene: Scene) -> Common:
    """What every notice carries: the escalation as both sides may see it, and when a shut clock resumes."""
    shut = is_open(case) and not scene.clock.is_open(scene.now)
    return Common(
        alliance_id=case.alliance_id,
        escalation=escalation_view(case),
        at=scene.now,
        paused_until=scene.clock.next_open(scene.now) if shut else None,
    )


def redrawn(case: Escalation, scene: Scene, before: tuple[MemberId, ...]) -> en.EscalationRedrawn:
    """The messages that people already have show how it stands."""
    return en.EscalationRedrawn(**common(case, scene), members=before)


def newcomers(case: Escalation, scene: Scene, before: tuple[MemberId, ...], missing: tuple[SideKey, ...] = ()) -> Told:
    """Tell those whom it reaches for the first time; `missing` when the level only joins."""
    new = tuple(member for member in everybody_on(case, scene.roster) if member not in before)
    if not new:
        return ()
    if missing:
        return (en.EscalationLevelJoined(**common(case, scene), missing=missing, members=new),)
    return (en.EscalationMovedUp(**common(case, scene), members=new),)


def wrote(
    case: Escalation,
    scene: Scene,
    what: Happened,
    *,
    by: MemberId | None = None,
    words: tuple[str, str] = ("", ""),
    level: int | None = None,
    sides: tuple[SideKey, ...] = (),
) -> Escalation:
    """Add a line to the history."""
    text, more = words
    return replace(case, history=(*case.history, Entry(scene.now, what, by, text, more, level, sides)))


def heard(case: Escalation, scene: Scene) -> Escalation:
    """Somebody said something: nobody asks how it stands for a while."""
    return replace(case, last_word_at=scene.now, reminded_at=None)


def begun(case: Escalation, scene: Scene) -> Escalation:
    """Begin the window of the state that it stands at."""
    window = running_window(case)
    due_at = scene.clock.due(scene.now, window) if window else None
    return replace(case, window_began_at=scene.now, due_at=due_at, reminded_at=None)


def ended(case: Escalation, scene: Scene) -> Escalation:
    return replace(case, ended_at=scene.now, window_began_at=None, due_at=None, reminded_at=None)


def raised(case: Escalation, rung: Rung, scene: Scene) -> Stepped:
    """Begin: both sides' people of the first level are told in the same instant, with the same words."""
    there = begun(replace(with_rung(case, rung), level=rung.level, reach=rung.level), scene)
    words = (case.facts, case.need)
    after = wrote(there, scene, Happened.RAISED, by=case.author, words=words, level=rung.level)
    return after, (en.EscalationRaised(**common(after, scene)),)


def asked_for_statements(case: Escalation, scene: Scene, by: MemberId | None, reason: str) -> Stepped:
    after = begun(replace(case, resolution=None, statements=()), scene)
    after = wrote(after, scene, Happened.STATEMENTS_ASKED, by=by, words=(reason, ""))
    return after, (en.StatementsAsked(**common(after, scene), by=by, reason=reason),)


def moved_up(case: Escalation, scene: Scene, before: tuple[MemberId, ...]) -> Stepped:
    """From here on each side reads the other's statement: both at once, and both as they were given."""
    above = rung_above(case, scene.roster, case.level)
    for given in case.statements:
        words = (given.facts, given.other_needs)
        case = wrote(case, scene, Happened.STATEMENT, by=given.by, words=words, sides=(given.side,))
    if above is None:
        after = begun(replace(case, level=case.protocol.top + 1), scene)
        after = wrote(after, scene, Happened.MEDIATOR_WANTED)
        news: en.EscalationNotice = en.MediatorWanted(**common(after, scene), members=before)
    else:
        there = begun(replace(with_rung(case, above), level=above.level, acknowledged={}), scene)
        after = wrote(there, scene, Happened.MOVED_UP, level=above.level)
        news = en.NextLevelTold(**common(after, scene), members=before)
    return after, (news, *newcomers(after, scene, before))
