import datetime as dt
from dataclasses import replace

import pytest

from alliance import escalation_notices as en
from alliance.escalation import Event, Happened, State, level_name
from alliance.escalation_acts import (
    Accept,
    Acknowledge,
    AlreadyGiven,
    Decline,
    GiveStatement,
    MoveUp,
    NotOnIt,
    NotWithdrawable,
    NotYourTurn,
    OldMessage,
    OwnProposal,
    Propose,
    SayProgress,
    Withdraw,
    require_level,
    require_proposal,
)
from alliance.escalation_people import carriers, waits_on
from alliance.ids import MemberId
from alliance.ladder import NotDue, deadlines, fall_due
from alliance.protocol import NobodyAtLevel, Urgency
from alliance.roster import Roster
from tests.fakes.builders import DC, MC, MONDAY, make_roster
from tests.fakes.escalations import make_play, told_of

SATURDAY = MONDAY + dt.timedelta(days=5)


def without(roster: Roster, *keys: str) -> Roster:
    """The roster after these members left."""
    members = (replace(m, active=False) if m.key in keys else m for m in roster.members)
    return replace(roster, members=tuple(members))


# --- where it begins --------------------------------------------------------------------------------


def test_the_author_and_their_counterpart_are_told_at_once() -> None:
    play = make_play("dc-op2")

    assert play.case.people == {0: {DC: ("dc-op2",), MC: ("mc-op2",)}}
    assert [type(notice) for notice in play.told] == [en.EscalationRaised]


@pytest.mark.parametrize(
    ("author", "level"),
    [
        ("dc-op1", "counterparts"),
        ("mc-mgr2", "managers"),
        ("dc-am", "alliance managers"),
        ("mc-ex1", "executives"),
        (None, "alliance managers"),
    ],
)
def test_it_begins_at_the_level_of_its_author(author: str | None, level: str) -> None:
    assert level_name(make_play(author).case) == level


def test_without_a_counterpart_it_begins_with_the_managers_of_both() -> None:
    roster = without(make_roster(), *(f"mc-op{number}" for number in range(1, 8)))

    play = make_play(roster=roster)

    assert play.case.people == {1: {DC: ("dc-mgr1", "dc-mgr2"), MC: ("mc-mgr1", "mc-mgr2")}}


def test_a_level_with_people_on_one_side_only_is_left_out() -> None:
    roster = without(make_roster(), "mc-mgr1", "mc-mgr2")
    play = make_play(roster=roster)
    play.acknowledge()

    play.move_up()

    assert level_name(play.case) == "alliance managers"


def test_it_cannot_begin_where_one_side_has_nobody() -> None:
    everybody_of_mc = [member.key for member in make_roster().active(MC)]

    with pytest.raises(NobodyAtLevel):
        make_play(roster=without(make_roster(), *everybody_of_mc))


# --- acknowledging ----------------------------------------------------------------------------------


def test_raising_it_is_not_acknowledging_it() -> None:
    play = make_play()

    play.act(Acknowledge(play.who("mc-op1")))

    assert play.case.state is State.ACKNOWLEDGING
    assert waits_on(play.case, play.roster) == ("dc-op1",)


def test_a_second_acknowledgement_of_one_side_changes_nothing() -> None:
    play = make_play()
    play.act(Acknowledge(play.who("mc-op1")))

    with pytest.raises(AlreadyGiven):
        play.act(Acknowledge(play.who("mc-op1")))


def test_only_people_on_it_can_act() -> None:
    play = make_play()

    with pytest.raises(NotOnIt):
        play.act(Acknowledge(play.who("mc-op2")))


def test_after_it_moved_up_the_new_level_acknowledges_not_the_old_one() -> None:
    play = make_play()
    play.acknowledge()
    play.move_up()

    with pytest.raises(NotYourTurn) as refusal:
        play.act(Acknowledge(play.who("dc-op1")))

    assert "Dc Mgr1, Dc Mgr2" in refusal.value.sentence


def test_at_half_time_only_the_side_that_is_missing_is_reminded() -> None:
    play = make_play()
    play.act(Acknowledge(play.who("mc-op1")))

    assert play.wait() is Event.HALF_TIME

    reminder = told_of(play, en.EscalationReminder)
    assert reminder.members == ("dc-op1",)
    assert isinstance(reminder, en.EscalationReminder)
    assert reminder.missing == (DC,)


def test_without_acknowledgement_the_next_level_joins_on_both_sides() -> None:
    play = make_play()

    play.wait_for(Event.ACKNOWLEDGEMENT_ENDED)

    joined = told_of(play, en.EscalationLevelJoined)
    assert joined.members == ("dc-mgr1", "dc-mgr2", "mc-mgr1", "mc-mgr2")
    assert told_of(play, en.NextLevelTold).members == ("dc-op1", "mc-op1")
    assert (play.case.level, play.case.reach) == (0, 1)


def test_a_manager_who_joined_can_acknowledge_for_the_side() -> None:
    play = make_play()
    play.wait_for(Event.ACKNOWLEDGEMENT_ENDED)

    play.act(Acknowledge(play.who("dc-mgr2")))

    assert set(play.case.acknowledged) == {DC}


def test_at_the_top_the_executives_are_reminded_by_name_each_further_window() -> None:
    play = make_play("dc-ex1")

    executives = ("dc-ex1", "dc-ex2", "mc-ex1", "mc-ex2")

    for _ in range(3):
        play.wait_for(Event.ACKNOWLEDGEMENT_ENDED)
        assert told_of(play, en.EscalationReminder).members == executives

    assert waits_on(play.case, play.roster) == executives


def test_an_executive_who_came_since_is_asked_at_the_top() -> None:
    play = make_play("dc-ex1", roster=without(make_roster(), "mc-ex2"))
    play.roster = make_roster()

    play.wait_for(Event.ACKNOWLEDGEMENT_ENDED)

    assert told_of(play, en.EscalationMovedUp).members == ("mc-ex2",)


def test_when_those_of_its_level_have_left_their_company_is_not_stuck() -> None:
    play = make_play("dc-mgr1")
    play.roster = without(play.roster, "mc-mgr1", "mc-mgr2")
    play.wait_for(Event.ACKNOWLEDGEMENT_ENDED)

    assert carriers(play.case, play.roster, MC) == ("mc-am",)


# --- resolving --------------------------------------------------------------------------------------


def test_the_side_that_proposed_cannot_accept() -> None:
    play = make_play()
    play.acknowledge()
    play.propose(DC)

    with pytest.raises(OwnProposal):
        play.act(Accept(play.who("dc-op1")))


def test_the_other_side_accepts_and_it_is_resolved() -> None:
    play = make_play()
    play.acknowledge()
    play.propose(MC)

    case = play.accept(DC)

    assert case.state is State.RESOLVED
    assert case.ended_at == play.now
    assert [entry.what for entry in case.history][-2:] == [Happened.ACCEPTED, Happened.RESOLVED]


def test_those_below_its_level_propose_but_do_not_accept() -> None:
    play = make_play()
    play.acknowledge()
    play.move_up()
    play.acknowledge()
    play.act(Propose(play.who("dc-op1"), "decision", "reason"))

    with pytest.raises(NotYourTurn):
        play.act(Accept(play.who("mc-op1")))


def test_a_declined_proposal_leaves_the_rest_of_the_window() -> None:
    play = make_play()
    play.acknowledge()
    due_at = play.case.due_at
    play.propose()

    case = play.act(Decline(play.who("mc-op1"), "Too early."))

    assert (case.state, case.due_at, case.resolution) == (State.RESOLVING, due_at, None)


def test_a_proposal_does_not_stop_the_clock() -> None:
    play = make_play()
    play.acknowledge()
    play.propose()

    play.wait_for(Event.RESOLUTION_ENDED)

    assert play.case.state is State.STATING
    assert play.case.resolution is None
    assert Happened.LAPSED in [entry.what for entry in play.case.history]


def test_silence_is_asked_about_again_and_again() -> None:
    play = make_play()
    play.acknowledge()

    assert play.wait() is Event.QUIET
    told_of(play, en.EscalationQuiet)
    play.act(SayProgress(play.who("mc-op1"), "We meet tomorrow."))

    events = dict(deadlines(play.case, play.roster.joint_clock))
    assert Event.RESOLUTION_ENDED in events


def test_in_a_long_window_each_further_silence_is_asked_about() -> None:
    play = make_play("dc-ex1")
    play.acknowledge()

    assert [play.wait() for _ in range(3)] == [Event.QUIET] * 3


def test_an_early_or_outrun_timer_is_refused() -> None:
    play = make_play()

    with pytest.raises(NotDue):
        fall_due(play.case, Event.ACKNOWLEDGEMENT_ENDED, play.scene)


# --- moving up --------------------------------------------------------------------------------------


def test_the_words_of_a_statement_show_only_when_both_go_up() -> None:
    play = make_play()
    play.acknowledge()
    play.act(MoveUp(play.who("dc-op1"), "No agreement."))

    play.act(GiveStatement(play.who("mc-op1"), "secret facts", "secret needs"))
    before = repr([notice.escalation for notice in play.told])
    play.act(GiveStatement(play.who("dc-op1"), "our facts", "our view"))
    after = repr(told_of(play, en.EscalationMovedUp).escalation)

    assert "secret" not in before
    assert "secret facts" in after
    assert "our view" in after


def test_a_side_gives_one_statement() -> None:
    play = make_play()
    play.act(MoveUp(play.who("dc-op1"), "No agreement."))
    play.act(GiveStatement(play.who("mc-op1"), "facts", "needs"))

    assert waits_on(play.case, play.roster) == ("dc-op1",)
    with pytest.raises(AlreadyGiven):
        play.act(GiveStatement(play.who("mc-op1"), "other facts", "other needs"))


def test_without_statements_it_moves_up_all_the_same() -> None:
    play = make_play()
    play.act(MoveUp(play.who("mc-op1"), "No agreement."))

    play.wait_for(Event.STATEMENTS_ENDED)

    assert (play.case.state, play.case.level) == (State.ACKNOWLEDGING, 1)


def test_past_the_last_level_a_mediator_is_wanted_and_everybody_knows() -> None:
    play = make_play()
    play.to_the_top()

    assert play.case.state is State.NAMING_MEDIATOR
    told_of(play, en.MediatorWanted)
    assert waits_on(play.case, play.roster) == ("dc-ex1", "dc-ex2", "mc-ex1", "mc-ex2")


# --- withdrawing, old messages, the clock -----------------------------------------------------------


def test_its_author_can_withdraw_it_before_both_have_acknowledged() -> None:
    play = make_play()

    assert play.act(Withdraw(play.who("dc-op1"), "Settled at lunch.")).state is State.WITHDRAWN


def test_nobody_else_can_withdraw_it_nor_the_author_once_it_moved_up() -> None:
    play = make_play()
    with pytest.raises(NotWithdrawable):
        play.act(Withdraw(play.who("mc-op1"), "reason"))

    play.move_up()

    with pytest.raises(NotWithdrawable):
        play.act(Withdraw(play.who("dc-op1"), "reason"))


def test_an_old_message_is_refused_with_what_happened_since() -> None:
    play = make_play()
    play.acknowledge()
    play.propose()
    require_proposal(play.case, MemberId("dc-op1"), 1)
    play.act(Decline(play.who("mc-op1"), "No."))
    play.propose()

    with pytest.raises(OldMessage):
        require_proposal(play.case, MemberId("dc-op1"), 1)
    with pytest.raises(OldMessage, match="counterparts"):
        require_level(play.case, 1)


def test_a_notice_on_a_day_off_says_when_the_clock_resumes() -> None:
    (raised,) = make_play(at=SATURDAY).told

    assert raised.paused_until == dt.datetime(2026, 2, 9, 15, tzinfo=dt.UTC)


def test_a_notice_in_joint_hours_has_no_pause() -> None:
    (raised,) = make_play().told

    assert raised.paused_until is None


def test_a_running_case_keeps_its_protocol_and_urgency() -> None:
    play = make_play(urgency=Urgency.URGENT)
    protocol = play.case.protocol

    play.to_the_top()

    assert play.case.protocol == protocol
    assert play.case.urgency is Urgency.URGENT
