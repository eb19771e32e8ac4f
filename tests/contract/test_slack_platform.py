"""SlackPlatform against the stand-in: conversations, messages, updates, and every way in which Slack can fail."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import pytest

from bot.messages.blocks import Actions, Button, Message, Quote, Rule, TextBox, paragraph
from bot.messages.replies import said
from bot.platform import (
    ChatPlatform,
    MessageGone,
    NotConnected,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
    Unreachable,
)
from bot.slack import limits
from sandbox.slack import MessageChanged
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, BOT, TEAM, TOKEN
from tests.fakes.slack_room import BUTTONS, RoomStage, room_stage

HELLO = said("The pulse is open")
LONG = Message("A long digest", (*(paragraph("x" * 900), Rule()) * 40, Actions((Button("Fine", "v1.a.b.al1"),))))


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def posted(
    stage: RoomStage, message: Message = HELLO, under: Reference | None = None, conversation: str = "D1ANN"
) -> Reference:
    await stage.room.platform.open_conversation(stage.workspace, ANN)
    return await stage.room.platform.post(
        stage.workspace, Conversation(conversation), message, under=under, marker="delivery-1-n1"
    )


async def in_time(stage: RoomStage, *work: Awaitable[object]) -> list[float]:
    """Do all the work, moving the clock from sleeper to sleeper; when each was done, in seconds from now."""
    began, done = stage.clock.now(), list[float]()

    async def run(one: Awaitable[object]) -> None:
        await one
        done.append((stage.clock.now() - began).total_seconds())

    tasks = [asyncio.ensure_future(run(one)) for one in work]
    while not all(task.done() for task in tasks):
        sleeping = asyncio.ensure_future(stage.clock.somebody_sleeps())
        await asyncio.wait(
            {sleeping, *(task for task in tasks if not task.done())}, return_when=asyncio.FIRST_COMPLETED
        )
        if sleeping.done():
            # calls under way are let finish first, so that the clock does not run ahead of them
            await _answered(stage)
            stage.clock.move_to(stage.clock.next_sleeper() or stage.clock.now())
        sleeping.cancel()
    for task in tasks:
        task.result()
    return done


async def _answered(stage: RoomStage) -> None:
    before = -1
    while before != len(stage.slack.requests):
        before = len(stage.slack.requests)
        for _ in range(200):
            await asyncio.sleep(0)


def test_it_is_a_chat_platform(stage: RoomStage) -> None:
    platform: ChatPlatform = stage.room.platform

    assert platform is not None


# --- what works -----------------------------------------------------------------------------------------


async def test_a_token_says_whose_it_is(stage: RoomStage) -> None:
    assert await stage.room.platform.identify(TOKEN) == (TEAM, "Delta Corp", BOT)


async def test_a_token_that_slack_refuses_is_unavailable_in_clear_words(stage: RoomStage) -> None:
    with pytest.raises(Unavailable, match="refuses the token"):
        await stage.room.platform.identify("xoxb-nonsense")


async def test_a_person_has_a_direct_conversation_and_a_channel_is_its_own(stage: RoomStage) -> None:
    platform = stage.room.platform

    assert await platform.open_conversation(stage.workspace, ANN) == Conversation("D1ANN")
    assert await platform.open_conversation(stage.workspace, "C1SHARED") == Conversation("C1SHARED")
    assert stage.slack.accepted["conversations.open"] == 1


async def test_a_message_arrives_as_drawn_with_its_fallback_and_without_previews(stage: RoomStage) -> None:
    reference = await posted(stage, BUTTONS)

    shown = stage.seen(reference)
    assert shown.text == BUTTONS.summary
    assert [block["type"] for block in shown.blocks or []] == ["rich_text", "actions"]
    request = stage.slack.requests[-1].payload
    assert (request["unfurl_links"], request["unfurl_media"]) == (False, False)


async def test_what_people_wrote_is_shown_literally(stage: RoomStage) -> None:
    wild = "<!channel> @everyone <https://evil.example|click> {{x}} *b* \u202eright"

    shown = stage.seen(await posted(stage, Message(wild, (Quote(wild),))))

    assert "<!channel>" not in shown.text
    assert "&lt;!channel&gt;" in shown.text


async def test_a_reply_stands_in_the_thread_of_what_it_belongs_to(stage: RoomStage) -> None:
    first = await posted(stage)

    second = await posted(stage, BUTTONS, first)

    assert stage.seen(second).thread_ts == first.message


async def test_what_belongs_to_another_conversation_is_no_thread(stage: RoomStage) -> None:
    elsewhere = await posted(stage, conversation="C1SHARED")

    assert stage.seen(await posted(stage, BUTTONS, elsewhere)).thread_ts is None


async def test_a_reply_arrives_although_what_it_belongs_to_is_gone(stage: RoomStage) -> None:
    reference = await posted(stage, BUTTONS, Reference("D1ANN", "1.000001"))

    assert stage.seen(reference).thread_ts is None


async def test_a_message_is_replaced_in_its_place(stage: RoomStage) -> None:
    reference = await posted(stage, BUTTONS)

    await stage.room.platform.update(stage.workspace, reference, said("Acknowledged."))

    [shown] = stage.slack.inbox(TEAM, ANN)
    assert (shown.ts, shown.text) == (reference.message, "Acknowledged.")


async def test_a_long_message_comes_in_parts_and_is_known_by_its_buttons(stage: RoomStage) -> None:
    reference = await within_a_minute(stage, posted(stage, LONG))

    shown = stage.slack.inbox(TEAM, ANN)
    assert len(shown) > 1
    assert reference.message == shown[-1].ts
    assert shown[-1].blocks is not None
    assert shown[-1].blocks[-1]["type"] == "actions"
    marks = [(one.metadata or {})["event_payload"]["marker"] for one in shown]
    assert marks == [*(f"delivery-1-n1/{part}" for part in range(len(shown) - 1)), "delivery-1-n1"]


async def test_all_parts_of_a_message_are_redrawn_and_what_is_left_of_it_goes(stage: RoomStage) -> None:
    platform = stage.room.platform
    reference = await within_a_minute(stage, posted(stage, LONG))
    halves = Message("Half", (*(paragraph("y" * 900), Rule()) * 20, Actions((Button("Fine", "v1.a.b.al1"),))))

    halved = await within_a_minute(stage, platform.update(stage.workspace, reference, halves))
    drawn = [one.text for one in stage.slack.inbox(TEAM, ANN)]
    short = await platform.update(stage.workspace, halved, said("Done."))
    ended = [one.text for one in stage.slack.inbox(TEAM, ANN)]
    again = await within_a_minute(stage, platform.update(stage.workspace, short, halves))

    assert len(reference.parts) > len(halved.parts) > 1
    assert drawn == ["Half"] * len(halved.parts)
    assert (ended, short.parts) == (["Done."], ())
    assert (again.message, len(again.parts)) == (reference.message, len(halved.parts))


async def test_a_later_part_that_was_too_fast_is_tried_again_alone(stage: RoomStage) -> None:
    faults = iter([5])

    def after_the_first(_change: MessageChanged) -> None:
        for seconds in faults:
            stage.slack.fail_next("chat.postMessage", retry_after=seconds)

    stage.slack.on_message(after_the_first)
    await within_a_minute(stage, posted(stage, LONG))

    assert [answer.status for answer in stage.slack.requests].count(429) == 1
    assert len({one.text for one in stage.slack.inbox(TEAM, ANN)}) == 1
    assert sum(block["type"] == "divider" for one in stage.slack.inbox(TEAM, ANN) for block in one.blocks or []) == 40


async def within_a_minute(stage: RoomStage, work: Awaitable[Reference]) -> Reference:
    found: list[Reference] = []

    async def keep() -> None:
        found.append(await work)

    await in_time(stage, keep())
    return found[0]


# --- what fails -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"retry_after": 17}, RateLimited),
        ({"error": "ratelimited"}, RateLimited),
        ({"status": 500}, Unavailable),
        ({"status": 503}, Unavailable),
        ({}, Unavailable),
        ({"error": "fatal_error"}, Unavailable),
        ({"error": "internal_error"}, Unavailable),
        ({"error": "invalid_auth"}, NotConnected),
        ({"error": "token_revoked"}, NotConnected),
        ({"error": "account_inactive"}, NotConnected),
        ({"error": "missing_scope"}, NotConnected),
        ({"error": "channel_not_found"}, Unreachable),
        ({"error": "is_archived"}, Unreachable),
        ({"error": "not_in_channel"}, Unreachable),
        ({"error": "user_disabled"}, Unreachable),
        ({"error": "cannot_dm_bot"}, Unreachable),
        ({"error": "invalid_blocks"}, Rejected),
        ({"error": "msg_too_long"}, Rejected),
        ({"error": "something_new"}, Rejected),
    ],
)
async def test_each_failure_says_what_to_do_about_it(
    stage: RoomStage, fault: dict[str, object], expected: type[PlatformError]
) -> None:
    await stage.room.platform.open_conversation(stage.workspace, ANN)
    stage.slack.fail_next("chat.postMessage", **fault)  # type: ignore[arg-type]

    with pytest.raises(expected) as failed:
        await posted(stage)

    assert type(failed.value) is expected or isinstance(failed.value, Rejected)
    assert str(failed.value)


async def test_slack_is_given_ten_seconds(stage: RoomStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALL_TIMEOUT", 0.05)
    stage.slack.fail_next("conversations.open", delay=60)

    with pytest.raises(Unavailable, match="TimeoutError"):
        await posted(stage)
    stage.clock.move_by(dt.timedelta(seconds=60))


@pytest.mark.parametrize("address", ["U3ROBOT", "U4GONE", "U5GUEST", "U9NOBODY"])
async def test_who_cannot_be_written_to_is_unreachable(stage: RoomStage, address: str) -> None:
    with pytest.raises(Unreachable):
        await stage.room.platform.open_conversation(stage.workspace, address)


async def test_a_channel_without_the_bot_is_unreachable(stage: RoomStage) -> None:
    with pytest.raises(Unreachable, match="not_in_channel"):
        await posted(stage, conversation="C2CLOSED")


async def test_an_uninstalled_workspace_waits_with_a_clear_text(stage: RoomStage) -> None:
    stage.slack.revoke(TEAM)

    with pytest.raises(Unavailable, match="refuses the token of this workspace"):
        await posted(stage)


async def test_a_workspace_without_a_token_asks_slack_nothing(stage: RoomStage) -> None:
    with pytest.raises(Unavailable, match="no bot token"):
        await stage.room.platform.open_conversation(replace(stage.workspace, tokens={}), ANN)
    assert not stage.slack.requests


async def test_a_slack_that_cannot_be_reached_is_unavailable(stage: RoomStage) -> None:
    await stage.slack.stop()

    with pytest.raises(Unavailable, match="did not answer"):
        await stage.room.platform.open_conversation(stage.workspace, ANN)


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_what_cannot_be_redrawn_any_more_is_told_apart(stage: RoomStage, code: str) -> None:
    reference = await posted(stage)
    stage.slack.fail_next("chat.update", error=code)

    with pytest.raises(MessageGone):
        await stage.room.platform.update(stage.workspace, reference, HELLO)


async def test_a_deleted_message_cannot_be_replaced(stage: RoomStage) -> None:
    await posted(stage)

    with pytest.raises(Rejected, match="message_not_found"):
        await stage.room.platform.update(stage.workspace, Reference("D1ANN", "1.1"), HELLO)


async def test_a_message_with_too_many_questions_is_rejected_before_slack_sees_it(stage: RoomStage) -> None:
    boxes = tuple(TextBox(f"q{n}", "Question") for n in range(60))

    with pytest.raises(Rejected, match="render"):
        await posted(stage, Message("Too much", (*boxes, Actions((Button("Send", "v1.a.b.al1"),)))))
    assert stage.slack.accepted["chat.postMessage"] == 0
