"""The words of checkpoints: what crosses, what is contested, who gets which buttons."""

import datetime as dt
from typing import Any

import pytest

from alliance.checkpoint import Checkpoint, CheckpointAnswer, CriterionRating, Standing
from alliance.ids import CheckpointId, MemberId
from alliance.notices import CheckpointClosed, CheckpointOpened, Notice
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Chart,
    Choice,
    Form,
    Message,
    Note,
    Quote,
    Table,
    Text,
    TextBox,
)
from bot.messages.catalog import answer, word
from bot.messages.checkpoints import TEMPLATES
from bot.messages.plain import render
from bot.messages.reader import Reader
from bot.messages.template import Template
from handlers.checkpoints import CheckpointAnswered, CheckpointCalled, CheckpointForm, CheckpointInvitation
from tests.fakes.builders import make_charter

EXAMPLES = [
    pytest.param(template, example, id=f"{kind.__name__}-{number}")
    for kind, template in TEMPLATES.items()
    for number, example in enumerate(template.examples, start=1)
]
CHANNEL = Reader(sample.ROSTER, None, sample.DC)


def make_checkpoint() -> Checkpoint:
    return Checkpoint(CheckpointId("c1"), sample.ALLIANCE, 1, dt.date(2026, 3, 5), sample.NOW, sample.NEXT_WEEK)


def retrospectives() -> tuple[CheckpointClosed, ...]:
    return TEMPLATES[CheckpointClosed].examples


def of_kind(message: Message, kind: type[Any]) -> list[Any]:
    return [block for block in message.blocks if isinstance(block, kind)]


def form_of(given: CheckpointAnswer | None) -> Form:
    shown = answer(CheckpointForm(make_checkpoint(), make_charter().criteria, given), sample.reader("ben"))
    assert shown.form is not None
    return shown.form


@pytest.mark.parametrize(("template", "example"), EXAMPLES)
def test_every_example_reads_in_plain_text(template: Template[Any], example: Notice) -> None:
    message = template.words(example, sample.reader("cleo"))

    assert message.summary
    assert "!" not in render(message)


@pytest.mark.parametrize("key", ["ben", "katrin", "dana", "mara"])
def test_both_companies_read_the_same_retrospective(key: str) -> None:
    for told in retrospectives():
        mine, theirs = (
            [block for block in word(told, sample.reader(reader)).blocks if not isinstance(block, Actions | Note)]
            for reader in (key, "lars")
        )
        assert mine == theirs


def test_the_invitation_says_what_crosses_and_that_there_are_no_names() -> None:
    (example,) = TEMPLATES[CheckpointOpened].examples

    shown = render(word(example, sample.reader("ben")))

    assert "both companies read what was written" in " ".join(shown.split())
    assert "without names" in " ".join(shown.split())


def test_what_is_contested_or_unmeasured_is_said_and_explained() -> None:
    message = word(retrospectives()[0], sample.reader("ben"))

    (table,) = of_kind(message, Table)
    assert table.columns == ("Criterion", "Target", "DC", "MC", "Together")
    assert table.rows[0] == (
        "Pilot customers",
        "at least 10 customers",
        "On course, 7",
        "At risk, 4",
        "contested",
    )
    assert table.rows[2][-2:] == ("not said", "unmeasured")
    assert "1 agreed, 1 contested, 1 unmeasured" in message.summary
    notes = [part.text for note in of_kind(message, Note) for part in note.line if isinstance(part, Text)]
    assert any(text.startswith("Contested: ") for text in notes)
    assert any(text.startswith("Unmeasured: ") for text in notes)


def test_only_what_both_measured_is_drawn_so_that_the_chart_can_be() -> None:
    (chart,) = of_kind(word(retrospectives()[0], sample.reader("ben")), Chart)

    assert chart.labels == ("Pilot customers", "Lead time")
    assert [series.name for series in chart.series] == ["DC", "MC", "Target"]
    assert set(chart.series[2].values) == {100}
    assert all(value is not None for series in chart.series for value in series.values)
    assert chart.series[1].values[0] == 40


def test_answers_stand_side_by_side_under_the_company_and_no_person() -> None:
    quotes = of_kind(word(retrospectives()[0], sample.reader("ben")), Quote)

    assert [quote.author for quote in quotes] == ["DC", "MC", "DC"]


@pytest.mark.parametrize(("reader", "has_button"), [("ben", True), ("lars", True), ("dana", True), ("ana", False)])
def test_who_holds_the_right_can_decide_an_action_item_from_it(reader: str, has_button: bool) -> None:
    buttons = of_kind(word(retrospectives()[0], sample.reader(reader)), Actions)

    assert bool(buttons) is has_button
    if has_button:
        offered = {button.token for button in buttons[0].buttons}
        assert {"v1.action-item.ask.sample.c1", "v1.checkpoint.ask-decision.sample.c1"} <= offered
        assert ("v1.checkpoint.ask-amendment.sample.c1" in offered) is (reader == "lars")


def test_a_company_that_left_a_question_open_is_named_too() -> None:
    notes = [
        part.text
        for n in of_kind(word(retrospectives()[0], sample.reader("ben")), Note)
        for part in n.line
        if isinstance(part, Text)
    ]

    assert "MC left this question open." in notes


def test_what_came_since_last_time_is_named_and_what_was_decided_comes_back() -> None:
    shown = " ".join(render(word(retrospectives()[0], sample.reader("ben"))).split())

    assert "Escalation 1, “Access to the site”: resolved" in shown
    assert "Action item 2, “Agree on one price list”: Katrin Vogel (MC), by 27 February 2026, overdue" in shown
    assert shown.index("Action item 2,") < shown.index("Action item 4,") < shown.index("Action item 1,")
    assert "Decided last time - One plan for both field teams" in shown


def test_a_channel_has_no_buttons() -> None:
    assert of_kind(word(retrospectives()[0], CHANNEL), Actions) == []


# --- the dialog and the replies ---------------------------------------------------------------------


def test_the_dialog_asks_six_questions_and_every_criterion_and_requires_none_of_them() -> None:
    form = form_of(None)

    boxes = [block for block in form.blocks if isinstance(block, TextBox)]
    choices = [block for block in form.blocks if isinstance(block, Choice)]
    assert [box.name for box in boxes] == [
        "went_well",
        "differently",
        "learned",
        "changed",
        "skills",
        "adapt",
        "measured:pilots",
        "measured:lead-time",
    ]
    assert [choice.name for choice in choices] == ["standing:pilots", "standing:lead-time"]
    assert [option.label for option in choices[0].options][-1] == "Cannot say"
    assert not any(box.required for box in boxes)
    assert not any(choice.required for choice in choices)
    assert form.token == "v1.checkpoint.answer.sample.c1"


def test_the_dialog_shows_what_was_answered_before() -> None:
    given = CheckpointAnswer(
        MemberId("ben"), sample.DC, {"learned": "Ask."}, (CriterionRating("pilots", Standing.AT_RISK, 12.5),)
    )

    blocks = {block.name: block for block in form_of(given).blocks if isinstance(block, TextBox | Choice)}

    learned, standing, measured = (blocks[n] for n in ("learned", "standing:pilots", "measured:pilots"))
    assert isinstance(learned, TextBox)
    assert learned.written == "Ask."
    assert isinstance(standing, Choice)
    assert standing.chosen == "at risk"
    assert isinstance(measured, TextBox)
    assert measured.written == "12.5"


def test_the_thanks_replace_the_invitation_and_keep_a_way_back() -> None:
    given = CheckpointAnswer(MemberId("ben"), sample.DC, {"learned": "Ask."}, ())

    shown = answer(CheckpointAnswered(make_checkpoint(), given), sample.reader("ben"))

    assert shown.replaces
    assert shown.message is not None
    assert "1 of 6 questions" in render(shown.message)
    assert "[Change my answer]" in render(shown.message)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (CheckpointCalled(sample.NEXT_WEEK, 10), "10 invitations to look back"),
        (CheckpointInvitation(make_checkpoint(), answered=False), "[Look back]"),
        (CheckpointInvitation(make_checkpoint(), answered=True), "you can change your answer until"),
    ],
)
def test_replies_say_what_happened(reply: Any, said: str) -> None:
    shown = answer(reply, sample.reader("cleo"))

    assert shown.message is not None
    assert said in " ".join(render(shown.message).split())
