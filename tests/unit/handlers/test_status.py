"""The everyday words: where things stand, who is across, help, and being away."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.action_item import ActionItem
from alliance.away import DayHasPassed, TooFarAhead
from alliance.charter import CharterState
from alliance.checkin import Checkin, CheckinAnswer, Course
from alliance.checkpoint import Checkpoint
from alliance.escalation import State
from alliance.ids import ActionItemId, CheckinId, CheckpointId, MemberId
from alliance.pulse import PulseAnswer
from alliance.roster import Roster, Tier
from handlers.intents import SetAway, ShowCounterparts, ShowHelp, ShowStatus
from handlers.status import AwaySet, CounterpartsShown, HelpShown, StatusShown
from handlers.time_intents import OpenCheckin, OpenPulse, SendDigest
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter_version
from tests.fakes.calendars import day
from tests.fakes.driving import Driver
from tests.fakes.escalations import make_play
from tests.fakes.pulses import make_pulse

TOMORROW = MONDAY + dt.timedelta(days=1)


@pytest.fixture
def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def status(driver: Driver, key: str) -> StatusShown:
    reply = await driver.ask(key, ShowStatus(alliance_id=ALLIANCE))
    assert isinstance(reply, StatusShown)
    return reply


async def test_a_quiet_alliance_has_its_charter_and_nothing_else(driver: Driver) -> None:
    shown = await status(driver, "dc-op1")

    assert (shown.charter.in_force, shown.charter.pending) == (1, None)
    assert (shown.checkin, shown.pulse, shown.checkpoint) == (None, None, None)
    assert (shown.open_escalations, shown.waiting, shown.items, shown.coming) == (0, (), (), ())


async def test_a_version_that_waits_for_signatures_names_who_is_missing(driver: Driver) -> None:
    proposed = make_charter_version(state=CharterState.PROPOSED, version=2)
    async with driver.open_uow() as uow:
        await uow.charters.save(replace(proposed, signatures={DC: (MemberId("dc-ex1"), MONDAY)}))
        await uow.commit()

    charter = (await status(driver, "dc-op1")).charter

    assert (charter.in_force, charter.pending, charter.pending_state, charter.missing) == (
        1,
        2,
        CharterState.PROPOSED,
        (MC,),
    )


async def test_open_rounds_are_shown_to_the_invited_and_say_whether_they_answered(driver: Driver) -> None:
    me, other = MemberId("dc-op1"), MemberId("dc-op2")
    checkin = Checkin(CheckinId("c1"), ALLIANCE, 1, day("2026-02-03"), TOMORROW, invited={DC: (me, other), MC: ()})
    pulse = replace(make_pulse(dc=(me,), mc=()), closes_at=TOMORROW)
    checkpoint = Checkpoint(
        CheckpointId("p1"), ALLIANCE, 1, day("2026-02-03"), MONDAY, TOMORROW, invited={DC: (MemberId("dc-mgr1"),)}
    )
    async with driver.open_uow() as uow:
        await uow.checkins.save(checkin)
        await uow.checkins.save_answer(checkin.id, CheckinAnswer(other, DC, Course.ON_TRACK, "a", "", ""))
        await uow.pulses.add(pulse)
        await uow.pulses.get(pulse.id)
        await uow.pulses.save_answer(pulse.id, "a key", PulseAnswer(DC, {"trust.we": 4}), by=me)
        await uow.checkpoints.save(checkpoint)
        await uow.commit()

    mine, theirs, manager = [await status(driver, key) for key in ("dc-op1", "dc-op2", "dc-mgr1")]

    assert mine.checkin is not None
    assert mine.pulse is not None
    assert theirs.checkin is not None
    assert manager.checkpoint is not None
    assert (mine.checkin.answered, mine.pulse.answered) == (False, True)
    assert (theirs.checkin.answered, theirs.pulse) == (True, None)
    assert (manager.checkin, manager.pulse, manager.checkpoint.answered) == (None, None, False)
    driver.now = TOMORROW
    assert (await status(driver, "dc-op1")).checkin is None


async def test_an_escalation_is_counted_for_all_and_named_to_those_whose_turn_it_is(driver: Driver) -> None:
    async with driver.open_uow() as uow:
        await uow.escalations.save(make_play("dc-op1").case)
        await uow.commit()

    asked, elsewhere = await status(driver, "mc-op1"), await status(driver, "mc-op2")

    assert [(m.number, m.title, m.state) for m in asked.waiting] == [(1, "The pilot slips", State.ACKNOWLEDGING)]
    assert (elsewhere.open_escalations, elsewhere.waiting) == (1, ())


async def test_own_action_items_and_own_next_dates_are_shown(driver: Driver) -> None:
    async with driver.open_uow() as uow:
        for number, owner in ((1, "dc-op1"), (2, "mc-op1")):
            item = ActionItem(
                ActionItemId(f"i{number}"),
                ALLIANCE,
                number,
                "Book a room",
                MemberId(owner),
                day("2026-01-30"),
                "escalation 1",
                MONDAY,
            )
            await uow.action_items.save(item)
        for side in (DC, MC):
            for intent in (
                OpenCheckin(alliance_id=ALLIANCE, day=day("2026-02-03"), side=side),
                OpenPulse(alliance_id=ALLIANCE, day=day("2026-02-04"), side=side),
                SendDigest(alliance_id=ALLIANCE, week=day("2026-02-02"), side=side),
            ):
                hours = 24 if side == DC else 17
                at = MONDAY + dt.timedelta(hours=hours)
                await uow.timers.set(f"{side}:{type(intent).__name__}", ALLIANCE, intent, at)
        await uow.commit()

    mine, executive = await status(driver, "dc-op1"), await status(driver, "mc-ex1")

    assert [item.number for item in mine.items] == [1]
    assert {c.what: c.at for c in mine.coming} == dict.fromkeys(("check-in", "pulse"), TOMORROW)
    assert {c.what for c in executive.coming} == {"check-in", "pulse", "digest"}
    assert {c.at for c in executive.coming} == {MONDAY + dt.timedelta(hours=17)}


async def test_everybody_sees_who_is_across_and_a_mediator_is_across_from_nobody(driver: Driver) -> None:
    mine = await driver.ask("dc-mgr2", ShowCounterparts(alliance_id=ALLIANCE))
    neutral = await driver.ask("mediator", ShowCounterparts(alliance_id=ALLIANCE))

    assert isinstance(mine, CounterpartsShown)
    assert isinstance(neutral, CounterpartsShown)
    assert mine.counterpart == "mc-mgr2"
    assert neutral.counterpart is None
    assert len(mine.rows) == 12
    assert mine.rows == neutral.rows


async def test_help_is_for_the_own_tier(driver: Driver) -> None:
    reply = await driver.ask("mc-ex1", ShowHelp(alliance_id=ALLIANCE, unknown="sgn"))

    assert reply == HelpShown(Tier.EXECUTIVE, "sgn")


async def test_away_is_kept_until_the_day_or_until_back(driver: Driver) -> None:
    until = day("2026-02-13")

    assert await driver.ask("dc-op1", SetAway(alliance_id=ALLIANCE, until=until)) == AwaySet(ALLIANCE, until)
    away = await status(driver, "dc-op1")
    assert await driver.ask("dc-op1", SetAway(alliance_id=ALLIANCE, until=None)) == AwaySet(ALLIANCE, None)
    back = await status(driver, "dc-op1")

    assert away.member.is_away(until)
    assert not away.member.is_away(until + dt.timedelta(days=1))
    assert back.member.away_until is None


async def test_a_day_is_past_or_not_by_the_companys_own_calendar(driver: Driver) -> None:
    driver.now = dt.datetime(2026, 2, 3, 2, 0, tzinfo=dt.UTC)  # still Monday in Chicago
    monday = SetAway(alliance_id=ALLIANCE, until=day("2026-02-02"))

    await driver.ask("dc-op1", monday)
    with pytest.raises(DayHasPassed):
        await driver.ask("mc-op1", monday)
    with pytest.raises(TooFarAhead):
        await driver.ask("mc-op1", SetAway(alliance_id=ALLIANCE, until=day("2027-03-01")))
    assert (await status(driver, "mc-op1")).member.away_until is None
