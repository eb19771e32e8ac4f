"""What a check-in takes, whom it asks, and what stands in the way across two rounds."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.cadence import Cadence
from alliance.calendar import is_open, is_working_day, local_date
from alliance.checkin import (
    LONGEST_TEXT,
    Checkin,
    CheckinAnswer,
    CheckinOver,
    CheckinSummary,
    Course,
    NotInvited,
    Point,
    answer,
    close,
    invite,
    points,
    require_open,
    same_words,
    to_invite,
)
from alliance.disclosure import checkin_view, counterpart_view
from alliance.errors import InvalidInput
from alliance.ids import CheckinId, MemberId
from alliance.roster import Member, Roster, Tier
from alliance.rounds import RoundState, begins_at, next_opening, present, reminders_at
from tests.fakes.builders import ALLIANCE, DC, MC, make_roster
from tests.fakes.calendars import CHICAGO, STUTTGART, day, utc

TUESDAYS = Cadence("FREQ=WEEKLY;BYDAY=TU", dt.time(10))
ANCHOR = day("2026-02-02")
CLOSES = utc("2026-02-05T16:00")


def make_checkin(roster: Roster | None = None) -> Checkin:
    people = roster or make_roster()
    checkin = Checkin(CheckinId("c1"), ALLIANCE, 1, day("2026-02-03"), CLOSES)
    for side in people.sides:
        checkin = invite(checkin, side.key, to_invite(people, side, CLOSES))
    return checkin


def make_answer(
    key: str, course: Course = Course.ON_TRACK, in_the_way: str = "", moved: str = "Built it."
) -> CheckinAnswer:
    side = DC if key.startswith("dc") else MC
    return CheckinAnswer(MemberId(key), side, course, moved=moved, next="Ship it.", in_the_way=in_the_way)


def away(roster: Roster, key: str, until: dt.date) -> Roster:
    members = (replace(m, away_until=until) if m.key == key else m for m in roster.members)
    return replace(roster, members=tuple(members))


def without(roster: Roster, key: str) -> Roster:
    members = (replace(m, active=False) if m.key == key else m for m in roster.members)
    return replace(roster, members=tuple(members))


def member(key: str) -> Member:
    return make_roster().by_key(key)


# --- who is asked -----------------------------------------------------------------------------------


def test_only_operational_members_are_invited() -> None:
    roster = make_roster()

    invited = to_invite(roster, roster.side(DC), CLOSES)

    assert {roster.member(m).tier for m in invited} == {Tier.OPERATIONAL}
    assert len(invited) == 7


def test_who_is_away_for_the_whole_round_is_not_invited_and_who_comes_back_in_time_is() -> None:
    roster = away(away(make_roster(), "dc-op1", day("2026-02-05")), "dc-op2", day("2026-02-04"))

    invited = to_invite(roster, roster.side(DC), CLOSES)

    assert "dc-op1" not in invited
    assert "dc-op2" in invited
    assert "dc-op2" not in present(roster, roster.side(DC), invited, utc("2026-02-04T16:00"))
    assert "dc-op2" in present(roster, roster.side(DC), invited, utc("2026-02-05T15:00"))


def test_a_side_is_invited_once() -> None:
    checkin = make_checkin()

    assert invite(checkin, DC, (MemberId("dc-op1"),)) == checkin


# --- when a round opens -----------------------------------------------------------------------------


def test_the_next_opening_moves_off_a_holiday() -> None:
    # 6 January 2026 is Epiphany, a Tuesday, and a public holiday in Stuttgart alone.
    epiphany = next_opening(TUESDAYS, ANCHOR.replace(month=1), STUTTGART, day("2026-01-05"), utc("2026-01-05"))
    ordinary = next_opening(TUESDAYS, ANCHOR.replace(month=1), CHICAGO, day("2026-01-05"), utc("2026-01-05"))

    assert epiphany == (day("2026-01-06"), utc("2026-01-07T09:00"))
    assert ordinary == (day("2026-01-06"), utc("2026-01-06T16:00"))


def test_openings_that_were_missed_are_left_out() -> None:
    found = next_opening(TUESDAYS, ANCHOR, CHICAGO, day("2026-02-03"), utc("2026-02-18T00:00"))

    assert found == (day("2026-02-24"), utc("2026-02-24T16:00"))


def test_a_round_begins_with_whichever_company_is_first() -> None:
    assert begins_at(TUESDAYS, day("2026-02-03"), [CHICAGO, STUTTGART]) == utc("2026-02-03T09:00")


@given(st.dates(day("2026-01-05"), day("2026-12-20")))
def test_reminders_fall_inside_working_hours_before_the_close(opened: dt.date) -> None:
    opens_at = dt.datetime.combine(opened, dt.time(16), dt.UTC)
    closes_at = opens_at + dt.timedelta(days=2)

    moments = reminders_at(CHICAGO, opens_at, closes_at)

    assert len(moments) <= 2
    assert list(moments) == sorted(moments)
    for moment in moments:
        assert opens_at <= moment < closes_at
        assert is_open(CHICAGO, moment)
        assert is_working_day(CHICAGO, local_date(moment, CHICAGO.zone))


# --- what is taken ----------------------------------------------------------------------------------


def test_words_are_kept_verbatim_but_for_outer_blanks() -> None:
    taken = answer(
        MemberId("dc-op1"), DC, Course.AT_RISK, moved=" <!here> *x* \n", coming="", in_the_way="{{who}}\ttabs"
    )

    assert (taken.moved, taken.next, taken.in_the_way) == ("<!here> *x*", "", "{{who}}\ttabs")


@pytest.mark.parametrize(
    ("course", "moved", "coming", "in_the_way", "wrong"),
    [
        (Course.ON_TRACK, "", " \n", "", {"moved"}),
        (Course.BLOCKED, "a", "", "  ", {"in_the_way"}),
        (Course.BLOCKED, "", "", "", {"moved", "in_the_way"}),
        (Course.ON_TRACK, "x" * (LONGEST_TEXT + 1), "", "", {"moved"}),
        (Course.AT_RISK, "", "x" * (LONGEST_TEXT + 1), "y" * (LONGEST_TEXT + 1), {"next", "in_the_way"}),
    ],
)
def test_what_is_missing_or_too_long_is_said_beside_its_field(
    course: Course, moved: str, coming: str, in_the_way: str, wrong: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer(MemberId("dc-op1"), DC, course, moved=moved, coming=coming, in_the_way=in_the_way)

    assert set(refused.value.fields) == wrong


def test_one_of_moved_and_next_is_enough_and_the_longest_text_fits() -> None:
    taken = answer(MemberId("dc-op1"), DC, Course.ON_TRACK, moved="", coming="x" * LONGEST_TEXT, in_the_way="")

    assert len(taken.next) == LONGEST_TEXT


def test_answers_are_taken_from_the_invited_until_the_close() -> None:
    checkin = make_checkin()

    assert require_open(checkin, member("mc-op3"), CLOSES - dt.timedelta(seconds=1)) == MC
    with pytest.raises(CheckinOver):
        require_open(checkin, member("mc-op3"), CLOSES)
    with pytest.raises(CheckinOver):
        require_open(close(checkin), member("mc-op3"), CLOSES - dt.timedelta(days=1))
    for outsider in ("dc-mgr1", "mediator"):
        with pytest.raises(NotInvited):
            require_open(checkin, member(outsider), CLOSES - dt.timedelta(days=1))


def test_a_round_closes_once() -> None:
    closed = close(make_checkin())

    assert closed.state is RoundState.CLOSED
    with pytest.raises(CheckinOver):
        close(closed)


# --- what stands in the way -------------------------------------------------------------------------


def summary_of(*found: Point) -> CheckinSummary:
    return CheckinSummary(CheckinId("c0"), day("2026-01-27"), (), found)


def test_a_third_answer_is_a_blocker_when_blocked_and_a_need_when_not() -> None:
    found = points(
        [
            make_answer("dc-op1", Course.ON_TRACK, "A date."),
            make_answer("dc-op2", Course.BLOCKED, "No access."),
            make_answer("mc-op1", Course.AT_RISK, "A decision."),
            make_answer("mc-op2", Course.ON_TRACK),
        ],
        None,
    )

    assert [(p.author, p.blocks, p.rounds) for p in found] == [
        ("dc-op2", True, 1),
        ("dc-op1", False, 1),
        ("mc-op1", False, 1),
    ]


def test_the_same_blocker_counts_up_whatever_its_case_spacing_and_punctuation() -> None:
    before = summary_of(Point(MemberId("dc-op1"), DC, "No access yet!", blocks=True, rounds=2))

    (found,) = points([make_answer("dc-op1", Course.BLOCKED, "no  ACCESS,\nyet")], before)

    assert found.rounds == 3


@pytest.mark.parametrize(
    ("course", "author", "text"),
    [
        (Course.BLOCKED, "dc-op1", "No budget."),
        (Course.BLOCKED, "dc-op2", "No access."),
        (Course.AT_RISK, "dc-op1", "No access."),
    ],
)
def test_another_blocker_another_author_or_a_need_begins_at_one(course: Course, author: str, text: str) -> None:
    before = summary_of(Point(MemberId("dc-op1"), DC, "No access.", blocks=True, rounds=4))

    (found,) = points([make_answer(author, course, text)], before)

    assert found.rounds == 1


def test_a_need_that_becomes_a_blocker_is_a_new_blocker() -> None:
    before = summary_of(Point(MemberId("dc-op1"), DC, "No access.", blocks=False))

    (found,) = points([make_answer("dc-op1", Course.BLOCKED, "No access.")], before)

    assert found.rounds == 1


@given(st.text(), st.text())
def test_texts_of_different_letters_are_never_the_same_words(one: str, other: str) -> None:
    letters = [[c for c in text.casefold() if c.isascii() and c.isalnum()] for text in (one, other)]

    if letters[0] != letters[1] and one.isascii() and other.isascii():
        assert same_words(one) != same_words(other)
    assert same_words(one) == same_words(f"  {one} ")


# --- what crosses -----------------------------------------------------------------------------------


def test_the_summary_counts_states_and_rates_and_holds_no_word_of_what_moved_or_is_next() -> None:
    roster = make_roster()
    answers = [
        make_answer("dc-op1", Course.BLOCKED, "No access.", moved="inner affairs"),
        make_answer("dc-op2", Course.ON_TRACK, moved="inner affairs"),
        make_answer("mc-op1", Course.AT_RISK, "A decision.", moved="inner affairs"),
    ]

    view = checkin_view(make_checkin(), answers, None, roster)

    assert [(s.side, s.answered, s.invited) for s in view.sides] == [(DC, 2, 7), (MC, 1, 7)]
    assert view.sides[0].courses == {Course.ON_TRACK: 1, Course.AT_RISK: 0, Course.BLOCKED: 1}
    assert "inner affairs" not in repr(view)
    assert "Ship it." not in repr(view)


def test_who_left_without_answering_is_not_counted_and_who_left_after_it_is() -> None:
    roster = without(without(make_roster(), "dc-op1"), "dc-op2")

    view = checkin_view(make_checkin(), [make_answer("dc-op2")], None, roster)

    assert (view.sides[0].answered, view.sides[0].invited) == (1, 6)


def test_counterparts_stand_beside_each_other_and_nobody_who_left_does() -> None:
    rows = counterpart_view(without(make_roster(), "mc-op1"))

    by_held = {(row.tier, row.responsibility): row.members for row in rows}
    assert by_held[Tier.OPERATIONAL, "area 1"] == {DC: ("dc-op1",), MC: ()}
    assert by_held[Tier.MANAGER, "delivery"] == {DC: ("dc-mgr1",), MC: ("mc-mgr1",)}
    assert [row.tier for row in rows] == sorted((row.tier for row in rows), key=list(Tier).index)
