"""What the buttons of pulses ask for."""

from collections.abc import Callable, Mapping

from alliance.errors import InvalidInput
from alliance.ids import PulseId
from alliance.items import ITEMS
from alliance.pulse import COMMENT, LONGEST_COMMENT
from bot.actions.tokens import Press
from handlers.intents import AnswerPulse, PersonIntent, ShowPulse


def answer(press: Press) -> AnswerPulse:
    """Ratings are the inputs that the question bank knows; the rules say which of them the round asks."""
    ratings: dict[str, int] = {}
    problems: dict[str, str] = {}
    for key, item in ITEMS.items():
        if not (text := press.text(key, 10)):
            continue
        if text.isascii() and text.isdigit() and len(text) <= 2:
            ratings[key] = int(text)
        else:
            problems[key] = f"Please choose a number from {item.lowest} to {item.highest}."
    if problems:
        raise InvalidInput(problems)
    return AnswerPulse(
        alliance_id=press.alliance_id,
        pulse_id=PulseId(press.argument(0)),
        ratings=ratings,
        # One letter more than may stay, so that a comment that is too long is refused and not cut short.
        comment=press.text(COMMENT, LONGEST_COMMENT + 1),
    )


def show(press: Press) -> ShowPulse:
    return ShowPulse(alliance_id=press.alliance_id, pulse_id=PulseId(press.argument(0)))


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {"pulse.answer": answer, "pulse.show": show}
