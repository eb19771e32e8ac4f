"""Random stories of people's and time's events over the calendars of Chicago and Stuttgart."""

import datetime as dt
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.audience import ToMember, audience
from alliance.errors import AllianceError
from alliance.escalation import Escalation, State, running_window, sides_of
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
    possible,
)
from alliance.escalation_notices import EscalationNotice, EscalationReminder
from alliance.escalation_people import everybody_on, people_on, waits_on
from alliance.ladder import deadlines, step
from alliance.protocol import Urgency
from alliance.roster import Member
from tests.fakes.builders import DC, MC
from tests.fakes.calendars import instants
from tests.fakes.escalations import Play, make_play

KINDS: tuple[type[Act], ...] = (
    Acknowledge,
    SayProgress,
    Propose,
    Accept,
    Decline,
    MoveUp,
    GiveStatement,
    NameMediator,
    Withdraw,
)
AUTHORS = ("dc-op1", "mc-op3", "dc-mgr1", "mc-am", "dc-ex2", None)
MINUTE = dt.timedelta(minutes=1)
MOVES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 99)), min_size=5, max_size=45)


def make_act(kind: type[Act], by: Member, play: Play) -> Act:
    if kind is NameMediator:
        return NameMediator(by, play.who("mediator"))
    if kind is Propose:
        return Propose(by, "secret decision", "reason")
    if kind is GiveStatement:
        return GiveStatement(by, f"facts of {by.side}", f"needs by {by.side}")
    if kind is Acknowledge or kind is Accept:
        return kind(by)
    assert kind in (SayProgress, Decline, MoveUp, Withdraw)
    return kind(by, "text")


def play_on(play: Play, move: tuple[int, int]) -> None:
    """Let time pass (0 to 2), or let somebody who can do something do one of the things that they can."""
    what, who = move
    if what <= 2:
        play.wait()
        return
    able = [
        (member, kind)
        for member in map(play.roster.member, everybody_on(play.case, play.roster))
        for kind in KINDS
        if kind in possible(play.case, member, play.roster) and kind is not Withdraw
    ]
    member, kind = able[who % len(able)]
    play.act(make_act(kind, member, play))


def heard(play: Play, notice: EscalationNotice) -> set[str]:
    return {to.member_id for to in audience(notice, play.roster) if isinstance(to, ToMember)}


def check_that_both_sides_hear(play: Play) -> None:
    told = [heard(play, notice) for notice in play.told]
    assert set().union(*told) >= set(everybody_on(play.case, play.roster))
    for notice, people in zip(play.told, told, strict=True):
        if isinstance(notice, EscalationReminder):
            assert set(notice.missing) == {play.roster.member(m).side for m in notice.members or ()}
            continue
        for sides in play.case.people.values():
            first, second = ({*members} & people == {*members} for members in sides.values())
            assert first == second, type(notice).__name__


def check_the_clock(play: Play) -> None:
    case, clock = play.case, play.roster.joint_clock
    if not play.is_open:
        assert deadlines(case, clock) == ()
        return
    window, began, due = running_window(case), case.window_began_at, case.due_at
    assert window is not None
    assert began is not None
    assert due is not None
    assert clock.elapsed_share(began, window, due) >= 1 > clock.elapsed_share(began, window, due - MINUTE)
    for _, at in deadlines(case, clock):
        assert play.now < at <= due
        assert clock.is_open(at) or clock.is_open(at - MINUTE)


def check_that_it_waits_for_somebody_who_can_act(play: Play) -> None:
    waiting = waits_on(play.case, play.roster)
    assert bool(waiting) == play.is_open
    assert all(possible(play.case, play.roster.member(member), play.roster) for member in waiting)


def check_that_neither_side_closes_alone(case: Escalation) -> None:
    sides = set(sides_of(case))
    if case.state in (State.RESOLVING, State.PROPOSED) and case.level <= case.protocol.top:
        assert set(case.acknowledged) == sides
    if case.state is State.RESOLVED:
        assert case.resolution is not None
        assert {case.resolution.side, *case.resolution.accepted} >= sides
        assert case.resolution.side not in case.resolution.accepted
    if case.state is State.WITHDRAWN:
        assert set(case.acknowledged) < sides


def check_that_statements_wait_for_each_other(play: Play) -> None:
    if play.case.state is State.STATING:
        shown = [s for notice in play.told for s in notice.escalation.statements]
        assert not any(s.facts or s.other_needs for s in shown)


@given(st.sampled_from(AUTHORS), instants(), st.sampled_from(Urgency), MOVES)
@settings(max_examples=60, deadline=None)
def test_whatever_happens_the_promises_of_the_protocol_hold(
    author: str | None, at: dt.datetime, urgency: Urgency, moves: list[tuple[int, int]]
) -> None:
    play = make_play(author, at=at, urgency=urgency)
    level, reach = play.case.level, play.case.reach

    for move in moves:
        check_that_both_sides_hear(play)
        check_the_clock(play)
        check_that_it_waits_for_somebody_who_can_act(play)
        check_that_neither_side_closes_alone(play.case)
        check_that_statements_wait_for_each_other(play)
        assert play.case.level >= level
        assert play.case.reach >= reach
        level, reach = play.case.level, play.case.reach
        if not play.is_open:
            break
        history = play.case.history
        play_on(play, move)
        assert play.case.history[: len(history)] == history, "what happened stays as it was told"
        assert len(play.case.history) > len(history), "and every step, of people and of time, is told there"


@given(instants(), MOVES)
@settings(max_examples=30, deadline=None)
def test_from_anywhere_those_it_waits_for_can_bring_it_to_an_end(at: dt.datetime, moves: list[tuple[int, int]]) -> None:
    play = make_play(at=at)
    for move in moves:
        if play.is_open:
            play_on(play, move)

    for _ in range(12):
        if play.is_open:
            agree(play)

    assert play.case.state in (State.RESOLVED, State.UNRESOLVED)


def agree(play: Play) -> None:
    """The first person whose turn it is does the most conciliatory thing that they can."""
    wishes = (Acknowledge, Accept, GiveStatement, Propose)
    for member in map(play.roster.member, waits_on(play.case, play.roster)):
        for kind in wishes:
            if kind in possible(play.case, member, play.roster):
                play.act(make_act(kind, member, play))
                return
    raise AssertionError(f"nobody can act: {play.case.state}")


@given(instants(), st.sampled_from(Urgency))
@settings(max_examples=15, deadline=None)
def test_left_to_time_alone_it_reaches_the_executives_of_both_and_waits_for_them_by_name(
    at: dt.datetime, urgency: Urgency
) -> None:
    play = make_play(at=at, urgency=urgency)

    for _ in range(12):
        play.wait()

    assert play.case.reach == play.case.protocol.top
    executives = {"dc-ex1", "dc-ex2", "mc-ex1", "mc-ex2"}
    assert executives <= set(waits_on(play.case, play.roster))


@given(MOVES, st.sampled_from(KINDS), st.integers(0, 24))
@settings(max_examples=60, deadline=None)
def test_a_button_is_offered_exactly_when_it_works(moves: list[tuple[int, int]], kind: type[Act], number: int) -> None:
    play = make_play()
    for move in moves:
        if play.is_open:
            play_on(play, move)
    member = play.roster.members[number]

    try:
        step(play.case, make_act(kind, member, play), play.scene)
        works = True
    except AllianceError:
        works = False

    assert works == (kind in possible(play.case, member, play.roster))


def test_an_urgent_one_has_half_the_time_of_a_routine_one() -> None:
    routine, urgent = make_play(), make_play(urgency=Urgency.URGENT)

    shares = [
        play.roster.joint_clock.elapsed_share(
            play.now, routine.case.protocol.levels[0].acknowledge, play.case.due_at or play.now
        )
        for play in (routine, urgent)
    ]

    assert shares[0] == 1
    assert abs(shares[1] - Fraction(1, 2)) < Fraction(1, 60)


def test_everybody_of_both_sides_is_on_it_at_the_top() -> None:
    play = make_play()
    play.to_the_top()

    assert [len(people_on(play.case, play.roster, side)) for side in (DC, MC)] == [6, 6]
