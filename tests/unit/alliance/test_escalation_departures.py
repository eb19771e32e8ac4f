"""People leave, or are away, in the middle of an escalation: it still waits for somebody who can act."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.audience import ToMember, audience
from alliance.escalation import State, missing_acceptances, missing_acknowledgements, missing_statements
from alliance.escalation_acts import (
    Accept,
    Acknowledge,
    Act,
    GiveStatement,
    MoveUp,
    NameMediator,
    NotYourTurn,
    Propose,
    SayProgress,
    possible,
)
from alliance.escalation_people import waits_on
from alliance.ids import MemberId
from alliance.protocol import Urgency
from alliance.roster import Tier
from tests.fakes.builders import DC, MC
from tests.fakes.calendars import instants
from tests.fakes.escalations import Play, make_play

LEAVING = [f"{side}-{key}" for side in (DC, MC) for key in ("op1", "op2", "mgr1", "mgr2", "am", "ex1", "ex2")]
"""Most of those whom a matter of op1's can reach; some operational people always stay."""
MOVES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 99)) | st.sampled_from([*LEAVING, "mediator"]), min_size=5, max_size=40
)


def leave(play: Play, *keys: str) -> None:
    gone = {MemberId(key) for key in keys}
    members = tuple(replace(m, active=False, name="") if m.id in gone else m for m in play.roster.members)
    play.roster = replace(play.roster, members=members)


def acts_of(play: Play, who: MemberId) -> frozenset[type[Act]]:
    return possible(play.case, play.roster.member(who), play.roster)


def check_that_somebody_who_is_here_can_act(play: Play) -> None:
    if not play.is_open:
        return
    waiting = waits_on(play.case, play.roster)
    assert waiting
    assert all(play.roster.member(member).active for member in waiting)
    assert any(acts_of(play, member) for member in waiting), play.case.state


def go_on(play: Play, number: int) -> None:
    """One of those whose turn it is does one of the things that they can, else time passes."""
    waiting = [m for m in waits_on(play.case, play.roster) if acts_of(play, m)]
    kinds = (Acknowledge, Accept, GiveStatement, NameMediator, Propose, MoveUp, SayProgress)
    member = play.roster.member(waiting[number % len(waiting)])
    able = [kind for kind in kinds if kind in acts_of(play, member.id)]
    kind = able[number % len(able)]
    made: dict[type[Act], Act] = {
        Acknowledge: Acknowledge(member),
        Accept: Accept(member),
        GiveStatement: GiveStatement(member, "facts", "needs"),
        NameMediator: NameMediator(member, play.who("mediator")),
        Propose: Propose(member, "A decision.", "A reason."),
        MoveUp: MoveUp(member, "A reason."),
        SayProgress: SayProgress(member, "It goes."),
    }
    play.act(made[kind])


@given(st.sampled_from(["dc-op1", "mc-mgr1", "dc-ex2", None]), instants(), st.sampled_from(Urgency), MOVES)
@settings(max_examples=60, deadline=None)
def test_whoever_leaves_somebody_who_is_here_can_act(
    author: str | None, at: dt.datetime, urgency: Urgency, moves: list[tuple[bool, int] | str]
) -> None:
    play = make_play(author, at=at, urgency=urgency)
    for move in moves:
        check_that_somebody_who_is_here_can_act(play)
        if not play.is_open:
            break
        match move:
            case str():
                leave(play, move)
            case (True, number):
                go_on(play, number)
            case _:
                play.wait()
    check_that_somebody_who_is_here_can_act(play)


def side_waited_for(play: Play) -> set[str | None]:
    return {play.roster.member(member).side for member in waits_on(play.case, play.roster)}


@pytest.mark.parametrize("state", [State.ACKNOWLEDGING, State.RESOLVING, State.PROPOSED, State.STATING])
@pytest.mark.parametrize("gone", [("mc-op1",), tuple(f"mc-op{n}" for n in range(1, 8))])
def test_when_the_only_person_of_a_side_leaves_somebody_stands_in(state: State, gone: tuple[str, ...]) -> None:
    """Nobody of MC but the counterpart knows of it; the next counterpart has their turn, else MC's managers."""
    play = make_play()
    if state is not State.ACKNOWLEDGING:
        play.acknowledge()
    if state is State.PROPOSED:
        play.propose()
    if state is State.STATING:
        play.act(MoveUp(play.who("dc-op1"), "We need help."))

    leave(play, *gone)

    assert play.case.state is state
    assert MC in side_waited_for(play)
    stand_ins = {"mc-op2"} if len(gone) == 1 else {"mc-mgr1", "mc-mgr2"}
    assert {member for member in waits_on(play.case, play.roster) if member.startswith("mc")} == stand_ins
    for member in waits_on(play.case, play.roster):
        assert acts_of(play, member)


def test_without_executives_on_a_side_those_who_carry_it_there_name_the_mediator() -> None:
    play = make_play()
    play.to_the_top()
    leave(play, "mc-ex1", "mc-ex2")

    assert side_waited_for(play) == {DC, MC}
    assert NameMediator in acts_of(play, MemberId("mc-am"))
    play.act(NameMediator(play.who("dc-ex1"), play.who("mediator")))
    play.act(NameMediator(play.who("mc-am"), play.who("mediator")))

    assert play.case.state is State.MEDIATING


def test_while_a_side_has_executives_nobody_else_names_the_mediator() -> None:
    play = make_play()
    play.to_the_top()

    with pytest.raises(NotYourTurn):
        play.act(NameMediator(play.who("mc-am"), play.who("mediator")))


def test_executives_who_are_away_are_still_told_and_still_asked() -> None:
    """Being away spares people rounds and reminders; a matter that stands with them is not hidden from them."""
    play = make_play()
    for member in play.roster.active(MC, [Tier.EXECUTIVE]):
        away = replace(member, away_until=play.now.date() + dt.timedelta(days=60))
        members = tuple(away if m.id == member.id else m for m in play.roster.members)
        play.roster = replace(play.roster, members=members)
    while play.case.level < 3:
        play.move_up()

    heard = {to.member_id for notice in play.told for to in audience(notice, play.roster) if isinstance(to, ToMember)}
    assert {"mc-ex1", "mc-ex2"} <= heard
    assert {"mc-ex1", "mc-ex2"} <= set(waits_on(play.case, play.roster))


def test_the_author_who_is_forgotten_leaves_a_matter_that_both_sides_can_end() -> None:
    play = make_play()
    play.acknowledge()
    play.move_up()
    leave(play, "dc-op1")

    play.acknowledge()
    play.propose()
    play.accept()

    assert play.case.state is State.RESOLVED
    assert not missing_acknowledgements(play.case)
    assert not missing_acceptances(play.case)
    assert missing_statements(play.case) == ()
