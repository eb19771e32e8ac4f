"""Pulses while they are open."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.cadence import Cadence
from alliance.charter import CharterState, PulseTerms, supersede
from alliance.errors import InvalidInput, NotAMember, NotFound, NotPermitted
from alliance.ids import AllianceId, MemberId, PulseId
from alliance.notices import PulseOpened
from alliance.pulse import NoPulseOpen, NotInvited, OtherItems, Pulse, PulseOver
from alliance.roster import Roster
from alliance.rounds import reminders_at
from handlers.intents import AnswerPulse, ForgetMe, ShowPulse
from handlers.pulses import PulseAnswered, PulseShown
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version, make_roster
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver
from tests.fakes.pulse_rounds import (
    CLOSES,
    DC_OPENS,
    KEYS,
    MC_OPENS,
    NEXT_MC_OPENS,
    answer,
    answers_of,
    audit_events,
    closed_pulse,
    ratings_of,
    schedule,
    the_pulse,
)


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """The sample alliance on Monday, its charter just in force and its first pulses promised."""
    made = Driver(engine, open_uow, MONDAY)
    await schedule(made, roster, make_charter_version())
    return made


# --- opening ----------------------------------------------------------------------------------------


async def test_each_side_opens_at_its_own_hour_in_one_round(driver: Driver) -> None:
    await driver.run_until(MC_OPENS)
    half = await the_pulse(driver)
    await driver.run_until(DC_OPENS)
    whole = await the_pulse(driver)

    assert (set(half.invited), set(whole.invited)) == ({MC}, {DC, MC})
    assert half.id == whole.id
    assert whole.closes_at == CLOSES
    told = await driver.notices(PulseOpened)
    assert [notice.side for notice in told if isinstance(notice, PulseOpened)] == [MC, DC]


async def test_all_tiers_are_asked_and_the_mediator_is_not(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)

    pulse = await the_pulse(driver)

    assert set(pulse.invited[DC]) == {f"dc-{key}" for key in KEYS}
    assert set(pulse.invited[MC]) == {f"mc-{key}" for key in KEYS}


async def test_the_first_local_date_is_told_to_the_charter(driver: Driver, roster: Roster) -> None:
    assert await schedule(driver, roster, make_charter_version()) == dt.date(2026, 2, 4)


async def test_rounds_recur_with_the_next_items_and_numbers(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    first = await the_pulse(driver)
    await driver.run_until(NEXT_MC_OPENS)
    second = await the_pulse(driver)

    assert (first.number, second.number) == (1, 2)
    assert second.day == dt.date(2026, 2, 18)
    assert not set(first.items) & set(second.items)


async def test_a_round_missed_by_more_than_a_day_is_skipped(driver: Driver) -> None:
    driver.now = utc("2026-02-06T12:00")
    while await driver.dispatch.fall_due(driver.now):
        pass

    assert await driver.notices(PulseOpened) == []
    await driver.run_until(NEXT_MC_OPENS)
    assert (await the_pulse(driver)).day == dt.date(2026, 2, 18)


async def test_a_round_missed_by_an_hour_opens_late(driver: Driver) -> None:
    driver.now = DC_OPENS + dt.timedelta(hours=1)
    while await driver.dispatch.fall_due(driver.now):
        pass

    assert set((await the_pulse(driver)).invited) == {DC, MC}


async def test_who_is_away_all_the_time_is_left_out_and_who_is_away_today_is_not_written_to(
    driver: Driver, roster: Roster
) -> None:
    away = {"dc-op1": dt.date(2026, 2, 20), "dc-op2": dt.date(2026, 2, 5)}
    async with driver.open_uow() as uow:
        for key, until in away.items():
            await uow.rosters.save_member(replace(roster.by_key(key), away_until=until))
        await uow.commit()

    await driver.run_until(DC_OPENS)

    pulse = await the_pulse(driver)
    written_to = [n.members for n in await driver.notices(PulseOpened) if isinstance(n, PulseOpened)][-1]
    assert "dc-op1" not in pulse.invited[DC]
    assert "dc-op2" in pulse.invited[DC]
    assert not {"dc-op1", "dc-op2"} & set(written_to)


async def test_a_running_round_keeps_the_charter_version_it_began_under(driver: Driver, roster: Roster) -> None:
    await driver.run_until(MC_OPENS)
    terms = PulseTerms(Cadence("FREQ=WEEKLY;BYDAY=FR", dt.time(9)), minimum_answers=3, answer_within=1)
    second = make_charter_version(replace(make_charter(), pulse=terms), version=2, at=driver.now)
    async with driver.open_uow() as uow:
        await uow.charters.save(supersede(make_charter_version()))
        await uow.charters.save(second)
        await uow.commit()
    await schedule(driver, roster, second)

    await driver.run_until(DC_OPENS)

    pulse = await the_pulse(driver)
    opened = [n for n in await driver.notices(PulseOpened) if isinstance(n, PulseOpened)]
    assert (pulse.charter_version, pulse.closes_at, set(pulse.invited)) == (1, CLOSES, {DC, MC})
    assert opened[-1].minimum_answers == 5
    calendar = roster.side(DC).calendar
    async with driver.open_uow() as uow:
        reminders = [t.due_at for t in await uow.timers.of(ALLIANCE) if f"{pulse.id}:remind:dc" in t.key]
    assert tuple(reminders) == reminders_at(calendar, DC_OPENS, CLOSES)
    # Friday's round of this week would begin while Wednesday's runs.
    await driver.run_until(utc("2026-02-13T15:00"))
    newer = await the_pulse(driver)
    assert (newer.charter_version, newer.day, newer.number) == (2, dt.date(2026, 2, 13), 2)
    assert set(newer.invited) == {DC, MC}


async def test_no_charter_in_force_opens_nothing(driver: Driver) -> None:
    lapsed = make_charter_version(state=CharterState.LAPSED)
    async with driver.open_uow() as uow:
        await uow.charters.save(lapsed)
        await uow.commit()

    driver.now = DC_OPENS
    await driver.dispatch.fall_due(driver.now)

    assert await driver.notices(PulseOpened) == []


# --- answering --------------------------------------------------------------------------------------


async def test_an_answer_is_taken_and_told_to_nobody(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    before = (await driver.notices(), await audit_events(driver), set(driver.woken))

    reply = await answer(driver, "dc-op1", 4, "Fine.")

    assert reply == PulseAnswered(ALLIANCE, (await the_pulse(driver)).id, CLOSES)
    assert (await driver.notices(), await audit_events(driver), driver.woken) == before


async def test_a_correction_replaces_the_answer(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    pulse = await the_pulse(driver)
    await answer(driver, "dc-op1", 4)
    await answer(driver, "dc-op2", 5)

    await answer(driver, "dc-op1", 1)

    assert await answers_of(driver, pulse, DC) == [1, 5]


async def test_the_same_press_delivered_twice_has_one_effect(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    first = await answer(driver, "dc-op1", 4, same_as="one press")

    assert await answer(driver, "dc-op1", 4, same_as="one press") == first
    assert await answers_of(driver, await the_pulse(driver), DC) == [4]


async def test_a_person_sees_their_own_answer_and_nobody_elses(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    pulse = await the_pulse(driver)
    await answer(driver, "dc-op1", 4, "Mine.")

    mine = await driver.ask("dc-op1", ShowPulse(alliance_id=ALLIANCE, pulse_id=pulse.id))
    theirs = await driver.ask("dc-op2", ShowPulse(alliance_id=ALLIANCE))

    assert isinstance(mine, PulseShown)
    assert mine.answer is not None
    assert (dict(mine.answer.ratings), mine.answer.comment) == (ratings_of(pulse, 4), "Mine.")
    assert isinstance(theirs, PulseShown)
    assert theirs.answer is None


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"commitment.we": 3}, OtherItems),
        ({"trust.we": 6}, InvalidInput),
        ({"trust.we": -1}, InvalidInput),
    ],
)
async def test_wrong_ratings_change_nothing(driver: Driver, change: dict[str, int], refusal: type[Exception]) -> None:
    await driver.run_until(DC_OPENS)
    pulse = await the_pulse(driver)
    intent = AnswerPulse(alliance_id=ALLIANCE, pulse_id=pulse.id, ratings={**ratings_of(pulse, 3), **change})

    with pytest.raises(refusal):
        await driver.ask("dc-op1", intent)

    assert await answers_of(driver, pulse, DC) == []


async def test_an_answer_at_the_closing_instant_or_later_is_refused(driver: Driver) -> None:
    told = await closed_pulse(driver, dc=5, mc=5)
    for intent in (
        AnswerPulse(alliance_id=ALLIANCE, pulse_id=told.results.pulse_id, ratings={}),
        ShowPulse(alliance_id=ALLIANCE, pulse_id=told.results.pulse_id),
    ):
        with pytest.raises(PulseOver):
            await driver.ask("dc-op1", intent)
    with pytest.raises(NoPulseOpen):
        await driver.ask("dc-op1", ShowPulse(alliance_id=ALLIANCE))

    assert len(await answers_of(driver, await the_pulse(driver), DC)) == 5


async def test_before_the_timer_ran_the_time_itself_closes_the_round(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    driver.now = CLOSES

    with pytest.raises(PulseOver):
        await answer(driver, "dc-op1", 4)


async def test_who_was_not_invited_or_may_not_answer_is_refused(driver: Driver, roster: Roster) -> None:
    await driver.run_until(MC_OPENS)

    with pytest.raises(NotInvited):
        await answer(driver, "dc-op1", 4)
    with pytest.raises(NotPermitted):
        await answer(driver, "mediator", 4)
    async with driver.open_uow() as uow:
        await uow.rosters.save_member(replace(roster.by_key("mc-op1"), active=False))
        await uow.commit()
    with pytest.raises(NotAMember):
        await answer(driver, "mc-op1", 4)
    assert await answers_of(driver, await the_pulse(driver), MC) == []


async def test_a_forged_id_of_another_alliance_is_not_found(driver: Driver) -> None:
    elsewhere = AllianceId("al2")
    async with driver.open_uow() as uow:
        await uow.rosters.save(make_roster(elsewhere))
        await uow.pulses.add(
            Pulse(
                id=PulseId("theirs"),
                alliance_id=elsewhere,
                charter_version=1,
                number=1,
                day=dt.date(2026, 2, 4),
                items=("trust.we", "trust.they"),
                closes_at=CLOSES,
                invited={DC: (MemberId("dc-op1"),)},
            )
        )
        await uow.commit()
    ratings = {"trust.we": 1, "trust.they": 1}

    for pulse_id in (PulseId("theirs"), PulseId("nothing")):
        with pytest.raises(NotFound):
            await driver.ask("dc-op1", AnswerPulse(alliance_id=ALLIANCE, pulse_id=pulse_id, ratings=ratings))
        with pytest.raises(NotFound):
            await driver.ask("dc-op1", ShowPulse(alliance_id=ALLIANCE, pulse_id=pulse_id))

    async with driver.open_uow() as uow:
        assert await uow.pulses.answers(PulseId("theirs")) == []


async def test_a_person_who_is_forgotten_takes_their_open_answer_along(driver: Driver) -> None:
    await driver.run_until(DC_OPENS)
    pulse = await the_pulse(driver)
    await answer(driver, "dc-op1", 4)
    await answer(driver, "dc-op2", 2)

    await driver.ask("dc-op1", ForgetMe(alliance_id=ALLIANCE, confirmed=True))

    assert await answers_of(driver, pulse, DC) == [2]
    async with driver.open_uow() as uow:
        assert await uow.pulses.participants(pulse.id) == {"dc-op2"}
