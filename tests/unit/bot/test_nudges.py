"""Homes that are drawn again beside the outbox: of those who have one, each by itself."""

import pytest

from alliance.roster import Member, Roster
from bot.nudges import Nudges
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.homes import looked_at_home

FIRST, SECOND, WITHOUT = "dc-op1", "dc-op2", "mc-op1"


async def test_the_home_of_each_who_has_one_is_drawn_once(open_uow: OpenUnitOfWork, roster: Roster) -> None:
    await looked_at_home(open_uow, FIRST, SECOND)
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
    await looked_at_home(open_uow, FIRST, SECOND)
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
