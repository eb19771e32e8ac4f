"""Checkpoints: who answers, what an answer is, what two sides' words mean together, when one is held."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance import checkpoint as rules
from alliance import checkpoint_dates as dates
from alliance.cadence import Cadence
from alliance.charter import CheckpointTerms
from alliance.checkpoint import (
    Checkpoint,
    CheckpointAnswer,
    CriterionRating,
    Finding,
    Standing,
)
from alliance.criteria import criterion_results, finding, measured_of, share_of_target, standing_of
from alliance.disclosure import remarks
from alliance.errors import InvalidInput, NotFound
from alliance.ids import CheckpointId, MemberId, SideKey
from alliance.rounds import RoundState
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_roster

BEN = MemberId("dc-mgr1")
CRITERIA = frozenset({"pilots", "lead-time"})


def make_checkpoint(state: RoundState = RoundState.OPEN) -> Checkpoint:
    return Checkpoint(
        id=CheckpointId("cp"),
        alliance_id=ALLIANCE,
        charter_version=1,
        day=MONDAY.date(),
        opened_at=MONDAY,
        closes_at=MONDAY + dt.timedelta(days=3),
        state=state,
        invited={DC: (BEN,), MC: (MemberId("mc-mgr1"),)},
    )


def make_answer(
    member: str = "dc-mgr1", side: SideKey = DC, *ratings: CriterionRating, **texts: str
) -> CheckpointAnswer:
    return CheckpointAnswer(MemberId(member), side, texts or {"learned": "Much."}, ratings)


# --- answering --------------------------------------------------------------------------------------


def test_an_answer_is_kept_without_blank_texts_empty_ratings_and_unknown_questions() -> None:
    given_ = make_answer(
        "dc-mgr1",
        DC,
        CriterionRating("pilots", Standing.MET, 11),
        CriterionRating("lead-time", None),
        went_well=" The visits. ",
        skills="  ",
        other="x",
    )

    kept = rules.answered(make_checkpoint(), given_, CRITERIA, MONDAY)

    assert kept.answers == {"went_well": "The visits."}
    assert [rating.criterion for rating in kept.ratings] == ["pilots"]


@pytest.mark.parametrize(
    ("checkpoint", "answer", "error"),
    [
        (make_checkpoint(RoundState.CLOSED), make_answer(), rules.AnswersClosed),
        (replace(make_checkpoint(), closes_at=MONDAY), make_answer(), rules.AnswersClosed),
        (make_checkpoint(), make_answer("dc-op1"), rules.NotInvited),
        (make_checkpoint(), make_answer("dc-mgr1", MC), rules.NotInvited),
        (make_checkpoint(), make_answer(learned=" "), InvalidInput),
        (make_checkpoint(), make_answer("dc-mgr1", DC, CriterionRating("other", Standing.MET)), NotFound),
    ],
)
def test_an_answer_is_refused_with_the_reason(
    checkpoint: Checkpoint, answer: CheckpointAnswer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rules.answered(checkpoint, answer, CRITERIA, MONDAY)


def test_managers_and_up_are_invited_but_for_those_away_until_it_is_over() -> None:
    roster = make_roster()
    away = replace(roster.by_key("mc-am"), away_until=dt.date(2026, 2, 5))
    roster = replace(roster, members=tuple(away if m.id == away.id else m for m in roster.members))

    invited = rules.to_invite(roster, MONDAY + dt.timedelta(days=3))

    assert invited[DC] == ("dc-mgr1", "dc-mgr2", "dc-am", "dc-ex1", "dc-ex2")
    assert invited[MC] == ("mc-mgr1", "mc-mgr2", "mc-ex1", "mc-ex2")


# --- the criteria -----------------------------------------------------------------------------------


def rated(*standings: Standing | None) -> list[CriterionRating]:
    return [CriterionRating("pilots", standing) for standing in standings]


def test_the_owner_decides_a_side_standing() -> None:
    owner = CriterionRating("pilots", Standing.MISSED)

    assert standing_of(owner, [owner, *rated(Standing.MET, Standing.MET)]) is Standing.MISSED


def test_without_the_owner_most_decide_and_a_tie_goes_to_the_more_cautious() -> None:
    assert standing_of(None, rated(Standing.MET, Standing.AT_RISK, Standing.MET)) is Standing.MET
    assert standing_of(None, rated(Standing.MET, Standing.AT_RISK)) is Standing.AT_RISK
    assert standing_of(CriterionRating("pilots", None), rated(None, Standing.MET)) is Standing.MET
    assert standing_of(None, rated(None)) is None


@given(st.lists(st.sampled_from([*Standing, None]), max_size=8))
def test_a_side_standing_is_one_that_was_said_and_does_not_depend_on_the_order(
    said: list[Standing | None],
) -> None:
    standing = standing_of(None, rated(*said))

    assert standing in (set(said) - {None} or {None})
    assert standing is standing_of(None, rated(*reversed(said)))


def test_the_measured_value_is_the_owner_s_else_the_median() -> None:
    values = [CriterionRating("pilots", None, value) for value in (1, 5, 9, 100)]

    assert measured_of(None, values) == 7
    assert measured_of(CriterionRating("pilots", None, 3), values) == 3
    assert measured_of(None, []) is None


@pytest.mark.parametrize(
    ("standings", "measured", "expected"),
    [
        ((Standing.MET, Standing.MET), (None, None), Finding.AGREED),
        ((Standing.MET, Standing.MET), (100, 105), Finding.AGREED),
        ((Standing.MET, Standing.MET), (100, 106), Finding.CONTESTED),
        ((Standing.MET, Standing.MET), (100, None), Finding.AGREED),
        ((Standing.MET, Standing.ON_COURSE), (None, None), Finding.CONTESTED),
        ((Standing.MET, None), (100, 100), Finding.UNMEASURED),
        ((None, None), (None, None), Finding.UNMEASURED),
    ],
)
def test_what_two_sides_say_together(
    standings: tuple[Standing | None, Standing | None],
    measured: tuple[float | None, float | None],
    expected: Finding,
) -> None:
    said: Mapping[SideKey, Standing | None] = dict(zip((DC, MC), standings, strict=True))
    values: Mapping[SideKey, float | None] = dict(zip((DC, MC), measured, strict=True))

    assert finding(said, values, target=100) is expected


def test_every_criterion_stands_in_the_charter_s_order_with_its_owner_s_word() -> None:
    answers = [
        make_answer("dc-mgr1", DC, CriterionRating("pilots", Standing.AT_RISK, 4)),
        make_answer("dc-ex1", DC, CriterionRating("pilots", Standing.MET, 11)),
        make_answer("mc-ex1", MC, CriterionRating("pilots", Standing.AT_RISK, 4)),
    ]

    pilots, lead_time = criterion_results(make_charter().criteria, answers, make_roster())

    assert (pilots.criterion, pilots.finding) == ("pilots", Finding.AGREED)
    assert pilots.measured == {DC: 4, MC: 4}
    assert (lead_time.criterion, lead_time.finding) == ("lead-time", Finding.UNMEASURED)


def test_a_target_of_zero_has_no_percentage() -> None:
    assert share_of_target(5, 0) is None
    assert share_of_target(5, 10) == 50


# --- what crosses -----------------------------------------------------------------------------------


def test_remarks_cross_by_side_without_a_name_and_in_no_order_of_people() -> None:
    answers = [
        make_answer("dc-am", DC, learned="B"),
        make_answer("dc-ex1", DC, learned="A"),
        make_answer("mc-am", MC, learned="C", went_well="D"),
    ]

    crossing = remarks(answers, make_roster())

    assert [(r.question, r.side, r.text) for r in crossing] == [
        ("went_well", MC, "D"),
        ("learned", DC, "A"),
        ("learned", DC, "B"),
        ("learned", MC, "C"),
    ]
    assert crossing == remarks(answers[::-1], make_roster())
    assert {field for remark in crossing for field in remark.__slots__} == {"question", "side", "text"}


# --- dates ------------------------------------------------------------------------------------------

ROSTER = make_roster()
TERMS = CheckpointTerms(dates=(dt.date(2026, 3, 5), dt.date(2026, 4, 2)))


def test_it_opens_for_both_at_once_inside_both_companies_hours() -> None:
    span = dates.span(TERMS, dt.date(2026, 3, 5), ROSTER)

    assert span.opens_at == dt.datetime(2026, 3, 5, 15, tzinfo=dt.UTC)  # 9:00 in Chicago, 16:00 in Stuttgart
    assert span.closes_at == dt.datetime(2026, 3, 10, 14, tzinfo=dt.UTC)  # 9:00 in Chicago, in daylight saving


def test_a_late_local_time_moves_into_joint_hours() -> None:
    span = dates.span(replace(TERMS, at=dt.time(14)), dt.date(2026, 3, 5), ROSTER)

    assert span.opens_at == dt.datetime(2026, 3, 6, 15, tzinfo=dt.UTC)


def test_the_first_date_may_be_today_and_the_next_is_a_later_one() -> None:
    now = dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC)
    anchor = MONDAY.date()

    assert dates.first_day(TERMS, anchor, ROSTER, now) == dt.date(2026, 3, 5)
    assert dates.following_day(TERMS, anchor, ROSTER, dt.date(2026, 3, 5), now) == dt.date(2026, 4, 2)
    assert dates.following_day(TERMS, anchor, ROSTER, dt.date(2026, 4, 2), now) is None


def test_a_date_that_was_missed_by_more_than_a_day_is_left_out() -> None:
    now = dt.datetime(2026, 4, 5, 20, tzinfo=dt.UTC)

    assert dates.following_day(TERMS, MONDAY.date(), ROSTER, dt.date(2026, 3, 5), now) is None


def test_a_cadence_gives_dates_without_end_beside_the_fixed_ones() -> None:
    terms = replace(TERMS, cadence=Cadence("FREQ=MONTHLY;BYDAY=2WE", dt.time(9)))
    now, anchor = MONDAY, MONDAY.date()

    first = dates.first_day(terms, anchor, ROSTER, now)
    second = dates.following_day(terms, anchor, ROSTER, dt.date(2026, 2, 11), MONDAY + dt.timedelta(days=10))

    assert first == dt.date(2026, 2, 11)
    assert second == dt.date(2026, 3, 5)
    assert dates.span(terms, first, ROSTER).opens_at == dt.datetime(2026, 2, 11, 15, tzinfo=dt.UTC)


def test_a_called_checkpoint_opens_now_and_leaves_the_agreed_working_days() -> None:
    span = dates.called_span(TERMS, MONDAY.date(), ROSTER, MONDAY)

    assert span.opens_at == MONDAY
    assert span.closes_at == dt.datetime(2026, 2, 5, 15, tzinfo=dt.UTC)
