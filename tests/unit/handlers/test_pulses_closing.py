"""Pulses towards their close: reminders, results, comments, and what is left behind."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.calendar import hours_of, local_date
from alliance.ids import SideKey
from alliance.notices import PulseClosed, PulseComments, PulseEnded, PulseReminder
from alliance.pulse import Withheld
from alliance.roster import Roster
from handlers.time_intents import ClosePulse
from storage.tables import DeliveryRow, NoticeRow
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter_version
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver
from tests.fakes.pulse_rounds import (
    CLOSES,
    DC_OPENS,
    KEYS,
    answer,
    closed_pulse,
    schedule,
)


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """The sample alliance on Monday, its charter just in force and its first pulses promised."""
    made = Driver(engine, open_uow, MONDAY)
    await schedule(made, roster, make_charter_version())
    return made


# --- reminding --------------------------------------------------------------------------------------


async def test_two_reminders_at_most_reach_only_who_has_not_answered(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    for key in KEYS[:11]:
        await answer(driver, f"dc-{key}", 3)
        await answer(driver, f"mc-{key}", 3)

    await driver.run_until(CLOSES - dt.timedelta(minutes=1))

    told = [n for n in await driver.notices(PulseReminder) if isinstance(n, PulseReminder)]
    assert sorted((n.members, n.last) for n in told) == [
        (("dc-ex2",), False),
        (("dc-ex2",), True),
        (("mc-ex2",), False),
        (("mc-ex2",), True),
    ]


async def test_nobody_is_reminded_while_away_or_when_all_have_answered(driver: Driver, roster: Roster) -> None:
    await driver.run_until(DC_OPENS)
    for side in (DC, MC):
        for key in KEYS[:11]:
            await answer(driver, f"{side}-{key}", 3)
        async with driver.open_uow() as uow:
            member = roster.by_key(f"{side}-ex2")
            await uow.rosters.save_member(replace(member, away_until=dt.date(2026, 2, 12)))
            await uow.commit()

    await driver.run_until(CLOSES - dt.timedelta(minutes=1))

    assert await driver.notices(PulseReminder) == []


async def test_reminders_come_inside_the_working_hours_of_their_side(driver: Driver, roster: Roster) -> None:
    await driver.run_until(CLOSES - dt.timedelta(minutes=1))

    for notice in await driver.notices(PulseReminder):
        assert isinstance(notice, PulseReminder)
        side = roster.side(SideKey(notice.members[0][:2]))
        async with AsyncSession(driver.engine) as session:
            rows = (await session.exec(select(NoticeRow).where(NoticeRow.kind == "PulseReminder"))).all()
        for row in rows:
            if row.body["members"] == list(notice.members) and row.body["last"] == notice.last:
                at = row.created_at.replace(tzinfo=dt.UTC)
                assert any(lo <= at < hi for lo, hi in [hours(roster, side.key, at)])


def hours(roster: Roster, side: SideKey, at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    calendar = roster.side(side).calendar
    found = hours_of(calendar, local_date(at, calendar.zone))
    assert found is not None
    return found


async def test_a_reminder_held_up_until_the_night_waits_for_the_morning(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = utc("2026-02-05T23:30")
    while await driver.dispatch.fall_due(driver.now):
        pass
    at_night = await driver.notices(PulseReminder)

    await driver.run_until(utc("2026-02-06T16:30"))

    assert at_night == []
    assert len(await driver.notices(PulseReminder)) == 2


async def test_two_reminders_that_are_both_late_are_one(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = utc("2026-02-09T15:30")
    while await driver.dispatch.fall_due(driver.now):
        pass

    told = [n for n in await driver.notices(PulseReminder) if isinstance(n, PulseReminder)]
    assert [notice.last for notice in told] == [True, True]


# --- the close --------------------------------------------------------------------------------------


async def test_both_companies_are_told_one_result_at_one_moment(driver: Driver) -> None:
    told = await closed_pulse(driver)

    async with AsyncSession(driver.engine) as session:
        rows = (await session.exec(select(DeliveryRow).where(DeliveryRow.kind == "PulseClosed"))).all()
    assert len({row.notice_id for row in rows}) == 1
    assert {row.lane for row in rows} == {"slack:T0DC", "teams:tenant-mc"}
    assert told.results.response[DC].answered == told.results.response[MC].answered == 12
    assert {score.score is None for d in told.results.dimensions for score in d.sides} == {False}


async def test_results_are_kept_as_published(driver: Driver) -> None:
    told = await closed_pulse(driver, dc=5, mc=4)

    async with driver.open_uow() as uow:
        assert await uow.pulses.results(ALLIANCE, 10) == [told.results]
    assert told.results.dimensions[0].gap.withheld is Withheld.OTHER_SIDE_SHORT


async def test_a_pulse_that_nobody_answered_closes_too(driver: Driver) -> None:
    told = await closed_pulse(driver, dc=0, mc=0)

    assert {s.withheld for d in told.results.dimensions for s in d.sides} == {Withheld.TOO_FEW}


async def test_closing_twice_tells_once(driver: Driver) -> None:
    told = await closed_pulse(driver)

    async with driver.open_uow() as uow:
        intent = ClosePulse(alliance_id=ALLIANCE, pulse_id=told.results.pulse_id)
        await uow.timers.set("again", ALLIANCE, intent, driver.now)
        await uow.commit()
    await driver.dispatch.fall_due(driver.now)

    assert len(await driver.notices(PulseClosed)) == 1


async def test_a_close_that_comes_days_late_still_happens(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = CLOSES + dt.timedelta(days=4)
    while await driver.dispatch.fall_due(driver.now):
        pass

    assert len(await driver.notices(PulseClosed)) == 1


async def test_comments_go_to_the_own_side_when_ten_answered_and_stay_unread_otherwise(
    driver: Driver,
) -> None:
    await closed_pulse(driver, dc=10, mc=9, comment="Words")

    told = [n for n in await driver.notices(PulseComments) if isinstance(n, PulseComments)]
    by_side = {notice.side: notice.comments for notice in told}
    assert sorted(by_side[DC] or ()) == sorted(f"Words of dc {n}" for n in range(10))
    assert by_side[MC] is None


async def test_comments_that_nobody_may_read_are_not_kept(driver: Driver) -> None:
    await closed_pulse(driver, dc=10, mc=9, comment="Words")

    async with driver.open_uow() as uow:
        pulse = await uow.pulses.newest(ALLIANCE)
        assert pulse is not None
        assert len(await uow.pulses.comments(pulse.id, DC)) == 10
        assert await uow.pulses.comments(pulse.id, MC) == []


async def test_everybody_who_was_invited_is_told_that_it_is_over_alike(driver: Driver) -> None:
    await closed_pulse(driver, dc=5, mc=5)

    (told,) = await driver.notices(PulseEnded)
    assert isinstance(told, PulseEnded)
    assert len(told.members) == 24


async def test_the_audit_trail_holds_counts_alone(driver: Driver) -> None:
    await closed_pulse(driver, dc=6, mc=5, comment="Words")

    async with driver.open_uow() as uow:
        entries = [e for e in await uow.audit.entries(ALLIANCE) if e.event.startswith("pulse")]
    facts = [(entry.event, entry.actor, dict(entry.facts), entry.details_digest) for entry in entries]
    assert facts == [
        ("pulse opened", None, {"side": "mc", "invited": "12", "items": "4"}, None),
        ("pulse opened", None, {"side": "dc", "invited": "12", "items": "4"}, None),
        ("pulse closed", None, {"answered dc": "6 of 12", "answered mc": "5 of 12"}, None),
    ]


async def test_after_the_close_the_files_are_scrubbed_and_no_timer_of_the_round_is_left(
    driver: Driver,
) -> None:
    told = await closed_pulse(driver)

    async with driver.open_uow() as uow:
        keys = [timer.key for timer in await uow.timers.of(ALLIANCE)]
    assert driver.scrubs == 1
    assert sorted(keys) == ["al1:pulse:open:dc", "al1:pulse:open:mc"]
    assert told.results.pulse_id not in str(keys)


async def test_a_reminder_on_its_way_at_the_close_is_dropped_without_harm(driver: Driver) -> None:
    await driver.run_until(CLOSES - dt.timedelta(minutes=1))
    lane = "slack:T0DC"
    async with driver.open_uow() as uow:
        claimed = await uow.outbox.claim(lane, driver.now, 100)
        await uow.commit()
    await driver.run_until(CLOSES)

    reminders = [delivery for delivery in claimed if delivery.kind == "PulseReminder"]
    async with driver.open_uow() as uow:
        for delivery in reminders:
            await uow.outbox.sent(delivery, None, driver.now)
            await uow.outbox.later(delivery, driver.now, "slow", counts=True)
        await uow.commit()
    async with AsyncSession(driver.engine) as session:
        rows = await session.exec(select(DeliveryRow).where(col(DeliveryRow.kind) == "PulseReminder"))
        assert rows.all() == []
    assert reminders
