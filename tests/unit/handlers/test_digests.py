"""The weekly digest: every week to both companies' executives at their own hour, the same content for both."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.action_item import ActionItem
from alliance.audience import ToMember, audience
from alliance.charter import CharterState, DigestTerms
from alliance.checkin import Checkin
from alliance.digest import Digest
from alliance.errors import NotPermitted
from alliance.ids import ActionItemId, MemberId, SideKey
from alliance.notices import DigestReady, WarningFound
from alliance.pulse import Pulse, PulseResults
from alliance.roster import Roster
from alliance.rounds import RoundState
from handlers.call import Call
from handlers.checkpoints import schedule_first as schedule_checkpoints
from handlers.digests import DigestShown, NoDigestYet, schedule_first
from handlers.intents import CallCheckpoint, RaiseEscalation, ShowDigest
from handlers.time_intents import SendDigest
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver
from tests.fakes.results import make_dimension, make_results, make_summary

STUTTGART = utc("2026-02-09 07:00")
CHICAGO = utc("2026-02-09 14:00")


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """The alliance on the Monday on which its charter came into force, with its first digests promised."""
    driver = Driver(engine, open_uow, MONDAY)
    assert await schedule(driver, roster) == dt.date(2026, 2, 9)
    return driver


async def schedule(driver: Driver, roster: Roster) -> dt.date | None:
    async with driver.open_uow() as uow:
        version = await uow.charters.in_force(ALLIANCE)
        call = Call(uow=uow, roster=roster, member=None, now=driver.now)
        day = await schedule_first(call, version)
        await schedule_checkpoints(call, version)
        await uow.commit()
    return day


async def sent(driver: Driver) -> list[DigestReady]:
    return [notice for notice in await driver.notices(DigestReady) if isinstance(notice, DigestReady)]


async def first_digest(driver: Driver) -> Digest:
    await driver.run_until(STUTTGART)
    (notice,) = await sent(driver)
    return notice.digest


async def keep_pulse(driver: Driver, results: PulseResults) -> None:
    async with driver.open_uow() as uow:
        pulse = Pulse(
            results.pulse_id, ALLIANCE, 1, results.number, results.day, (), results.closed_at, RoundState.CLOSED
        )
        await uow.pulses.add(pulse)
        await uow.pulses.save_results(results)
        await uow.commit()


async def keep_checkin(driver: Driver, number: int, closes_at: dt.datetime) -> None:
    summary = make_summary(number, answered=(5, 7))
    async with driver.open_uow() as uow:
        checkin = Checkin(summary.checkin_id, ALLIANCE, 1, summary.day, closes_at, RoundState.CLOSED)
        await uow.checkins.save(checkin)
        await uow.checkins.save_summary(summary)
        await uow.commit()


# --- when and to whom -------------------------------------------------------------------------------


async def test_each_company_s_executives_get_it_at_their_own_hour(driver: Driver, roster: Roster) -> None:
    await driver.run_until(STUTTGART)
    (first,) = await sent(driver)
    await driver.run_until(CHICAGO)
    _, second = await sent(driver)

    assert audience(first, roster) == (ToMember(MemberId("mc-ex1")), ToMember(MemberId("mc-ex2")))
    assert audience(second, roster) == (ToMember(MemberId("dc-ex1")), ToMember(MemberId("dc-ex2")))


async def test_both_read_the_same_although_the_world_moved_on_between(driver: Driver) -> None:
    await driver.run_until(STUTTGART)
    raising = RaiseEscalation(alliance_id=ALLIANCE, title="Price lists", facts="Two.", need="One.")
    await driver.ask("dc-op1", raising)

    await driver.run_until(CHICAGO)

    first, second = await sent(driver)
    assert first.digest == second.digest
    assert first.digest.is_quiet


async def test_it_comes_every_week_quiet_or_not(driver: Driver) -> None:
    await driver.run_until(MONDAY + dt.timedelta(weeks=8))

    weeks: dict[SideKey, list[dt.date]] = {
        side: [notice.digest.week for notice in await sent(driver) if notice.side == side] for side in (DC, MC)
    }
    mondays = [dt.date(2026, 2, 9) + dt.timedelta(weeks=n) for n in range(8)]
    assert weeks == {DC: mondays, MC: mondays}


async def test_the_next_one_begins_where_the_last_ended(driver: Driver) -> None:
    await driver.run_until(STUTTGART + dt.timedelta(weeks=1))

    first, second = (notice.digest for notice in await sent(driver) if notice.side == MC)
    assert first.since == MONDAY
    assert second.since == first.until == STUTTGART


async def test_a_late_one_is_still_sent_unless_the_next_is_due_as_well(driver: Driver) -> None:
    driver.now = STUTTGART + dt.timedelta(days=3)
    while await driver.dispatch.fall_due(driver.now):
        pass
    assert [notice.side for notice in await sent(driver)] == [MC, DC]

    driver.now = STUTTGART + dt.timedelta(days=16)
    while await driver.dispatch.fall_due(driver.now):
        pass
    assert len(await sent(driver)) == 2

    await driver.run_until(STUTTGART + dt.timedelta(days=21))
    assert (await sent(driver))[-1].digest.week == dt.date(2026, 3, 2)


async def test_an_amended_time_takes_the_place_of_the_promised_one(driver: Driver, roster: Roster) -> None:
    amended = replace(make_charter(), digest=DigestTerms(weekday=1, at=dt.time(9)))
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(amended))
        await uow.commit()

    await schedule(driver, roster)
    await driver.run_until(utc("2026-02-10 07:59"))

    assert [notice.side for notice in await sent(driver)] == [MC, DC]  # Tuesday 3 February, both
    assert {notice.digest.week for notice in await sent(driver)} == {dt.date(2026, 2, 2)}


# --- what is in it ----------------------------------------------------------------------------------


async def test_pulses_and_response_rates_since_the_last_one(driver: Driver) -> None:
    closed = replace(make_results(1, make_dimension(4.0, 3.6)), closed_at=MONDAY + dt.timedelta(days=2))
    before = replace(make_results(2), closed_at=MONDAY)
    for results in (closed, before):
        await keep_pulse(driver, results)
    await keep_checkin(driver, 1, MONDAY + dt.timedelta(days=3))
    await keep_checkin(driver, 0, MONDAY)

    digest = await first_digest(driver)

    assert [results.number for results in digest.results] == [1]
    assert [(point.dimension, point.means) for point in digest.trend] == [("trust", {DC: 4.0, MC: 3.6})]
    assert digest.checkin_response == {DC: (5, 7), MC: (7, 7)}
    assert not digest.is_quiet


async def test_open_matters_overdue_items_and_what_waits_for_executives(driver: Driver) -> None:
    raising = RaiseEscalation(alliance_id=ALLIANCE, title="Price lists", facts="Two.", need="One.")
    await driver.ask("dc-ex1", raising)
    async with driver.open_uow() as uow:
        item = ActionItem(
            ActionItemId("i1"), ALLIANCE, 1, "Send it", MemberId("mc-op1"), MONDAY.date(), "checkpoint", MONDAY
        )
        await uow.action_items.save(item)
        await uow.charters.save(make_charter_version(state=CharterState.PROPOSED, version=2))
        await uow.commit()

    digest = await first_digest(driver)

    (matter,) = digest.matters
    assert (matter.number, matter.title, matter.level, matter.age_days) == (1, "Price lists", "executives", 6)
    assert digest.overdue == {DC: 0, MC: 1}
    assert digest.decisions == (
        "Charter version 2 waits for the signature of DC and MC.",
        f"Escalation 1 stands with the executives: {matter.state}.",
    )


async def test_checkpoints_open_closed_and_ahead(driver: Driver) -> None:
    await driver.ask("dc-am", CallCheckpoint(alliance_id=ALLIANCE))

    digest = await first_digest(driver)

    (checkpoint,) = digest.checkpoints
    assert (checkpoint.day, checkpoint.state) == (MONDAY.date(), RoundState.CLOSED)
    assert digest.next_checkpoint == dt.date(2026, 3, 5)
    await driver.run_until(STUTTGART + dt.timedelta(weeks=1))
    assert (await sent(driver))[-1].digest.checkpoints == ()


async def test_slipping_action_items_are_warned_of_before_it_is_made_and_stand_in_one_digest(
    driver: Driver,
) -> None:
    async with driver.open_uow() as uow:
        for number in (1, 2, 3):
            await uow.action_items.save(
                ActionItem(
                    ActionItemId(f"i{number}"),
                    ALLIANCE,
                    number,
                    "Send it",
                    MemberId("mc-op1"),
                    MONDAY.date(),
                    "checkpoint",
                    MONDAY,
                )
            )
        await uow.commit()

    await driver.run_until(STUTTGART + dt.timedelta(weeks=1))

    assert len(await driver.notices(WarningFound)) == 2
    assert [len(notice.digest.warnings) for notice in await sent(driver) if notice.side == MC] == [1, 1]


# --- asking for it ----------------------------------------------------------------------------------


async def test_executives_and_alliance_managers_can_read_the_newest(driver: Driver) -> None:
    with pytest.raises(NoDigestYet):
        await driver.ask("dc-ex1", ShowDigest(alliance_id=ALLIANCE))
    digest = await first_digest(driver)

    assert await driver.ask("dc-ex1", ShowDigest(alliance_id=ALLIANCE)) == DigestShown(digest)
    assert await driver.ask("dc-am", ShowDigest(alliance_id=ALLIANCE)) == DigestShown(digest)
    with pytest.raises(NotPermitted):
        await driver.ask("dc-op1", ShowDigest(alliance_id=ALLIANCE))


async def test_nobody_can_send_one_by_hand(driver: Driver) -> None:
    forged = SendDigest(alliance_id=ALLIANCE, week=MONDAY.date(), side=DC)

    with pytest.raises(NotPermitted):
        await driver.ask("dc-am", forged)  # type: ignore[arg-type]
    assert await sent(driver) == []
