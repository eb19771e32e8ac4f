import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.slack import NotThere
from tests.fakes.slack_bot import ANN, TEAM, Office, button, open_office

Json = dict[str, Any]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as office:
        yield office


async def _addresses(office: Office, presses: int) -> list[str]:
    """Let somebody press a button so many times and return the response addresses."""
    office.answer_with = 200
    blocks = [{"type": "actions", "elements": [button("send")]}]
    await office.client.chat_postMessage(channel=ANN, text="Question", blocks=blocks)
    (message,) = office.slack.inbox(TEAM, ANN)
    return [(await office.slack.press(TEAM, ANN, message, "send")).payload["response_url"] for _ in range(presses)]


async def test_a_command_carries_its_text_and_shows_the_bots_answer_to_that_person(office: Office) -> None:
    caught: list[Json] = []

    @office.app.command("/alliance")
    async def take(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack("Only you see this")

    delivered = await office.slack.command(TEAM, ANN, "/alliance", "status & more")

    (message,) = office.slack.inbox(TEAM, ANN)
    assert (delivered.problem, message.text, message.ephemeral_for) == (None, "Only you see this", ANN)
    assert (caught[0]["text"], caught[0]["user_id"], caught[0]["channel_name"]) == (
        "status & more",
        ANN,
        "directmessage",
    )


async def test_a_command_answered_with_bad_blocks_shows_nothing_and_says_why(office: Office) -> None:
    @office.app.command("/alliance")
    async def take(ack: Any) -> None:
        await ack(blocks=[{"type": "header"}], text="x")

    delivered = await office.slack.command(TEAM, ANN, "/alliance")

    assert delivered.problem is not None
    assert "missing required field: text" in delivered.problem
    assert office.slack.inbox(TEAM, ANN) == []


async def test_a_guest_has_no_commands_of_this_workspace(office: Office) -> None:
    with pytest.raises(NotThere, match="guest"):
        await office.slack.command(TEAM, "U5GUEST", "/alliance", channel_id="C1SHARED")


async def test_a_response_url_replaces_posts_and_deletes(office: Office) -> None:
    (address,) = await _addresses(office, 1)

    async with aiohttp.ClientSession() as session:
        replaced = await session.post(address, json={"replace_original": True, "text": "Done"})
        posted = await session.post(address, json={"text": "Thanks"})
        shown = [(one.text, one.ephemeral_for) for one in office.slack.inbox(TEAM, ANN)]
        deleted = await session.post(address, json={"delete_original": True})

    assert [replaced.status, posted.status, deleted.status] == [200, 200, 200]
    assert shown == [("Done", None), ("Thanks", ANN)]
    assert [one.text for one in office.slack.inbox(TEAM, ANN)] == ["Thanks"]


async def test_a_response_url_serves_five_times_and_half_an_hour(office: Office) -> None:
    first, second = await _addresses(office, 2)

    async with aiohttp.ClientSession() as session:
        bad = await session.post(first, json={"text": "x", "blocks": [{"type": "header"}]})
        statuses = [(await session.post(first, json={"text": "x"})).status for _ in range(6)]
        office.clock.move_by(dt.timedelta(minutes=30, seconds=1))
        late = await session.post(second, json={"text": "x"})

        assert (bad.status, (await bad.json())["error"]) == (400, "invalid_blocks")
        assert statuses == [200] * 5 + [404]
        assert (late.status, (await late.json())["error"]) == (404, "expired_url")
