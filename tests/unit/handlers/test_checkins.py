"""Check-ins as they happen: opened by each side's hour, answered, reminded, closed for both at one instant."""

import datetime as dt
from dataclasses import replace
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToChannel, ToMember, audience
from alliance.checkin import CheckinOver, Course, NoCheckinOpen, NotInvited
from alliance.errors import AlreadyClosed, InvalidInput, NotAMember, NotFound, NotPermitted
from alliance.ids import AllianceId, CheckinId, MemberId
from alliance.notices import CheckinClosed, CheckinEnded, CheckinOpened, CheckinReminder, Notice, PointPassedOn
from alliance.roster import Roster
from alliance.rounds import RoundState
from handlers.call import Call
from handlers.checkins import CheckinAnswered, CheckinShown, schedule_first
from handlers.intents import AnswerCheckin, SetAway, ShowCheckin
from handlers.replies import AlreadyDone
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter_version, make_roster
from tests.fakes.calendars import day, utc
from tests.fakes.driving import Driver

N = TypeVar("N", bound=Notice)
TUESDAY = day("2026-02-03")
MC_OPENS, DC_OPENS = utc("2026-02-03T09:00"), utc("2026-02-03T16:00")
CLOSES = utc("2026-02-05T16:00")
"""Two working days after the later opening, Chicago's."""


async def begin(driver: Driver) -> dt.date | None:
    """The charter has just come into force: both sides' first openings are promised."""
    async with driver.open_uow() as uow:
        call = Call(uow=uow, roster=await uow.rosters.get(ALLIANCE), member=None, now=driver.now)
        first = await schedule_first(call, await uow.charters.in_force(ALLIANCE))
        await uow.commit()
    return first


async def told(driver: Driver, kind: type[N]) -> list[N]:
    return [notice for notice in await driver.notices(kind) if isinstance(notice, kind)]


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    made = Driver(engine, open_uow, MONDAY)
    await begin(made)
    return made


async def current(driver: Driver) -> CheckinId:
    async with driver.open_uow() as uow:
        (checkin,) = await uow.checkins.open_rounds(ALLIANCE)
    return checkin.id


def answer(
    checkin: CheckinId,
    course: Course = Course.ON_TRACK,
    in_the_way: str = "",
    *,
    alliance: AllianceId = ALLIANCE,
) -> AnswerCheckin:
    return AnswerCheckin(
        alliance_id=alliance,
        checkin_id=checkin,
        course=course,
        moved="Secret progress.",
        next="",
        in_the_way=in_the_way,
    )


# --- opening ----------------------------------------------------------------------------------------


async def test_the_first_check_in_is_on_the_first_local_date_of_either_side(driver: Driver) -> None:
    assert await begin(driver) == TUESDAY


async def test_each_side_is_asked_at_its_own_hour_and_both_close_at_one_instant(driver: Driver) -> None:
    await driver.run_until(MC_OPENS)
    first = await told(driver, CheckinOpened)
    await driver.run_until(DC_OPENS)
    both = await told(driver, CheckinOpened)

    assert [n.side for n in first] == [MC]
    assert [n.side for n in both] == [MC, DC]
    assert {n.closes_at for n in both} == {CLOSES}
    assert len({n.checkin_id for n in both}) == 1


async def test_a_side_that_gets_its_turn_again_is_not_asked_twice(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    await begin(driver)
    await driver.run_until(CLOSES)

    assert len(await told(driver, CheckinOpened)) == 2


async def test_the_next_round_comes_a_week_later_by_itself(driver: Driver) -> None:
    await driver.run_until(utc("2026-02-24T17:00"))

    assert len(await told(driver, CheckinOpened)) == 8
    assert len(await told(driver, CheckinClosed)) == 3


async def test_a_round_missed_by_more_than_a_day_is_left_out_for_both_sides(driver: Driver) -> None:
    driver.now = MC_OPENS + dt.timedelta(days=1, hours=1)  # Chicago is 18 hours late only
    await driver.run_until(utc("2026-02-09T00:00"))
    missed = await driver.notices()
    await driver.run_until(utc("2026-02-10T17:00"))

    assert missed == []
    assert len(await told(driver, CheckinOpened)) == 2


async def test_a_round_that_is_late_by_hours_is_opened(driver: Driver) -> None:
    driver.now = MC_OPENS + dt.timedelta(hours=20)
    await driver.run_until(driver.now)

    assert len(await told(driver, CheckinOpened)) == 2


async def test_the_second_side_joins_a_round_that_is_open_however_late_it_is(driver: Driver) -> None:
    await driver.run_until(MC_OPENS)
    driver.now = CLOSES - dt.timedelta(hours=1)
    await driver.run_until(driver.now)

    assert len(await told(driver, CheckinOpened)) == 2


async def test_after_a_long_silence_the_round_closes_and_only_the_next_one_opens(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = utc("2026-02-20T12:00")
    await driver.run_until(driver.now)

    assert len(await told(driver, CheckinClosed)) == 1
    assert len(await told(driver, CheckinOpened)) == 2
    await driver.run_until(utc("2026-02-24T17:00"))
    assert len(await told(driver, CheckinOpened)) == 4


async def test_a_running_round_keeps_its_version_and_the_other_side_still_joins_it(driver: Driver) -> None:
    await driver.run_until(MC_OPENS + dt.timedelta(hours=1))
    async with driver.open_uow() as uow:
        amended = make_charter_version(version=2, at=driver.now)
        await uow.charters.save(amended)
        call = Call(uow=uow, roster=await uow.rosters.get(ALLIANCE), member=None, now=driver.now)
        first = await schedule_first(call, amended)
        await uow.commit()
    await driver.run_until(DC_OPENS)

    assert first == day("2026-02-10")
    assert [n.side for n in await told(driver, CheckinOpened)] == [MC, DC]
    await driver.run_until(utc("2026-02-10T17:00"))
    assert len(await told(driver, CheckinOpened)) == 4


async def test_somebody_away_at_the_opening_hears_of_it_by_the_reminder_when_back(driver: Driver) -> None:
    await driver.ask("dc-op1", SetAway(alliance_id=ALLIANCE, until=TUESDAY))
    await driver.run_until(CLOSES - dt.timedelta(minutes=1))

    opened = await told(driver, CheckinOpened)
    reminded = await told(driver, CheckinReminder)
    assert not any("dc-op1" in n.members for n in opened)
    assert any("dc-op1" in n.members for n in reminded)


# --- reminding --------------------------------------------------------------------------------------


async def test_only_those_who_have_not_answered_and_are_here_are_reminded_twice_at_most(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)
    await driver.ask("mc-op1", answer(checkin))
    await driver.ask("mc-op2", SetAway(alliance_id=ALLIANCE, until=day("2026-02-04")))
    await driver.run_until(CLOSES - dt.timedelta(seconds=1))

    reminders = await told(driver, CheckinReminder)
    for key in ("mc-op3", "dc-op1"):
        assert sum(key in n.members for n in reminders) == 2
    assert not any("mc-op1" in n.members for n in reminders)
    assert sum("mc-op2" in n.members for n in reminders) == 1  # back on the day of the last reminder
    assert [n.last for n in reminders] == [False, False, True, True]


async def test_two_reminders_that_are_late_become_one(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = utc("2026-02-05T15:45")  # 9:45 in Chicago, 16:45 in Stuttgart, after every reminder's time
    await driver.run_until(driver.now)

    reminders = await told(driver, CheckinReminder)
    assert sum("dc-op1" in n.members for n in reminders) == 1
    assert sum("mc-op1" in n.members for n in reminders) == 1


async def test_a_reminder_that_is_late_waits_for_the_working_hours_of_its_side(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = utc("2026-02-05T03:00")  # the night before the close
    await driver.run_until(driver.now)
    night = await told(driver, CheckinReminder)
    await driver.run_until(utc("2026-02-05T08:30"))

    assert night == []
    reminders = await told(driver, CheckinReminder)
    assert reminders
    assert all(member.startswith("mc-") for n in reminders for member in n.members)


# --- answering --------------------------------------------------------------------------------------


async def test_an_answer_can_be_given_seen_and_changed_until_the_close(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)

    before = await driver.ask("dc-op1", ShowCheckin(alliance_id=ALLIANCE))
    given = await driver.ask("dc-op1", answer(checkin))
    await driver.ask("dc-op1", answer(checkin, Course.BLOCKED, "No access."))
    after = await driver.ask("dc-op1", ShowCheckin(alliance_id=ALLIANCE, checkin_id=checkin))

    assert isinstance(before, CheckinShown)
    assert before.open
    assert before.answer is None
    assert isinstance(given, CheckinAnswered)
    assert isinstance(after, CheckinShown)
    assert after.answer is not None
    assert (after.answer.course, after.answer.in_the_way) == (Course.BLOCKED, "No access.")
    async with driver.open_uow() as uow:
        assert len(await uow.checkins.answers(checkin)) == 1


async def test_the_same_press_twice_has_one_effect(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)

    await driver.ask("dc-op1", answer(checkin), same_as="press x")
    again = await driver.ask("dc-op1", answer(checkin, Course.BLOCKED, "Other."), same_as="press x")

    assert isinstance(again, AlreadyDone)
    async with driver.open_uow() as uow:
        (stored,) = await uow.checkins.answers(checkin)
    assert stored.course is Course.ON_TRACK


async def test_a_wrong_answer_is_refused_beside_its_fields_and_nothing_is_stored(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)

    with pytest.raises(InvalidInput) as refused:
        await driver.ask("dc-op1", answer(checkin, Course.BLOCKED))

    assert set(refused.value.fields) == {"in_the_way"}
    async with driver.open_uow() as uow:
        assert await uow.checkins.answers(checkin) == []


async def test_a_side_that_was_not_asked_yet_cannot_answer(driver: Driver) -> None:
    await driver.run_until(MC_OPENS)
    checkin = await current(driver)

    with pytest.raises(NotInvited):
        await driver.ask("dc-op1", answer(checkin))
    with pytest.raises(NoCheckinOpen):
        await driver.ask("dc-op1", ShowCheckin(alliance_id=ALLIANCE))


async def test_after_the_close_answers_are_refused_and_the_own_answer_can_be_read(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)
    await driver.ask("dc-op1", answer(checkin))
    await driver.run_until(CLOSES)

    with pytest.raises(AlreadyClosed):
        await driver.ask("dc-op1", answer(checkin, Course.BLOCKED, "Too late."))
    with pytest.raises(CheckinOver):
        await driver.ask("dc-op2", ShowCheckin(alliance_id=ALLIANCE, checkin_id=checkin))
    shown = await driver.ask("dc-op1", ShowCheckin(alliance_id=ALLIANCE, checkin_id=checkin))
    assert isinstance(shown, CheckinShown)
    assert not shown.open
    assert shown.answer is not None
    assert shown.answer.course is Course.ON_TRACK


async def test_who_may_not_answer_and_forged_ids_are_refused(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    checkin = await current(driver)
    other = AllianceId("al2")
    foreign = make_roster(other, people=1)
    stranger = replace(foreign.members[0], address="U-dc-op1")
    async with driver.open_uow() as uow:
        await uow.rosters.save(replace(foreign, members=(stranger, *foreign.members[1:])))
        await uow.commit()

    with pytest.raises(NotPermitted):
        await driver.ask("dc-mgr1", answer(checkin))
    with pytest.raises(NotFound):
        await driver.ask("dc-op1", answer(CheckinId("nowhere")))
    with pytest.raises(NotFound):
        await driver.ask("dc-op1", answer(checkin, alliance=other))
    with pytest.raises(NotAMember):
        await driver.ask("dc-op2", answer(checkin, alliance=other))
    async with driver.open_uow() as uow:
        assert await uow.checkins.answers(checkin) == []


# --- closing ----------------------------------------------------------------------------------------


async def close_with_points(driver: Driver) -> CheckinClosed:
    await driver.run_until(driver.now + dt.timedelta(days=7) if driver.now > CLOSES else DC_OPENS)
    checkin = await current(driver)
    await driver.ask("dc-op1", answer(checkin, Course.BLOCKED, "No access to the test system."))
    await driver.ask("mc-op2", answer(checkin, Course.AT_RISK, "A date for the training."))
    await driver.ask("mc-op3", answer(checkin))
    await driver.run_until(driver.now.replace(hour=16, minute=0) + dt.timedelta(days=2))
    return (await told(driver, CheckinClosed))[-1]


async def test_both_companies_get_one_summary_without_what_moved(driver: Driver) -> None:
    closed = await close_with_points(driver)
    roster = make_roster()

    assert [(s.side, s.answered, s.invited) for s in closed.summary.sides] == [(DC, 1, 7), (MC, 2, 7)]
    assert [(p.author, p.blocks) for p in closed.summary.points] == [("dc-op1", True), ("mc-op2", False)]
    assert "Secret progress." not in repr(closed)
    heard = audience(closed, roster)
    assert {roster.member(to.member_id).side for to in heard if isinstance(to, ToMember)} == {DC, MC}
    assert [to.side for to in heard if isinstance(to, ToChannel)] == [DC, MC]


async def test_a_point_reaches_the_counterpart_of_its_author(driver: Driver) -> None:
    await close_with_points(driver)

    passed = await told(driver, PointPassedOn)
    assert {(n.point.author, n.counterpart) for n in passed} == {("dc-op1", "mc-op1"), ("mc-op2", "dc-op2")}


async def test_the_message_in_which_people_answered_is_redrawn(driver: Driver) -> None:
    await close_with_points(driver)

    (ended,) = await told(driver, CheckinEnded)
    assert len(ended.members) == 14
    assert set(ended.answered) == {"dc-op1", "mc-op2", "mc-op3"}


async def test_a_blocker_that_does_not_change_is_named_as_standing(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    for week in range(3):
        await driver.run_until(DC_OPENS + dt.timedelta(weeks=week))
        await driver.ask("dc-op1", answer(await current(driver), Course.BLOCKED, "No access to it."))
    await driver.run_until(CLOSES + dt.timedelta(weeks=2))

    closed = await told(driver, CheckinClosed)
    assert [n.summary.points[0].rounds for n in closed] == [1, 2, 3]


async def test_a_round_without_answers_closes_with_an_honest_summary(driver: Driver) -> None:
    await driver.run_until(CLOSES)

    (closed,) = await told(driver, CheckinClosed)
    assert [s.answered for s in closed.summary.sides] == [0, 0]
    assert closed.summary.points == ()
    assert await told(driver, PointPassedOn) == []


async def test_a_closed_round_leaves_no_timer_and_one_verified_audit_entry(driver: Driver) -> None:
    closed = await close_with_points(driver)

    async with driver.open_uow() as uow:
        timers = await uow.timers.of(ALLIANCE)
        entries = await uow.audit.entries(ALLIANCE)
        assert await uow.audit.verify(ALLIANCE) is None
        assert await uow.audit.details(ALLIANCE) == {}
        stored = await uow.checkins.get(closed.summary.checkin_id)
    assert stored.state is RoundState.CLOSED
    assert not any(closed.summary.checkin_id in timer.key for timer in timers)
    (entry,) = [e for e in entries if e.event == "check-in closed"]
    assert entry.facts == {"answered dc": "1 of 7", "answered mc": "2 of 7", "blockers": "1", "needs": "1"}


async def test_a_member_who_left_during_the_round_is_neither_asked_nor_counted(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    async with driver.open_uow() as uow:
        leaver = await uow.rosters.member(MemberId("dc-op7"))
        await uow.rosters.save_member(replace(leaver, active=False))
        await uow.commit()
    await driver.run_until(CLOSES)

    (closed,) = await told(driver, CheckinClosed)
    assert closed.summary.sides[0].invited == 6
    reminded = await told(driver, CheckinReminder)
    assert not any("dc-op7" in n.members for n in reminded)
