import pytest

from sandbox.teams import PersonCannot, buttons, fill, find_button
from sandbox.teams.forms import Filled
from tests.fakes.teams_bot import Json, make_card

CHOICES = [{"title": "Low", "value": "1"}, {"title": "High", "value": "5"}]
SEND = {
    "type": "Action.Execute",
    "title": "Send",
    "verb": "send",
    "data": {"token": "v1.a", "note": "from data"},
}
CARD = make_card(
    {"type": "Input.Text", "id": "note", "maxLength": 5, "regex": "^[a-z]*$"},
    {
        "type": "Input.ChoiceSet",
        "id": "score",
        "choices": CHOICES,
        "isRequired": True,
        "errorMessage": "Pick one",
    },
    {"type": "Input.ChoiceSet", "id": "many", "choices": CHOICES, "isMultiSelect": True},
    {"type": "Input.Toggle", "id": "ok", "title": "Ok", "valueOn": "yes", "valueOff": "no"},
    {"type": "Input.Number", "id": "days", "min": 1, "max": 5, "value": 2},
    {"type": "Input.Date", "id": "due"},
    actions=[SEND],
)


def press(inputs: Filled, *, force: bool = False) -> Json:
    sent: Json = fill(find_button(CARD, "Action.Execute", "send"), inputs, force=force)
    return sent


def test_the_data_is_sent_with_the_inputs_over_it_as_strings_and_empty_ones_left_out() -> None:
    sent = press({"score": "5", "many": ["1", "5"], "ok": True, "days": 3, "note": "abc"})

    assert sent == {"token": "v1.a", "note": "abc", "score": "5", "many": "1,5", "ok": "yes", "days": "3"}


def test_inputs_not_touched_send_what_they_showed() -> None:
    assert press({"score": "1"}) == {
        "token": "v1.a",
        "note": "from data",
        "score": "1",
        "ok": "no",
        "days": "2",
    }


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({}, "Pick one"),
        ({"score": "3"}, "not one of its choices"),
        ({"score": "1", "many": ["1", "9"]}, "not one of its choices"),
        ({"score": "1", "note": "abcdef"}, "longer than 5"),
        ({"score": "1", "note": "ABC"}, "does not match"),
        ({"score": "1", "days": 6}, "out of range"),
        ({"score": "1", "days": "two"}, "not a number"),
        ({"score": "1", "due": "Friday"}, "not a date"),
        ({"score": "1", "ok": "maybe"}, "a toggle cannot be"),
        ({"score": "1", "ghost": "x"}, "no input ghost"),
    ],
)
def test_the_client_refuses_what_an_input_cannot_hold(inputs: Filled, why: str) -> None:
    with pytest.raises(PersonCannot, match=why):
        press(inputs)


def test_a_forged_client_sends_anything() -> None:
    sent = press({"score": "3", "ghost": "x", "days": 99}, force=True)

    assert (sent["score"], sent["ghost"], sent["days"]) == ("3", "x", "99")


def test_a_button_is_found_by_verb_title_id_or_part_of_its_data() -> None:
    card = make_card(
        actions=[
            {"type": "Action.Execute", "id": "one", "title": "First", "verb": "go", "data": {"n": 1, "x": 0}},
            {
                "type": "Action.Execute",
                "id": "two",
                "title": "Second",
                "verb": "go",
                "data": {"n": 2, "x": 0},
            },
        ]
    )

    assert find_button(card, "Action.Execute", "two").action["title"] == "Second"
    assert find_button(card, "Action.Execute", "First").action["id"] == "one"
    assert find_button(card, "Action.Execute", {"n": 2}).action["id"] == "two"
    with pytest.raises(PersonCannot, match=r"2 Action\.Execute"):
        find_button(card, "Action.Execute", "go")
    with pytest.raises(PersonCannot, match=r"no Action\.Submit"):
        find_button(card, "Action.Submit", "one")


def test_disabled_buttons_and_fallbacks_cannot_be_pressed() -> None:
    fallback = {"type": "Action.Submit", "title": "Old"}
    card = make_card(actions=[{**SEND, "fallback": fallback}, {**SEND, "verb": "later", "isEnabled": False}])

    assert [button.action["verb"] for button in buttons(card)] == ["send"]


def test_a_button_on_an_inner_card_sends_the_inputs_of_both_and_the_outer_one_only_its_own() -> None:
    inner = {"type": "AdaptiveCard", "body": [{"type": "Input.Text", "id": "b", "value": "2"}]}
    inner["actions"] = [{"type": "Action.Submit", "title": "Inner"}]
    card = make_card(
        {"type": "Input.Text", "id": "a", "value": "1"},
        actions=[{"type": "Action.ShowCard", "card": inner}, {"type": "Action.Submit", "title": "Outer"}],
    )

    assert fill(find_button(card, "Action.Submit", "Inner"), {}) == {"a": "1", "b": "2"}
    assert fill(find_button(card, "Action.Submit", "Outer"), {}) == {"a": "1"}


def test_a_button_without_associated_inputs_sends_its_data_alone() -> None:
    card = make_card(
        {"type": "Input.Text", "id": "a", "isRequired": True},
        actions=[{"type": "Action.Submit", "title": "Skip", "associatedInputs": "none", "data": {"k": 1}}],
    )

    assert fill(find_button(card, "Action.Submit", "Skip"), {}) == {"k": 1}
