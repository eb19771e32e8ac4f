import pytest

from alliance.errors import InvalidInput
from alliance.ids import AllianceId, PulseId
from bot.actions.registry import intent_of
from bot.actions.tokens import OldButton, token
from handlers.intents import AnswerPulse, ShowPulse

ALLIANCE = AllianceId("al1")
SUBMIT = token("pulse.answer", ALLIANCE, "p1")


def test_a_submit_becomes_an_answer_with_its_ratings_and_comment() -> None:
    inputs = {"trust.we": "4", "trust.they": "2", "advocacy": "10", "comment": " Fine.\n"}

    assert intent_of(SUBMIT, inputs) == AnswerPulse(
        alliance_id=ALLIANCE,
        pulse_id=PulseId("p1"),
        ratings={"trust.we": 4, "trust.they": 2, "advocacy": 10},
        comment="Fine.",
    )


def test_the_button_to_change_an_answer_shows_the_round() -> None:
    assert intent_of(token("pulse.show", ALLIANCE, "p1"), {}) == ShowPulse(alliance_id=ALLIANCE, pulse_id=PulseId("p1"))


@pytest.mark.parametrize("typed", ["x", "4.5", "-1", "٣", "1e1", "999", "4; DROP TABLE pulses", "²"])
def test_what_is_no_number_is_named_beside_its_statement(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        intent_of(SUBMIT, {"trust.we": typed, "trust.they": "2"})

    assert refused.value.fields == {"trust.we": "Please choose a number from 1 to 5."}


def test_inputs_that_the_question_bank_does_not_know_are_left_aside() -> None:
    intent = intent_of(SUBMIT, {"trust.we": "4", "member": "ana", "__proto__": "1", "ratings": "{}"})

    assert isinstance(intent, AnswerPulse)
    assert intent.ratings == {"trust.we": 4}


def test_a_comment_of_a_megabyte_is_cut_down_to_what_the_rules_refuse() -> None:
    intent = intent_of(SUBMIT, {"comment": "x" * 1_000_000})

    assert isinstance(intent, AnswerPulse)
    assert len(intent.comment) == 1001


@pytest.mark.parametrize("made", ["v1.pulse.answer.al1", "v1.pulse.show.al1", "v1.pulse.close.al1.p1"])
def test_a_token_that_names_no_round_or_no_action_is_an_old_button(made: str) -> None:
    with pytest.raises(OldButton):
        intent_of(made, {"trust.we": "4"})
