"""What was decided after a checkpoint, in words: the same for both companies, with a next step for an amendment."""

import pytest

from alliance.checkpoint import Checkpoint, Decision
from alliance.ids import CheckpointId, MemberId
from alliance.notices import DecisionRecorded
from bot.actions.registry import intent_of
from bot.messages import sample
from bot.messages.blocks import Actions, Form, TextBox
from bot.messages.catalog import answer, word
from bot.messages.decisions import TEMPLATES
from bot.messages.plain import render
from handlers.checkpoint_decisions import DecisionAsked, DecisionKept
from handlers.decision_intents import AskAmendment, ProposeAmendment, RecordDecision
from tests.fakes.calendars import day

DECIDED, AMENDS, DRAFTED = TEMPLATES[DecisionRecorded].examples
CHECKPOINT = Checkpoint(CheckpointId("c1"), sample.ALLIANCE, 1, day("2026-03-05"), sample.NOW, sample.NOW)


@pytest.mark.parametrize("notice", [DECIDED, AMENDS])
def test_both_companies_read_the_same(notice: DecisionRecorded) -> None:
    assert render(word(notice, sample.reader("ben"))) == render(word(notice, sample.reader("katrin")))


def test_an_amendment_says_how_it_goes_on_and_a_waiting_draft_can_be_proposed() -> None:
    assert "a new version" in " ".join(render(word(AMENDS, sample.reader("cleo"))).split())
    for key, able in (("cleo", True), ("lars", True), ("ben", False), ("dana", False)):
        offered = [block for block in word(DRAFTED, sample.reader(key)).blocks if isinstance(block, Actions)]
        assert bool(offered) is able


@pytest.mark.parametrize(("amends", "wanted"), [(False, RecordDecision), (True, ProposeAmendment)])
def test_the_dialog_sends_what_the_handler_reads(amends: bool, wanted: type) -> None:
    form = answer(DecisionAsked(CHECKPOINT, amends), sample.reader("cleo")).form
    assert isinstance(form, Form)
    (box,) = [block for block in form.blocks if isinstance(block, TextBox)]

    intent = intent_of(form.token, {box.name: "Words."})

    assert isinstance(intent, wanted)
    assert intent.checkpoint_id == "c1"  # type: ignore[attr-defined]
    assert "Words." in str(intent)


def test_the_button_for_an_amendment_asks_for_its_dialog() -> None:
    assert intent_of("v1.checkpoint.ask-amendment.sample.c1", {}) == AskAmendment(
        alliance_id=sample.ALLIANCE, checkpoint_id=CheckpointId("c1")
    )


def test_who_records_it_twice_is_told_so() -> None:
    decision = Decision("Words.", MemberId("ben"), sample.NOW)

    replies = [answer(DecisionKept(decision, again), sample.reader("ben")).message for again in (False, True)]

    assert replies[0] is not None
    assert replies[1] is not None
    assert "both companies are told" in replies[0].summary
    assert "nobody is told twice" in replies[1].summary
