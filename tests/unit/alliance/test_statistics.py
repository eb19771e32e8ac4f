import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.statistics import combined, half_width, mean, rounded, t_quantile, variance

VALUES = st.lists(st.fractions(1, 5, max_denominator=4), min_size=2, max_size=20)


def with_deviation_one(count: int) -> list[Fraction]:
    """An even number of values around 3 whose sample deviation is 1, to five digits."""
    step = Fraction(math.sqrt((count - 1) / count)).limit_denominator(10**6)
    return [3 - step, 3 + step] * (count // 2)


def test_ten_people_give_0_72_on_the_mean_without_the_correction() -> None:
    endless = 10**9

    assert half_width(with_deviation_one(10), endless) == pytest.approx(0.715, abs=0.001)
    assert rounded(half_width(with_deviation_one(10), endless), 2) == 0.72


def test_the_band_shrinks_with_the_share_who_answered_and_is_nothing_when_all_did() -> None:
    values = with_deviation_one(10)

    bands = [half_width(values, group) for group in (1000, 20, 12, 11, 10)]

    assert bands == sorted(bands, reverse=True)
    assert bands[-1] == 0
    assert bands[2] == pytest.approx(half_width(values, 10**9) * math.sqrt(2 / 11), rel=1e-6)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.7062), (4, 2.7764), (9, 2.2622), (30, 2.0423), (31, 2.0395), (120, 1.9799)]
)
def test_quantiles_of_students_t_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, abs=0.0001)


def test_quantiles_fall_without_a_step_between_table_and_expansion() -> None:
    quantiles = [t_quantile(freedom) for freedom in range(1, 200)]

    assert quantiles == sorted(quantiles, reverse=True)
    assert quantiles[-1] > 1.96


def test_one_answer_has_no_band() -> None:
    with pytest.raises(ValueError, match="two"):
        half_width([Fraction(3)], 12)
    with pytest.raises(ValueError, match="two"):
        t_quantile(0)


@given(VALUES)
def test_no_order_of_the_answers_changes_a_figure(values: list[Fraction]) -> None:
    mixed = sorted(values)

    assert (mean(mixed), variance(mixed)) == (mean(values), variance(values))
    assert half_width(mixed, 30) == half_width(values, 30)


def test_the_band_of_a_difference_combines_both() -> None:
    assert combined(0.3, 0.4) == pytest.approx(0.5)


def test_published_figures_are_rounded_exactly_and_never_minus_zero() -> None:
    assert rounded(Fraction(37, 12)) == 3.1
    assert rounded(Fraction(2, 3), 2) == 0.67
    assert str(rounded(-0.04)) == "0.0"
