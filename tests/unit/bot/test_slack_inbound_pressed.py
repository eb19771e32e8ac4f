"""What people press in Slack reaches the desk once, and its answer reaches them where they pressed."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.desk import Answer
from bot.messages.replies import said
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, BEN, BOT, TEAM, button
from tests.fakes.slack_room import (
    BUTTONS,
    CHANNEL,
    FORM_TYPE,
    IN_PLACE,
    SEND,
    TAKE,
    WHO,
    WITH_INPUTS,
    RoomStage,
    interaction_body,
    room_stage,
)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def test_a_press_changes_the_message_it_stands_in(stage: RoomStage) -> None:
    stage.desk.answers[TAKE] = IN_PLACE
    shown = await stage.post()

    delivered = await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert (delivered.status, delivered.body) == (200, "")
    assert stage.desk.heard == [(WHO, TAKE, {})]
    [now] = stage.slack.inbox(TEAM, ANN)
    assert (now.ts, now.text) == (shown.ts, "Acknowledged by Ann.")


async def test_two_clicks_have_one_effect(stage: RoomStage) -> None:
    shown = await stage.post()

    await stage.slack.press(TEAM, ANN, shown, TAKE)
    await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert stage.desk.effects == {TAKE: 1}
    assert stage.whispers(shown.channel_id) == ["Done.", "That was already done."]


async def test_presses_of_two_people_and_of_two_messages_are_different(stage: RoomStage) -> None:
    stage.slack.add_channel(TEAM, "C3", "ours", [BOT, ANN, BEN])
    one, other = await stage.post(address="C3"), await stage.post(address="C3")

    await stage.slack.press(TEAM, ANN, one, TAKE)
    await stage.slack.press(TEAM, BEN, one, TAKE)
    await stage.slack.press(TEAM, ANN, other, TAKE)

    assert stage.desk.effects == {TAKE: 3}


async def test_a_submit_carries_everything_that_was_filled_in(stage: RoomStage) -> None:
    shown = await stage.post(WITH_INPUTS)

    await stage.slack.press(
        TEAM, ANN, shown, SEND, values={"comment": "<b>&</b>", "color": "green", "due": "2026-04-01"}
    )

    assert stage.desk.heard == [(WHO, SEND, {"comment": "<b>&</b>", "color": "green", "due": "2026-04-01"})]


async def test_what_was_left_empty_is_not_there(stage: RoomStage) -> None:
    await stage.slack.press(TEAM, ANN, await stage.post(WITH_INPUTS), SEND)

    assert stage.desk.heard == [(WHO, SEND, {})]


async def test_touching_an_input_is_acknowledged_and_nothing_else(stage: RoomStage) -> None:
    shown = await stage.post(WITH_INPUTS)
    payload = {
        "type": "block_actions",
        "user": {"id": ANN, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "message_ts": shown.ts, "channel_id": shown.channel_id},
        "actions": [{"type": "radio_buttons", "action_id": "color", "selected_option": {"value": "red"}}],
    }

    assert await stage.send(interaction_body(payload), content_type=FORM_TYPE) == (200, "")
    assert not stage.desk.heard


async def test_a_refusal_is_whispered_and_the_message_stays(stage: RoomStage) -> None:
    stage.desk.answers[TAKE] = replace(IN_PLACE, message=said("You cannot do that."), refused=True)
    stage.slack.add_channel(TEAM, "C3", "ours", [BOT, ANN, BEN])
    shown = await stage.post(address="C3")

    await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert stage.whispers("C3") == ["You cannot do that."]
    assert stage.slack.messages(TEAM, "C3")[0].text == BUTTONS.summary


async def test_mistakes_in_a_message_are_told_since_no_field_can_show_them(stage: RoomStage) -> None:
    wrong = Answer(message=said("Please look again."), refused=True, field_errors={"due": "That day is gone."})
    stage.desk.answers[SEND] = wrong
    shown = await stage.post(WITH_INPUTS)

    await stage.slack.press(TEAM, ANN, shown, SEND)

    assert stage.whispers(shown.channel_id) == ["Please look again. That day is gone."]


async def test_a_press_on_a_message_for_one_person_replaces_that(stage: RoomStage) -> None:
    stage.desk.answers |= {"status": Answer(message=BUTTONS), TAKE: IN_PLACE}
    await stage.slack.command(TEAM, ANN, "/alliance", "status", CHANNEL)
    [shown] = stage.slack.messages(TEAM, CHANNEL)

    await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert stage.whispers(CHANNEL) == ["Acknowledged by Ann."]


@pytest.mark.parametrize("fault", [{"error": "ratelimited"}, {"error": "message_not_found"}, {"status": 503}])
async def test_when_an_update_fails_the_response_url_shows_it(stage: RoomStage, fault: dict[str, object]) -> None:
    stage.desk.answers[TAKE] = IN_PLACE
    shown = await stage.post()
    stage.slack.fail_next("chat.update", **fault)  # type: ignore[arg-type]

    delivered = await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert delivered.status == 200
    assert [one.text for one in stage.slack.inbox(TEAM, ANN)] == ["Acknowledged by Ann."]


async def test_when_nothing_can_be_shown_the_press_is_still_acknowledged(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.slack.fail_next("*", status=500, times=20)

    delivered = await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert (delivered.status, delivered.body) == (200, "")
    assert stage.desk.effects == {TAKE: 1}


async def test_a_slow_slack_does_not_hold_up_the_acknowledgement(
    stage: RoomStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.inbound.ANSWER_WITHIN", 0.05)
    shown = await stage.post()
    stage.slack.fail_next("chat.postEphemeral", delay=60)

    delivered = await stage.slack.press(TEAM, ANN, shown, TAKE)
    before = stage.whispers(shown.channel_id)
    stage.clock.move_by(dt.timedelta(seconds=60))
    await stage.room.stop()

    assert (delivered.status, before) == (200, [])
    assert stage.whispers(shown.channel_id) == ["Done."]


async def test_an_unknown_button_is_answered_by_the_desk(stage: RoomStage) -> None:
    stage.desk.answers["v0.old"] = Answer(message=said("This button is not known here."), refused=True)
    payload = {
        "type": "block_actions",
        "user": {"id": ANN, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "D1ANN"},
        "actions": [{**button("v0.old", "v0.old"), "block_id": "b"}],
    }

    assert await stage.send(interaction_body(payload), content_type=FORM_TYPE) == (200, "")
    assert [one.text for one in stage.slack.inbox(TEAM, ANN)] == ["This button is not known here."]


async def test_a_broken_desk_tells_the_one_who_pressed(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.desk.breaks = 1

    delivered = await stage.slack.press(TEAM, ANN, shown, TAKE)

    assert (delivered.status, delivered.body) == (200, "")
    assert "Something broke" in stage.whispers(shown.channel_id)[0]
