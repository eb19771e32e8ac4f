"""Early warnings: what each rule sees, what it says, and that nothing withheld is ever said or used."""

import datetime as dt
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from alliance.ids import SideKey
from alliance.pulse import Between, DimensionResult, Gap, PulseResults
from alliance.triggers import Triggers
from alliance.warning import (
    Sign,
    WarningRule,
    acknowledgement_signs,
    action_item_signs,
    checkin_signs,
    pulse_signs,
)
from tests.fakes.builders import DC, MC, MONDAY
from tests.fakes.results import make_dimension, make_point, make_results, make_summary

COMPANIES = {DC: "DC", MC: "MC"}
TRIGGERS = Triggers()


def rules(signs: tuple[Sign, ...]) -> list[WarningRule]:
    return [sign.rule for sign in signs]


# --- scores below the floor -------------------------------------------------------------------------


def test_a_score_below_the_floor_warns_about_that_side_with_its_figures() -> None:
    signs = pulse_signs([make_results(3, make_dimension(3.6, 2.7))], TRIGGERS, COMPANIES)

    (sign,) = signs
    assert (sign.rule, sign.side, sign.subject) == (WarningRule.SCORE_BELOW_FLOOR, MC, "trust at MC")
    assert sign.evidence == ("MC rates trust 2.7 (± 0.4) in pulse 3; the agreed floor is 3.0.",)
    assert sign.occasion == "pulse 3"


def test_a_score_at_the_floor_does_not_warn() -> None:
    assert pulse_signs([make_results(3, make_dimension(3.0, 3.0))], TRIGGERS, COMPANIES) == ()


def test_the_floor_is_moved_to_the_scale_that_a_dimension_is_rated_on() -> None:
    advocacy = make_dimension(5.1, 4.9, dimension="advocacy", items=("advocacy",))

    (sign,) = pulse_signs([make_results(1, advocacy)], TRIGGERS, COMPANIES)

    assert sign.side == MC
    assert "the agreed floor is 5.0" in sign.evidence[0]


# --- gaps that open ---------------------------------------------------------------------------------


def test_a_gap_that_was_not_there_before_warns_with_both_figures() -> None:
    history = [
        make_results(3, make_dimension(4.2, 3.4, is_gap=True)),
        make_results(2),
        make_results(1, make_dimension(4.0, 3.8)),
    ]

    (sign,) = pulse_signs(history, TRIGGERS, COMPANIES)

    assert sign.rule is WarningRule.GAP_OPENED
    assert sign.side is None
    assert sign.evidence == (
        "Pulse 3: DC 4.2, MC 3.4, a gap of 0.8.",
        "In pulse 1 the difference was 0.2, which did not count as a gap.",
    )


def test_a_gap_that_was_there_at_the_last_measurement_does_not_warn_again() -> None:
    history = [make_results(n, make_dimension(4.2, 3.4, is_gap=True)) for n in (2, 1)]

    assert pulse_signs(history, TRIGGERS, COMPANIES) == ()


def test_a_gap_at_the_first_measurement_says_that_there_is_nothing_to_compare_with() -> None:
    (sign,) = pulse_signs([make_results(1, make_dimension(4.2, 3.4, is_gap=True))], TRIGGERS, COMPANIES)

    assert sign.evidence[1] == "There is no earlier figure to compare it with."


def test_other_words_are_no_earlier_figure() -> None:
    history = [
        make_results(2, make_dimension(4.2, 3.4, is_gap=True, items=("trust.new",))),
        make_results(1, make_dimension(4.2, 3.4, is_gap=True)),
    ]

    (sign,) = pulse_signs(history, TRIGGERS, COMPANIES)

    assert sign.evidence[1] == "There is no earlier figure to compare it with."


def test_a_mirror_gap_names_the_company_it_is_about() -> None:
    mirror = Gap(Between.MIRROR, about=DC, value=0.9, band=0.2, is_gap=True)
    plain = make_dimension(4.0, 4.0)
    result = DimensionResult("trust", plain.sides, plain.gap, (mirror,), plain.items)

    (sign,) = pulse_signs([make_results(1, result)], TRIGGERS, COMPANIES)

    assert sign.subject == "trust: how DC sees itself and is seen"
    assert sign.evidence[0] == "In pulse 1, DC's view of itself and the view of it differ by 0.9."


# --- three falls ------------------------------------------------------------------------------------


def falling(*means: float, withheld_at: int | None = None) -> list[PulseResults]:
    """Pulses newest first, of one dimension in which DC's score takes these values, oldest first."""
    made = []
    for number, mean in enumerate(means, start=1):
        change = None if number in (1, withheld_at) else round(mean - means[number - 2], 1)
        made.append(make_results(number, make_dimension(mean, 4.9, change=change)))
    return made[::-1]


def test_three_falls_in_a_row_warn_with_all_four_figures() -> None:
    (sign,) = pulse_signs(falling(4.6, 4.4, 4.1, 3.8), TRIGGERS, COMPANIES)

    assert (sign.rule, sign.side) == (WarningRule.THREE_FALLS, DC)
    assert "4.6 (pulse 1), 4.4 (pulse 2), 4.1 (pulse 3), 3.8 (pulse 4)" in sign.evidence[0]


def test_two_falls_or_a_rise_between_do_not_warn() -> None:
    assert pulse_signs(falling(4.4, 4.1, 3.8), TRIGGERS, COMPANIES) == ()
    assert pulse_signs(falling(4.6, 4.4, 4.5, 3.8), TRIGGERS, COMPANIES) == ()
    assert pulse_signs(falling(4.6, 4.4, 4.4, 3.8), TRIGGERS, COMPANIES) == ()


def test_a_withheld_step_breaks_the_row() -> None:
    assert pulse_signs(falling(4.6, 4.4, 4.1, 3.8, withheld_at=3), TRIGGERS, COMPANIES) == ()


# --- response rates ---------------------------------------------------------------------------------


def test_a_side_whose_response_rate_drops_warns_about_that_side() -> None:
    history = [make_results(4, answered=(10, 6)), *(make_results(n) for n in (3, 2, 1))]

    (sign,) = pulse_signs(history, TRIGGERS, COMPANIES)

    assert (sign.rule, sign.side, sign.subject) == (WarningRule.RESPONSE_DROPPED, MC, "MC")
    assert sign.evidence == (
        "6 of 12 invited at MC answered pulse 4 (50%); in the three rounds before it was 83% on average.",
    )


def test_a_smaller_drop_or_fewer_than_three_rounds_before_do_not_warn() -> None:
    almost = [make_results(4, answered=(10, 8)), *(make_results(n) for n in (3, 2, 1))]
    early = [make_results(3, answered=(10, 2)), *(make_results(n) for n in (2, 1))]

    assert pulse_signs(almost, TRIGGERS, COMPANIES) == ()
    assert pulse_signs(early, TRIGGERS, COMPANIES) == ()


def test_rounds_without_invitations_are_not_counted() -> None:
    history = [make_results(5, answered=(0, 0), invited=0), *(make_results(n) for n in (4, 3, 2))]

    assert pulse_signs(history, TRIGGERS, COMPANIES) == ()


def test_check_ins_are_compared_with_check_ins() -> None:
    history = [make_summary(4, answered=(3, 7)), *(make_summary(n) for n in (3, 2, 1))]

    (sign,) = checkin_signs(history, TRIGGERS, COMPANIES)

    assert (sign.rule, sign.side) == (WarningRule.RESPONSE_DROPPED, DC)
    assert sign.evidence[0].startswith("3 of 7 invited at DC answered the check-in of 2 March 2026 (43%)")


# --- the same blocker -------------------------------------------------------------------------------


def test_the_same_blocker_three_rounds_in_a_row_warns_once_for_as_long_as_it_stands() -> None:
    summaries = [make_summary(n, make_point(n)) for n in (1, 2, 3, 4)]

    third = checkin_signs(summaries[2::-1], TRIGGERS, COMPANIES)
    fourth = checkin_signs(summaries[::-1], TRIGGERS, COMPANIES)

    assert rules(third) == rules(fourth) == [WarningRule.SAME_BLOCKER]
    assert third[0].evidence == (
        "DC named the same blocker in 3 check-ins in a row:",
        "No contact list yet.",
    )
    assert (third[0].subject, third[0].occasion) == (fourth[0].subject, fourth[0].occasion)


def test_a_new_blocker_or_a_need_does_not_warn() -> None:
    assert checkin_signs([make_summary(2, make_point(2))], TRIGGERS, COMPANIES) == ()
    assert checkin_signs([make_summary(4, make_point(4, blocks=False))], TRIGGERS, COMPANIES) == ()


# --- acknowledgements and action items --------------------------------------------------------------


def test_late_acknowledgements_warn_about_the_side_from_the_agreed_number_on() -> None:
    windows = [(MONDAY, "escalation 2"), (MONDAY + dt.timedelta(days=3), "escalation 4")]

    assert acknowledgement_signs({MC: windows[:1]}, TRIGGERS, COMPANIES) == ()
    (sign,) = acknowledgement_signs({MC: windows}, TRIGGERS, COMPANIES)
    (later,) = acknowledgement_signs({MC: [*windows, windows[1]]}, TRIGGERS, COMPANIES)

    assert (sign.rule, sign.side) == (WarningRule.LATE_ACKNOWLEDGEMENTS, MC)
    assert sign.evidence == (
        "At MC, 2 windows to acknowledge ended unanswered in the last 28 days: escalation 2, escalation 4.",
    )
    assert later.occasion == sign.occasion


def test_slipping_action_items_warn_once_a_week() -> None:
    overdue: Mapping[SideKey, list[str]] = {
        DC: ["action item 1", "action item 2"],
        MC: [f"action item {n}" for n in (3, 4, 5)],
    }

    (sign,) = action_item_signs(overdue, TRIGGERS, COMPANIES, dt.date(2026, 2, 9))

    assert (sign.rule, sign.side, sign.occasion) == (
        WarningRule.ACTION_ITEMS_SLIPPING,
        MC,
        "week 2026-02-09",
    )


# --- nothing withheld -------------------------------------------------------------------------------

means = st.one_of(st.none(), st.floats(1, 5).map(lambda value: round(value, 1)))


@given(st.lists(st.tuples(means, means), min_size=1, max_size=6), st.integers(0, 12), st.integers(0, 12))
def test_a_withheld_figure_never_causes_a_warning_of_that_side(
    measured: list[tuple[float | None, float | None]], dc: int, mc: int
) -> None:
    history = [
        make_results(len(measured) - n, make_dimension(*pair, is_gap=True), answered=(dc, mc))
        for n, pair in enumerate(measured)
    ]
    hidden = {side for side, mean in zip((DC, MC), measured[0], strict=True) if mean is None}

    signs = pulse_signs(history, TRIGGERS, COMPANIES)

    about_scores = [sign for sign in signs if sign.rule is not WarningRule.RESPONSE_DROPPED]
    assert not hidden & {sign.side for sign in about_scores}
    assert not hidden or WarningRule.GAP_OPENED not in rules(signs)
    for side in hidden:
        company = COMPANIES[side]
        assert not any(
            f"{company} {digit}" in sentence for sign in about_scores for sentence in sign.evidence for digit in "12345"
        )
