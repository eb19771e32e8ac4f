"""Socket Mode: the same work without an address that Slack could call, and a connection that mends itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.desk import Answer
from bot.messages.replies import said
from bot.slack.socket_mode import SocketMode
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, APP_TOKEN, TEAM
from tests.fakes.slack_room import EXPLAIN, FILL_IN, FORM, TAKE, RoomStage, room_stage

PING = 0.05


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow, by_socket=True) as made:
        await asyncio.wait_for(made.slack.sockets.connected(), 5)
        yield made


async def test_commands_messages_presses_and_forms_make_the_round(stage: RoomStage) -> None:
    stage.desk.answers |= {
        TAKE: Answer(message=said("Acknowledged."), replaces=True),
        EXPLAIN: Answer(form=FORM),
        FILL_IN: Answer(message=said("Please look again."), refused=True, field_errors={"due": "That day is gone."}),
    }
    command = await stage.slack.command(TEAM, ANN, "/alliance", "status")
    message = await stage.slack.say(TEAM, ANN, "status")
    first, second = await stage.post(), await stage.post()
    pressed = await stage.slack.press(TEAM, ANN, first, TAKE)
    opened = await stage.slack.press(TEAM, ANN, second, EXPLAIN)
    submitted = await stage.slack.submit(TEAM, ANN, values={"color": "red"})

    assert [one.status for one in (command, message, pressed, opened, submitted)] == [200] * 5
    assert [one.problem for one in (command, submitted)] == [None, None]
    assert submitted.json()["errors"] == {"due": "That day is gone."}
    assert first.text == "Acknowledged."
    assert [text for _, text, _ in stage.desk.heard] == ["status", "status", TAKE, EXPLAIN, FILL_IN]


async def test_a_retried_message_has_one_effect(stage: RoomStage) -> None:
    first = await stage.slack.say(TEAM, ANN, "status")

    await stage.slack.redeliver(first)

    assert stage.desk.effects == {"status": 1}
    assert len(stage.slack.inbox(TEAM, ANN)) == 1


async def test_it_connects_again_when_slack_asks_for_it(stage: RoomStage) -> None:
    await stage.slack.sockets.disconnect("refresh_requested")
    await asyncio.wait_for(stage.slack.sockets.connected(), 5)

    assert (await stage.slack.say(TEAM, ANN, "status")).status == 200


async def test_a_deaf_connection_is_replaced(stage: RoomStage) -> None:
    await stage.room.stop()
    socket = await started(stage)
    try:
        deaf = deafen(socket)
        await look(stage)
        if not socket.reconnected:  # its first ping had been answered in time
            await look(stage)

        assert socket.reconnected == 1
        assert client_of(socket) is not deaf
        await asyncio.wait_for(stage.slack.sockets.connected(), 5)
        assert (await stage.slack.say(TEAM, ANN, "status")).status == 200
    finally:
        await socket.stop()


async def test_a_connection_that_answers_pings_is_left_alone(stage: RoomStage) -> None:
    await stage.room.stop()
    socket = await started(stage)
    try:
        for _ in range(3):
            await next_pong(socket)
            await look(stage)

        assert socket.reconnected == 0
    finally:
        await socket.stop()


async def test_it_goes_on_trying_while_slack_is_away(stage: RoomStage) -> None:
    await stage.room.stop()
    stage.slack.fail_next("apps.connections.open", error="internal_error")
    socket = await started(stage)
    try:
        await asyncio.wait_for(stage.slack.sockets.connected(), 5)

        assert (await stage.slack.say(TEAM, ANN, "status")).status == 200
    finally:
        await socket.stop()


async def test_stopping_leaves_nothing_behind(stage: RoomStage) -> None:
    await stage.room.stop()
    await asyncio.wait_for(stage.slack.sockets.connected(0), 5)
    await stage.room.stop()

    assert stage.slack.sockets.count == 0


async def started(stage: RoomStage) -> SocketMode:
    assert stage.room._inbound is not None
    socket = SocketMode(stage.room._inbound.app, APP_TOKEN, stage.clock, ping_seconds=PING)
    await socket.start()
    return socket


def client_of(socket: SocketMode) -> SocketModeClient:
    assert socket.handler is not None
    return socket.handler.client


def deafen(socket: SocketMode) -> SocketModeClient:
    """Let the client neither ping nor hear, as it does when it wedges."""
    client = client_of(socket)
    for task in (client.current_session_monitor, client.message_receiver):
        assert task is not None
        task.cancel()
    return client


async def next_pong(socket: SocketMode) -> None:
    """Return once the stand-in has answered another ping."""
    client = client_of(socket)
    before = client.last_ping_pong_time
    async with asyncio.timeout(5):
        while client.last_ping_pong_time == before:  # noqa: ASYNC110 - the SDK's client tells nobody
            await asyncio.sleep(PING / 5)


async def look(stage: RoomStage) -> None:
    """Let the watchdog look once, until it is done and asleep again."""
    due = await asyncio.wait_for(stage.clock.somebody_sleeps(), 5)
    stage.clock.move_to(due)
    await asyncio.wait_for(stage.clock.somebody_sleeps(), 15)
