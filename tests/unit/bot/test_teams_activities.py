"""Reading activities: whatever comes, it is either read or called malformed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storable import storable
from bot.teams.activities import Malformed, Pressed, received_of

BOT = "28:liaison"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "type",
    "id",
    "name",
    "action",
    "from",
    "recipient",
    "conversation",
    "channelData",
    "value",
    "text",
    "entities",
    "membersAdded",
    "replyToId",
)


def make_activity(**more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1",
        "from": {"id": "29:mia", "aadObjectId": "mia"},
        "recipient": {"id": BOT},
        "conversation": {"id": "a:1", "conversationType": "personal"},
        "channelData": {"tenant": {"id": "t1"}},
        "serviceUrl": "https://smba.trafficmanager.net/teams/",
        **more,
    }


def mention(words: str, who: str = BOT) -> dict[str, Any]:
    return {"type": "mention", "text": words, "mentioned": {"id": who}}


@given(st.dictionaries(st.sampled_from(FIELDS), ANY_JSON))
def test_any_json_is_read_or_malformed(broken: dict[str, Any]) -> None:
    with suppress(Malformed):
        received = received_of(make_activity(**broken))
        assert received.kind
        assert received.tenant
        assert received.conversation


@pytest.mark.parametrize(
    ("text", "entities", "mentioned", "typed"),
    [
        ("<at>Liaison</at> status", [mention("<at>Liaison</at>")], True, "status"),
        ("<at>Liaison</at>&nbsp;status", [mention("<at>Liaison</at>")], True, "status"),
        ("raise for <at>Liaison</at> now", [mention("<at>Liaison</at>")], True, "raise for   now"),
        ("<at>Tom</at> status", [mention("<at>Tom</at>", "29:tom")], False, "<at>Tom</at> status"),
        ("<at>Liaison</at> status", [], False, "<at>Liaison</at> status"),
    ],
)
def test_only_the_mention_of_the_bot_itself_is_taken_out(
    text: str, entities: list[dict[str, Any]], mentioned: bool, typed: str
) -> None:
    received = received_of(make_activity(text=text, entities=entities))

    assert (received.mentioned, received.text) == (mentioned, typed)


@pytest.mark.parametrize(
    ("conversation", "personal"),
    [
        ({"id": "a:1", "conversationType": "personal"}, True),
        ({"id": "a:1"}, True),
        ({"id": "19:1", "isGroup": True}, False),
        ({"id": "19:1", "conversationType": "groupChat"}, False),
        ({"id": "19:1", "conversationType": "channel"}, False),
    ],
)
def test_a_chat_is_personal_only_where_nobody_else_reads(conversation: dict[str, Any], personal: bool) -> None:
    assert received_of(make_activity(conversation=conversation)).personal is personal


def test_the_tenant_may_stand_in_the_conversation_alone() -> None:
    received = received_of(make_activity(channelData={}, conversation={"id": "a:1", "tenantId": "t2"}))

    assert received.tenant == "t2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, {"token": "v1.a", "x": "1"}),
        ("task/fetch", {"data": {"token": "v1.a", "x": "1", "msteams": {"type": "task/fetch"}}}),
        ("task/submit", {"data": {"token": "v1.a", "x": 1, "y": {"no": "input"}, "z": None}}),
        ("adaptiveCard/action", {"action": {"verb": "v1.a", "data": {"x": "1"}}}),
        ("adaptiveCard/action", {"action": {"verb": "other", "data": {"token": "v1.a", "x": "1"}}}),
    ],
)
def test_a_press_is_read_from_wherever_it_stands(name: str | None, value: dict[str, Any]) -> None:
    assert received_of(make_activity(name=name, value=value)).pressed == Pressed("v1.a", {"x": "1"})


def test_an_activity_without_an_id_is_known_by_all_that_it_says() -> None:
    nameless = make_activity(text="status", timestamp="2026-02-02T15:30:00Z")
    del nameless["id"]

    again, later = received_of(nameless), received_of({**nameless, "timestamp": "2026-02-02T15:31:00Z"})

    assert received_of(nameless).once == again.once
    assert again.once != later.once
    assert again.id == ""


def test_inputs_are_text() -> None:
    value = {"token": "v1.a", "toggle": True, "number": 2.5, "several": ["a", "b"]}

    pressed = received_of(make_activity(value=value)).pressed

    assert pressed is not None
    assert pressed.inputs == {"toggle": "true", "number": "2.5", "several": "a,b"}


def test_the_order_of_inputs_makes_no_other_press() -> None:
    received = received_of(make_activity(replyToId="m1"))

    one, other = Pressed("v1.a", {"x": "1", "y": "2"}), Pressed("v1.a", {"y": "2", "x": "1"})

    assert received.same_press(one) == received.same_press(other)


@given(st.text(alphabet=st.characters(codec=None), max_size=20))
def test_clean_text_can_be_stored(text: str) -> None:
    made = storable(text)

    assert "\0" not in made
    assert made.encode().decode() == made
