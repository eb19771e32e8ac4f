"""Intents about what is one person's own: their home, and what they have begun to write."""

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.permissions import Right
from handlers.intents import PersonIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHome(PersonIntent):
    """Wants the own home where the platform has it: Slack's Home tab, a card of its own in Teams."""

    right = Right.READ_STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHome(PersonIntent):
    """Wants to see how the own home looks by now."""

    right = Right.READ_STATUS
    only_reads = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft(PersonIntent):
    """Keeps what the asker is writing in a dialog, named by its token; without inputs, lets it go."""

    right = Right.READ_STATUS
    kept_secret = True
    form: str
    inputs: Mapping[str, str]
