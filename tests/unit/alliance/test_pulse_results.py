"""What is published of a pulse. That nothing more can be learned from it is in test_anonymity_attacks.py."""

import pytest

from alliance.ids import SideKey
from alliance.pulse import DimensionResult, PulseAnswer, Response, Score, SideScore, Withheld
from alliance.pulse_results import ClosedRound, EarlierPulse, publish
from tests.fakes.builders import DC, MC
from tests.fakes.pulses import ADVOCACY, FRICTION, MIXED, TRUST, make_closed, make_pulse, measured, rate


def only(closed: ClosedRound) -> DimensionResult:
    (result,) = publish(closed).dimensions
    return result


def side(result: DimensionResult, key: SideKey) -> SideScore:
    return next(score for score in result.sides if score.side == key)


def pair(side_key: SideKey, *ratings: tuple[int, int]) -> list[PulseAnswer]:
    return [PulseAnswer(side_key, {"trust.we": we, "trust.they": they}) for we, they in ratings]


def test_a_score_is_the_mean_over_people_with_its_shares_and_band() -> None:
    closed = make_closed(pair(DC, (5, 4), (4, 4), (3, 2), (4, 3), (2, 1)), rate(MC, MIXED))

    score = side(only(closed), DC).score

    # Means per person 4.5 4 2.5 3.5 1.5: mean 3.2, s 1.204; t(4) 2.776; sqrt(7/11).
    assert score == Score(mean=3.2, band=1.2, favourable=0.5, neutral=0.2, unfavourable=0.3)


def test_the_band_is_nothing_when_everybody_answered() -> None:
    score = side(only(make_closed(rate(DC, MIXED), rate(MC, MIXED))), DC).score

    assert score is not None
    assert score.band == 0


def test_how_many_were_invited_and_answered_is_said_even_when_all_else_is_withheld() -> None:
    results = publish(make_closed(rate(DC, (1, 2, 3)), []))

    assert results.response == {DC: Response(12, 3), MC: Response(12, 0)}


def test_personal_friction_is_reversed_and_task_friction_is_told_without_a_score() -> None:
    answers = [
        PulseAnswer(key, dict(zip(FRICTION, given, strict=True)))
        for key in (DC, MC)
        for given in ((5, 1), (5, 2), (4, 1), (3, 2), (4, 3))
    ]
    results = publish(make_closed(answers, [], pulse=make_pulse(FRICTION)))

    (personal,) = results.dimensions
    (task,) = results.unscored

    assert personal.dimension == "low personal friction"
    assert [s.score.mean for s in personal.sides if s.score] == [4.2, 4.2]
    assert (task.name, [figure.mean for figure in task.sides]) == ("task friction", [4.2, 4.2])


def test_the_side_gap_is_the_first_side_minus_the_second() -> None:
    result = only(make_closed(rate(DC, (4, 5, 4, 5, 5)), rate(MC, (2, 3, 2, 3, 4))))

    assert (result.gap.value, result.gap.is_gap, result.gap.repeats) == (1.8, True, 1)
    # Variances 0.3 and 0.7: 2.776 * sqrt(1.0 / 5) * sqrt(7 / 11) = 0.99.
    assert result.gap.band == 1.0


def test_a_difference_inside_its_band_is_no_gap() -> None:
    gap = only(make_closed(rate(DC, (1, 5, 3, 5, 4)), rate(MC, (2, 1, 5, 3, 4)))).gap

    assert (gap.value, gap.is_gap) == (0.6, False)


def test_a_difference_below_a_half_is_no_gap_however_certain() -> None:
    nearly = (*MIXED[:8], 5, 5, 5, 4)
    gap = only(make_closed(rate(DC, nearly), rate(MC, MIXED))).gap

    assert gap.band == 0
    assert (gap.value, gap.is_gap) == (0.4, False)


def test_a_difference_of_a_half_is_a_gap_when_everybody_answered() -> None:
    gap = only(make_closed(rate(DC, (2, 3, 4, 4, 5, 4, 4, 3, 4, 5, 4, 2)), rate(MC, MIXED))).gap

    assert gap.band == 0
    assert (gap.value, gap.is_gap) == (0.5, True)


def test_on_the_scale_to_10_a_gap_begins_at_1_25() -> None:
    def gap_of(*ratings: int) -> bool:
        people = make_pulse(ADVOCACY)
        dc = rate(DC, (8, 9) * 6, ADVOCACY)
        return only(make_closed(dc, rate(MC, ratings, ADVOCACY), pulse=people)).gap.is_gap

    assert not gap_of(*(7, 8) * 6)
    assert gap_of(*(7, 7, 7, 8, 7, 7) * 2)


def test_a_mirror_gap_is_how_a_side_sees_itself_minus_how_it_is_seen() -> None:
    dc = pair(DC, (5, 3), (4, 2), (5, 3), (4, 2), (5, 3))
    mc = pair(MC, (3, 2), (4, 1), (3, 1), (4, 2), (3, 2))

    mirrors = only(make_closed(dc, mc)).mirrors

    assert [(gap.about, gap.value, gap.is_gap) for gap in mirrors] == [(DC, 3.0, True), (MC, 0.8, False)]


def uncertain(number: int, *earlier: EarlierPulse, flipped: bool = False) -> ClosedRound:
    high, low = (1, 5, 3, 5, 4), (2, 1, 5, 3, 4)
    dc, mc = (low, high) if flipped else (high, low)
    return make_closed(rate(DC, dc), rate(MC, mc), pulse=make_pulse(number=number), earlier=earlier)


def test_a_difference_that_stays_for_three_pulses_is_called_a_gap() -> None:
    first = measured(uncertain(1))
    second = measured(uncertain(2, first))
    third = only(uncertain(3, second, first))

    assert [r.results.dimensions[0].gap.is_gap for r in (first, second)] == [False, False]
    assert (third.gap.repeats, third.gap.is_gap) == (3, True)


def test_a_difference_that_turns_round_begins_anew() -> None:
    first = measured(uncertain(1))
    second = measured(uncertain(2, first, flipped=True))

    gap = only(uncertain(3, second, first, flipped=True)).gap

    assert (gap.repeats, gap.is_gap) == (2, False)


def test_a_pulse_in_which_the_gap_was_withheld_breaks_the_row() -> None:
    first = measured(uncertain(1))
    short = make_closed(rate(DC, (1, 2, 3)), rate(MC, MIXED), pulse=make_pulse(number=2), earlier=[first])

    assert only(uncertain(3, measured(short), first)).gap.repeats == 1


def test_a_step_is_the_difference_of_the_two_published_levels() -> None:
    first = measured(make_closed(rate(DC, (1, 2, 3, 4, 5)), rate(MC, MIXED)))
    later = make_closed(rate(DC, (2, 3, 3, 4, 5)), rate(MC, MIXED), pulse=make_pulse(number=2), earlier=[first])

    assert side(only(later), DC).change == 0.4
    assert side(only(later), MC).change == 0.0


def test_there_is_no_step_the_first_time() -> None:
    score = side(only(make_closed(rate(DC, MIXED), rate(MC, MIXED))), DC)

    assert (score.change, score.change_withheld) == (None, Withheld.NOT_MEASURED)


def test_a_step_skips_rounds_that_asked_something_else() -> None:
    first = measured(make_closed(rate(DC, MIXED), rate(MC, MIXED)))
    between = make_closed(rate(DC, MIXED, ADVOCACY), rate(MC, MIXED, ADVOCACY), pulse=make_pulse(ADVOCACY, number=2))
    third = make_closed(
        rate(DC, MIXED),
        rate(MC, MIXED),
        pulse=make_pulse(number=3),
        earlier=[measured(between), first],
    )

    assert side(only(third), DC).change == 0.0


def test_no_trend_is_drawn_across_other_items() -> None:
    former = measured(
        make_closed(rate(DC, MIXED, ["trust.we"]), rate(MC, MIXED, ["trust.we"]), pulse=make_pulse(["trust.we"]))
    )
    now = make_closed(rate(DC, MIXED), rate(MC, MIXED), pulse=make_pulse(TRUST, number=2), earlier=[former])

    assert side(only(now), DC).change_withheld is Withheld.NOT_MEASURED


@pytest.mark.parametrize("minimum", [3, 5, 10])
def test_a_score_needs_the_agreed_answers_of_its_side(minimum: int) -> None:
    enough = make_closed(rate(DC, MIXED[:minimum]), rate(MC, MIXED), minimum=minimum)
    short = make_closed(rate(DC, MIXED[: minimum - 1]), rate(MC, MIXED), minimum=minimum)

    assert side(only(enough), DC).score is not None
    assert side(only(short), DC).withheld is Withheld.TOO_FEW


def test_no_charter_can_go_below_three_answers() -> None:
    closed = make_closed(rate(DC, (1, 5)), rate(MC, MIXED), minimum=1)

    assert side(only(closed), DC).withheld is Withheld.TOO_FEW
