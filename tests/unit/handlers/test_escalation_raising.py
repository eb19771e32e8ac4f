"""Escalations raised, by themselves, from a blocker or from a warning, and read by both companies alike."""

import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance import escalation_notices as en
from alliance.checkin import Checkin, CheckinSummary, Point
from alliance.errors import AllianceError, InvalidInput, NotFound, NotPermitted
from alliance.ids import CheckinId, MemberId, WarningId
from alliance.protocol import Urgency
from alliance.roster import Roster
from alliance.rounds import RoundState
from alliance.warning import EarlyWarning, WarningRule
from handlers import intents as i
from handlers.escalation_forms import EscalationFormAsked, FormName, RaiseAsked, WasRaised
from handlers.escalations import EscalationShown, EscalationsListed
from handlers.replies import AlreadyDone, Nothing
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY
from tests.fakes.driving import Driver
from tests.fakes.escalating import (
    a_matter,
    acknowledged,
    acknowledging,
    events,
    raise_one,
    the_case,
    timers,
    told,
)

ROUND = CheckinId("c1")


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def test_raising_tells_both_sides_in_one_notice_and_promises_the_window(driver: Driver) -> None:
    reply = await driver.ask("dc-op1", a_matter(urgency=Urgency.URGENT))

    assert isinstance(reply, WasRaised)
    assert reply.told == ("dc-op1", "mc-op1")
    (raised,) = await told(driver, en.EscalationRaised)
    assert raised.escalation == await the_case(driver)
    assert driver.woken == {"slack:T0DC", "teams:tenant-mc"}
    assert {timer.key.rsplit(":", 1)[1] for timer in await timers(driver)} == {
        "half_time",
        "acknowledgement_ended",
    }
    assert await events(driver) == ["escalation raised"]


async def test_numbers_count_up_within_the_alliance(driver: Driver) -> None:
    for _ in range(3):
        await driver.ask("dc-op1", a_matter())

    assert (await the_case(driver, 3)).number == 3


async def test_a_blank_field_is_named_and_nothing_is_raised(driver: Driver) -> None:
    blank = i.RaiseEscalation(alliance_id=ALLIANCE, title=" ", facts="x", need="\n")

    with pytest.raises(InvalidInput) as wrong:
        await driver.ask("dc-op1", blank)

    assert set(wrong.value.fields) == {"title", "need"}
    assert await driver.notices() == []


async def test_a_repeated_submit_raises_once(driver: Driver) -> None:
    await driver.ask("dc-op1", a_matter(), same_as="submit")

    assert await driver.ask("dc-op1", a_matter(), same_as="submit") == AlreadyDone()
    assert len(await told(driver, en.EscalationRaised)) == 1


async def close_a_checkin(driver: Driver, later: CheckinId | None = None, rounds: int = 1) -> None:
    point = Point(MemberId("dc-op1"), DC, "We wait for the contact list.\nSince Monday.", blocks=True, rounds=rounds)
    key, day = later or ROUND, dt.date(2026, 2, 2) + (rounds - 1) * dt.timedelta(days=7)
    async with driver.open_uow() as uow:
        await uow.checkins.save(Checkin(key, ALLIANCE, 1, day, MONDAY, state=RoundState.CLOSED))
        await uow.checkins.save_summary(CheckinSummary(key, day, (), (point,)))
        await uow.commit()


async def test_from_a_blocker_the_dialog_holds_its_words(driver: Driver) -> None:
    await close_a_checkin(driver)

    asked = i.AskRaise(alliance_id=ALLIANCE, checkin_id=ROUND, author=MemberId("dc-op1"))
    reply = await driver.ask("mc-op3", asked)

    assert reply == RaiseAsked(
        title="We wait for the contact list.",
        facts="We wait for the contact list.\nSince Monday.",
        need="Help from the other company to clear this.",
        checkin_id=ROUND,
        author=MemberId("dc-op1"),
    )


@pytest.mark.parametrize("presses", ["dc-op1", "dc-op3", "mc-op1", "mc-op4", "dc-mgr1", "mc-ex1"])
async def test_a_blocker_begins_with_its_author_and_their_counterpart_whoever_presses(
    driver: Driver, presses: str
) -> None:
    await close_a_checkin(driver)

    reply = await driver.ask(presses, a_matter(checkin_id=ROUND, author="dc-op1"))

    assert isinstance(reply, WasRaised)
    assert set(reply.told) == {"dc-op1", "mc-op1", presses}
    assert dict(reply.escalation.people[0]) == {DC: ("dc-op1",), MC: ("mc-op1",)}
    assert reply.escalation.author == presses


async def test_a_standing_blocker_is_one_matter_over_the_rounds_until_that_has_ended(driver: Driver) -> None:
    await close_a_checkin(driver)
    await driver.ask("dc-op1", a_matter(checkin_id=ROUND, author="dc-op1"))
    await close_a_checkin(driver, later=CheckinId("c2"), rounds=2)

    again = await driver.ask("mc-op1", a_matter(checkin_id=CheckinId("c2"), author="dc-op1"))
    await driver.ask(
        "dc-op1",
        i.WithdrawEscalation(alliance_id=ALLIANCE, escalation_id=(await the_case(driver)).id, reason="Solved."),
    )
    anew = await driver.ask("mc-op1", a_matter(checkin_id=CheckinId("c2"), author="dc-op1"))

    assert isinstance(again, WasRaised)
    assert isinstance(anew, WasRaised)
    assert (again.before, again.escalation.number) == (True, 1)
    assert (anew.before, anew.escalation.number) == (False, 2)


async def test_a_blocker_is_raised_once_whoever_presses(driver: Driver) -> None:
    await close_a_checkin(driver)
    await driver.ask("dc-op1", a_matter(checkin_id=ROUND, author="dc-op1"))

    second = await driver.ask("mc-op1", a_matter(checkin_id=ROUND, author="dc-op1"))
    asked = await driver.ask("mc-op1", i.AskRaise(alliance_id=ALLIANCE, checkin_id=ROUND, author=MemberId("dc-op1")))

    for reply in (second, asked):
        assert isinstance(reply, WasRaised)
        assert reply.before
        assert reply.escalation.number == 1
    assert len(await told(driver, en.EscalationRaised)) == 1


async def test_a_blocker_that_nobody_named_cannot_be_raised(driver: Driver) -> None:
    with pytest.raises(NotFound):
        await driver.ask("dc-op1", a_matter(checkin_id=CheckinId("forged"), author="mc-op1"))


async def test_an_alliance_manager_raises_from_a_warning_with_its_evidence(driver: Driver) -> None:
    warning = EarlyWarning(
        WarningId("w1"), ALLIANCE, WarningRule.GAP_OPENED, "trust", None, ("DC 4.1, MC 3.0.",), MONDAY
    )
    async with driver.open_uow() as uow:
        await uow.warnings.add(warning, "pulse 4")
        await uow.commit()
    asked = i.AskRaise(alliance_id=ALLIANCE, warning_id=WarningId("w1"))

    reply = await driver.ask("mc-am", asked)

    assert isinstance(reply, RaiseAsked)
    assert (reply.title, reply.facts) == ("Gap opened: trust", "DC 4.1, MC 3.0.")
    with pytest.raises(NotPermitted):
        await driver.ask("mc-op1", asked)


# --- reading ----------------------------------------------------------------------------------------


async def test_both_companies_read_it_whole_and_alike(driver: Driver) -> None:
    await raise_one(driver)

    shown = [await driver.ask(key, i.ShowEscalation(alliance_id=ALLIANCE, number=1)) for key in ("dc-op7", "mc-ex2")]

    assert shown[0] == shown[1]
    assert isinstance(shown[0], EscalationShown)
    assert shown[0].escalation == await the_case(driver)


async def test_a_statement_is_not_read_before_both_go_up(driver: Driver) -> None:
    case = await acknowledged(driver)
    await driver.ask("mc-op1", i.MoveEscalationUp(alliance_id=ALLIANCE, escalation_id=case, reason="Stuck."))
    await driver.ask(
        "mc-op1",
        i.GiveStatement(alliance_id=ALLIANCE, escalation_id=case, facts="secret", other_needs="secret"),
    )

    shown = await driver.ask("dc-op1", i.ShowEscalation(alliance_id=ALLIANCE, number=1))
    listed = await driver.ask("dc-op1", i.ListEscalations(alliance_id=ALLIANCE))

    assert "secret" not in repr(shown)
    assert "secret" not in repr(listed)
    assert "secret" not in repr(await driver.notices())


async def test_the_list_holds_the_open_ones_and_a_mediator_reads_only_their_own(driver: Driver) -> None:
    await raise_one(driver)
    await driver.ask("mc-op2", a_matter())
    second = await the_case(driver, 2)
    await driver.ask("mc-op2", i.WithdrawEscalation(alliance_id=ALLIANCE, escalation_id=second.id, reason="Settled."))

    everybody = await driver.ask("mc-ex1", i.ListEscalations(alliance_id=ALLIANCE))
    mediator = await driver.ask("mediator", i.ListEscalations(alliance_id=ALLIANCE))

    assert isinstance(everybody, EscalationsListed)
    assert [case.number for case in everybody.escalations] == [1]
    assert mediator == EscalationsListed(())
    with pytest.raises(NotPermitted):
        await driver.ask("mediator", i.ShowEscalation(alliance_id=ALLIANCE, number=1))


async def test_an_unknown_number_is_said_so(driver: Driver) -> None:
    with pytest.raises(NotFound, match="no escalation 7"):
        await driver.ask("dc-op1", i.ShowEscalation(alliance_id=ALLIANCE, number=7))


async def test_a_dialog_opens_only_when_its_step_is_possible(driver: Driver) -> None:
    case = await raise_one(driver)
    form = i.AskEscalationForm(alliance_id=ALLIANCE, escalation_id=case, form="resolution", level=0)

    with pytest.raises(AllianceError, match="waiting for acknowledgement"):
        await driver.ask("dc-op1", form)
    for key in ("dc-op1", "mc-op1"):
        assert await driver.ask(key, acknowledging(case)) == Nothing()

    reply = await driver.ask("mc-op1", form)
    assert isinstance(reply, EscalationFormAsked)
    assert reply.form is FormName.RESOLUTION
    assert MC in reply.escalation.acknowledged
