"""What the buttons and dialogs of action items ask for."""

import datetime as dt
from collections.abc import Callable, Mapping

from alliance.errors import InvalidInput
from alliance.ids import CheckpointId
from bot.actions.tokens import Press
from handlers.intents import AskActionItem, DecideActionItem, FinishActionItem, ListActionItems, PersonIntent, TaskWords


def task_words(press: Press, suffix: str = "") -> TaskWords:
    """An action item as it was typed into inputs whose names end in `suffix`; it may be blank."""
    return TaskWords(
        title=press.at_most(f"title{suffix}", 150),
        owner=press.at_most(f"owner{suffix}"),
        due=_day(press, f"due{suffix}"),
    )


def _day(press: Press, name: str) -> dt.date | None:
    written = press.text(name)
    if not written:
        return None
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise InvalidInput({name: "Choose a date, like 2026-03-20."}) from None


def _checkpoint(press: Press) -> CheckpointId | None:
    return CheckpointId(press.argument(0)) if press.arguments else None


def ask(press: Press) -> AskActionItem:
    return AskActionItem(alliance_id=press.alliance_id, checkpoint_id=_checkpoint(press))


def decide(press: Press) -> DecideActionItem:
    return DecideActionItem(alliance_id=press.alliance_id, task=task_words(press), checkpoint_id=_checkpoint(press))


def done(press: Press) -> FinishActionItem:
    return FinishActionItem(alliance_id=press.alliance_id, number=press.number(0))


def done_listed(press: Press) -> FinishActionItem:
    return FinishActionItem(alliance_id=press.alliance_id, number=press.number(0), listed=True)


def list_open(press: Press) -> ListActionItems:
    return ListActionItems(alliance_id=press.alliance_id)


ACTIONS: Mapping[str, Callable[[Press], PersonIntent]] = {
    "action-item.ask": ask,
    "action-item.decide": decide,
    "action-item.done": done,
    "action-item.done-listed": done_listed,
    "action-item.list": list_open,
}
