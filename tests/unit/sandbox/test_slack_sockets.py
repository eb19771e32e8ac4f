import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import MovableClock
from sandbox.slack import NotThere, SlackStandIn, ViewChanged
from tests.fakes.slack_bot import ANN, APP_TOKEN, START, TEAM, TOKEN, button, make_slack, modal

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    slack = make_slack(MovableClock(START))
    await slack.start()
    yield slack
    await slack.stop()


@contextlib.asynccontextmanager
async def _bot(slack: SlackStandIn) -> AsyncIterator[AsyncApp]:
    client = AsyncWebClient(TOKEN, base_url=f"{slack.base_url}/api/")
    app = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(app, APP_TOKEN, web_client=AsyncWebClient(base_url=client.base_url))
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt does not annotate it
    await asyncio.wait_for(slack.sockets.connected(), 5)
    try:
        yield app
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # nor this


@contextlib.asynccontextmanager
async def _socket(slack: SlackStandIn) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    client = AsyncWebClient(base_url=f"{slack.base_url}/api/")
    opened = await client.apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        yield socket


async def test_an_event_a_command_and_a_press_go_through_the_socket_and_back(slack: SlackStandIn) -> None:
    async with _bot(slack) as app:
        heard: asyncio.Queue[str] = asyncio.Queue()

        @app.event("message")
        async def message(event: Json) -> None:
            await heard.put(event["text"])

        @app.command("/alliance")
        async def command(ack: Any) -> None:
            await ack("Only you")

        @app.action("send")
        async def press(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal({"type": "divider"}, callback_id="f"))

        @app.view("f")
        async def submit(ack: Any) -> None:
            await ack(response_action="clear")

        said = await slack.say(TEAM, ANN, "hello")
        await slack.command(TEAM, ANN, "/alliance")
        await app.client.chat_postMessage(
            channel=ANN, text="x", blocks=[{"type": "actions", "elements": [button("send")]}]
        )
        opened: asyncio.Queue[ViewChanged] = asyncio.Queue()
        slack.on_view(opened.put)
        pressed = await slack.press(TEAM, ANN, slack.inbox(TEAM, ANN)[-1], "send")
        await asyncio.wait_for(opened.get(), 5)
        submitted = await slack.submit(TEAM, ANN)

        assert (said.status, pressed.status, submitted.json()) == (200, 200, {"response_action": "clear"})
        assert await asyncio.wait_for(heard.get(), 5) == "hello"
        assert [one.text for one in slack.inbox(TEAM, ANN)] == ["Only you", "x"]
        assert slack.views(TEAM, ANN) == []


async def test_a_refreshed_bot_connects_again_and_hears_what_follows(slack: SlackStandIn) -> None:
    async with _bot(slack) as app:
        heard: asyncio.Queue[str] = asyncio.Queue()

        @app.event("message")
        async def message(event: Json) -> None:
            await heard.put(event["text"])

        await slack.sockets.disconnect("refresh_requested")
        await asyncio.wait_for(slack.sockets.connected(), 5)
        await slack.say(TEAM, ANN, "after")

        assert await asyncio.wait_for(heard.get(), 5) == "after"


async def test_the_hello_names_the_app_and_counts_the_connections(slack: SlackStandIn) -> None:
    async with _socket(slack), _socket(slack) as second:
        hello = await second.receive_json()

    assert (hello["type"], hello["num_connections"]) == ("hello", 2)
    assert hello["connection_info"]["app_id"]


async def test_each_event_goes_to_one_of_the_connections(slack: SlackStandIn) -> None:
    async with _socket(slack) as first, _socket(slack) as second:
        got = []
        for socket in (first, second):
            await socket.receive_json()
        for text in ("one", "two"):
            saying = asyncio.ensure_future(slack.say(TEAM, ANN, text))
            readers = {asyncio.ensure_future(one.receive_json()): one for one in (first, second)}
            done, waiting = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
            for reader in waiting:
                reader.cancel()
            (reader,) = done
            envelope = reader.result()
            await readers[reader].send_json({"envelope_id": envelope["envelope_id"]})
            got.append((readers[reader] is first, envelope["payload"]["event"]["text"], (await saying).status))

    assert {on_first for on_first, *_ in got} == {True, False}
    assert [rest for _, *rest in got] == [["one", 200], ["two", 200]]


async def test_an_event_nobody_acknowledges_has_timed_out_and_may_be_retried(slack: SlackStandIn) -> None:
    slack.delivery._ack_seconds = 0.05
    async with _socket(slack) as socket:
        await socket.receive_json()
        delivered = await slack.say(TEAM, ANN, "hello")
        await slack.redeliver(delivered)
        envelopes = [await socket.receive_json() for _ in range(2)]

    assert (delivered.status, delivered.failure, delivered.may_be_retried) == (0, "timeout", True)
    assert [(one["retry_attempt"], one["retry_reason"]) for one in envelopes] == [(0, ""), (1, "timeout")]


async def test_an_eleventh_connection_is_turned_away(slack: SlackStandIn) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(_socket(slack))
        eleventh = await stack.enter_async_context(_socket(slack))

        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        assert slack.sockets.count == 10


async def test_a_ticket_opens_one_connection(slack: SlackStandIn) -> None:
    client = AsyncWebClient(base_url=f"{slack.base_url}/api/")
    url = (await client.apps_connections_open(app_token=APP_TOKEN))["url"]

    async with aiohttp.ClientSession() as session, session.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_only_the_app_token_opens_connections(slack: SlackStandIn) -> None:
    client = AsyncWebClient(base_url=f"{slack.base_url}/api/")

    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=TOKEN)


async def test_without_any_way_to_the_bot_nothing_can_be_done(slack: SlackStandIn) -> None:
    with pytest.raises(NotThere, match="no bot"):
        await slack.say(TEAM, ANN, "hello")
