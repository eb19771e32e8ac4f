"""Both companies put their clocks forward and back, weeks apart: no round is skipped or doubled, nor comes late."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.calendar import next_working_day
from alliance.ids import SideKey
from alliance.notices import CheckinClosed, CheckinOpened, DigestReady, Notice, PulseOpened
from alliance.roster import Roster
from handlers import checkins, digests, pulses
from handlers.call import Call
from storage.codec import notice_of
from storage.tables import NoticeRow
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import DC, MC, make_charter_version
from tests.fakes.calendars import CHICAGO, STUTTGART, utc
from tests.fakes.driving import Driver
from tests.fakes.escalating import a_matter
from tests.fakes.reliability import Counted

ZONES = {DC: CHICAGO, MC: STUTTGART}
SPRING = utc("2026-03-02T06:00"), utc("2026-04-05T20:00")
"""Chicago goes forward on 8 March, Stuttgart on 29 March."""
AUTUMN = utc("2026-10-19T05:00"), utc("2026-11-15T20:00")
"""Stuttgart goes back on 25 October, Chicago on 1 November."""


async def told(engine: AsyncEngine) -> list[tuple[dt.datetime, Notice]]:
    """Every notice with the instant at which it was told."""
    async with AsyncSession(engine) as session:
        rows = (await session.exec(select(NoticeRow).order_by(col(NoticeRow.created_at)))).all()
    return [(row.created_at, notice_of(row.kind, row.body)) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("season", [SPRING, AUTUMN], ids=["spring", "autumn"])
async def test_weeks_in_which_the_clocks_change_are_weeks_like_all_others(
    engine: AsyncEngine,
    open_uow: OpenUnitOfWork,
    roster: Roster,
    counted: Counted,
    season: tuple[dt.datetime, dt.datetime],
) -> None:
    begin, end = season
    weeks = (end - begin).days // 7 + 1
    async with open_uow() as uow:
        call = Call(uow=uow, roster=roster, member=None, now=begin)
        for recurring in (checkins, pulses, digests):
            await recurring.schedule_first(call, make_charter_version(at=begin))
        await uow.commit()
    driver = Driver(engine, open_uow, begin)
    await driver.run_until(begin + dt.timedelta(days=3))
    await driver.ask("dc-op1", a_matter())
    await driver.run_until(end)

    every = await told(engine)
    opened: Counter[tuple[type[Notice], SideKey, int]] = Counter()
    for at, notice in every:
        if isinstance(notice, CheckinOpened | PulseOpened | DigestReady):
            local = at.astimezone(ZoneInfo(ZONES[notice.side].zone))
            opened[type(notice), notice.side, local.isocalendar().week] += 1
            weekday, hour = HOURS[type(notice)]
            planned = local.date() - dt.timedelta(days=local.weekday() - weekday)
            assert (local.date(), local.time()) == (next_working_day(ZONES[notice.side], planned), hour), notice
    assert set(opened.values()) == {1}
    by_kind = Counter((kind, side) for kind, side, _ in opened)
    assert {by_kind[CheckinOpened, side] for side in ZONES} == {weeks}
    assert {by_kind[DigestReady, side] for side in ZONES} == {weeks}
    assert by_kind[PulseOpened, DC] == by_kind[PulseOpened, MC] >= weeks // 2
    assert sum(isinstance(notice, CheckinClosed) for _, notice in every) == weeks
    clock = roster.joint_clock
    steps = [at for at, notice in every if "Escalation" in type(notice).__name__][1:]
    assert steps
    assert all(clock.is_open(at) or clock.is_open(at - dt.timedelta(minutes=1)) for at in steps)
    async with open_uow(reads=True) as uow:
        assert await uow.timers.set_aside() == []
        assert await uow.audit.verify(roster.alliance_id) is None
    counted(
        "5 the clock jumps",
        f"{weeks} weeks in which both companies change their clocks, weeks apart ({begin:%B} on)",
        rounds_and_digests_opened=sum(opened.values()),
        doubled=sum(count - 1 for count in opened.values()),
        steps_of_an_escalation_in_joint_hours=len(steps),
    )


HOURS: dict[type, tuple[int, dt.time]] = {
    DigestReady: (0, dt.time(8)),
    CheckinOpened: (1, dt.time(10)),
    PulseOpened: (2, dt.time(10)),
}
