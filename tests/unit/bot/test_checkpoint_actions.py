"""What the buttons and the dialog of checkpoints ask for, whatever is typed into it or forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.checkpoint import LONGEST_ANSWER, CriterionRating, Standing
from alliance.errors import AllianceError, InvalidInput
from alliance.ids import AllianceId, CheckpointId
from bot.actions.checkpoints import NOT_A_NUMBER, TWO_READINGS, measured
from bot.actions.registry import intent_of
from bot.actions.tokens import OldButton, token
from handlers.intents import AnswerCheckpoint, ShowCheckpoint

AL = AllianceId("al1")
ANSWER = token("checkpoint.answer", AL, "cp")


def answered(**inputs: str) -> AnswerCheckpoint:
    intent = intent_of(ANSWER, {name.replace("__", ":"): text for name, text in inputs.items()})
    assert isinstance(intent, AnswerCheckpoint)
    return intent


def problems(**inputs: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as raised:
        answered(**inputs)
    return raised.value.fields


def test_the_button_asks_for_the_dialog_of_its_checkpoint() -> None:
    assert intent_of(token("checkpoint.show", AL, "cp"), {}) == ShowCheckpoint(
        alliance_id=AL, checkpoint_id=CheckpointId("cp")
    )


def test_the_dialog_becomes_an_answer() -> None:
    intent = answered(
        learned=" Ask earlier. ",
        skills="",
        standing__pilots="at risk",
        measured__pilots="12,5",
        standing__margin="cannot say",
    )

    assert intent.checkpoint_id == "cp"
    assert intent.answers == {"learned": "Ask earlier."}
    assert intent.ratings == (
        CriterionRating("pilots", Standing.AT_RISK, 12.5),
        CriterionRating("margin", None, None),
    )


def test_nothing_answered_is_said_beside_the_first_question() -> None:
    assert problems(standing__pilots="met") == {"went_well": "Please answer at least one of the six questions."}


def test_every_mistake_is_said_at_once() -> None:
    found = problems(learned="x" * (LONGEST_ANSWER + 1), measured__pilots="many", measured__margin="1,250")

    assert found == {
        "learned": "Please keep this to 2000 characters.",
        "measured:pilots": NOT_A_NUMBER,
        "measured:margin": TWO_READINGS,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("-3", -3),
        ("+0,125", 0.125),
        ("0.125", 0.125),
        ("1250", 1250),
    ],
)
def test_numbers_are_read_with_a_point_or_a_comma(text: str, value: float | None) -> None:
    assert measured(text) == value


@pytest.mark.parametrize(
    "text", ["ten", "1 250", "1.2.3", "1e9", "nan", "inf", "12 days", "٣", ",5", "5,", "1" * 13, "0x10"]
)
def test_what_is_no_number_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="such as 12 or"):
        measured(text)


@pytest.mark.parametrize("text", ["1,250", "1.250", "12,500", "-999.999"])
def test_what_can_be_read_in_two_ways_is_asked_again(text: str) -> None:
    with pytest.raises(ValueError, match="thousands separator"):
        measured(text)


@pytest.mark.parametrize("made", ["v1.checkpoint.answer.al1", "v1.checkpoint.show.al1", "v1.checkpoint.close.al1.cp"])
def test_forged_tokens_are_old_buttons(made: str) -> None:
    with pytest.raises(OldButton):
        intent_of(made, {"learned": "x"})


@given(st.dictionaries(st.one_of(st.sampled_from(["learned", "standing:", "measured:x"]), st.text()), st.text()))
def test_any_inputs_become_an_answer_or_a_refusal(inputs: dict[str, str]) -> None:
    try:
        intent = intent_of(ANSWER, inputs)
    except AllianceError:
        return

    assert isinstance(intent, AnswerCheckpoint)
    assert any(intent.answers.values())
    assert all(len(text) <= LONGEST_ANSWER for text in intent.answers.values())
