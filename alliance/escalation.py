"""An escalation: one matter carried up the conflict protocol, on both sides at once; its states and table."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from alliance.calendar import Window
from alliance.errors import AllianceError
from alliance.ids import AllianceId, EscalationId, MemberId, SideKey
from alliance.protocol import Protocol, Urgency


class State(StrEnum):
    ACKNOWLEDGING = "waiting for acknowledgement"
    RESOLVING = "being resolved"
    PROPOSED = "resolution proposed"
    STATING = "statements asked"
    NAMING_MEDIATOR = "mediator to be named"
    MEDIATING = "in mediation"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    UNRESOLVED = "ended without agreement"


ENDED = frozenset({State.RESOLVED, State.WITHDRAWN, State.UNRESOLVED})


class Event(StrEnum):
    """What can happen to an escalation: by people first, by time from HALF_TIME on.

    Where one act of a person has two outcomes, the rules derive which of two events it is.
    """

    ACKNOWLEDGE_FIRST = "the first side acknowledges"
    ACKNOWLEDGE_BOTH = "the second side acknowledges"
    SAY_PROGRESS = "somebody says how it goes"
    PROPOSE = "a resolution is proposed"
    ACCEPT_FIRST = "the first side accepts a mediator's proposal"
    ACCEPT = "the side across accepts"
    DECLINE = "a side declines"
    DECLINE_BEFORE_MEDIATION = "a side declines while a mediator is to be named"
    DECLINE_IN_MEDIATION = "a side declines in mediation"
    MOVE_UP = "a side moves it up"
    GIVE_STATEMENT = "the first side gives its statement"
    LAST_STATEMENT = "the second side gives its statement"
    LAST_STATEMENT_AT_TOP = "the second side gives its statement, at the top"
    NAME_MEDIATOR = "a side names a mediator"
    AGREE_MEDIATOR = "the other side agrees to the mediator"
    WITHDRAW = "the author withdraws"
    HALF_TIME = "half the time to acknowledge has passed"
    ACKNOWLEDGEMENT_ENDED = "the time to acknowledge has ended"
    RESOLUTION_ENDED = "the time to resolve has ended"
    STATEMENTS_ENDED = "the time for statements has ended"
    STATEMENTS_ENDED_AT_TOP = "the time for statements has ended, at the top"
    QUIET = "nothing was heard for a while"
    MEDIATOR_ENDED = "the time to name a mediator has ended"
    MEDIATION_ENDED = "the time of the mediation has ended"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.ACKNOWLEDGING, Event.ACKNOWLEDGE_FIRST): State.ACKNOWLEDGING,
    (State.ACKNOWLEDGING, Event.ACKNOWLEDGE_BOTH): State.RESOLVING,
    (State.ACKNOWLEDGING, Event.MOVE_UP): State.STATING,
    (State.ACKNOWLEDGING, Event.WITHDRAW): State.WITHDRAWN,
    (State.ACKNOWLEDGING, Event.HALF_TIME): State.ACKNOWLEDGING,
    (State.ACKNOWLEDGING, Event.ACKNOWLEDGEMENT_ENDED): State.ACKNOWLEDGING,
    (State.RESOLVING, Event.SAY_PROGRESS): State.RESOLVING,
    (State.RESOLVING, Event.PROPOSE): State.PROPOSED,
    (State.RESOLVING, Event.MOVE_UP): State.STATING,
    (State.RESOLVING, Event.RESOLUTION_ENDED): State.STATING,
    (State.RESOLVING, Event.QUIET): State.RESOLVING,
    (State.PROPOSED, Event.SAY_PROGRESS): State.PROPOSED,
    (State.PROPOSED, Event.ACCEPT_FIRST): State.PROPOSED,
    (State.PROPOSED, Event.ACCEPT): State.RESOLVED,
    (State.PROPOSED, Event.DECLINE): State.RESOLVING,
    (State.PROPOSED, Event.DECLINE_BEFORE_MEDIATION): State.NAMING_MEDIATOR,
    (State.PROPOSED, Event.DECLINE_IN_MEDIATION): State.MEDIATING,
    (State.PROPOSED, Event.MOVE_UP): State.STATING,
    (State.PROPOSED, Event.RESOLUTION_ENDED): State.STATING,
    (State.PROPOSED, Event.QUIET): State.PROPOSED,
    (State.PROPOSED, Event.MEDIATOR_ENDED): State.PROPOSED,
    (State.PROPOSED, Event.MEDIATION_ENDED): State.UNRESOLVED,
    (State.STATING, Event.GIVE_STATEMENT): State.STATING,
    (State.STATING, Event.LAST_STATEMENT): State.ACKNOWLEDGING,
    (State.STATING, Event.LAST_STATEMENT_AT_TOP): State.NAMING_MEDIATOR,
    (State.STATING, Event.STATEMENTS_ENDED): State.ACKNOWLEDGING,
    (State.STATING, Event.STATEMENTS_ENDED_AT_TOP): State.NAMING_MEDIATOR,
    (State.NAMING_MEDIATOR, Event.SAY_PROGRESS): State.NAMING_MEDIATOR,
    (State.NAMING_MEDIATOR, Event.PROPOSE): State.PROPOSED,
    (State.NAMING_MEDIATOR, Event.NAME_MEDIATOR): State.NAMING_MEDIATOR,
    (State.NAMING_MEDIATOR, Event.AGREE_MEDIATOR): State.MEDIATING,
    (State.NAMING_MEDIATOR, Event.MEDIATOR_ENDED): State.NAMING_MEDIATOR,
    (State.MEDIATING, Event.SAY_PROGRESS): State.MEDIATING,
    (State.MEDIATING, Event.PROPOSE): State.PROPOSED,
    (State.MEDIATING, Event.QUIET): State.MEDIATING,
    (State.MEDIATING, Event.MEDIATION_ENDED): State.UNRESOLVED,
}


class IllegalTransition(AllianceError):
    """That is not possible as the escalation stands now, so nothing was changed."""


class Happened(StrEnum):
    """What a line of the history is about; `bot/messages` says the words."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    REMINDED = "reminded"
    JOINED = "joined"
    SAID = "said"
    ASKED = "asked"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "proposal lapsed"
    STATEMENTS_ASKED = "statements asked"
    STATED = "statement given"
    STATEMENT = "statement shown"
    MOVED_UP = "moved up"
    MEDIATOR_WANTED = "mediator wanted"
    MEDIATOR_NAMED = "mediator named"
    MEDIATION = "mediation begun"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    UNRESOLVED = "ended without agreement"


@dataclass(frozen=True, slots=True)
class Task:
    """An action item that a resolution or a checkpoint decides: owner by member id, due on a local date."""

    title: str
    owner: MemberId
    due: dt.date


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one side proposes and the other accepts or declines: decision, reason, action items.

    `side` is None for a mediator's proposal, which both sides have to accept; `number` counts proposals.
    """

    side: SideKey | None
    by: MemberId
    decision: str
    reason: str
    tasks: tuple[Task, ...] = ()
    number: int = 1
    accepted: tuple[SideKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One side's view before a matter moves up: the facts, and what it thinks the OTHER side needs."""

    side: SideKey
    by: MemberId
    facts: str
    other_needs: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an escalation's history, readable by both sides; `by` None is time or the liaison.

    `text` and `more` are people's own words: facts and need, decision and reason, or what a side stated.
    """

    at: dt.datetime
    what: Happened
    by: MemberId | None = None
    text: str = ""
    more: str = ""
    level: int | None = None
    sides: tuple[SideKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    """One matter. `level` indexes the protocol's levels; people up to level `reach` have joined it.

    `people` maps each level index and side to the members who stand there, fixed when the level is told;
    `acknowledged` maps a side to who did at this level, when; `due_at` is the end of the window that runs
    now, in joint time; `reminded_at` is when this window's reminder, or the last question about quiet, went
    out. `level` is one above the last when a mediator takes over. `author` is None when an agreed trigger
    raised it; `source` names the blocker or warning it came from, and `about` whose blocker it is: with them
    and their counterpart it begins, whoever raised it.
    """

    id: EscalationId
    alliance_id: AllianceId
    number: int
    charter_version: int
    protocol: Protocol
    urgency: Urgency
    author: MemberId | None
    title: str
    facts: str
    need: str
    raised_at: dt.datetime
    state: State = State.ACKNOWLEDGING
    level: int = 0
    reach: int = 0
    people: Mapping[int, Mapping[SideKey, tuple[MemberId, ...]]] = field(default_factory=dict)
    acknowledged: Mapping[SideKey, tuple[MemberId, dt.datetime]] = field(default_factory=dict)
    window_began_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    resolution: Resolution | None = None
    statements: tuple[Statement, ...] = ()
    mediator: MemberId | None = None
    mediator_proposed: tuple[SideKey, MemberId] | None = None
    last_word_at: dt.datetime | None = None
    history: tuple[Entry, ...] = ()
    ended_at: dt.datetime | None = None
    reminded_at: dt.datetime | None = None
    proposals: int = 0
    source: str = ""
    about: MemberId | None = None


def is_open(case: Escalation) -> bool:
    return case.state not in ENDED


def is_past_ladder(case: Escalation) -> bool:
    """Whether the last level was passed, so that the mediator is next or at work."""
    return case.level > case.protocol.top


def level_name(case: Escalation, level: int | None = None) -> str:
    """Who carries it, in the protocol's words ("managers"): at its own level, or at the one given."""
    index = case.level if level is None else level
    return case.protocol.levels[index].who.value if index <= case.protocol.top else "mediator"


def first_level(case: Escalation) -> int:
    """The level at which it was raised."""
    return min(case.people, default=case.level)


def sides_of(case: Escalation) -> tuple[SideKey, ...]:
    """Both sides, in the charter's order."""
    return tuple(next(iter(case.people.values()), {}))


def missing_acknowledgements(case: Escalation) -> tuple[SideKey, ...]:
    return tuple(side for side in sides_of(case) if side not in case.acknowledged)


def missing_statements(case: Escalation) -> tuple[SideKey, ...]:
    given = {statement.side for statement in case.statements}
    return tuple(side for side in sides_of(case) if side not in given)


def missing_acceptances(case: Escalation) -> tuple[SideKey, ...]:
    """The sides that have to accept the resolution on the table before it ends the matter."""
    if case.resolution is None:
        return ()
    done = {case.resolution.side, *case.resolution.accepted}
    return tuple(side for side in sides_of(case) if side not in done)


def running_window(case: Escalation) -> Window | None:
    """The window that runs in this state, shortened when it is urgent; None once it has ended."""
    protocol = case.protocol
    match case.state:
        case State.ACKNOWLEDGING:
            window = protocol.levels[case.reach].acknowledge
        case State.STATING:
            window = protocol.statements_within
        case State.RESOLVING | State.PROPOSED | State.NAMING_MEDIATOR | State.MEDIATING:
            if not is_past_ladder(case):
                window = protocol.levels[case.level].resolve
            else:
                window = protocol.mediation if case.mediator else protocol.mediator_within
        case State.RESOLVED | State.WITHDRAWN | State.UNRESOLVED:
            return None
        case _:
            assert_never(case.state)
    return protocol.window(window, case.urgency)


def transition(case: Escalation, event: Event) -> State:
    """The state that the event leads to; IllegalTransition for a pair that the table does not hold."""
    found = TRANSITIONS.get((case.state, event))
    if found is not None:
        return found
    if not is_open(case):
        raise IllegalTransition(f"Escalation {case.number} has ended ({case.state}), so nothing was changed.")
    raise IllegalTransition(
        f"That is not possible while escalation {case.number} stands at “{case.state}”. Nothing was changed."
    )
