"""The kinds of text that alliance.yaml holds: each is checked as it is read and kept as text in one spelling.

Everything stays text until `convert` needs it, so that YAML never turns 10:00 into 600 or NO into false.
"""

import datetime as dt
import re
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from alliance.cadence import Frequency, parse_rule
from alliance.calendar import WorkingCalendar, parse_window
from alliance.in_words import WEEKDAYS

_KEY = r"[a-z0-9][a-z0-9-]{0,39}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WINDOW = r"[0-9]{1,9}([.][0-9]{1,6}|/[1-9][0-9]{0,5})?[dhm]"
_FACTOR = r"([0-9]+([.][0-9]+)?|[0-9]+/[1-9][0-9]*|[0-9]+([.][0-9]+)?%)"


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise ValueError("Write this in one line.")
    return text


def _key(text: str) -> str:
    if not re.fullmatch(_KEY, text):
        raise ValueError('Write a short name of small letters, digits and hyphens, as in "dc-ana" (at most 40).')
    return text


def _identifier(text: str) -> str:
    if re.search(r"\s", text):
        raise ValueError("An id on a chat platform holds no spaces.")
    return text


def _time(text: str) -> str:
    if not re.fullmatch(_TIME, text):
        raise ValueError('Write a local time with two digits each, as in "09:30".')
    return text


def _date(text: str) -> str:
    try:
        if not re.fullmatch(_DATE, text):
            raise ValueError  # noqa: TRY301 one sentence for both ways of being no date
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError('Write a date as in "2026-03-31".') from None


def _zone(text: str) -> str:
    WorkingCalendar(text)
    return text


def _weekday(text: str) -> str:
    if text.title() not in WEEKDAYS:
        raise ValueError('Write a weekday in full, as in "Monday".')
    return text.title()


def _factor(text: str) -> str:
    factor = factor_of(text) if re.fullmatch(_FACTOR, text) and len(text) <= 12 else None
    if factor is None or not 0 < factor <= 1:
        raise ValueError('Write a factor above 0 and at most 1, as in "1/2", "0.5" or "50%".')
    return text


def factor_of(text: str) -> Fraction:
    """Return the factor that "1/2", "0.5" or "50%" means."""
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _checkin_rule(text: str) -> str:
    rule = parse_rule(text)
    if rule.frequency is not Frequency.WEEKLY or rule.interval > 2:
        raise ValueError('A check-in recurs weekly or every two weeks, as in "FREQ=WEEKLY;BYDAY=TU".')
    return str(rule)


def _checkpoint_rule(text: str) -> str:
    rule = parse_rule(text)
    if rule.frequency is not Frequency.MONTHLY:
        raise ValueError('A checkpoint recurs every month or quarter, as in "FREQ=MONTHLY;INTERVAL=3;BYDAY=2WE".')
    return str(rule)


def _pattern(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": list(examples)})


Key = Annotated[str, AfterValidator(_key), _pattern(_KEY, "dc-ana")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_one_line)]
Label = Annotated[str, StringConstraints(max_length=120), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_identifier)]
Code = Annotated[str, StringConstraints(max_length=10)]
Time = Annotated[str, AfterValidator(_time), _pattern(_TIME, "09:30")]
Date = Annotated[
    str,
    AfterValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE}$", "examples": ["2026-03-31"]}),
]
Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})]
Weekday = Annotated[str, AfterValidator(_weekday), WithJsonSchema({"type": "string", "enum": list(WEEKDAYS)})]
Window = Annotated[str, AfterValidator(lambda text: str(parse_window(text))), _pattern(_WINDOW, "5d", "4h")]
Factor = Annotated[
    str,
    AfterValidator(_factor),
    WithJsonSchema({"type": ["string", "number"], "examples": ["1/2", 0.5, "50%"]}),
]
_rule_schema = WithJsonSchema({"type": "string", "examples": ["FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"]})
CheckinRule = Annotated[str, AfterValidator(_checkin_rule), _rule_schema]
PulseRule = Annotated[str, AfterValidator(lambda text: str(parse_rule(text))), _rule_schema]
CheckpointRule = Annotated[
    str,
    AfterValidator(_checkpoint_rule),
    WithJsonSchema({"type": "string", "examples": ["FREQ=MONTHLY;INTERVAL=3;BYDAY=2WE"]}),
]
