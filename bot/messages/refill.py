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
)


def refill(form: Form, inputs: Mapping[str, str], errors: Mapping[str, str]) -> Form:
    """The form as it was sent: every input as the person left it, each mistake beside its input.

    An input that was not sent was left empty; a value that its input cannot hold is left out.
    """
    blocks = tuple(_refilled(block, inputs) for block in form.blocks)
    return replace(form, blocks=blocks, errors=tuple(errors.items()))


def form_as_message(form: Form) -> Message:
    """The form as a message with its inputs in it, for places where no dialog can be opened."""
    send = Button(form.submit, form.token, Does.SUBMIT, Tone.PRIMARY)
    return Message(summary=form.title, blocks=(Heading(form.title), *form.blocks, Actions((send,))))


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
