import pytest

from alliance import escalation_notices as en
from alliance.escalation import Event, State
from alliance.escalation_acts import (
    Accept,
    AlreadyGiven,
    Decline,
    NameMediator,
    NotAMediator,
    NotYourTurn,
    Propose,
    SidesOnly,
)
from alliance.escalation_people import waits_on
from alliance.roster import Tier
from tests.fakes.builders import DC
from tests.fakes.escalations import Play, make_play, told_of


def at_naming() -> Play:
    play = make_play()
    play.to_the_top()
    return play


def test_both_sides_name_the_mediator() -> None:
    play = at_naming()
    mediator = play.who("mediator")

    named = play.act(NameMediator(play.who("mc-ex1"), mediator))
    assert waits_on(named, play.roster) == ("dc-ex1", "dc-ex2")
    agreed = play.act(NameMediator(play.who("dc-ex2"), mediator))

    assert (named.state, agreed.state) == (State.NAMING_MEDIATOR, State.MEDIATING)
    assert told_of(play, en.EscalationMovedUp).members == ("mediator",)


def test_naming_alone_twice_is_not_agreeing() -> None:
    play = at_naming()
    play.act(NameMediator(play.who("mc-ex1"), play.who("mediator")))

    with pytest.raises(AlreadyGiven):
        play.act(NameMediator(play.who("mc-ex2"), play.who("mediator")))


def test_a_mediator_is_one_of_those_listed_and_named_by_an_executive() -> None:
    play = at_naming()

    with pytest.raises(NotAMediator):
        play.act(NameMediator(play.who("mc-ex1"), play.who("dc-am")))
    with pytest.raises(NotYourTurn):
        play.act(NameMediator(play.who("mc-am"), play.who("mediator")))


def at_mediation() -> Play:
    play = at_naming()
    for key in ("dc-ex1", "mc-ex1"):
        play.act(NameMediator(play.who(key), play.who("mediator")))
    return play


def test_what_a_mediator_proposes_needs_both_sides() -> None:
    play = at_mediation()
    play.act(Propose(play.who("mediator"), "decision", "reason"))

    first = play.act(Accept(play.who("mc-ex1")))
    with pytest.raises(AlreadyGiven):
        play.act(Accept(play.who("mc-ex2")))
    second = play.act(Accept(play.who("dc-ex2")))

    assert (first.state, second.state) == (State.PROPOSED, State.RESOLVED)


def test_a_mediator_does_not_act_for_a_side() -> None:
    play = at_mediation()
    play.propose(DC)

    with pytest.raises(SidesOnly):
        play.act(Accept(play.who("mediator")))


def test_declining_in_mediation_goes_back_to_mediation_with_its_window() -> None:
    play = at_mediation()
    due_at = play.case.due_at
    play.propose(DC)

    play.act(Decline(play.who("mc-ex1"), "Not yet."))

    assert (play.case.state, play.case.due_at) == (State.MEDIATING, due_at)


def test_a_mediation_that_ends_without_agreement_ends_with_the_exit_terms() -> None:
    play = at_mediation()

    play.wait_for(Event.MEDIATION_ENDED)

    ended = told_of(play, en.EscalationUnresolved)
    assert isinstance(ended, en.EscalationUnresolved)
    assert ended.exit_terms == "Sixty days' notice."
    assert play.case.state is State.UNRESOLVED


def test_the_executives_are_reminded_when_no_mediator_is_named_in_time() -> None:
    play = at_naming()

    for _ in range(2):
        assert play.wait() is Event.MEDIATOR_ENDED
        wanted = told_of(play, en.MediatorWanted)
        assert set(wanted.members or ()) == {m.id for m in play.roster.active(tiers=[Tier.EXECUTIVE])}
