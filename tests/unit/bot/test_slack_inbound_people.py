"""Whom the liaison serves in Slack, who comes and goes, and what each sees on their home tab."""

from collections.abc import AsyncIterator

import pytest

from alliance.roster import Platform
from bot.desk import Answer
from bot.messages.replies import said
from handlers.dispatch import ChatIdentity
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, BEN, BOT, TEAM, button
from tests.fakes.slack_room import (
    BUTTONS,
    CHANNEL,
    FORM_TYPE,
    GUEST,
    TAKE,
    WHO,
    RoomStage,
    interaction_body,
    room_stage,
)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def test_people_of_other_companies_are_refused_politely(stage: RoomStage) -> None:
    shown = await stage.post(address=CHANNEL)

    pressed = await stage.slack.press(TEAM, GUEST, shown, TAKE)
    mentioned = await stage.slack.say(TEAM, GUEST, f"<@{BOT}> status", channel_id=CHANNEL)

    assert (pressed.status, mentioned.status) == (200, 200)
    first, second = stage.whispers(CHANNEL, GUEST)
    assert "people of this workspace only" in first
    assert first == second
    assert not stage.desk.heard
    assert not stage.presence.told
    assert stage.counted["external person"] == 2


async def test_a_stranger_is_refused_even_under_the_same_team(stage: RoomStage) -> None:
    payload = {
        "type": "block_actions",
        "user": {"id": "U9", "team_id": TEAM, "is_stranger": True},
        "team": {"id": TEAM},
        "actions": [{**button(TAKE, TAKE), "block_id": "b"}],
    }

    assert await stage.send(interaction_body(payload), content_type=FORM_TYPE) == (200, "")
    assert not stage.desk.heard


async def test_a_press_from_another_workspace_is_judged_by_whose_message_it_is(stage: RoomStage) -> None:
    shown = await stage.post(address=CHANNEL)
    payload = {
        "type": "block_actions",
        "user": {"id": GUEST, "team_id": "T2MC"},
        "team": {"id": "T2MC"},
        "channel": {"id": CHANNEL},
        "message": shown.to_json(),
        "container": {"type": "message", "message_ts": shown.ts, "channel_id": CHANNEL},
        "actions": [{**button(TAKE, TAKE), "block_id": "b"}],
    }

    assert await stage.send(interaction_body(payload), content_type=FORM_TYPE) == (200, "")
    assert not stage.desk.heard
    assert len(stage.whispers(CHANNEL, GUEST)) == 1


async def test_a_workspace_that_took_the_liaison_out_loses_its_tokens(stage: RoomStage) -> None:
    await stage.slack.command(TEAM, ANN, "/alliance", "status")

    both = await stage.slack.uninstall(TEAM)
    again = await stage.slack.send_event(TEAM, {"type": "app_uninstalled"})

    assert [one.status for one in (*both, again)] == [200, 200, 200]
    async with stage.open_uow() as uow:
        kept = await uow.workspaces.find(Platform.SLACK, TEAM)
    assert kept is not None
    assert not kept.tokens


async def test_a_persons_own_token_revoked_is_not_the_workspaces(stage: RoomStage) -> None:
    await stage.slack.send_event(TEAM, {"type": "tokens_revoked", "tokens": {"oauth": [ANN], "bot": []}})

    async with stage.open_uow() as uow:
        kept = await uow.workspaces.find(Platform.SLACK, TEAM)
    assert kept == stage.workspace


async def test_a_closed_account_is_told(stage: RoomStage) -> None:
    await stage.slack.deactivate(TEAM, BEN)

    assert stage.presence.told == [("lost", ChatIdentity(Platform.SLACK, TEAM, BEN))]


async def test_somebody_who_writes_can_be_reached(stage: RoomStage) -> None:
    await stage.slack.say(TEAM, ANN, "status")

    assert stage.presence.told == [("arrived", WHO)]


async def test_opening_the_home_tab_asks_for_the_home(stage: RoomStage) -> None:
    stage.desk.answers["home"] = Answer(message=BUTTONS)

    await stage.slack.open_home(TEAM, ANN)
    await stage.slack.open_home(TEAM, ANN, "messages")

    assert stage.slack.home(TEAM, ANN) is None, "it goes out like any other message"
    assert stage.desk.effects == {"home": 1}


async def test_why_there_is_no_home_is_shown_in_its_place_at_once(stage: RoomStage) -> None:
    stage.desk.answers["home"] = Answer(message=said("You are in no alliance."), refused=True)

    await stage.slack.open_home(TEAM, ANN)

    home = stage.slack.home(TEAM, ANN)
    assert home is not None
    assert "You are in no alliance." in str(home.blocks)


async def test_a_button_on_the_home_tab_works_once_for_each_drawing(stage: RoomStage) -> None:
    platform = stage.room.platform
    conversation = await platform.open_conversation(stage.workspace, ANN)
    for _ in range(2):
        await platform.show_home(stage.workspace, ANN, conversation, BUTTONS, shown=None)
        home = stage.slack.home(TEAM, ANN)
        assert home is not None
        await stage.slack.press(TEAM, ANN, home, TAKE)
        await stage.slack.press(TEAM, ANN, home, TAKE)

    assert stage.desk.effects == {TAKE: 2}
    assert stage.slack.inbox(TEAM, ANN)[0].text == "Done."
