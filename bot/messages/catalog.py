"""Every notice and every reply with the template that words it."""

from collections.abc import Callable, Mapping
from typing import Any

from alliance.notices import Notice
from bot.messages import (
    action_items,
    charters,
    checkins,
    checkpoints,
    decisions,
    digests,
    escalations,
    home,
    people,
    pulses,
    readings,
    replies,
    warnings,
)
from bot.messages.blocks import Message
from bot.messages.reader import Reader
from bot.messages.template import Shown, Template
from handlers.replies import Reply

Templates = Mapping[type[Notice], Template[Any]]
Replies = Mapping[type[Reply], Callable[[Any, Reader], Shown]]

TEMPLATES: Templates = {
    **charters.TEMPLATES,
    **checkins.TEMPLATES,
    **pulses.TEMPLATES,
    **escalations.TEMPLATES,
    **checkpoints.TEMPLATES,
    **decisions.TEMPLATES,
    **action_items.TEMPLATES,
    **digests.TEMPLATES,
    **warnings.TEMPLATES,
    **people.TEMPLATES,
    **home.TEMPLATES,
}

REPLIES: Replies = {
    **replies.REPLIES,
    **charters.REPLIES,
    **checkins.REPLIES,
    **pulses.REPLIES,
    **escalations.REPLIES,
    **checkpoints.REPLIES,
    **decisions.REPLIES,
    **action_items.REPLIES,
    **digests.REPLIES,
    **people.REPLIES,
    **readings.REPLIES,
    **home.REPLIES,
}


def word(notice: Notice, reader: Reader) -> Message:
    """Say a notice to a reader."""
    message: Message = TEMPLATES[type(notice)].words(notice, reader)
    return message


def answer(reply: Reply, reader: Reader) -> Shown:
    """Say a reply to the one who asked."""
    return REPLIES[type(reply)](reply, reader)
