"""The pace of calls to Teams: per conversation, per tenant, and as long as it asks to wait."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.messages.blocks import Message, paragraph
from bot.platform import RateLimited
from bot.teams import limits
from sandbox.teams import REAL_LIMITS
from storage.unit_of_work import OpenUnitOfWork
from tests.contract.test_teams_platform import opened, posted
from tests.fakes.teams_bot import MIA, TENANT, TOM
from tests.fakes.teams_room import RoomStage, room_stage


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def test_after_a_429_nothing_more_goes_to_that_chat_until_teams_allows_it(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, TOM)
    before = stage.teams.counts["send"]
    stage.teams.fail_next("send", status=429, retry_after=30)
    with pytest.raises(RateLimited):
        await posted(stage)
    stage.clock.move_by(dt.timedelta(seconds=10))
    with pytest.raises(RateLimited, match="20 s"):
        await posted(stage)

    assert stage.teams.counts["send"] == before + 1
    await posted(stage, address=TOM)
    stage.clock.move_by(dt.timedelta(seconds=20))
    await posted(stage)


async def test_our_pace_meets_the_limits_of_teams_and_never_runs_into_them(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, limits=REAL_LIMITS) as stage:
        chat = await opened(stage)
        posts = [
            asyncio.create_task(
                stage.room.platform.post(stage.workspace, chat, paragraph_of(n), under=None, marker=f"delivery-{n}")
            )
            for n in range(70)
        ]
        await let_go(posts, stage)

        assert len(stage.teams.inbox(TENANT, MIA)) == 70
        assert not [call for call in stage.teams.requests if call.status == 429]
        assert stage.clock.now() - dt.timedelta(seconds=30) > stage.teams.inbox(TENANT, MIA)[0].sent_at


async def test_a_tenant_gets_no_more_at_once_than_teams_allows_an_app_there(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, limits=REAL_LIMITS) as stage:
        people = [f"aaaaaaaa-0000-4000-8000-9{number:011}" for number in range(70)]
        for person in people:
            stage.teams.add_person(TENANT, person, f"Person {person[-2:]}", email=f"{person}@mc.example")
        began = stage.clock.now()
        work = [asyncio.create_task(opened(stage, person)) for person in people]
        await let_go(work, stage)

        asked = [call for call in stage.teams.requests if call.operation == "create"]
        assert [call.status for call in asked if call.status == 429] == []
        assert len([call for call in asked if call.at < began + dt.timedelta(seconds=1)]) == limits.TENANT[0].count


def paragraph_of(number: int) -> Message:
    return Message(f"Note {number}", (paragraph(f"Note {number}"),))


async def let_go(posts: Sequence[asyncio.Task[Any]], stage: RoomStage) -> None:
    """Move the clock from sleeper to sleeper, each time letting everybody who is awake finish."""
    while left := [post for post in posts if not post.done()]:
        if len(left) > len(stage.clock._sleepers):
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        elif due := stage.clock.next_sleeper():
            stage.clock.move_to(due)
