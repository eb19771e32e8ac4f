"""What goes to many is read and worded for many, and for nobody otherwise than for one alone."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId, WorkspaceId
from alliance.notices import Notice, PulseEnded, PulseOpened
from alliance.roster import Platform, Roster
from bot.messages.catalog import TEMPLATES
from bot.messages.reader import Reader
from bot.messages.sample import ROSTER
from bot.preparing import FRESH, Prepared, Preparer
from schedules.deliveries import GiveUp, Unwanted
from storage.outbox import Delivery
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, MONDAY
from tests.fakes.clock import FakeClock
from tests.fakes.pulses import make_pulse

ANA, BEN, CLEO = (MemberId(key) for key in ("dc-op1", "dc-op2", "dc-op3"))
LANE = "slack:T0DC"
TOGETHER = [kind for kind, template in TEMPLATES.items() if template.same_for_side]


@pytest.mark.parametrize("kind", TOGETHER)
def test_what_is_worded_once_for_a_side_reads_the_same_for_each_of_its_members(kind: type[Notice]) -> None:
    template = TEMPLATES[kind]

    for notice in template.examples:
        for side in ROSTER.sides:
            readers = [Reader(ROSTER, member, side.key) for member in ROSTER.members if member.side == side.key]
            assert len({repr(template.words(notice, reader)) for reader in readers}) == 1


class Office:
    """A preparer, and how many transactions it has opened."""

    def __init__(self, open_uow: OpenUnitOfWork) -> None:
        self.open_uow = open_uow
        self.opened = 0
        self.clock = FakeClock(MONDAY)
        self.prepare = Preparer(self._counted, self.clock)

    @asynccontextmanager
    async def _counted(self, *, reads: bool = False) -> AsyncIterator[UnitOfWork]:
        self.opened += 1
        async with self.open_uow(reads=reads) as uow:
            yield uow

    async def tell(self, notice: Notice, *members: MemberId) -> list[Delivery]:
        recipients: dict[Recipient, str] = {ToMember(member): LANE for member in members}
        async with self.open_uow() as uow:
            await uow.outbox.append(NoticeId("n1"), notice, recipients=recipients, urgent=False, now=MONDAY)
            claimed = await uow.outbox.claim(LANE, MONDAY, 10)
            await uow.commit()
        return claimed

    async def change(self, what: Callable[[UnitOfWork], object]) -> None:
        async with self.open_uow() as uow:
            await what(uow)  # type: ignore[misc]
            await uow.commit()


PULSE = make_pulse()
OPENED = PulseOpened(
    alliance_id=ALLIANCE,
    pulse_id=PULSE.id,
    side=DC,
    items=PULSE.items,
    closes_at=PULSE.closes_at,
    minimum_answers=5,
    minimum_comments=10,
    members=(ANA, BEN, CLEO),
)


@pytest.fixture
async def office(open_uow: OpenUnitOfWork, roster: Roster) -> Office:
    """A pulse is open, and the company's workspace is connected."""
    made = Office(open_uow)
    async with open_uow() as uow:
        await uow.pulses.add(PULSE)
        await uow.workspaces.save(Workspace(WorkspaceId("w1"), Platform.SLACK, roster.side(DC).workspace, "DC"))
        await uow.commit()
    return made


async def test_others_of_the_same_notice_are_read_along_with_the_first(office: Office) -> None:
    ana, ben, cleo = await office.tell(OPENED, ANA, BEN, CLEO)

    first = await office.prepare(ana, [ben, cleo])
    others = [await office.prepare(ben, [cleo]), await office.prepare(cleo)]

    assert office.opened == 1
    assert isinstance(first, Prepared)
    assert [other.message is first.message for other in others if isinstance(other, Prepared)] == [True, True]
    assert len({found.address for found in (first, *others) if isinstance(found, Prepared)}) == 3


async def test_what_was_read_too_long_ago_is_read_again(office: Office) -> None:
    ana, ben = await office.tell(OPENED, ANA, BEN)
    await office.prepare(ana, [ben])

    await office.change(lambda uow: uow.pulses.save(replace(PULSE, state=type(PULSE.state).CLOSED)))
    office.clock.instant += dt.timedelta(seconds=FRESH + 1)

    assert await office.prepare(ben) == Unwanted()


async def test_a_change_of_the_roster_is_seen_at_once(office: Office, roster: Roster) -> None:
    (ana,) = await office.tell(OPENED, ANA)
    await office.prepare(ana)

    await office.change(lambda uow: uow.rosters.save_member(replace(roster.member(ANA), address="U9NEW")))
    found = await office.prepare(ana)

    assert isinstance(found, Prepared)
    assert found.address == "U9NEW"


async def test_a_redraw_of_what_was_never_sent_is_not_wanted_and_keeps_nobody_else_from_theirs(office: Office) -> None:
    ended = PulseEnded(alliance_id=ALLIANCE, pulse_id=PULSE.id, number=1, members=(ANA, BEN))
    ana, ben = await office.tell(ended, ANA, BEN)

    assert [await office.prepare(ana, [ben]), await office.prepare(ben)] == [Unwanted(), Unwanted()]


async def test_without_its_workspace_nothing_is_given_up(open_uow: OpenUnitOfWork, roster: Roster) -> None:
    del roster
    office = Office(open_uow)
    async with open_uow() as uow:
        await uow.pulses.add(PULSE)
        await uow.commit()
    (ana,) = await office.tell(OPENED, ANA)

    assert not isinstance(await office.prepare(ana), Prepared | GiveUp)
