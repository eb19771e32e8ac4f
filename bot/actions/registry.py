"""Which token asks for which intent."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.actions import action_items, charters, checkins, checkpoints, escalations, people, pulses, tokens
from bot.actions.tokens import OldButton, Press, read
from handlers.intents import PersonIntent

ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {
    **charters.ACTIONS,
    **checkins.ACTIONS,
    **pulses.ACTIONS,
    **escalations.ACTIONS,
    **checkpoints.ACTIONS,
    **action_items.ACTIONS,
    **people.ACTIONS,
}


HOME = ("home.do", "home.ask")
"""Buttons of a home: they name another action, and whatever answers it leaves the home where it is."""


DRAFTED = frozenset(
    {
        "action-item.decide",
        "charter.decline",
        "checkpoint.amend",
        "checkpoint.answer",
        "checkpoint.decide",
        "escalation.decline",
        "escalation.move-up",
        "escalation.progress",
        "escalation.propose",
        "escalation.raise",
        "escalation.raise-warning",
        "escalation.statement",
        "escalation.withdraw",
    }
)
"""Dialogs of which a draft is kept until they are sent. A pulse is none: nothing of an answer is kept by name."""


def keeps_draft(token: str) -> bool:
    """Whether a draft is kept of the dialog that is sent with this token."""
    try:
        return read(token).action in DRAFTED
    except OldButton:
        return False


def is_of_home(token: str) -> bool:
    """Whether the button stands in a home."""
    try:
        return read(token).action in HOME
    except OldButton:
        return False


def within_home(press: Press) -> Press:
    """The press of what a home's button names; any other press as it is."""
    if press.action not in HOME:
        return press
    return replace(press, action=press.argument(0), arguments=press.arguments[1:], at_home=True)


def at_home(made: str) -> str:
    """The same token, as a home's dialog carries it."""
    pressed = read(made)
    return tokens.token("home.do", pressed.alliance_id, pressed.action, *pressed.arguments)


def intent_of(token: str, inputs: Mapping[str, str]) -> PersonIntent:
    """Return what a press or a submit asks for; OldButton for an unknown token, InvalidInput for wrong inputs."""
    press = within_home(read(token, inputs))
    if press.action not in ACTIONS:
        raise OldButton
    return ACTIONS[press.action](press)
