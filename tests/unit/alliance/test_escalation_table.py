import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from alliance.escalation import (
    ENDED,
    TRANSITIONS,
    Escalation,
    Event,
    IllegalTransition,
    Resolution,
    State,
    Statement,
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
)
from alliance.escalation_people import rung_above, with_rung
from alliance.ids import MemberId
from alliance.ladder import fall_due, step
from tests.fakes.builders import DC, MC, MONDAY
from tests.fakes.escalations import Play, make_play

LATER = MONDAY + dt.timedelta(days=30)
MEDIATOR = MemberId("mediator")
PAIRS = [(state, event) for state in State for event in Event]
OF_TIME = tuple(Event)[tuple(Event).index(Event.HALF_TIME) :]


def make_case_at(state: State) -> Play:
    """A case in which every level has joined, put at a state; each event adds what it is about."""
    play = make_play()
    while above := rung_above(play.case, play.roster, play.case.reach):
        play.case = with_rung(play.case, above)
    ended_at = MONDAY if state in ENDED else None
    play.case = replace(play.case, state=state, last_word_at=MONDAY, ended_at=ended_at)
    return play


def staged(case: Escalation, event: Event) -> Escalation:
    """What the event needs to be that event, and not its twin."""
    top = case.protocol.top
    proposed = Resolution(MC, MemberId("mc-ex1"), "decision", "reason")
    theirs = Statement(MC, MemberId("mc-op1"), "facts", "needs")
    stages: dict[Event, Escalation] = {
        Event.ACKNOWLEDGE_BOTH: replace(case, acknowledged={MC: (MemberId("mc-op1"), MONDAY)}),
        Event.ACCEPT_FIRST: replace(case, resolution=replace(proposed, side=None, by=MEDIATOR)),
        Event.ACCEPT: replace(case, resolution=proposed),
        Event.DECLINE: replace(case, resolution=proposed),
        Event.DECLINE_BEFORE_MEDIATION: replace(case, resolution=proposed, level=top + 1),
        Event.DECLINE_IN_MEDIATION: replace(case, resolution=proposed, level=top + 1, mediator=MEDIATOR),
        Event.LAST_STATEMENT: replace(case, statements=(theirs,)),
        Event.LAST_STATEMENT_AT_TOP: replace(case, statements=(theirs,), level=top),
        Event.STATEMENTS_ENDED_AT_TOP: replace(case, level=top),
        Event.NAME_MEDIATOR: replace(case, level=top + 1),
        Event.AGREE_MEDIATOR: replace(case, level=top + 1, mediator_proposed=(MC, MEDIATOR)),
        Event.MEDIATOR_ENDED: replace(case, level=top + 1),
        Event.MEDIATION_ENDED: replace(case, level=top + 1, mediator=MEDIATOR),
    }
    if event is Event.QUIET:
        far = LATER + dt.timedelta(days=90)
        in_mediation = replace(case, level=top + 1, mediator=MEDIATOR, due_at=far)
        return in_mediation if case.state is State.MEDIATING else replace(case, due_at=far)
    return stages.get(event, case)


def act_of(play: Play, event: Event) -> Act:
    by, executive, author = play.carrier(DC), play.who("dc-ex1"), play.who("dc-op1")
    match event:
        case Event.ACKNOWLEDGE_FIRST | Event.ACKNOWLEDGE_BOTH:
            return Acknowledge(by)
        case Event.SAY_PROGRESS:
            return SayProgress(by, "text")
        case Event.PROPOSE:
            return Propose(by, "decision", "reason")
        case Event.ACCEPT_FIRST | Event.ACCEPT:
            return Accept(by)
        case Event.DECLINE | Event.DECLINE_BEFORE_MEDIATION | Event.DECLINE_IN_MEDIATION:
            return Decline(by, "reason")
        case Event.MOVE_UP:
            return MoveUp(by, "reason")
        case Event.GIVE_STATEMENT | Event.LAST_STATEMENT | Event.LAST_STATEMENT_AT_TOP:
            return GiveStatement(by, "facts", "needs")
        case Event.NAME_MEDIATOR | Event.AGREE_MEDIATOR:
            return NameMediator(executive, play.who("mediator"))
        case Event.WITHDRAW:
            return Withdraw(author, "reason")
        case _:
            raise AssertionError(f"{event} is of time")


def happen(play: Play, event: Event) -> Escalation:
    if event in OF_TIME:
        play.now = LATER
        return fall_due(play.case, event, play.scene)[0]
    return step(play.case, act_of(play, event), play.scene)[0]


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda part: part.name)
def test_every_pair_of_state_and_event_does_what_the_table_says_or_is_refused(state: State, event: Event) -> None:
    play = make_case_at(state)
    play.case = staged(play.case, event)

    if (state, event) in TRANSITIONS:
        assert happen(play, event).state is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalTransition):
            happen(play, event)


def test_a_refusal_names_the_state_and_says_that_nothing_changed() -> None:
    play = make_play()

    with pytest.raises(IllegalTransition) as refusal:
        play.propose()

    assert "waiting for acknowledgement" in refusal.value.sentence
    assert "Nothing was changed" in refusal.value.sentence


def test_an_ended_escalation_can_do_nothing() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] in ENDED]


def test_every_state_is_reached_and_every_event_is_used() -> None:
    assert set(TRANSITIONS.values()) == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_the_page_on_the_ladder_holds_the_table_as_it_is() -> None:
    page = Path(__file__).parents[3] / "docs" / "decisions" / "005-the-escalation-ladder.md"

    rows = [f"| {state} | {event} | {after} |" for (state, event), after in TRANSITIONS.items()]

    written = [line for line in page.read_text(encoding="utf-8").splitlines() if line.count("|") == 4]
    assert written[2:] == rows
