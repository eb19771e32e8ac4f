"""Buttons and dialogs of the charter: propose, sign, decline, see the whole."""

from collections.abc import Callable, Mapping

from alliance.errors import InvalidInput
from bot.actions.tokens import Press
from handlers.intents import AskDeclineCharter, DeclineCharter, PersonIntent, ProposeCharter, ShowCharter, SignCharter


def propose(press: Press) -> PersonIntent:
    return ProposeCharter(alliance_id=press.alliance_id, version=press.number(0))


def sign(press: Press) -> PersonIntent:
    return SignCharter(alliance_id=press.alliance_id, version=press.number(0))


def ask_decline(press: Press) -> PersonIntent:
    return AskDeclineCharter(alliance_id=press.alliance_id, version=press.number(0))


def decline(press: Press) -> PersonIntent:
    reason = press.at_most("reason")
    if not reason:
        raise InvalidInput({"reason": "Say in a sentence or two what would have to change."})
    return DeclineCharter(alliance_id=press.alliance_id, version=press.number(0), reason=reason)


def show(press: Press) -> PersonIntent:
    return ShowCharter(alliance_id=press.alliance_id, version=press.number(0))


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {
    "charter.propose": propose,
    "charter.sign": sign,
    "charter.ask-decline": ask_decline,
    "charter.decline": decline,
    "charter.show": show,
}
