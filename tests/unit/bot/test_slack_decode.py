"""What Slack sends, read."""

from typing import Any

import pytest

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.slack.decode import Asker, inputs_of, origin_of, press_key, token_of_form, token_of_press, typed, with_origin
from storage.workspaces import Workspace

ASKER = Asker(Workspace(WorkspaceId("w1"), Platform.SLACK, "T1", "DC"), "U1", channel="D1", message="1.2")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("status", "status"),
        ("  status \n", "status"),
        ("&lt;!channel&gt; &amp;amp; &lt;b&gt;", "<!channel> &amp; <b>"),
        ("<@U2> owns <#C3|launch>", "<@U2> owns #launch"),
        ("<@U2|bob>", "<@U2>"),
        ("see <https://a.example/x?y=1&amp;z=2>", "see https://a.example/x?y=1&z=2"),
        ("see <https://a.example|the page>", "see the page (https://a.example)"),
        ("see <http://a.example|a.example>", "see http://a.example"),
        ("ask <mailto:ann@dc.example|ann@dc.example>", "ask ann@dc.example"),
        ("<b>bold</b> a<b & c>d", "<b>bold</b> a<b & c>d"),
    ],
)
def test_what_was_typed_is_read_as_it_was_meant(text: str, read: str) -> None:
    assert typed(text) == read


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": "text"}, "text"),
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "radio_buttons", "selected_option": {"value": "red"}}, "red"),
        ({"type": "radio_buttons", "selected_option": None}, None),
        ({"type": "static_select", "selected_option": {"value": "17"}}, "17"),
        ({"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}, "a,b"),
        ({"type": "checkboxes", "selected_options": []}, None),
        ({"type": "datepicker", "selected_date": "2026-04-01"}, "2026-04-01"),
        ({"type": "timepicker", "selected_time": "09:30"}, "09:30"),
        ({"type": "users_select", "selected_user": "U2"}, "U2"),
        ({"type": "multi_users_select", "selected_users": ["U2", "U3"]}, "U2,U3"),
        ({"type": "something_new"}, None),
    ],
)
def test_every_kind_of_input_is_read_as_text(element: dict[str, Any], value: str | None) -> None:
    expected = {} if value is None else {"q1": value}

    assert inputs_of({"values": {"q1": {"q1": element}}}) == expected


@pytest.mark.parametrize(
    ("action", "token"),
    [
        ({"type": "button", "action_id": "v1.a.b.al", "value": "v1.a.b.al"}, "v1.a.b.al"),
        ({"type": "button", "action_id": "v1.a.b.al"}, "v1.a.b.al"),
        ({"type": "button", "action_id": "x", "url": "https://a.example"}, None),
        ({"type": "radio_buttons", "action_id": "color"}, None),
        ({}, None),
    ],
)
def test_only_a_button_has_a_token(action: dict[str, Any], token: str | None) -> None:
    assert token_of_press(action) == token


def test_a_form_remembers_where_it_was_opened() -> None:
    written = with_origin("v1.a.b.al1.7", ASKER)

    assert token_of_form({"private_metadata": written, "callback_id": "other"}) == "v1.a.b.al1.7"
    assert origin_of(written) == {"channel": "D1", "message": "1.2"}


def test_a_press_is_the_same_only_with_the_same_inputs_in_whatever_order() -> None:
    one = press_key(ASKER, "D1.1.2", "token", {"a": "1", "b": "2"})

    assert press_key(ASKER, "D1.1.2", "token", {"b": "2", "a": "1"}) == one
    assert press_key(ASKER, "D1.1.2", "token", {"a": "1", "b": "3"}) != one
    assert press_key(ASKER, "D1.1.3", "token", {"a": "1", "b": "2"}) != one
    assert press_key(ASKER, "D1.1.2", "other", {"a": "1", "b": "2"}) != one
