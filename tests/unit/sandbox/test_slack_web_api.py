import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Change, MessageChanged
from tests.fakes.slack_bot import (
    ANN,
    APP_TOKEN,
    BEN,
    BOT,
    START,
    TEAM,
    TOKEN,
    Office,
    button,
    open_office,
    plain,
)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as office:
        yield office


async def _error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as refusal:
        await call
    body: dict[str, Any] = refusal.value.response.data
    return body


async def test_a_post_to_a_person_opens_the_direct_conversation_and_is_in_the_inbox(office: Office) -> None:
    posted = await office.client.chat_postMessage(channel=ANN, text="Hello", blocks=[{"type": "divider"}])

    (message,) = office.slack.inbox(TEAM, ANN)
    assert posted["channel"] == message.channel_id == "D1ANN"
    assert posted["ts"] == message.ts == f"{int(START.timestamp())}.000000"
    assert posted["message"]["blocks"][0]["block_id"]
    assert office.slack.accepted["chat.postMessage"] == 1


async def test_a_ts_is_never_given_twice_in_a_conversation(office: Office) -> None:
    stamps = [(await office.client.chat_postMessage(channel=ANN, text="x"))["ts"] for _ in range(3)]

    assert len(set(stamps)) == 3
    assert stamps == sorted(stamps)


async def test_get_form_and_json_say_the_same(office: Office) -> None:
    address = f"{office.slack.base_url}/api/chat.postMessage"
    blocks = [{"type": "divider"}]
    said = {"token": TOKEN, "channel": ANN, "text": "x", "blocks": json.dumps(blocks)}
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    async with aiohttp.ClientSession() as session:
        answers = [
            await (await session.get(address, params=said)).json(),
            await (await session.post(address, data=said)).json(),
            await (
                await session.post(address, json={"channel": ANN, "text": "x", "blocks": blocks}, headers=bearer)
            ).json(),
        ]

    assert [answer["ok"] for answer in answers] == [True, True, True]
    assert [len(message.blocks or []) for message in office.slack.inbox(TEAM, ANN)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("token", "error"),
    [(None, "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")],
)
async def test_a_caller_without_the_right_token_is_refused(office: Office, token: str | None, error: str) -> None:
    client = AsyncWebClient(token, base_url=office.client.base_url)

    assert (await _error_of(client.auth_test()))["error"] == error


async def test_the_tokens_of_a_workspace_that_took_the_app_out_are_dead(office: Office) -> None:
    office.slack.revoke(TEAM)

    assert (await _error_of(office.client.auth_test()))["error"] == "account_inactive"


async def test_auth_test_says_who_the_bot_is(office: Office) -> None:
    answer = await office.client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (TEAM, BOT, "B0BOT")


async def test_an_unknown_method_is_named(office: Office) -> None:
    assert await _error_of(office.client.api_call("chat.shout")) == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.shout",
    }


POSTS_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"channel": "C9", "text": "x"}, "channel_not_found"),
    ({"channel": "C2CLOSED", "text": "x"}, "not_in_channel"),
    ({"channel": "U9", "text": "x"}, "channel_not_found"),
    ({"channel": "U3ROBOT", "text": "x"}, "cannot_dm_bot"),
    ({"channel": "U5GUEST", "text": "x"}, "channel_not_found"),
    ({"channel": ANN, "text": ""}, "no_text"),
    ({"channel": ANN, "blocks": "[{"}, "invalid_blocks_format"),
    ({"channel": ANN, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    ({"channel": ANN, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ({"text": "x"}, "invalid_arguments"),
]


@pytest.mark.parametrize(("arguments", "error"), POSTS_REFUSED)
async def test_a_post_slack_would_refuse_is_refused_and_leaves_nothing(
    office: Office, arguments: dict[str, Any], error: str
) -> None:
    answer = await _error_of(office.client.api_call("chat.postMessage", json=arguments))

    assert answer["error"] == error
    assert office.slack.inbox(TEAM, ANN) == []
    assert office.slack.accepted["chat.postMessage"] == 0


async def test_bad_blocks_are_refused_with_their_places(office: Office) -> None:
    bad = [{"type": "header", "text": plain("h" * 151)}]

    answer = await _error_of(office.client.chat_postMessage(channel=ANN, text="x", blocks=bad))

    complaint = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [complaint]
    assert answer["response_metadata"] == {"messages": [f"[ERROR] {complaint}"]}


async def test_a_second_table_in_a_message_is_refused(office: Office) -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}

    answer = await _error_of(office.client.chat_postMessage(channel=ANN, text="x", blocks=[table, table]))

    assert answer["error"] == "invalid_attachments"


async def test_a_very_long_text_is_cut_with_a_warning(office: Office) -> None:
    answer = await office.client.chat_postMessage(channel=ANN, text="x" * 40_001)

    assert answer["warning"] == "message_truncated"
    assert len(office.slack.inbox(TEAM, ANN)[0].text) == 40_000


async def test_a_message_is_updated_in_place_and_keeps_what_it_showed(office: Office) -> None:
    posted = await office.client.chat_postMessage(channel=ANN, text="One", blocks=[{"type": "divider"}])

    await office.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Two")

    (message,) = office.slack.inbox(TEAM, ANN)
    assert (message.text, message.blocks) == ("Two", None)
    assert [version.text for version in message.earlier] == ["One"]
    assert message.as_it_was(0).blocks == posted["message"]["blocks"]


async def test_an_update_with_blocks_alone_keeps_the_text(office: Office) -> None:
    posted = await office.client.chat_postMessage(channel=ANN, text="One")

    arguments = {"channel": posted["channel"], "ts": posted["ts"], "blocks": [{"type": "divider"}]}
    await office.client.api_call("chat.update", json=arguments)

    assert office.slack.inbox(TEAM, ANN)[0].text == "One"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"ts": "1.000001", "text": "x"}, "message_not_found"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({}, "no_text"),
        ({"channel": ANN, "text": "x"}, "channel_not_found"),
    ],
)
async def test_an_update_slack_would_refuse_changes_nothing(office: Office, change: dict[str, Any], error: str) -> None:
    posted = await office.client.chat_postMessage(channel=ANN, text="One")
    arguments = {"channel": posted["channel"], "ts": posted["ts"], **change}

    answer = await _error_of(office.client.api_call("chat.update", json=arguments))

    assert answer["error"] == error
    assert office.slack.inbox(TEAM, ANN)[0].text == "One"


async def test_what_a_person_wrote_cannot_be_updated(office: Office) -> None:
    await office.slack.say(TEAM, ANN, "mine")
    (typed,) = office.slack.messages(TEAM, "D1ANN")

    answer = await _error_of(office.client.chat_update(channel="D1ANN", ts=typed.ts, text="yours"))

    assert answer["error"] == "cant_update_message"


async def test_a_deleted_message_is_gone_for_everybody(office: Office) -> None:
    posted = await office.client.chat_postMessage(channel=ANN, text="One")
    await office.client.chat_delete(channel=posted["channel"], ts=posted["ts"])

    again = office.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="x")

    assert (await _error_of(again))["error"] == "message_not_found"
    assert office.slack.inbox(TEAM, ANN) == []


async def test_an_ephemeral_message_is_seen_by_one_and_not_updatable(office: Office) -> None:
    posted = await office.client.chat_postEphemeral(channel="C1SHARED", user=ANN, text="psst")
    update = office.client.chat_update(channel="C1SHARED", ts=posted["message_ts"], text="x")

    (message,) = office.slack.messages(TEAM, "C1SHARED")
    assert message.ephemeral_for == ANN
    assert (await _error_of(update))["error"] == "message_not_found"
    outsider = office.client.chat_postEphemeral(channel="C1SHARED", user=BEN, text="psst")
    assert (await _error_of(outsider))["error"] == "user_not_in_channel"


async def test_a_direct_conversation_is_opened_once(office: Office) -> None:
    first = await office.client.conversations_open(users=[ANN])
    second = await office.client.conversations_open(users=ANN, return_im=True)

    assert first["channel"] == {"id": "D1ANN"}
    assert second["already_open"]
    assert second["channel"]["user"] == ANN


@pytest.mark.parametrize(
    ("user", "error"),
    [
        ("U9", "user_not_found"),
        ("U3ROBOT", "cannot_dm_bot"),
        ("U4GONE", "user_disabled"),
        ("U5GUEST", "user_not_found"),
        (f"{ANN},{BEN}", "invalid_user_combination"),
    ],
)
async def test_a_conversation_that_cannot_be_opened_is_refused(office: Office, user: str, error: str) -> None:
    assert (await _error_of(office.client.conversations_open(users=user)))["error"] == error


async def test_history_of_a_direct_conversation_finds_a_message_by_its_metadata(office: Office) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"id": 7}}
    await office.client.chat_postMessage(channel=ANN, text="One", metadata=metadata)
    await office.client.chat_postMessage(channel=ANN, text="Two")

    newest = await office.client.conversations_history(channel="D1ANN", limit=1, include_all_metadata=True)
    older = await office.client.conversations_history(
        channel="D1ANN", cursor=newest["response_metadata"]["next_cursor"], include_all_metadata=True
    )
    silent = await office.client.conversations_history(channel="D1ANN")

    assert [message["text"] for message in newest["messages"]] == ["Two"]
    assert newest["has_more"]
    assert [message["metadata"] for message in older["messages"]] == [metadata]
    assert "metadata" not in silent["messages"][1]


async def test_history_after_an_instant_leaves_out_what_is_older(office: Office) -> None:
    old = await office.client.chat_postMessage(channel=ANN, text="Old")
    office.clock.move_by(dt.timedelta(minutes=1))
    await office.client.chat_postMessage(channel=ANN, text="New")

    later = await office.client.conversations_history(channel="D1ANN", oldest=old["ts"])
    both = await office.client.conversations_history(channel="D1ANN", oldest=old["ts"], inclusive=True)

    assert [message["text"] for message in later["messages"]] == ["New"]
    assert len(both["messages"]) == 2


async def test_replies_are_in_their_thread_and_not_in_the_history(office: Office) -> None:
    above = await office.client.chat_postMessage(channel=ANN, text="Above")
    for text in ("One", "Two"):
        await office.client.chat_postMessage(channel="D1ANN", text=text, thread_ts=above["ts"])

    history = await office.client.conversations_history(channel="D1ANN")
    first = await office.client.conversations_replies(channel="D1ANN", ts=above["ts"], limit=2)
    more = await office.client.conversations_replies(
        channel="D1ANN", ts=above["ts"], cursor=first["response_metadata"]["next_cursor"]
    )
    none = await _error_of(office.client.conversations_replies(channel="D1ANN", ts="1.000001"))

    assert [message["text"] for message in history["messages"]] == ["Above"]
    assert [message["text"] for message in first["messages"]] == ["Above", "One"]
    assert [message["text"] for message in more["messages"]] == ["Two"]
    assert none["error"] == "thread_not_found"


async def test_an_app_of_the_strictest_kind_reads_fifteen_at_a_time(office: Office) -> None:
    office.slack.world.workspace(TEAM).most_read = 15
    for _ in range(16):
        await office.client.chat_postMessage(channel=ANN, text="One of many")
        office.clock.move_by(dt.timedelta(seconds=2))

    read = await office.client.conversations_history(channel="D1ANN", limit=200)

    assert (len(read["messages"]), read["has_more"]) == (15, True)


async def test_history_of_a_channel_needs_a_scope_the_app_does_not_have(office: Office) -> None:
    answer = await _error_of(office.client.conversations_history(channel="C1SHARED"))

    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")


async def test_a_shared_channel_says_so_and_names_its_members(office: Office) -> None:
    info = await office.client.conversations_info(channel="C1SHARED")
    members = await office.client.conversations_members(channel="C1SHARED", limit=2)

    assert info["channel"]["is_ext_shared"]
    assert info["channel"]["shared_team_ids"] == [TEAM, "T2MC"]
    assert members["members"] == [BOT, ANN]
    assert members["response_metadata"]["next_cursor"]


async def test_a_person_is_shown_with_zone_and_address_and_a_guest_without(office: Office) -> None:
    ann = (await office.client.users_info(user=ANN))["user"]
    guest = (await office.client.users_info(user="U5GUEST"))["user"]

    assert (ann["tz"], ann["tz_offset"], ann["profile"]["email"]) == (
        "America/New_York",
        -18000,
        "ann@delta.example",
    )
    assert (guest["team_id"], guest["is_stranger"]) == ("T2MC", True)
    assert "email" not in guest["profile"]
    assert (await _error_of(office.client.users_info(user="U9")))["error"] == "user_not_found"


async def test_people_are_found_by_address_while_they_are_active_members(office: Office) -> None:
    found = await office.client.users_lookupByEmail(email="BEN@delta.example")

    assert found["user"]["id"] == BEN
    for address in ("gia@delta.example", "gus@mc.example", "nobody@delta.example"):
        assert (await _error_of(office.client.users_lookupByEmail(email=address)))["error"] == "users_not_found"


async def test_watchers_hear_of_every_change_and_may_act_in_the_background(office: Office) -> None:
    heard: list[tuple[Change, str]] = []

    async def answer(changed: MessageChanged) -> None:
        heard.append((changed.change, changed.message.text))
        if changed.change is Change.POSTED and changed.message.channel_id == "D1ANN":
            await office.client.chat_postMessage(channel=BEN, text="told")

    office.slack.on_message(answer)
    posted = await office.client.chat_postMessage(channel=ANN, text="One")
    await office.slack.settle()
    await office.client.chat_delete(channel="D1ANN", ts=posted["ts"])
    await office.slack.settle()

    assert heard == [(Change.POSTED, "One"), (Change.POSTED, "told"), (Change.DELETED, "")]


async def test_a_watcher_that_fails_is_heard_of(office: Office) -> None:
    async def fail(_: MessageChanged) -> None:
        raise RuntimeError("teammate fell over")

    office.slack.on_message(fail)
    await office.client.chat_postMessage(channel=ANN, text="One")

    with pytest.raises(RuntimeError, match="fell over"):
        await office.slack.settle()


async def test_every_request_is_on_record_without_its_token(office: Office) -> None:
    await office.client.chat_postMessage(
        channel=ANN, text="One", blocks=[{"type": "actions", "elements": [button("a")]}]
    )
    await _error_of(
        office.client.api_call("chat.postMessage", data={"token": "bad", "channel": ANN}, headers={"Authorization": ""})
    )

    first, second = office.slack.requests
    assert (first.method, first.team_id, first.status, first.answer["ok"]) == (
        "chat.postMessage",
        TEAM,
        200,
        True,
    )
    assert first.payload["text"] == "One"
    assert (second.team_id, second.answer["error"]) == ("", "invalid_auth")
    assert "token" not in second.payload
