import datetime as dt
from fractions import Fraction

import pytest

from alliance import in_words
from alliance.cadence import Cadence
from alliance.calendar import Window


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "every week on Tuesday at 10:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "every 2 weeks on Wednesday at 10:00"),
        ("FREQ=MONTHLY;BYDAY=2WE", "every month on the second Wednesday at 10:00"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "every 3 months on the last Friday at 10:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "every month on day 15 at 10:00"),
    ],
)
def test_a_cadence_reads_as_people_say_it(rule: str, words: str) -> None:
    assert in_words.cadence(Cadence(rule, dt.time(10))) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(days=Fraction(1)), "1 joint working day"),
        (Window(days=Fraction(1, 2)), "0.5 joint working days"),
        (Window(days=Fraction(2, 3)), "2/3 joint working days"),
        (Window(minutes=60), "1 joint working hour"),
        (Window(minutes=90), "90 joint working minutes"),
    ],
)
def test_a_window_reads_as_people_say_it(window: Window, words: str) -> None:
    assert in_words.window(window) == words
