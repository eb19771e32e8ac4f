"""The entrance for Teams: what is no activity is turned away and counted; what people type is answered."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from botbuilder.core import TurnContext

from alliance.roster import Platform
from bot.desk import Answer
from bot.messages.replies import said
from bot.teams import limits
from bot.teams.activities import received_of
from bot.teams.adapter import TeamsAdapter
from handlers.dispatch import ChatIdentity
from sandbox.teams import KeyRole
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.teams_bot import CHANNEL, MIA, MONDAY, TENANT, TOM
from tests.fakes.teams_room import FORM, RoomStage, room_stage

MIA_ON_TEAMS = ChatIdentity(Platform.TEAMS, TENANT, MIA)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


def token(stage: RoomStage) -> str | None:
    return stage.teams.keys.activity_token(
        app_id=stage.teams.app_id,
        service_url=stage.teams.service_url,
        now=stage.clock.now(),
        overrides={},
    )


def envelope(stage: RoomStage, **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1700000000001",
        "channelId": "msteams",
        "serviceUrl": stage.teams.service_url,
        "from": {"id": "29:mia", "aadObjectId": MIA},
        "recipient": {"id": stage.teams.bot_id},
        "conversation": {"id": "a:1chat", "conversationType": "personal"},
        "channelData": {"tenant": {"id": TENANT}},
        "text": "status",
        **more,
    }


# --- what is turned away ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000],
    ids=["empty", "cut off", "a list", "a number", "null", "text", "no text", "deep list", "deep object"],
)
async def test_what_is_no_json_object_is_malformed(stage: RoomStage, body: bytes) -> None:
    answer = await stage.teams.send_raw(body, token=token(stage))

    assert answer.status == 400
    assert "Traceback" not in answer.text
    assert stage.counted == {"malformed": 1}
    assert stage.desk.heard == []


@pytest.mark.parametrize(
    "broken",
    [
        {"type": None},
        {"type": 7},
        {"id": "x" * 1_000},
        {"from": None},
        {"from": "mia"},
        {"conversation": []},
        {"conversation": {"id": ""}},
        {"channelData": None},
        {"channelData": {"tenant": {"id": 7}}},
    ],
    ids=repr,
)
async def test_an_activity_without_what_it_needs_is_malformed(stage: RoomStage, broken: dict[str, Any]) -> None:
    body = json.dumps(envelope(stage, **broken)).encode()

    answer = await stage.teams.send_raw(body, token=token(stage))

    assert answer.status == 400
    assert answer.body["error"]
    assert stage.counted == {"malformed": 1}
    assert stage.desk.heard == []


@pytest.mark.parametrize(
    "odd",
    [{"timestamp": "yesterday"}, {"attachments": [7]}, {"membersAdded": "all"}, {"deliveryMode": "expectReplies"}],
    ids=repr,
)
async def test_what_nobody_needs_of_an_activity_may_be_anything(stage: RoomStage, odd: dict[str, Any]) -> None:
    answer = await stage.teams.send_raw(json.dumps(envelope(stage, **odd)).encode(), token=token(stage))

    assert answer.status == 200
    assert stage.desk.effects == {"status": 1}


async def test_a_body_larger_than_any_activity_is_refused(stage: RoomStage) -> None:
    body = json.dumps(envelope(stage, text="x" * limits.BODY)).encode()

    answer = await stage.teams.send_raw(body, token=token(stage))

    assert answer.status == 413
    assert stage.counted == {"too large": 1}


async def test_a_request_without_token_is_refused_and_counted(stage: RoomStage) -> None:
    answer = await stage.teams.send_raw(json.dumps(envelope(stage)).encode())

    assert (answer.status, answer.body) == (401, {"error": "no token"})
    assert stage.counted == {"no token": 1}
    assert stage.desk.heard == []


async def test_a_key_for_another_channel_is_refused_and_counted(stage: RoomStage) -> None:
    answer = await stage.teams.send_activity(TENANT, envelope(stage), key=KeyRole.UNENDORSED)

    assert answer.status == 403
    assert stage.counted == {"key not endorsed for Teams": 1}
    assert stage.desk.heard == []


async def test_any_content_type_will_do(stage: RoomStage) -> None:
    body = json.dumps(envelope(stage)).encode()

    answer = await stage.teams.send_raw(body, token=token(stage), content_type="text/plain")

    assert answer.status == 200


@pytest.mark.parametrize("kind", ["messageReaction", "messageUpdate", "messageDelete", "event", "typing", "novel"])
async def test_what_we_do_not_listen_to_passes_by(stage: RoomStage, kind: str) -> None:
    answer = await stage.teams.send_activity(TENANT, envelope(stage, type=kind, name="x", value="y"))

    assert answer.status == 200
    assert stage.desk.heard == []
    assert stage.counted == {"taken": 1}


@pytest.mark.parametrize("name", ["28:another-bot", "ourselves"])
async def test_bots_are_not_answered(stage: RoomStage, name: str) -> None:
    sender = {"id": stage.teams.bot_id if name == "ourselves" else name, "aadObjectId": MIA}

    answer = await stage.teams.send_activity(TENANT, envelope(stage, **{"from": sender}))

    assert answer.status == 200
    assert stage.desk.heard == []


# --- what is typed ------------------------------------------------------------------------------------


async def test_what_is_typed_is_answered_by_a_message_of_its_own(stage: RoomStage) -> None:
    stage.desk.answers["status"] = Answer(message=said("All is well."))

    answer = await stage.teams.say(TENANT, MIA, "status")

    assert (answer.status, answer.text) == (200, "")
    assert stage.desk.heard == [(MIA_ON_TEAMS, "status", {})]
    assert stage.summaries() == ["All is well."]


async def test_the_same_message_delivered_twice_has_one_effect(stage: RoomStage) -> None:
    await stage.teams.say(TENANT, MIA, "status")
    await stage.teams.send_activity(TENANT, stage.teams.deliveries[-1].activity)

    assert len(stage.desk.heard) == 2
    assert stage.desk.effects == {"status": 1}


async def test_the_same_words_in_two_messages_are_two_requests(stage: RoomStage) -> None:
    await stage.teams.say(TENANT, MIA, "status")
    await stage.teams.say(TENANT, MIA, "status")

    assert stage.desk.effects == {"status": 2}


async def test_an_empty_message_asks_for_help(stage: RoomStage) -> None:
    await stage.teams.say(TENANT, MIA, "  ")

    assert stage.desk.effects == {"help": 1}


async def test_a_form_is_shown_with_its_inputs_in_the_chat(stage: RoomStage) -> None:
    stage.desk.answers["explain"] = Answer(form=FORM)
    await stage.teams.say(TENANT, MIA, "explain")
    (shown,) = stage.teams.inbox(TENANT, MIA)

    await stage.teams.execute(TENANT, MIA, shown, FORM.token, {"what": "No licence", "since": "Monday"})

    assert stage.desk.heard[-1] == (MIA_ON_TEAMS, FORM.token, {"what": "No licence", "since": "Monday"})


async def test_text_that_no_database_takes_arrives_mended(stage: RoomStage) -> None:
    await stage.teams.send_activity(TENANT, envelope(stage, text="a\0b \ud83d c \U0001f600"))

    assert stage.desk.heard[0][1] == "ab \ufffd c \U0001f600"


async def test_somebody_without_entra_id_is_answered_politely(stage: RoomStage) -> None:
    chat = stage.teams.directory.personal(stage.teams.directory.person(TENANT, MIA))

    await stage.teams.send_activity(
        TENANT, envelope(stage, **{"from": {"id": "29:guest"}, "conversation": {"id": chat.id}})
    )

    assert stage.desk.heard == []
    assert "I do not know you yet" in stage.summaries()[0]


# --- where others read along --------------------------------------------------------------------------


async def test_in_a_channel_the_answer_goes_to_the_person_alone(stage: RoomStage) -> None:
    stage.desk.answers["status"] = Answer(message=said("Your own figures."))

    await stage.teams.channel_say(TENANT, CHANNEL, MIA, "status")

    assert stage.desk.heard == [(MIA_ON_TEAMS, "status", {})]
    assert stage.summaries() == ["Your own figures."]
    in_channel = [message.summary for message in stage.teams.messages(CHANNEL)]
    assert in_channel[1:] == ["I answered in our personal chat, since others read along here."]


async def test_who_has_no_personal_chat_is_told_in_the_channel(stage: RoomStage) -> None:
    await stage.teams.channel_say(TENANT, CHANNEL, TOM, "status")

    asked, told = stage.teams.messages(CHANNEL)
    assert "I answer in a personal chat only" in told.summary
    assert told.reply_to == asked.id


async def test_in_a_channel_only_what_is_said_to_us_is_heard(stage: RoomStage) -> None:
    channel = {"id": CHANNEL, "conversationType": "channel", "isGroup": True}

    await stage.teams.send_activity(TENANT, envelope(stage, conversation=channel))

    assert stage.desk.heard == []


# --- bad days of the way back -------------------------------------------------------------------------


async def test_a_reply_outlasts_a_busy_platform(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=429, retry_after=30)
    asking = asyncio.create_task(stage.teams.say(TENANT, MIA, "status"))

    due = await stage.clock.somebody_sleeps()
    stage.clock.move_to(due)
    answer = await asking

    assert answer.status == 200
    assert due == MONDAY + dt.timedelta(seconds=30)
    assert stage.summaries() == ["Done."]


async def test_a_reply_that_nobody_can_get_does_not_fail_the_request(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=403)

    answer = await stage.teams.say(TENANT, MIA, "status")

    assert answer.status == 200
    assert stage.desk.effects == {"status": 1}


async def test_the_framework_sends_by_our_connector_too(stage: RoomStage) -> None:
    chat = stage.teams.directory.personal(stage.teams.directory.person(TENANT, MIA))
    body = envelope(stage, conversation={"id": chat.id})
    adapter = TeamsAdapter(stage.room._connector)

    async def logic(turn: TurnContext) -> None:
        sent = await turn.send_activity("Hello")
        gone = await turn.send_activity("A slip")
        activity = turn.activity
        activity.id, activity.text = sent.id, "Hello again"
        await turn.update_activity(activity)
        await turn.delete_activity(gone.id)

    await adapter.process(received_of(body), logic)

    words = [message.text for message in stage.teams.inbox(TENANT, MIA) if not message.deleted]
    assert words == ["Hello again"]


# --- unsigned, on one machine -------------------------------------------------------------------------


async def test_where_unsigned_is_allowed_requests_of_this_machine_are_taken(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, teams_allow_unsigned=True) as stage:
        answer = await stage.teams.send_raw(json.dumps(envelope(stage)).encode())

        assert answer.status == 200
        assert stage.desk.effects == {"status": 1}
