"""Which token asks for which intent."""

from collections.abc import Callable, Mapping

from bot.actions import action_items, charters, checkins, checkpoints, escalations, people, pulses
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


def intent_of(token: str, inputs: Mapping[str, str]) -> PersonIntent:
    """Return what a press or a submit asks for; OldButton for an unknown token, InvalidInput for wrong inputs."""
    press = read(token, inputs)
    if press.action not in ACTIONS:
        raise OldButton
    return ACTIONS[press.action](press)
