"""The pace of calls to Slack: per channel, per method and workspace, and as long as it asks to wait."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from bot.platform import RateLimited
from sandbox.slack import REAL_LIMITS
from storage.conversations import Conversation
from storage.unit_of_work import OpenUnitOfWork
from tests.contract.test_slack_platform import HELLO, in_time, posted
from tests.fakes.slack_bot import BEN, BOT, TEAM
from tests.fakes.slack_room import BUTTONS, RoomStage, room_stage


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def test_posts_into_one_channel_keep_slacks_pace(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, REAL_LIMITS) as stage:
        done = await in_time(stage, *(posted(stage, conversation="C1SHARED") for _ in range(12)))

        assert [answer.status for answer in stage.slack.requests] == [200] * len(stage.slack.requests)
        assert len(stage.slack.messages(TEAM, "C1SHARED")) == 12
        assert 9 <= max(done) <= 12


async def test_updates_and_openings_keep_their_tier(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, REAL_LIMITS) as stage:
        reference = await posted(stage, BUTTONS)
        updates = [stage.room.platform.update(stage.workspace, reference, HELLO) for _ in range(70)]
        done = await in_time(stage, *updates)

        assert all(answer.status == 200 for answer in stage.slack.requests)
        assert 70 <= max(done) <= 75


async def test_many_people_are_reached_within_the_workspaces_limit(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, REAL_LIMITS) as stage:
        for number in range(100):
            stage.slack.add_channel(TEAM, f"C9{number}", f"c{number}", [BOT, BEN])
        work = [
            stage.room.platform.post(stage.workspace, Conversation(f"C9{n}"), HELLO, under=None, marker=f"d{n}")
            for n in range(100)
        ]
        done = await in_time(stage, *work)

        assert all(answer.status == 200 for answer in stage.slack.requests)
        assert 14 <= max(done) <= 15


async def test_after_a_429_nothing_more_goes_out_until_slack_allows_it(stage: RoomStage) -> None:
    await posted(stage)
    stage.slack.fail_next("chat.postMessage", retry_after=30)
    with pytest.raises(RateLimited):
        await posted(stage)
    stage.clock.move_by(dt.timedelta(seconds=10))
    with pytest.raises(RateLimited, match="20 s"):
        await posted(stage)

    assert [made.method for made in stage.slack.requests].count("chat.postMessage") == 2
    stage.clock.move_by(dt.timedelta(seconds=20))
    await posted(stage)
