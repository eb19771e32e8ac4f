"""What may have been posted to Slack before a crash is found by its mark, and not posted a second time."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable

import pytest

from bot.messages.blocks import Message
from bot.platform import RateLimited, Unavailable
from bot.slack import limits
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.unit_of_work import OpenUnitOfWork
from tests.contract.test_slack_platform import HELLO, LONG, in_time, posted, within_a_minute
from tests.fakes.slack_bot import ANN, TEAM
from tests.fakes.slack_room import BUTTONS, RoomStage, room_stage


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def posted_in_doubt(
    stage: RoomStage, message: Message = BUTTONS, under: Reference | None = None, conversation: str = "D1ANN"
) -> Reference:
    return await stage.room.platform.post(
        stage.workspace, Conversation(conversation), message, under=under, marker="delivery-1-n1", in_doubt=True
    )


async def lost(stage: RoomStage, work: Awaitable[object]) -> None:
    """Let Slack accept what is posted, and nobody hear of it."""
    stage.slack.fail_next("chat.postMessage", after_accepting=True, status=500)
    with pytest.raises(Unavailable):
        await work


async def test_a_message_is_found_by_its_marker_after_a_lost_answer(stage: RoomStage) -> None:
    await lost(stage, posted(stage, BUTTONS))

    found = await posted_in_doubt(stage)

    [shown] = stage.slack.inbox(TEAM, ANN)
    assert found == Reference("D1ANN", shown.ts)


async def test_what_was_not_posted_is_posted(stage: RoomStage) -> None:
    await stage.room.platform.open_conversation(stage.workspace, ANN)

    reference = await posted_in_doubt(stage)

    assert [shown.ts for shown in stage.slack.inbox(TEAM, ANN)] == [reference.message]
    assert stage.slack.accepted["conversations.history"] == 1
    assert stage.slack.requests[-2].payload["limit"] == str(limits.HISTORY_PAGE)


async def test_a_reply_is_found_in_its_thread_however_long_that_is(stage: RoomStage) -> None:
    stage.slack.world.workspace(TEAM).most_read = 2
    above = await posted(stage)
    for number in range(4):
        await within_a_minute(stage, posted_as(stage, f"another-{number}", above))
    await lost(stage, in_time(stage, posted(stage, HELLO, above)))
    stage.clock.move_by(dt.timedelta(seconds=10))
    stage.slack.fail_next("conversations.replies", delay=0.0)
    stage.slack.fail_next("conversations.replies", retry_after=3)

    found = await within_a_minute(stage, posted_in_doubt(stage, HELLO, above))

    shown = stage.slack.inbox(TEAM, ANN)
    assert len(shown) == 6
    assert (found.message, shown[-1].thread_ts) == (shown[-1].ts, above.message)


async def posted_as(stage: RoomStage, marker: str, under: Reference) -> Reference:
    return await stage.room.platform.post(stage.workspace, Conversation("D1ANN"), HELLO, under=under, marker=marker)


async def test_a_reply_whose_thread_is_gone_is_found_among_the_messages(stage: RoomStage) -> None:
    gone = Reference("D1ANN", "1.000001")
    await posted(stage, HELLO, gone)

    found = await posted_in_doubt(stage, HELLO, gone)

    [shown] = stage.slack.inbox(TEAM, ANN)
    assert found.message == shown.ts


async def test_of_a_long_message_only_the_parts_that_are_not_there_are_posted_again(stage: RoomStage) -> None:
    whole = await within_a_minute(stage, posted(stage, LONG))
    for ts in whole.parts[1:]:
        stage.slack.world.workspace(TEAM).channels["D1ANN"].messages[ts].deleted = True

    again = await within_a_minute(stage, posted_in_doubt(stage, LONG))

    assert again.parts[0] == whole.parts[0]
    assert [shown.ts for shown in stage.slack.inbox(TEAM, ANN)] == list(again.parts)
    assert (again.message, len(again.parts)) == (again.parts[-1], len(whole.parts))


@pytest.mark.parametrize(("granted", "shown"), [(False, 2), (True, 1)])
async def test_in_a_channel_it_is_found_only_where_the_operator_lets_channels_be_read(
    stage: RoomStage, granted: bool, shown: int
) -> None:
    stage.slack.world.workspace(TEAM).may_read_channels = granted
    await posted(stage, conversation="C1SHARED")

    await posted_in_doubt(stage, HELLO, conversation="C1SHARED")

    assert len(stage.slack.messages(TEAM, "C1SHARED")) == shown


async def test_where_slack_refuses_to_look_it_is_posted_again(stage: RoomStage) -> None:
    await posted(stage)
    stage.slack.fail_next("conversations.history", error="unknown_method")

    await posted_in_doubt(stage, HELLO)

    assert len(stage.slack.inbox(TEAM, ANN)) == 2


async def test_looking_too_often_says_how_long_to_wait(stage: RoomStage) -> None:
    await posted(stage)
    stage.slack.fail_next("conversations.history", retry_after=60)

    with pytest.raises(RateLimited) as limited:
        await posted_in_doubt(stage)

    assert limited.value.retry_after == 60
    assert len(stage.slack.inbox(TEAM, ANN)) == 1
