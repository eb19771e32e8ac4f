"""Forms a second time: filled in again after a mistake, or as a message where no dialog can be opened."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Chart,
    Choice,
    DateBox,
    Does,
    Facts,
    Form,
    Heading,
    Message,
    Note,
    Paragraph,
    Progress,
    Quote,
    Rule,
    Scale,
    Table,
    TextBox,
    Tone,
    note,
)

BEGUN = note("You began this earlier and did not send it. It was kept for you alone; change it as you like.")
SHORTEST_WORDS = 12
"""Letters; what is shorter is a choice or a date, and quickly given again."""


def resumed(form: Form, draft: Mapping[str, str]) -> Form:
    """The form as its draft left it, and a word about why it is filled in; as it is without a draft."""
    if not draft:
        return form
    found = refill(form, draft, {})
    return replace(found, blocks=(BEGUN, *found.blocks))


def with_words(message: Message, inputs: Mapping[str, str]) -> Message:
    """A refusal with what the person had written, so that none of it is lost with the dialog that closed."""
    words = tuple(Quote(text) for text in inputs.values() if len(text.strip()) >= SHORTEST_WORDS)
    if not words:
        return message
    return replace(message, blocks=(*message.blocks, note("What you wrote is not lost:"), *words))


def refill(form: Form, inputs: Mapping[str, str], errors: Mapping[str, str]) -> Form:
    """The form as it was sent: every input as the person left it, each mistake beside its input.

    An input that was not sent was left empty; a value that its input cannot hold is left out.
    """
    blocks = tuple(_refilled(block, inputs) for block in form.blocks if block != BEGUN)
    return replace(form, blocks=blocks, errors=tuple(errors.items()))


def form_as_message(form: Form) -> Message:
    """The form as a message with its inputs in it, for places where no dialog can be opened."""
    send = Button(form.submit, form.token, Does.SUBMIT, Tone.PRIMARY)
    return Message(summary=form.title, blocks=(Heading(form.title), *form.blocks, Actions((send,))))


def message_as_form(message: Message) -> Form | None:
    """A message with inputs in it as a dialog, for buttons that open one; None when it asks for nothing."""
    sends = [
        button
        for block in message.blocks
        if isinstance(block, Actions)
        for button in block.buttons
        if button.does is Does.SUBMIT
    ]
    if not sends:
        return None
    title = next((block.text for block in message.blocks if isinstance(block, Heading)), message.summary)
    shown = tuple(block for block in message.blocks if not isinstance(block, Heading | Actions))
    return Form(title, shown, sends[0].token, sends[0].label)


def _refilled(block: Block, inputs: Mapping[str, str]) -> Block:
    match block:
        case Scale():
            return replace(block, chosen=_step(block, inputs.get(block.name, "")))
        case Choice():
            sent = inputs.get(block.name)
            known = any(option.value == sent for option in block.options)
            return replace(block, chosen=sent if known else None)
        case TextBox():
            return replace(block, written=inputs.get(block.name, ""))
        case DateBox():
            return replace(block, chosen=_day(inputs.get(block.name, "")))
        case Heading() | Paragraph() | Note() | Quote() | Facts() | Bullets() | Table() | Chart():
            return block
        case Progress() | Rule() | Actions():
            return block
        case _:
            assert_never(block)


def _step(scale: Scale, sent: str) -> int | None:
    steps = {str(step): step for step in range(scale.lowest, scale.highest + 1)}
    return steps.get(sent)


def _day(sent: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(sent)
    except ValueError:
        return None
