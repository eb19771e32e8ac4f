"""Every dialog sent empty, over-long, with markup and with right-to-left text, as both platforms draw it again."""

from collections.abc import Mapping
from typing import Any

import pytest

from alliance.checkpoint import Checkpoint
from alliance.errors import InvalidInput
from alliance.ids import CheckpointId
from bot.actions.registry import DRAFTED, intent_of
from bot.actions.tokens import read
from bot.messages import escalation_examples as cases
from bot.messages import sample
from bot.messages.blocks import Choice, DateBox, Form, Scale, TextBox
from bot.messages.catalog import answer
from bot.messages.refill import BEGUN, form_as_message, refill, resumed
from bot.slack.answers import form_view
from bot.slack.decode import Asker
from bot.slack.limits import INPUT
from bot.slack.render import form_errors
from bot.slack.render import render as render_slack
from bot.teams.answers import dialog_answer
from handlers.action_items import ActionItemAsked
from handlers.charters import DeclineAsked
from handlers.checkpoint_decisions import DecisionAsked
from handlers.checkpoints import CheckpointForm
from handlers.escalation_forms import EscalationFormAsked, FormName, RaiseAsked
from handlers.intents import PersonIntent
from sandbox.slack.blockkit import complaints_about_blocks, complaints_about_view
from sandbox.teams import card_problems
from storage.workspaces import Workspace
from tests.fakes.builders import make_charter
from tests.fakes.messages import HOSTILE

CHECKPOINT = Checkpoint(CheckpointId("c1"), sample.ALLIANCE, 1, sample.NOW.date(), sample.NOW, sample.NEXT_WEEK)
ASKED = {
    "raise": RaiseAsked("", "", ""),
    **{
        name.value: EscalationFormAsked(name, cases.PROPOSED_CASE if name is FormName.DECLINE else cases.NEW)
        for name in FormName
    },
    "retrospective": CheckpointForm(CHECKPOINT, make_charter().criteria, None),
    "decision": DecisionAsked(CHECKPOINT, amends=False),
    "amendment": DecisionAsked(CHECKPOINT, amends=True),
    "action item": ActionItemAsked(CheckpointId("c1")),
    "decline a charter": DeclineAsked(2),
}
SLACK = Workspace(id="w", platform="slack", external_id="T0DC", name="DC")  # type: ignore[arg-type]
HARMFUL = (*HOSTILE, "\u202eevil\u202c", "\u2067שלום\u2069 <at>x</at>", "{{DATE(2026)}}", "x" * 5_000, "\0\x07")


def dialog(name: str) -> Form:
    form = answer(ASKED[name], sample.reader("cleo")).form
    assert isinstance(form, Form)
    return form


def boxes(form: Form) -> list[TextBox]:
    return [block for block in form.blocks if isinstance(block, TextBox)]


def filled(form: Form, text: str) -> Mapping[str, str]:
    return {block.name: text for block in form.blocks if isinstance(block, TextBox | Choice | DateBox | Scale)}


def sent_as(form: Form, inputs: Mapping[str, str]) -> PersonIntent | Mapping[str, str]:
    """What the dialog asks for with these inputs, or what is wrong with them by field."""
    try:
        return intent_of(form.token, inputs)
    except InvalidInput as refused:
        return refused.fields


def problems(form: Form) -> list[Any]:
    """What either platform would refuse of the dialog, or of the message that stands for it."""
    view = form_view(form, Asker(SLACK, "U1"))
    assert view is not None
    card = dialog_answer(form, opened_by="v1.a.b.c")["task"]["value"]["card"]["content"]
    blocks = [block for part in render_slack(form_as_message(form)) for block in part.blocks]
    return [*complaints_about_view(view, "modal"), *card_problems(card), *complaints_about_blocks(blocks)]


@pytest.mark.parametrize("name", ASKED)
def test_both_platforms_draw_it_with_anything_in_it_and_an_error_at_every_field(name: str) -> None:
    form = dialog(name)

    for text in HARMFUL:
        wrong = refill(form, filled(form, text), dict.fromkeys(filled(form, text), text))

        assert problems(wrong) == [], text
        assert problems(resumed(form, filled(form, text))) == [], text
        assert set(form_errors(wrong)) <= set(filled(form, text))
    assert problems(form) == []


@pytest.mark.parametrize("name", ASKED)
def test_sent_empty_it_is_refused_beside_a_field_or_asks_the_rules(name: str) -> None:
    form = dialog(name)
    sent = sent_as(form, {})

    assert sent if isinstance(sent, PersonIntent) else set(sent) <= set(filled(form, ""))


@pytest.mark.parametrize("name", ASKED)
def test_a_text_that_is_too_long_is_never_cut_short_unseen(name: str) -> None:
    form = dialog(name)
    for box in boxes(form):
        long = "y" * (max(box.longest, INPUT) + 1)
        sent = sent_as(form, {**filled(form, ""), box.name: long})
        if isinstance(sent, PersonIntent):
            # The rules refuse what is longer than they take, so it has to reach them longer than that.
            assert "y" * (box.longest + 1) in repr(sent), box.name
        else:
            assert box.name in sent


@pytest.mark.parametrize("name", ASKED)
def test_a_draft_of_it_is_kept_unless_there_is_nothing_to_write(name: str) -> None:
    form = dialog(name)

    assert (read(form.token).action in DRAFTED) is bool(boxes(form))


@pytest.mark.parametrize("name", ASKED)
def test_what_was_begun_stands_in_it_again_as_it_was_typed(name: str) -> None:
    form = dialog(name)
    draft = {box.name: f"{number} – שלום *b*" for number, box in enumerate(boxes(form))}

    again = resumed(form, draft)

    assert {box.name: box.written for box in boxes(again)} == draft
    assert (again == form) is (not draft)
    assert BEGUN not in refill(again, draft, {}).blocks
