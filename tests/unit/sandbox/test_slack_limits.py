import asyncio
import datetime as dt
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.clock import MovableClock
from sandbox.slack import NO_LIMITS, REAL_LIMITS, Rate
from sandbox.slack.limits import Meter
from tests.fakes.slack_bot import ANN, BEN, START, TEAM, TOKEN, Office, open_office


async def _post(office: Office, channel: str = ANN) -> str:
    return str((await office.client.chat_postMessage(channel=channel, text="x"))["ts"])


async def _refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as refusal:
        await call
    return refusal.value.response


async def test_a_sixth_post_at_once_to_one_conversation_must_wait_a_second() -> None:
    async with open_office(REAL_LIMITS) as office:
        for _ in range(5):
            await _post(office)

        response = await _refusal(_post(office))
        elsewhere = await _post(office, BEN)
        office.clock.move_by(dt.timedelta(seconds=1))
        later = await _post(office)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert response.data == {"ok": False, "error": "ratelimited"}
    assert elsewhere
    assert later


async def test_a_person_and_their_conversation_share_one_limit() -> None:
    async with open_office(REAL_LIMITS) as office:
        for channel in (ANN, "D1ANN", ANN, "D1ANN", ANN):
            await _post(office, channel)

        assert (await _refusal(_post(office, "D1ANN"))).status_code == 429


async def test_a_method_has_its_tier_and_tells_how_long_to_wait() -> None:
    async with open_office(REAL_LIMITS.with_method("users.info", Rate(2, 1))) as office:
        await office.client.users_info(user=ANN)

        response = await _refusal(office.client.users_info(user=ANN))
        office.clock.move_by(dt.timedelta(seconds=30))
        again = await office.client.users_info(user=ANN)

    assert response.headers["Retry-After"] == "30"
    assert again["ok"]


def test_the_workspace_takes_three_hundred_posts_a_minute() -> None:
    clock = MovableClock(START)
    meter = Meter(REAL_LIMITS, clock)

    def post_everywhere() -> int:
        return sum(meter.seconds_to_wait(TEAM, "chat.postMessage", f"D{n}") is None for n in range(1000))

    burst = post_everywhere()
    taken = 0
    for _ in range(60):
        clock.move_by(dt.timedelta(seconds=1))
        taken += post_everywhere()

    assert (burst, taken) == (60, 300)
    assert meter.seconds_to_wait("T2MC", "chat.postMessage", "D1") is None


def test_without_limits_nothing_has_to_wait() -> None:
    meter = Meter(NO_LIMITS, MovableClock(START))

    assert all(meter.seconds_to_wait(TEAM, "chat.postMessage", "D1") is None for _ in range(500))


async def test_faults_spoil_the_next_calls_and_no_others() -> None:
    async with open_office() as office:
        office.slack.fail_next("chat.postMessage", error="fatal_error")
        office.slack.fail_next("chat.postMessage", status=503)
        office.slack.fail_next("chat.postMessage", retry_after=17)
        refusals = [await _refusal(_post(office)) for _ in range(3)]
        await office.client.auth_test()
        await _post(office)

        assert [one.status_code for one in refusals] == [200, 503, 429]
        assert refusals[0].data["error"] == "fatal_error"
        assert refusals[2].headers["Retry-After"] == "17"
        assert len(office.slack.inbox(TEAM, ANN)) == 1


async def test_a_message_can_be_taken_and_its_answer_lost() -> None:
    async with open_office() as office:
        office.slack.fail_next("chat.postMessage", after_accepting=True)
        address = f"{office.slack.base_url}/api/chat.postMessage"

        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.post(address, data={"token": TOKEN, "channel": ANN, "text": "x"})

        assert [message.text for message in office.slack.inbox(TEAM, ANN)] == ["x"]
        assert [(one.status, one.answer) for one in office.slack.requests] == [(0, {})]


async def test_a_broken_connection_takes_nothing() -> None:
    async with open_office() as office:
        office.slack.fail_next("chat.postMessage", times=2)

        with pytest.raises(aiohttp.ClientError):
            await _post(office)

        assert office.slack.inbox(TEAM, ANN) == []


async def test_a_slow_answer_comes_when_the_clock_was_moved() -> None:
    async with open_office() as office:
        office.slack.fail_next("chat.postMessage", delay=40)

        posting = asyncio.ensure_future(_post(office))
        await office.clock.somebody_sleeps()
        waiting = office.slack.inbox(TEAM, ANN)
        office.clock.move_by(dt.timedelta(seconds=40))
        await posting

        assert waiting == []
        assert len(office.slack.inbox(TEAM, ANN)) == 1
