"""What people type in Slack reaches the desk once, and the answer comes where they typed it."""

import datetime as dt
import json
from collections.abc import AsyncIterator

import pytest

from bot.desk import Answer
from bot.messages.blocks import Message, Rule, paragraph
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, BOT, TEAM
from tests.fakes.slack_room import (
    ASK,
    BUTTONS,
    CHANNEL,
    FILL_IN,
    FORM_TYPE,
    WHO,
    RoomStage,
    command_body,
    room_stage,
)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def test_a_command_and_a_direct_message_get_the_same_answer(stage: RoomStage) -> None:
    text = 'away <b>until</b> & "Friday" {{x}} @everyone'
    stage.desk.answers[text] = Answer(message=BUTTONS)

    command = await stage.slack.command(TEAM, ANN, "/alliance", text)
    message = await stage.slack.say(TEAM, ANN, text)

    assert (command.status, message.status) == (200, 200)
    assert command.problem is None
    assert [heard[:2] for heard in stage.desk.heard] == [(WHO, text), (WHO, text)]
    by_command, by_message = stage.slack.inbox(TEAM, ANN)
    assert (by_command.ephemeral_for, by_message.ephemeral_for) == (ANN, None)
    assert by_command.text == by_message.text == BUTTONS.summary
    assert [block["type"] for block in by_command.blocks or []] == [block["type"] for block in by_message.blocks or []]


async def test_commands_without_a_trigger_are_one_request_each(stage: RoomStage) -> None:
    for second in range(2):
        stage.clock.move_by(dt.timedelta(seconds=second))
        status, _ = await stage.send(command_body(trigger_id=""), content_type=FORM_TYPE)
        assert status == 200

    assert stage.desk.effects == {"status": 2}


async def test_a_command_works_where_the_bot_is_no_member(stage: RoomStage) -> None:
    await stage.slack.command(TEAM, ANN, "/alliance", "status", "C2CLOSED")

    assert stage.whispers("C2CLOSED") == ["Done."]


async def test_the_same_command_delivered_twice_has_one_effect(stage: RoomStage) -> None:
    body = command_body("resolve 3")
    await stage.send(body, content_type=FORM_TYPE)
    stage.clock.move_by(dt.timedelta(seconds=2))
    status, again = await stage.send(body, content_type=FORM_TYPE)

    assert status == 200
    assert "already done" in json.loads(again)["text"]
    assert stage.desk.effects == {"resolve 3": 1}


async def test_slacks_retry_of_a_message_has_one_effect_and_one_answer(stage: RoomStage) -> None:
    first = await stage.slack.say(TEAM, ANN, "status")
    second = await stage.slack.redeliver(first)
    stage.clock.move_by(dt.timedelta(minutes=5))
    third = await stage.slack.redeliver(second)

    assert third.status == 200
    assert stage.desk.effects == {"status": 1}
    assert [one.text for one in stage.slack.inbox(TEAM, ANN)] == ["Done."]


async def test_a_message_that_failed_on_our_side_is_done_at_slacks_retry(
    stage: RoomStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.desk.breaks = 1

    first = await stage.slack.say(TEAM, ANN, "status")
    retried = await stage.slack.retry_until_taken(first)

    assert (first.status, first.body) == (500, "")
    assert retried.status == 200
    assert stage.desk.effects == {"status": 1}
    assert len([record for record in caplog.records if record.message == "request failed"]) == 1


async def test_a_form_asked_for_in_a_message_comes_with_its_inputs_in_it(stage: RoomStage) -> None:
    stage.desk.answers["raise"] = ASK

    await stage.slack.say(TEAM, ANN, "raise")

    [shown] = stage.slack.inbox(TEAM, ANN)
    await stage.slack.press(TEAM, ANN, shown, FILL_IN, values={"comment": "Late", "color": "red"})
    assert stage.desk.heard[-1] == (WHO, FILL_IN, {"comment": "Late", "color": "red"})


async def test_a_form_asked_for_by_command_opens_as_a_modal(stage: RoomStage) -> None:
    stage.desk.answers["raise"] = ASK

    delivered = await stage.slack.command(TEAM, ANN, "/alliance", "raise")

    assert (delivered.status, delivered.body) == (200, "")
    assert [view.body["callback_id"] for view in stage.slack.views(TEAM, ANN)] == [FILL_IN]


async def test_a_form_asked_for_by_command_too_late_comes_in_the_answer(stage: RoomStage) -> None:
    stage.desk.answers["raise"] = ASK
    stage.slack.fail_next("views.open", error="expired_trigger_id")

    delivered = await stage.slack.command(TEAM, ANN, "/alliance", "raise")

    assert delivered.problem is None
    [shown] = stage.slack.inbox(TEAM, ANN)
    assert [block["block_id"] for block in shown.blocks or [] if block["type"] == "input"] == [
        "comment",
        "color",
        "due",
    ]


async def test_a_long_answer_to_a_command_comes_whole(stage: RoomStage) -> None:
    stage.desk.answers["audit"] = Answer(message=Message("Audit", (paragraph("x" * 100), Rule()) * 40))

    await stage.slack.command(TEAM, ANN, "/alliance", "audit")

    shown = stage.slack.inbox(TEAM, ANN)
    assert len(shown) > 1
    assert sum(block["type"] == "divider" for one in shown for block in one.blocks or []) == 40


async def test_a_mention_in_a_channel_is_answered_to_that_person_alone(stage: RoomStage) -> None:
    await stage.slack.say(TEAM, ANN, f"<@{BOT}> status", channel_id=CHANNEL)

    assert stage.desk.heard[0][:2] == (WHO, "status")
    assert stage.whispers(CHANNEL) == ["Done."]


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"bot_id": "B9"},
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"user": None},
        {"hidden": True},
        {"channel_type": "channel"},
    ],
)
async def test_what_no_person_typed_to_the_bot_is_left_alone(stage: RoomStage, more: dict[str, object]) -> None:
    event = {"type": "message", "channel_type": "im", "user": ANN, "channel": "D1ANN", "ts": "1.1", "text": "status"}

    delivered = await stage.slack.send_event(TEAM, {**event, **more})

    assert delivered.status == 200
    assert not stage.desk.heard


async def test_a_broken_desk_is_answered_politely_with_a_reference(stage: RoomStage) -> None:
    stage.desk.breaks = 1

    delivered = await stage.slack.command(TEAM, ANN, "/alliance", "status")

    assert delivered.status == 200
    assert "Something broke" in delivered.json()["text"]
    assert "fire" not in delivered.body
