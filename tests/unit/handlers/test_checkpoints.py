"""Checkpoints from their date to the retrospective: opened for both at once, answered, reminded, closed."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance import checkpoint as rules
from alliance.audience import ToChannel, ToMember, audience
from alliance.charter import CharterState, CheckpointTerms
from alliance.checkpoint import CriterionRating, Finding, Standing
from alliance.errors import InvalidInput, NotFound, NotInForce, NotPermitted
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.notices import CheckpointClosed, CheckpointEnded, CheckpointOpened, CheckpointReminder
from alliance.roster import Roster
from handlers.call import Call
from handlers.checkpoints import (
    CheckpointAnswered,
    CheckpointCalled,
    CheckpointForm,
    CheckpointInvitation,
    schedule_first,
)
from handlers.intents import AnswerCheckpoint, CallCheckpoint, ShowCheckpoint
from handlers.time_intents import OpenCheckpoint
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version, make_roster
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver

OPENS = utc("2026-03-05 15:00")
CLOSES = utc("2026-03-10 14:00")


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """The alliance on the Monday on which its charter came into force, with its first checkpoint promised."""
    driver = Driver(engine, open_uow, MONDAY)
    await schedule(driver, roster)
    return driver


async def schedule(driver: Driver, roster: Roster) -> dt.date | None:
    async with driver.open_uow() as uow:
        version = await uow.charters.in_force(ALLIANCE)
        day = await schedule_first(Call(uow=uow, roster=roster, member=None, now=driver.now), version)
        await uow.commit()
    return day


async def opened(driver: Driver) -> CheckpointOpened:
    (notice,) = await driver.notices(CheckpointOpened)
    assert isinstance(notice, CheckpointOpened)
    return notice


async def answer(
    driver: Driver, key: str, checkpoint_id: CheckpointId, *ratings: CriterionRating, **texts: str
) -> CheckpointAnswered:
    intent = AnswerCheckpoint(
        alliance_id=ALLIANCE,
        checkpoint_id=checkpoint_id,
        answers=texts or {"learned": "Much."},
        ratings=ratings,
    )
    reply = await driver.ask(key, intent)
    assert isinstance(reply, CheckpointAnswered)
    return reply


async def twin_alliance(open_uow: OpenUnitOfWork) -> AllianceId:
    """Another alliance of the same people, without a charter."""
    other = AllianceId("al2")
    people = (replace(m, id=MemberId(f"al2-{m.id}"), alliance_id=other) for m in make_roster().members)
    async with open_uow() as uow:
        await uow.rosters.save(replace(make_roster(other), members=tuple(people)))
        await uow.commit()
    return other


async def keys_of_timers(driver: Driver) -> set[str]:
    async with driver.open_uow() as uow:
        return {timer.key.removeprefix(f"{ALLIANCE}:") for timer in await uow.timers.of(ALLIANCE)}


# --- opening ----------------------------------------------------------------------------------------


async def test_the_first_date_of_the_charter_is_promised(driver: Driver, roster: Roster) -> None:
    assert await schedule(driver, roster) == dt.date(2026, 3, 5)
    assert await keys_of_timers(driver) == {"checkpoint:open"}


async def test_it_opens_for_managers_and_up_of_both_sides_in_one_notice(driver: Driver) -> None:
    await driver.run_until(OPENS - dt.timedelta(minutes=1))
    assert await driver.notices() == []

    await driver.run_until(OPENS)

    notice = await opened(driver)
    assert notice.closes_at == CLOSES
    assert notice.members == tuple(
        MemberId(f"{side}-{key}") for side in ("dc", "mc") for key in ("mgr1", "mgr2", "am", "ex1", "ex2")
    )
    assert "checkpoint:open" in await keys_of_timers(driver)


async def test_people_who_are_away_are_not_told(driver: Driver, roster: Roster) -> None:
    async with driver.open_uow() as uow:
        await uow.rosters.save_member(replace(roster.by_key("dc-am"), away_until=dt.date(2026, 3, 6)))
        await uow.rosters.save_member(replace(roster.by_key("mc-am"), away_until=dt.date(2026, 4, 6)))
        await uow.commit()

    await driver.run_until(OPENS)

    assert {MemberId("dc-am"), MemberId("mc-am")}.isdisjoint((await opened(driver)).members)
    async with driver.open_uow() as uow:
        (checkpoint,) = await uow.checkpoints.open_rounds(ALLIANCE)
    assert MemberId("dc-am") in checkpoint.invited[DC]  # back before it closes, so reminded and free to answer
    assert MemberId("mc-am") not in checkpoint.invited[MC]


async def test_one_that_was_missed_by_more_than_a_day_is_left_out_and_the_next_still_comes(driver: Driver) -> None:
    driver.now = OPENS + dt.timedelta(days=1, minutes=1)
    await driver.dispatch.fall_due(driver.now)
    assert await driver.notices() == []

    await driver.run_until(utc("2026-04-02 14:00"))

    assert (await opened(driver)).day == dt.date(2026, 4, 2)


async def test_after_the_last_date_nothing_more_is_promised(driver: Driver) -> None:
    await driver.run_until(utc("2026-04-30 12:00"))

    assert len(await driver.notices(CheckpointClosed)) == 2
    assert await keys_of_timers(driver) == set()


async def test_an_amendment_without_dates_takes_the_promise_back(driver: Driver, roster: Roster) -> None:
    charter = replace(make_charter(), checkpoints=CheckpointTerms())
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(charter))
        await uow.commit()

    assert await schedule(driver, roster) is None
    assert await keys_of_timers(driver) == set()


# --- calling one ------------------------------------------------------------------------------------


async def test_either_alliance_manager_can_call_one_now(driver: Driver) -> None:
    reply = await driver.ask("mc-am", CallCheckpoint(alliance_id=ALLIANCE))

    assert reply == CheckpointCalled(utc("2026-02-05 15:00"), invited=10)
    assert (await opened(driver)).day == MONDAY.date()


async def test_a_second_one_is_refused_while_one_is_open_and_on_the_same_day(driver: Driver) -> None:
    await driver.ask("mc-am", CallCheckpoint(alliance_id=ALLIANCE))

    with pytest.raises(rules.CheckpointStillOpen):
        await driver.ask("dc-am", CallCheckpoint(alliance_id=ALLIANCE))

    async with driver.open_uow() as uow:
        (checkpoint,) = await uow.checkpoints.open_rounds(ALLIANCE)
        await uow.checkpoints.save(rules.close(checkpoint))
        await uow.commit()
    with pytest.raises(rules.CheckpointHeldToday):
        await driver.ask("dc-am", CallCheckpoint(alliance_id=ALLIANCE))
    await opened(driver)


async def test_managers_cannot_call_one_and_nobody_can_before_the_charter(
    driver: Driver, open_uow: OpenUnitOfWork
) -> None:
    other = await twin_alliance(open_uow)

    with pytest.raises(NotPermitted):
        await driver.ask("dc-mgr1", CallCheckpoint(alliance_id=ALLIANCE))
    with pytest.raises(NotInForce):
        await driver.ask("dc-am", CallCheckpoint(alliance_id=other))
    assert await driver.notices() == []


async def test_a_called_one_that_is_open_stands_for_the_date_of_the_charter(driver: Driver) -> None:
    await driver.run_until(utc("2026-03-04 15:30"))
    await driver.ask("dc-am", CallCheckpoint(alliance_id=ALLIANCE))

    await driver.run_until(OPENS)

    assert (await opened(driver)).day == dt.date(2026, 3, 4)


async def test_time_s_intents_are_refused_from_people(driver: Driver) -> None:
    forged = OpenCheckpoint(alliance_id=ALLIANCE, day=MONDAY.date())

    with pytest.raises(NotPermitted):
        await driver.ask("dc-am", forged)  # type: ignore[arg-type]
    assert await driver.notices() == []


# --- answering --------------------------------------------------------------------------------------


async def test_an_answer_can_be_changed_until_the_close(driver: Driver) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id
    await answer(driver, "dc-mgr1", checkpoint_id, went_well="The visits.")
    await answer(driver, "dc-mgr1", checkpoint_id, CriterionRating("pilots", Standing.MET, 12.5), learned="Ask.")

    reply = await driver.ask("dc-mgr1", ShowCheckpoint(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id))

    assert isinstance(reply, CheckpointForm)
    assert reply.answer is not None
    assert reply.answer.answers == {"learned": "Ask."}
    assert reply.answer.ratings == (CriterionRating("pilots", Standing.MET, 12.5),)
    assert [criterion.key for criterion in reply.criteria] == ["pilots", "lead-time"]


async def test_the_word_checkpoint_shows_the_open_one(driver: Driver) -> None:
    with pytest.raises(rules.NoCheckpointOpen):
        await driver.ask("dc-mgr1", ShowCheckpoint(alliance_id=ALLIANCE))
    await driver.run_until(OPENS)

    reply = await driver.ask("dc-mgr1", ShowCheckpoint(alliance_id=ALLIANCE))

    assert isinstance(reply, CheckpointInvitation)
    assert not reply.answered


async def test_answers_are_refused_after_the_close_and_from_people_not_invited(driver: Driver) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id

    with pytest.raises(NotPermitted):
        await answer(driver, "dc-op1", checkpoint_id)
    with pytest.raises(NotFound):
        await answer(driver, "dc-mgr1", CheckpointId("forged"))
    with pytest.raises(NotFound):
        await answer(driver, "dc-mgr1", checkpoint_id, CriterionRating("forged", Standing.MET))
    with pytest.raises(InvalidInput):
        await answer(driver, "dc-mgr1", checkpoint_id, learned="  ")
    driver.now = CLOSES  # the close itself is a moment late
    with pytest.raises(rules.AnswersClosed):
        await answer(driver, "dc-mgr1", checkpoint_id)
    async with driver.open_uow() as uow:
        assert await uow.checkpoints.answers(checkpoint_id) == []


async def test_a_checkpoint_of_another_alliance_is_not_known_here(driver: Driver, open_uow: OpenUnitOfWork) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id
    other = await twin_alliance(open_uow)

    forged = ShowCheckpoint(alliance_id=other, checkpoint_id=checkpoint_id)
    with pytest.raises(NotFound):
        await driver.ask("dc-mgr1", forged)


async def test_a_member_who_joined_after_the_opening_is_refused_with_the_reason(driver: Driver, roster: Roster) -> None:
    await driver.run_until(OPENS)
    newcomer = replace(roster.by_key("dc-mgr1"), id=MemberId("new"), key="new", address="U-new")
    async with driver.open_uow() as uow:
        await uow.rosters.save(replace(roster, members=(*roster.members, newcomer)))
        await uow.commit()

    with pytest.raises(rules.NotInvited):
        await answer(driver, "new", (await opened(driver)).checkpoint_id)


# --- reminders --------------------------------------------------------------------------------------


async def test_each_side_is_reminded_twice_and_only_those_who_have_not_answered(driver: Driver) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id
    await answer(driver, "dc-mgr1", checkpoint_id)

    await driver.run_until(CLOSES - dt.timedelta(minutes=1))

    reminders = [n for n in await driver.notices(CheckpointReminder) if isinstance(n, CheckpointReminder)]
    assert [(n.members[0][:2], n.last) for n in reminders].count(("dc", False)) == 1
    assert len(reminders) == 4
    assert all("dc-mgr1" not in n.members for n in reminders)


async def test_a_reminder_that_is_late_waits_for_the_working_hours_of_its_side(driver: Driver) -> None:
    await driver.run_until(OPENS)
    driver.now = utc("2026-03-07 12:00")  # a Saturday: Chicago's first reminder was due on Friday
    while await driver.dispatch.fall_due(driver.now):
        pass
    assert await driver.notices(CheckpointReminder) == []

    await driver.run_until(utc("2026-03-09 14:00"))

    told = [n for n in await driver.notices(CheckpointReminder) if isinstance(n, CheckpointReminder)]
    assert [(n.members[0], n.last) for n in told] == [("mc-mgr1", False), ("dc-mgr1", False)]


# --- the close --------------------------------------------------------------------------------------


async def test_the_retrospective_goes_to_both_at_once_with_what_is_contested(driver: Driver, roster: Roster) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id
    await answer(driver, "dc-mgr1", checkpoint_id, CriterionRating("pilots", Standing.MET, 11), learned="Ask.")
    await answer(driver, "mc-mgr1", checkpoint_id, CriterionRating("pilots", Standing.AT_RISK, 4))

    await driver.run_until(CLOSES)

    (notice,) = await driver.notices(CheckpointClosed)
    assert isinstance(notice, CheckpointClosed)
    told = notice.retrospective
    assert [result.finding for result in told.criteria] == [Finding.CONTESTED, Finding.UNMEASURED]
    assert told.criteria[0].measured == {DC: 11, MC: 4}
    assert told.response == {DC: (1, 5), MC: (1, 5)}
    assert [(r.side, r.text) for r in told.remarks] == [(DC, "Ask."), (MC, "Much.")]
    hearing = audience(notice, roster)
    assert ToChannel(DC) in hearing
    assert ToChannel(MC) in hearing
    assert ToMember(MemberId("dc-ex1")) in hearing
    assert ToMember(MemberId("dc-op1")) not in hearing
    (over,) = await driver.notices(CheckpointEnded)
    assert isinstance(over, CheckpointEnded)
    assert len(over.members) == 10


async def test_a_late_close_still_closes_once_and_is_in_the_audit_trail(driver: Driver) -> None:
    await driver.run_until(OPENS)
    driver.now = CLOSES + dt.timedelta(days=4)
    while await driver.dispatch.fall_due(driver.now):
        pass

    assert len(await driver.notices(CheckpointClosed)) == 1
    async with driver.open_uow() as uow:
        events = [entry.event for entry in await uow.audit.entries(ALLIANCE)]
        assert await uow.audit.verify(ALLIANCE) is None
        assert await uow.checkpoints.open_rounds(ALLIANCE) == []
    assert events == ["checkpoint opened", "checkpoint closed"]


async def test_a_running_checkpoint_keeps_the_criteria_it_began_under(driver: Driver) -> None:
    await driver.run_until(OPENS)
    checkpoint_id = (await opened(driver)).checkpoint_id
    amended = replace(make_charter(), criteria=make_charter().criteria[1:])
    async with driver.open_uow() as uow:
        old = await uow.charters.get(ALLIANCE, 1)
        await uow.charters.save(replace(old, state=CharterState.SUPERSEDED))
        await uow.charters.save(make_charter_version(amended, version=2))
        await uow.commit()

    await answer(driver, "dc-mgr1", checkpoint_id, CriterionRating("pilots", Standing.MET))

    await driver.run_until(CLOSES)
    (notice,) = await driver.notices(CheckpointClosed)
    assert isinstance(notice, CheckpointClosed)
    assert [result.criterion for result in notice.retrospective.criteria] == ["pilots", "lead-time"]
