"""Stored documents come back as the objects they were, also to a version that knows more than the one that wrote."""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from alliance.notices import CharterLapsed, Notice
from bot.messages.catalog import TEMPLATES
from handlers.intents import Intent
from handlers.registry import HANDLERS
from storage.codec import aware, decode, encode, notice_of
from tests.fakes.builders import ALLIANCE, DC, MC, make_charter_version, make_roster

EXAMPLES = [
    pytest.param(example, id=f"{kind.__name__}-{number}")
    for kind, template in TEMPLATES.items()
    for number, example in enumerate(template.examples, start=1)
]
INSTANTS = st.datetimes(timezones=st.just(dt.UTC))
# JSON knows neither; bot/actions takes only numbers that people write.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def stored(value: object) -> dict[str, Any]:
    """What a JSON column gives back."""
    found: dict[str, Any] = json.loads(json.dumps(encode(value)))
    return found


def made(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any object of a dataclass, its instants aware."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _value(hints[field.name]) for field in dataclasses.fields(kind)})


def _value(hint: Any) -> st.SearchStrategy[Any]:
    if hint is dt.datetime:
        return INSTANTS
    if hint == dt.datetime | None:
        return st.none() | INSTANTS
    if get_origin(hint) is Mapping:
        return st.dictionaries(*(st.from_type(part) for part in get_args(hint)), max_size=3)
    return st.from_type(hint)


@pytest.mark.parametrize("notice", EXAMPLES)
def test_every_notice_comes_back_as_it_was(notice: Notice) -> None:
    assert notice_of(type(notice).__name__, stored(notice)) == notice


@pytest.mark.parametrize("notice", EXAMPLES)
def test_a_notice_stored_before_a_field_was_added_takes_its_default(notice: Notice) -> None:
    for field in dataclasses.fields(notice):
        default = field.default if field.default is not dataclasses.MISSING else field.default_factory
        if default is dataclasses.MISSING:
            continue
        older = {name: value for name, value in stored(notice).items() if name != field.name}

        read = notice_of(type(notice).__name__, older)

        assert getattr(read, field.name) == (default() if callable(default) else default)


@pytest.mark.parametrize("kind", HANDLERS, ids=lambda kind: kind.__name__)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_intent_comes_back_as_it_was(kind: type[Intent], data: st.DataObject) -> None:
    intent = data.draw(made(kind))

    assert decode(kind, stored(intent)) == intent


def test_what_the_rules_keep_comes_back_as_it_was() -> None:
    for value in (make_roster(), make_charter_version()):
        assert decode(type(value), stored(value)) == value


def test_a_field_that_a_later_version_added_is_left_out() -> None:
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC, MC))

    assert notice_of("CharterLapsed", {**stored(notice), "invented_later": 1}) == notice


@pytest.mark.parametrize("broken", [{}, {"alliance_id": "al1"}, {"alliance_id": "al1", "version": "x", "missing": []}])
def test_what_does_not_fit_is_refused(broken: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        decode(CharterLapsed, dict(broken))


def test_a_notice_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        notice_of("Rumour", {})


def test_instants_are_kept_in_utc_and_fractions_whole() -> None:
    @dataclasses.dataclass(frozen=True)
    class Kept:
        at: dt.datetime
        part: Fraction

    local = dt.datetime(2026, 2, 2, 16, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    read = decode(Kept, stored(Kept(local, Fraction(1, 3))))

    assert aware(local) == dt.datetime(2026, 2, 2, 15, 30, tzinfo=dt.UTC)
    assert (read.at, read.part) == (local, Fraction(1, 3))
    with pytest.raises(ValueError, match="no time zone"):
        aware(local.replace(tzinfo=None))
