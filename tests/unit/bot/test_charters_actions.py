import pytest

from alliance.errors import InvalidInput
from alliance.ids import AllianceId
from bot.actions.registry import intent_of
from bot.actions.tokens import OldButton, token
from handlers.intents import AskDeclineCharter, DeclineCharter, ProposeCharter, ShowCharter, SignCharter

HERE = AllianceId("al1")


@pytest.mark.parametrize(
    ("action", "intent"),
    [
        ("charter.propose", ProposeCharter(alliance_id=HERE, version=3)),
        ("charter.sign", SignCharter(alliance_id=HERE, version=3)),
        ("charter.ask-decline", AskDeclineCharter(alliance_id=HERE, version=3)),
        ("charter.decline", DeclineCharter(alliance_id=HERE, version=3, reason="Why.")),
        ("charter.show", ShowCharter(alliance_id=HERE, version=3)),
    ],
)
def test_a_button_asks_for_what_it_says(action: str, intent: object) -> None:
    assert intent_of(token(action, HERE, 3), {"reason": " Why. "}) == intent


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "٣", "9" * 30])
@pytest.mark.parametrize(
    "action", ["charter.propose", "charter.sign", "charter.ask-decline", "charter.decline", "charter.show"]
)
def test_a_version_that_is_no_number_is_an_old_button(action: str, version: str) -> None:
    with pytest.raises(OldButton):
        intent_of(token(action, HERE, version), {"reason": "x"})


@pytest.mark.parametrize("action", ["charter.sign", "charter.propose", "charter.show"])
def test_a_token_without_a_version_is_an_old_button(action: str) -> None:
    with pytest.raises(OldButton):
        intent_of(token(action, HERE), {})


@pytest.mark.parametrize("reason", [None, "", "  \n "])
def test_declining_needs_a_reason(reason: str | None) -> None:
    inputs = {} if reason is None else {"reason": reason}

    with pytest.raises(InvalidInput) as refused:
        intent_of(token("charter.decline", HERE, 3), inputs)

    assert set(refused.value.fields) == {"reason"}


def test_a_reason_too_long_is_refused_beside_its_field_and_not_cut() -> None:
    with pytest.raises(InvalidInput) as refused:
        intent_of(token("charter.decline", HERE, 3), {"reason": "x" * 1_000_000})

    assert refused.value.fields == {"reason": "Please keep this to 2,000 characters."}
