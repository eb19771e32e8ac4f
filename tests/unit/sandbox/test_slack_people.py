import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import CannotFillIn, Message, NotThere
from sandbox.slack.delivery import MOST_RETRIES
from tests.fakes.slack_bot import ANN, BEN, BOT, TEAM, Office, asking, button, open_office, options

Json = dict[str, Any]

QUESTIONS: list[Json] = [
    asking("choice", {"type": "static_select", "action_id": "pick", "options": options("a", "b")}),
    asking(
        "radio",
        {"type": "radio_buttons", "action_id": "r", "options": options("x", "y")},
        dispatch_action=True,
    ),
    asking(
        "boxes",
        {
            "type": "checkboxes",
            "action_id": "c",
            "options": options("p", "q"),
            "initial_options": options("q"),
        },
    ),
    asking("words", {"type": "plain_text_input", "action_id": "w", "max_length": 20}),
    asking("day", {"type": "datepicker", "action_id": "d", "initial_date": "2026-03-09"}),
    asking("who", {"type": "users_select", "action_id": "u"}),
    {"type": "actions", "block_id": "go", "elements": [button("send", "1"), button("later", "2")]},
]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as office:
        yield office


async def _ask(office: Office, blocks: list[Json] = QUESTIONS, user: str = ANN) -> Message:
    await office.client.chat_postMessage(channel=user, text="Questions", blocks=blocks)
    return office.slack.inbox(TEAM, user)[-1]


def _catch_actions(office: Office) -> list[Json]:
    caught: list[Json] = []

    @office.app.action({"type": "block_actions", "action_id": "send"})
    async def take(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack()

    return caught


async def test_a_message_reaches_the_bot_signed_and_shaped_as_slack_does(office: Office) -> None:
    caught: asyncio.Queue[Json] = asyncio.Queue()

    @office.app.event("message")
    async def take(body: Json) -> None:
        await caught.put(body)

    delivered = await office.slack.say(TEAM, ANN, "status <now> & then")

    body = await asyncio.wait_for(caught.get(), 5)
    assert (delivered.status, office.refused) == (200, [])
    assert body["event"]["text"] == "status &lt;now&gt; &amp; then"
    assert (body["event"]["channel"], body["event"]["channel_type"], body["event"]["user"]) == (
        "D1ANN",
        "im",
        ANN,
    )
    assert body["event"]["blocks"][0]["elements"][0]["elements"] == [{"type": "text", "text": "status <now> & then"}]
    assert (body["team_id"], body["authorizations"][0]["user_id"]) == (TEAM, BOT)
    assert body["event_id"] == delivered.payload["event_id"]


async def test_a_signature_made_with_another_secret_is_refused_by_the_bot(office: Office) -> None:
    office.slack.delivery._signing_secret = "other"

    delivered = await office.slack.say(TEAM, ANN, "status")

    assert (delivered.status, delivered.failure, office.refused) == (401, "http_error", [401])


async def test_the_request_address_is_verified_by_a_challenge(office: Office) -> None:
    assert await office.slack.delivery.verify_url()


async def test_a_mention_in_a_shared_channel_names_the_guests_own_workspace(office: Office) -> None:
    caught: asyncio.Queue[Json] = asyncio.Queue()

    @office.app.event("app_mention")
    async def take(body: Json) -> None:
        await caught.put(body)

    await office.slack.say(TEAM, "U5GUEST", f"<@{BOT}> hello", channel_id="C1SHARED")

    body = await asyncio.wait_for(caught.get(), 5)
    assert body["is_ext_shared_channel"]
    assert body["event"]["user_team"] == "T2MC"


@pytest.mark.parametrize(
    ("user", "text", "channel"),
    [
        ("U5GUEST", "hi", None),
        (ANN, "no mention", "C1SHARED"),
        (BEN, f"<@{BOT}>", "C1SHARED"),
        ("U4GONE", "hi", None),
    ],
)
async def test_nobody_says_what_slack_would_not_carry(
    office: Office, user: str, text: str, channel: str | None
) -> None:
    with pytest.raises(NotThere):
        await office.slack.say(TEAM, user, text, channel_id=channel)


async def test_a_failed_event_is_retried_on_slacks_schedule_until_it_is_taken(office: Office) -> None:
    office.answer_with = 500
    first = await office.slack.say(TEAM, ANN, "status")

    retrying = asyncio.ensure_future(office.slack.retry_until_taken(first))
    waits = []
    for status in (500, 200):
        instant = await asyncio.wait_for(office.clock.somebody_sleeps(), 5)
        waits.append(instant - office.clock.now())
        office.answer_with = status
        office.clock.move_to(instant)
    last = await retrying

    assert waits == [dt.timedelta(minutes=1), dt.timedelta(minutes=5)]
    assert office.retries == ["1 http_error", "2 http_error", "3 http_error"]
    assert (last.status, last.retry_num) == (200, MOST_RETRIES)
    assert last.payload["event_id"] == first.payload["event_id"]


async def test_a_taken_event_can_come_again_but_never_a_fourth_time(office: Office) -> None:
    office.answer_with = 200
    delivered = await office.slack.say(TEAM, ANN, "status")

    for _ in range(MOST_RETRIES):
        delivered = await office.slack.redeliver(delivered)

    assert office.retries == ["1 http_timeout", "2 http_timeout", "3 http_timeout"]
    with pytest.raises(ValueError, match="three times"):
        await office.slack.redeliver(delivered)


async def test_a_bot_that_is_away_is_a_failed_connection(office: Office) -> None:
    office.slack.attach("http://127.0.0.1:9/slack/events")

    delivered = await office.slack.say(TEAM, ANN, "status")

    assert (delivered.status, delivered.failure, delivered.may_be_retried) == (0, "connection_failed", True)


async def test_a_press_sends_the_whole_state_of_the_message(office: Office) -> None:
    caught = _catch_actions(office)
    message = await _ask(office)
    values = {"choice/pick": "b", "r": "X", "boxes": ["p", "q"], "w": "Hello", "u": BEN}

    delivered = await office.slack.press(TEAM, ANN, message, "send", values=values)

    (body,) = caught
    assert delivered.is_taken
    assert body["state"]["values"] == {
        "choice": {
            "pick": {
                "type": "static_select",
                "selected_option": body["message"]["blocks"][0]["element"]["options"][1],
            }
        },
        "radio": {
            "r": {
                "type": "radio_buttons",
                "selected_option": body["message"]["blocks"][1]["element"]["options"][0],
            }
        },
        "boxes": {
            "c": {
                "type": "checkboxes",
                "selected_options": body["message"]["blocks"][2]["element"]["options"],
            }
        },
        "words": {"w": {"type": "plain_text_input", "value": "Hello"}},
        "day": {"d": {"type": "datepicker", "selected_date": "2026-03-09"}},
        "who": {"u": {"type": "users_select", "selected_user": BEN}},
    }
    assert body["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "D1ANN",
        "is_ephemeral": False,
    }
    (action,) = body["actions"]
    assert (action["type"], action["block_id"], action["value"]) == ("button", "go", "1")
    assert body["user"] == {"id": ANN, "username": "ann.ames", "name": "ann.ames", "team_id": TEAM}


async def test_untouched_elements_send_what_they_began_with(office: Office) -> None:
    caught = _catch_actions(office)

    await office.slack.press(TEAM, ANN, await _ask(office), "send")

    values = caught[0]["state"]["values"]
    assert values["choice"]["pick"]["selected_option"] is None
    assert [one["value"] for one in values["boxes"]["c"]["selected_options"]] == ["q"]
    assert values["words"]["w"]["value"] is None


async def test_choosing_in_an_element_that_dispatches_sends_the_choice(office: Office) -> None:
    caught: list[Json] = []

    @office.app.action("r")
    async def take(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack()

    await office.slack.press(TEAM, ANN, await _ask(office), "radio", value="y")

    assert caught[0]["actions"][0]["selected_option"]["value"] == "y"
    assert caught[0]["state"]["values"]["radio"]["r"]["selected_option"]["value"] == "y"


@pytest.mark.parametrize(
    ("action", "values", "failure"),
    [
        ("nothing", {}, NotThere),
        ("pick", {}, CannotFillIn),
        ("send", {"nothing": "x"}, NotThere),
        ("send", {"pick": "z"}, CannotFillIn),
        ("send", {"w": "x" * 21}, CannotFillIn),
        ("send", {"d": "soon"}, ValueError),
        ("send", {"u": "U9"}, NotThere),
        ("send", {"pick": ["a", "b"]}, CannotFillIn),
    ],
)
async def test_what_the_client_would_not_allow_is_not_sent(
    office: Office, action: str, values: dict[str, Any], failure: type[Exception]
) -> None:
    message = await _ask(office)

    with pytest.raises(failure):
        await office.slack.press(TEAM, ANN, message, action, values=values)

    assert len(office.slack.delivery.log) == 0


async def test_only_who_sees_a_message_can_press_in_it(office: Office) -> None:
    message = await _ask(office)

    with pytest.raises(NotThere, match="does not see"):
        await office.slack.press(TEAM, BEN, message, "send")


async def test_an_old_button_can_be_pressed_by_a_client_that_missed_the_update(office: Office) -> None:
    caught = _catch_actions(office)
    message = await _ask(office)
    await office.client.chat_update(channel="D1ANN", ts=message.ts, text="Done")

    with pytest.raises(NotThere):
        await office.slack.press(TEAM, ANN, message, "send")
    await office.slack.press(TEAM, ANN, message.as_it_was(0), "send")

    assert caught[0]["message"]["ts"] == message.ts


async def test_of_several_buttons_with_one_name_the_value_says_which(office: Office) -> None:
    caught = _catch_actions(office)
    rows: list[Json] = [{"type": "actions", "elements": [button("send", value)]} for value in ("1", "2")]

    await office.slack.press(TEAM, ANN, await _ask(office, rows), "send", value="2")

    assert caught[0]["actions"][0]["value"] == "2"
    with pytest.raises(NotThere):
        await office.slack.press(TEAM, ANN, office.slack.inbox(TEAM, ANN)[-1], "send", value="3")


async def test_a_guest_presses_as_a_member_of_another_workspace(office: Office) -> None:
    caught = _catch_actions(office)
    await office.client.chat_postMessage(channel="C1SHARED", text="x", blocks=QUESTIONS)
    (message,) = office.slack.messages(TEAM, "C1SHARED")

    await office.slack.press(TEAM, "U5GUEST", message, "send")

    assert (caught[0]["user"]["team_id"], caught[0]["team"]["id"]) == ("T2MC", TEAM)


async def test_an_ephemeral_message_is_named_but_not_shown_to_the_bot(office: Office) -> None:
    caught = _catch_actions(office)
    await office.client.chat_postEphemeral(channel="C1SHARED", user=ANN, text="x", blocks=QUESTIONS)
    (message,) = office.slack.messages(TEAM, "C1SHARED")

    await office.slack.press(TEAM, ANN, message, "send")

    assert caught[0]["container"]["is_ephemeral"]
    assert "message" not in caught[0]


async def test_taking_the_app_out_tells_the_bot_twice_and_kills_its_token(office: Office) -> None:
    office.answer_with = 200
    await office.slack.uninstall(TEAM)

    told = [one.payload["event"]["type"] for one in office.slack.delivery.log]
    assert told == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await office.client.auth_test()


async def test_a_deactivated_person_is_announced_and_does_nothing_more(office: Office) -> None:
    office.answer_with = 200
    delivered = await office.slack.deactivate(TEAM, ANN)

    assert delivered.payload["event"]["user"]["deleted"]
    with pytest.raises(NotThere):
        await office.slack.say(TEAM, ANN, "hello?")
