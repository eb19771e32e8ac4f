"""Homes that are drawn again beside the outbox: of those who have one, each by itself."""

import pytest

from alliance.audience import ToHome
from alliance.ids import MemberId
from alliance.roster import Member, Roster
from bot.nudges import Nudges
from storage.homes import HOME
from storage.outbox import Reference
from storage.posts import Post
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE

FIRST, SECOND, WITHOUT = "dc-op1", "dc-op2", "mc-op1"


async def look(open_uow: OpenUnitOfWork, *members: str) -> None:
    async with open_uow() as uow:
        for member in members:
            await uow.posts.keep(Post(ALLIANCE, ToHome(MemberId(member)), HOME, Reference("home", "V1")))
        await uow.commit()


async def test_the_home_of_each_who_has_one_is_drawn_once(open_uow: OpenUnitOfWork, roster: Roster) -> None:
    await look(open_uow, FIRST, SECOND)
    drawn: list[str] = []

    async def draw(member: Member) -> None:
        drawn.append(member.key)

    nudges = Nudges(open_uow, draw)
    for key in (FIRST, WITHOUT, SECOND, FIRST):
        nudges(roster.by_key(key))
    await nudges.idle()
    assert sorted(drawn) == [FIRST, SECOND]

    nudges(roster.by_key(SECOND))
    await nudges.idle()
    assert sorted(drawn) == [FIRST, SECOND, SECOND]


async def test_a_home_that_cannot_be_drawn_keeps_no_other_from_it(
    open_uow: OpenUnitOfWork, roster: Roster, caplog: pytest.LogCaptureFixture
) -> None:
    await look(open_uow, FIRST, SECOND)
    drawn: list[str] = []

    async def draw(member: Member) -> None:
        if member.key == FIRST:
            raise ValueError("a bug")
        drawn.append(member.key)

    nudges = Nudges(open_uow, draw)
    for key in (FIRST, SECOND):
        nudges(roster.by_key(key))
    await nudges.idle()

    assert drawn == [SECOND]
    assert [record.message for record in caplog.records] == ["home not drawn again"]
    assert FIRST not in caplog.text
