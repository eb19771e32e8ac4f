import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from sandbox.teams import REAL_LIMITS, Message, Operation
from tests.fakes.teams_bot import APP_ID, MIA, TENANT, Json, Stage, teams_stage

HELLO: Json = {"type": "message", "text": "Hello"}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with teams_stage() as there:
        yield there


async def test_seven_messages_a_second_pass_and_the_eighth_is_told_how_long_to_wait() -> None:
    async with teams_stage(REAL_LIMITS) as stage:
        chat = await stage.bot.open_chat()

        statuses = [(await stage.bot.post(chat, HELLO)).status for _ in range(7)]
        refused = await stage.bot.post(chat, HELLO)
        stage.clock.move_by(dt.timedelta(seconds=1))
        again = await stage.bot.post(chat, HELLO)
        beyond_two_seconds = await stage.bot.post(chat, HELLO)

        assert statuses == [201] * 7
        assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
        assert refused.body["error"]["code"] == "TooManyRequests"
        assert again.status == 201
        assert (beyond_two_seconds.status, beyond_two_seconds.headers["Retry-After"]) == (429, "1")


async def test_fifty_calls_a_second_into_one_tenant_pass() -> None:
    async with teams_stage(REAL_LIMITS) as stage:
        for number in range(51):
            stage.teams.add_person(TENANT, f"p{number}", f"Person {number}", email=f"p{number}@mc.example")

        statuses = [
            (await stage.bot.call("POST", "", {"tenantId": TENANT, "members": [{"id": f"p{number}"}]})).status
            for number in range(51)
        ]

        assert statuses == [201] * 50 + [429]


async def test_a_fault_meets_the_next_calls_of_its_operation_alone(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    stage.teams.fail_next(Operation.SEND, status=429, retry_after=7, times=2)
    stage.teams.fail_next("send", status=502, body="<html>Bad Gateway</html>")
    stage.teams.fail_next("update", status=412)

    answers = [await stage.bot.post(chat, HELLO) for _ in range(4)]
    updated = await stage.bot.call("PUT", f"/{chat}/activities/{answers[3].body['id']}", HELLO)

    assert [called.status for called in answers] == [429, 429, 502, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[2].text == "<html>Bad Gateway</html>"
    assert (updated.status, updated.body["error"]["code"]) == (412, "PreconditionFailed")
    assert len(stage.teams.inbox(TENANT, MIA)) == 1


async def test_a_fault_after_accepting_leaves_the_message_there(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    stage.teams.fail_next("send", status=504, after_accepting=True)

    called = await stage.bot.post(chat, HELLO)

    assert called.status == 504
    assert [message.text for message in stage.teams.inbox(TENANT, MIA)] == ["Hello"]


async def test_a_slow_answer_waits_for_the_clock(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    accepted = asyncio.Event()
    stage.teams.on_message(lambda _message, _change: accepted.set())
    stage.teams.fail_next("send", status=None, delay=20)

    slow = asyncio.create_task(stage.bot.post(chat, HELLO))
    await accepted.wait()
    asleep_until = stage.clock.next_sleeper()
    stage.clock.move_by(dt.timedelta(seconds=20))

    assert asleep_until == stage.clock.now()
    assert (await slow).status == 201


async def test_what_was_asked_is_on_record(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    await stage.bot.post(chat, HELLO)
    await stage.bot.post(chat, {"type": "message"})

    assert stage.teams.counts == {"token": 1, "create": 1, "send": 2}
    good, bad = stage.teams.requests[-2:]
    assert (good.operation, good.status, good.code, good.body) == (Operation.SEND, 201, None, HELLO)
    assert (bad.status, bad.code) == (400, "BadArgument")
    assert good.at == stage.clock.now()
    assert all("secret" not in str(record.body) for record in stage.teams.requests)


async def test_people_and_chats_have_the_same_ids_in_every_run() -> None:
    seen: list[tuple[str, str]] = []

    for _ in range(2):
        async with teams_stage() as stage:
            seen.append((stage.teams.directory.person(TENANT, MIA).id, await stage.bot.open_chat()))

    assert seen[0] == seen[1]
    assert APP_ID not in seen[0][0]


async def test_a_listener_sees_the_message_as_it_stands(stage: Stage) -> None:
    heard: list[Message] = []
    stage.teams.on_message(lambda message, _change: heard.append(message))

    await stage.bot.post(await stage.bot.open_chat(), HELLO)

    assert heard == stage.teams.inbox(TENANT, MIA)
