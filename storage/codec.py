"""Frozen dataclasses to JSON and back, so that repositories store the rules' own objects."""

import datetime as dt
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from alliance import escalation_notices, notices
from alliance.notices import Notice

T = TypeVar("T")
Json = dict[str, Any]


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(type[Any], kind))


def encode(value: object) -> Json:
    """Return a dataclass as JSON types; instants become ISO 8601 text with their offset."""
    return cast(Json, _adapter(cast(Hashable, type(value))).dump_python(value, mode="json"))


def decode(kind: type[T], stored: Json) -> T:
    """Return the dataclass that `encode` made; fields added since then take their defaults.

    Raises pydantic.ValidationError when what is stored does not fit the class.
    """
    return cast(T, _adapter(cast(Hashable, kind)).validate_python(stored))


def decode_text(kind: type[T], stored: str) -> T:
    """Return what `decode` would of the same JSON as text: a third of the time where there are thousands of them."""
    return cast(T, _adapter(cast(Hashable, kind)).validate_json(stored))


@cache
def _notice_kinds() -> dict[str, type[Notice]]:
    modules = (notices, escalation_notices)
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return {kind.__name__: kind for kind in kinds if issubclass(kind, Notice)}


def notice_of(kind: str, stored: Json) -> Notice:
    """Return the notice that was stored under its class name."""
    return decode(_notice_kinds()[kind], stored)


def aware(instant: dt.datetime) -> dt.datetime:
    """The same instant in UTC; a naive one is a bug of ours and raises ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(dt.UTC)
