"""Words that answer anybody at once: done already, refused, something broke."""

from collections.abc import Callable, Mapping
from typing import Any

from alliance.errors import AllianceError
from bot.messages.blocks import Message, paragraph
from bot.messages.reader import Reader
from bot.messages.template import Shown
from handlers.replies import AlreadyDone, Nothing, Reply


def said(sentence: str) -> Message:
    """One sentence as a message."""
    return Message(summary=sentence, blocks=(paragraph(sentence),))


def already_done(_reply: AlreadyDone, _reader: Reader) -> Shown:
    return Shown(message=said("That was already done, so nothing changed this time."))


def nothing(_reply: Nothing, _reader: Reader) -> Shown:
    return Shown()


def refused(error: AllianceError) -> Message:
    """Why something was not done, in the error's own sentence."""
    return said(error.sentence)


def broke(reference: str) -> Message:
    """A bug of ours: the operator finds it by the reference."""
    return said(f"Something broke here, and nothing was lost. If it happens again, tell your operator: {reference}.")


REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    AlreadyDone: already_done,
    Nothing: nothing,
}
