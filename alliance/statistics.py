"""The arithmetic of small groups: exact means, and a 95 % band that knows that nearly everybody answered."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
_T = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
"""The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom."""


def t_quantile(freedom: int) -> float:
    """Return the two-sided 95 % quantile of Student's t; exact to 4 digits for any degrees of freedom from 1
    on.

    From the table up to 30, by the Cornish-Fisher expansion beyond (Abramowitz and Stegun, 26.7.5).
    """
    if freedom < 1:
        raise ValueError("a band needs at least two answers")
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def mean(values: Sequence[Fraction]) -> Fraction:
    """Return the exact mean, which no order of the values can change."""
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """Return the exact sample variance, with n - 1; ValueError for fewer than two values."""
    if len(values) < 2:
        raise ValueError("a spread needs at least two values")
    middle = mean(values)
    return sum(((value - middle) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def half_width(values: Sequence[Fraction], group: int) -> float:
    """Return the half-width of the 95 % band around the mean of `values`, drawn from `group` people.

    t * s / sqrt(n) * sqrt((N - n) / (N - 1)): the finite-population correction makes it 0 when everybody
    answered.
    """
    n = len(values)
    spread = t_quantile(n - 1) * math.sqrt(variance(values) / n)
    return spread * math.sqrt(max(group - n, 0) / max(group - 1, 1))


def combined(*half_widths: float) -> float:
    """Return the half-width of the band of a sum or difference of independent means."""
    return math.hypot(*half_widths)


def rounded(value: Fraction | float, digits: int = 1) -> float:
    """Return the value as it is published, rounded half to even, never as minus zero."""
    return float(cast(Fraction, round(value, digits))) + 0.0
