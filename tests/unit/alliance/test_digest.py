"""The digest: whose week it is and when it comes, what stands in it, and what makes a week quiet."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest

from alliance.calendar import Window
from alliance.charter import CharterState, DigestTerms
from alliance.checkpoint import Checkpoint
from alliance.digest import Digest, ScorePoint, decisions, matter, next_digest, trend
from alliance.escalation import Escalation, State
from alliance.ids import CheckpointId, EscalationId, MemberId, PulseId
from alliance.protocol import Protocol, Urgency
from alliance.pulse import Between, DimensionResult, Gap, PulseResults, Score, SideScore, Withheld
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter_version, make_roster
from tests.fakes.calendars import CHICAGO, STUTTGART, utc
from tests.fakes.results import make_dimension
from tests.fakes.results import make_results as make_worded

TERMS = DigestTerms()
ROSTER = make_roster()


def make_case(number: int = 1, state: State = State.RESOLVING, level: int = 0) -> Escalation:
    return Escalation(
        id=EscalationId(f"e{number}"),
        alliance_id=ALLIANCE,
        number=number,
        charter_version=1,
        protocol=Protocol(mediator_within=Window(days=Fraction(10))),
        urgency=Urgency.URGENT,
        author=MemberId("dc-op1"),
        title="Milestone 3 slips",
        facts="It slipped.",
        need="A date.",
        raised_at=MONDAY,
        state=state,
        level=level,
    )


def make_checkpoint() -> Checkpoint:
    return Checkpoint(CheckpointId("cp"), ALLIANCE, 1, MONDAY.date(), MONDAY, MONDAY)


def make_digest() -> Digest:
    return Digest(
        alliance_id=ALLIANCE,
        week=dt.date(2026, 2, 9),
        since=MONDAY,
        until=MONDAY + dt.timedelta(days=7),
        results=(),
        trend=(),
        checkin_response={DC: (7, 7), MC: (6, 7)},
        matters=(),
        resolved=(),
        overdue={DC: 0, MC: 0},
        checkpoints=(),
        next_checkpoint=dt.date(2026, 3, 5),
        warnings=(),
        decisions=(),
    )


def make_results(
    number: int, dc: float | None, mc: float | None, change_withheld: Withheld | None = None
) -> PulseResults:
    scores = tuple(
        SideScore(side, Score(mean, 0.4, 0.5, 0.3, 0.2) if mean else None, change_withheld=change_withheld)
        for side, mean in ((DC, dc), (MC, mc))
    )
    result = DimensionResult("trust", scores, Gap(Between.SIDES))
    return PulseResults(PulseId(f"p{number}"), number, MONDAY.date(), MONDAY, {}, (result,))


# --- when -------------------------------------------------------------------------------------------


def test_each_company_gets_it_at_its_own_hour_of_the_same_week() -> None:
    after = utc("2026-02-04 12:00")

    assert next_digest(TERMS, CHICAGO, after) == (dt.date(2026, 2, 9), utc("2026-02-09 14:00"))
    assert next_digest(TERMS, STUTTGART, after) == (dt.date(2026, 2, 9), utc("2026-02-09 07:00"))


def test_the_hour_stays_the_same_while_only_one_country_has_moved_its_clocks() -> None:
    # Chicago moves on 8 March 2026, Stuttgart on 29 March.
    after = utc("2026-03-04 12:00")

    assert next_digest(TERMS, CHICAGO, after) == (dt.date(2026, 3, 9), utc("2026-03-09 13:00"))
    assert next_digest(TERMS, STUTTGART, after) == (dt.date(2026, 3, 9), utc("2026-03-09 07:00"))
    assert next_digest(TERMS, STUTTGART, utc("2026-03-24 12:00")) == (dt.date(2026, 3, 30), utc("2026-03-30 06:00"))


def test_on_a_holiday_it_comes_a_day_later_and_is_still_that_week_s() -> None:
    # Presidents' Day in Chicago, Monday 16 February 2026; Stuttgart works.
    after = utc("2026-02-10 12:00")

    assert next_digest(TERMS, CHICAGO, after) == (dt.date(2026, 2, 16), utc("2026-02-17 14:00"))
    assert next_digest(TERMS, STUTTGART, after) == (dt.date(2026, 2, 16), utc("2026-02-16 07:00"))


def test_one_that_is_on_its_way_over_a_holiday_is_not_forgotten() -> None:
    early_on_tuesday = utc("2026-02-17 10:00")

    assert next_digest(TERMS, CHICAGO, early_on_tuesday) == (dt.date(2026, 2, 16), utc("2026-02-17 14:00"))


def test_a_friday_moved_into_the_next_week_keeps_its_week() -> None:
    # Good Friday and Easter Monday in Stuttgart: 3 and 6 April 2026.
    week, instant = next_digest(DigestTerms(weekday=4), STUTTGART, utc("2026-03-30 12:00"))

    assert (week, instant) == (dt.date(2026, 3, 30), utc("2026-04-07 06:00"))


# --- what -------------------------------------------------------------------------------------------


def test_a_matter_is_named_with_its_level_and_its_age_in_calendar_days() -> None:
    named = matter(make_case(level=1), MONDAY + dt.timedelta(days=12, hours=20))

    assert (named.level, named.age_days, named.urgent, named.state) == ("managers", 12, True, "being resolved")


def test_the_trend_is_oldest_first_and_shows_withheld_points_as_gaps() -> None:
    history = [make_results(3, 3.4, None), make_results(1, 3.9, 3.6)]

    assert trend(history) == (
        ScorePoint(1, "trust", {DC: 3.9, MC: 3.6}),
        ScorePoint(3, "trust", {DC: 3.4, MC: None}),
    )


def test_a_dimension_that_comes_round_seldom_has_a_trend_all_the_same() -> None:
    """All thirteen come round once in seven pulses: looking back over a few of them would show one step at most."""
    names = {1: "trust"}
    history = [
        make_worded(number, make_dimension(4.0, 3.5, dimension=names.get(number % 7, "commitment")))
        for number in range(29, 0, -1)
    ]

    assert [point.number for point in trend(history) if point.dimension == "trust"] == [1, 8, 15, 22, 29]


def test_a_trend_shows_the_newest_twelve_figures_of_each_dimension() -> None:
    history = [make_worded(number, make_dimension(4.0, 3.5)) for number in range(20, 0, -1)]

    assert [point.number for point in trend(history)] == list(range(9, 21))


def test_a_trend_begins_anew_with_new_words() -> None:
    reworded = make_results(3, 3.4, 3.5, change_withheld=Withheld.NOT_MEASURED)

    assert [point.number for point in trend([make_results(4, 3.3, 3.5), reworded, make_results(1, 4.4, 4.5)])] == [
        3,
        4,
    ]


def test_a_trend_ends_at_other_words_even_where_the_first_figures_in_the_new_ones_are_withheld() -> None:
    withheld = make_dimension(None, None, items=("trust.new",))
    history = [make_worded(4, make_dimension(3.3, 3.5, items=("trust.new",))), make_worded(3, withheld)]
    in_old_words = make_worded(1, make_dimension(4.4, 4.5))

    assert [point.number for point in trend([*history, in_old_words])] == [3, 4]


def test_only_what_needs_executives_is_to_be_decided() -> None:
    pending = replace(
        make_charter_version(state=CharterState.PROPOSED, version=2), signatures={DC: (MemberId("dc-ex1"), MONDAY)}
    )
    cases = [
        make_case(1, level=1),
        make_case(2, level=3),
        make_case(3, State.NAMING_MEDIATOR, level=4),
        make_case(4, State.MEDIATING, level=4),
    ]

    assert decisions(pending, cases, ROSTER) == (
        "Charter version 2 waits for the signature of MC.",
        "Escalation 2 stands with the executives: being resolved.",
        "Escalation 3 needs a mediator, named by both companies.",
    )


def test_a_draft_waits_for_nobody() -> None:
    assert decisions(make_charter_version(state=CharterState.DRAFT), [], ROSTER) == ()


@pytest.mark.parametrize(
    ("change", "quiet"),
    [
        ({}, True),
        ({"next_checkpoint": None}, True),
        ({"decisions": ("x",)}, False),
        ({"overdue": {DC: 1, MC: 0}}, False),
        ({"matters": (matter(make_case(), MONDAY),)}, False),
        ({"checkpoints": (make_checkpoint(),)}, False),
        ({"resolved": (matter(make_case(), MONDAY),)}, False),
    ],
)
def test_a_week_is_quiet_when_there_is_nothing_to_look_at_or_decide(change: dict[str, object], quiet: bool) -> None:
    assert replace(make_digest(), **change).is_quiet is quiet  # type: ignore[arg-type]
