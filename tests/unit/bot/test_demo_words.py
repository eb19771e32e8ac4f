"""What comes next is said in words for every promise of the liaison's."""

import datetime as dt
import string

import pytest

from bot.demo.page import WORDS
from handlers import time_intents
from handlers.intents import TimeIntent

NOW = dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
INTENTS = [
    kind.__name__
    for kind in vars(time_intents).values()
    if isinstance(kind, type) and issubclass(kind, TimeIntent) and kind is not TimeIntent
]


def test_every_intent_of_time_has_its_words() -> None:
    assert set(WORDS) == set(INTENTS)


@pytest.mark.parametrize("intent", INTENTS)
def test_the_words_name_only_what_is_known(intent: str) -> None:
    fields = {name for _, name, _, _ in string.Formatter().parse(WORDS[intent]) if name}

    assert fields <= {"company", "event"}
