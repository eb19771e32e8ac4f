"""What counts where a charter says nothing else: the figures that both companies were promised (product, 3, 4, 6)."""

import datetime as dt
from fractions import Fraction

from alliance.calendar import Window
from alliance.charter import DigestTerms, PulseTerms
from alliance.protocol import Protocol, Who
from tests.fakes.builders import make_charter


def days(number: int) -> Window:
    return Window(days=Fraction(number))


def test_the_ladder_acknowledges_in_a_day_and_resolves_in_five_five_ten_and_twenty() -> None:
    ladder = [(level.who, level.acknowledge, level.resolve) for level in Protocol().levels]

    assert ladder == [
        (Who.COUNTERPARTS, days(1), days(5)),
        (Who.MANAGERS, days(1), days(5)),
        (Who.ALLIANCE_MANAGERS, days(1), days(10)),
        (Who.EXECUTIVES, days(1), days(20)),
    ]
    assert Protocol().mediator_within == days(10)


def test_a_score_needs_five_answers_and_comments_ten() -> None:
    terms = PulseTerms(make_charter().pulse.cadence)

    assert (terms.minimum_answers, terms.minimum_comments) == (5, 10)
    assert 3 <= terms.items_per_round <= 5


def test_the_digest_comes_on_monday_at_eight() -> None:
    assert (DigestTerms().weekday, DigestTerms().at) == (0, dt.time(8))
