"""A form comes back as it was sent, with each mistake beside its input; and fits into a message."""

import datetime as dt

from bot.messages.blocks import (
    Actions,
    Button,
    Choice,
    DateBox,
    Does,
    Form,
    Heading,
    Option,
    Scale,
    TextBox,
    Tone,
    paragraph,
)
from bot.messages.refill import form_as_message, refill

FORM = Form(
    "Check-in",
    (
        paragraph("How is it going?"),
        Scale("trust", "We can rely on them", 1, 5, "no", "yes", chosen=3),
        Choice("state", "State", (Option("ok", "On track"), Option("risk", "At risk")), chosen="ok"),
        TextBox("note", "Note", written="a draft of ours"),
        DateBox("until", "Until", chosen=dt.date(2026, 3, 1)),
    ),
    "v1.checkin.answer.al1.4",
)


def test_what_was_sent_is_shown_again() -> None:
    sent = {"trust": "5", "state": "risk", "note": "waiting\nfor the licence", "until": "2026-04-01"}

    again = refill(FORM, sent, {"note": "Please say who waits."})

    assert again.blocks == (
        paragraph("How is it going?"),
        Scale("trust", "We can rely on them", 1, 5, "no", "yes", chosen=5),
        Choice("state", "State", (Option("ok", "On track"), Option("risk", "At risk")), chosen="risk"),
        TextBox("note", "Note", written="waiting\nfor the licence"),
        DateBox("until", "Until", chosen=dt.date(2026, 4, 1)),
    )
    assert again.errors == (("note", "Please say who waits."),)
    assert (again.title, again.token, again.submit) == (FORM.title, FORM.token, FORM.submit)


def test_what_was_left_empty_stays_empty() -> None:
    _, scale, choice, text, date = refill(FORM, {}, {}).blocks

    assert isinstance(scale, Scale)
    assert isinstance(choice, Choice)
    assert isinstance(text, TextBox)
    assert isinstance(date, DateBox)
    assert (scale.chosen, choice.chosen, text.written, date.chosen) == (None, None, "", None)


def test_what_an_input_cannot_hold_is_left_out() -> None:
    sent = {"trust": "6", "state": "<b>", "until": "tomorrow", "unknown": "x"}

    _, scale, choice, _, date = refill(FORM, sent, {}).blocks

    assert isinstance(scale, Scale)
    assert isinstance(choice, Choice)
    assert isinstance(date, DateBox)
    assert (scale.chosen, choice.chosen, date.chosen) == (None, None, None)


def test_a_form_in_a_message_has_its_inputs_and_sends_them() -> None:
    message = form_as_message(FORM)

    send = Button("Send", FORM.token, Does.SUBMIT, Tone.PRIMARY)
    assert message.summary == "Check-in"
    assert message.blocks == (Heading("Check-in"), *FORM.blocks, Actions((send,)))
