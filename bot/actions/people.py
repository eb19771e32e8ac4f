"""What the buttons under the everyday answers ask for: status, home, help, away, privacy."""

from collections.abc import Callable, Mapping

from alliance.ids import CheckpointId, PulseId
from bot.actions.tokens import Press
from handlers.intents import (
    ForgetMe,
    ListActionItems,
    PersonIntent,
    SetAway,
    ShowCharter,
    ShowCheckpoint,
    ShowCounterparts,
    ShowDigest,
    ShowEscalation,
    ShowHelp,
    ShowPulse,
    ShowStatus,
    ShowStored,
)
from handlers.own_intents import ShowHome


def pulse(press: Press) -> ShowPulse:
    return ShowPulse(alliance_id=press.alliance_id, pulse_id=PulseId(press.argument(0)))


def checkpoint(press: Press) -> ShowCheckpoint:
    return ShowCheckpoint(alliance_id=press.alliance_id, checkpoint_id=CheckpointId(press.argument(0)))


def escalation(press: Press) -> ShowEscalation:
    return ShowEscalation(alliance_id=press.alliance_id, number=press.number(0))


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {
    "status.show": lambda press: ShowStatus(alliance_id=press.alliance_id),
    "status.who": lambda press: ShowCounterparts(alliance_id=press.alliance_id),
    "status.help": lambda press: ShowHelp(alliance_id=press.alliance_id),
    "status.back": lambda press: SetAway(alliance_id=press.alliance_id, until=None),
    "status.pulse": pulse,
    "status.checkpoint": checkpoint,
    "status.escalation": escalation,
    "status.charter": lambda press: ShowCharter(alliance_id=press.alliance_id),
    "status.digest": lambda press: ShowDigest(alliance_id=press.alliance_id),
    "home.show": lambda press: ShowHome(alliance_id=press.alliance_id),
    "status.actions": lambda press: ListActionItems(alliance_id=press.alliance_id),
    "privacy.show": lambda press: ShowStored(alliance_id=press.alliance_id),
    "privacy.ask-forget": lambda press: ForgetMe(alliance_id=press.alliance_id),
    "privacy.forget": lambda press: ForgetMe(alliance_id=press.alliance_id, confirmed=True),
}
