"""Early warnings as the handlers find them: once, to both alliance managers, and by charter as an escalation."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.action_item import ActionItem
from alliance.audience import ToMember, audience
from alliance.escalation import Escalation
from alliance.escalation_notices import EscalationRaised
from alliance.ids import ActionItemId, EscalationId, MemberId
from alliance.notices import WarningFound
from alliance.protocol import Protocol, Urgency
from alliance.roster import Roster
from alliance.triggers import Triggers
from alliance.warning import WarningRule
from handlers import warnings
from handlers.call import Call
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version
from tests.fakes.driving import Driver
from tests.fakes.results import make_dimension, make_point, make_results, make_summary

WEEK = dt.date(2026, 2, 2)
LOW = make_results(3, make_dimension(3.6, 2.7))


@pytest.fixture
def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def look(driver: Driver, find: Callable[[Call], Awaitable[None]]) -> list[WarningFound]:
    """Let one of the rules' doors be knocked at, in a transaction of its own; return what was told so far."""
    async with driver.open_uow() as uow:
        roster = await uow.rosters.get(ALLIANCE)
        await find(Call(uow=uow, roster=roster, member=None, now=driver.now))
        await uow.commit()
    return [notice for notice in await driver.notices(WarningFound) if isinstance(notice, WarningFound)]


async def agree(driver: Driver, triggers: Triggers) -> None:
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(replace(make_charter(), triggers=triggers)))
        await uow.commit()


def make_case(number: int, *acknowledged: str) -> Escalation:
    return Escalation(
        id=EscalationId(f"e{number}"),
        alliance_id=ALLIANCE,
        number=number,
        charter_version=1,
        protocol=Protocol(),
        urgency=Urgency.ROUTINE,
        author=MemberId("dc-op1"),
        title="Milestone 3 slips",
        facts="It slipped.",
        need="A date.",
        raised_at=MONDAY,
        acknowledged={side: (MemberId(f"{side}-op1"), MONDAY) for side in (DC, MC) if side in acknowledged},
    )


def make_item(number: int, owner: str, due: dt.date) -> ActionItem:
    return ActionItem(
        ActionItemId(f"i{number}"), ALLIANCE, number, "Send it", MemberId(owner), due, "checkpoint", MONDAY
    )


async def test_a_warning_goes_to_both_alliance_managers_once_for_its_occasion(driver: Driver, roster: Roster) -> None:
    await look(driver, lambda call: warnings.after_pulse(call, LOW))

    (told,) = await look(driver, lambda call: warnings.after_pulse(call, LOW))

    assert told.warning.rule is WarningRule.SCORE_BELOW_FLOOR
    assert told.warning.side == MC
    assert told.opened_escalation is None
    assert audience(told, roster) == (ToMember(MemberId("dc-am")), ToMember(MemberId("mc-am")))
    async with driver.open_uow() as uow:
        (entry,) = await uow.audit.entries(ALLIANCE)
    assert (entry.event, entry.facts["rule"]) == ("warning found", "score below floor")


async def test_the_next_occasion_warns_again(driver: Driver) -> None:
    await look(driver, lambda call: warnings.after_pulse(call, LOW))

    told = await look(driver, lambda call: warnings.after_pulse(call, replace(LOW, number=4)))

    assert len(told) == 2


async def test_a_check_in_warns_of_a_blocker_that_stands(driver: Driver) -> None:
    summary = make_summary(3, make_point(3))

    (told,) = await look(driver, lambda call: warnings.after_checkin(call, summary))

    assert told.warning.rule is WarningRule.SAME_BLOCKER


async def test_the_charter_s_own_thresholds_count(driver: Driver) -> None:
    await agree(driver, Triggers(floor=2.5, blocker_rounds=4))

    await look(driver, lambda call: warnings.after_pulse(call, LOW))
    told = await look(driver, lambda call: warnings.after_checkin(call, make_summary(3, make_point(3))))

    assert told == []


# --- acknowledgements -------------------------------------------------------------------------------


async def test_late_acknowledgements_are_counted_by_side_over_28_days(driver: Driver) -> None:
    first = await look(driver, lambda call: warnings.after_acknowledgement_ended(call, make_case(1)))
    driver.now += dt.timedelta(days=20)

    (told,) = await look(driver, lambda call: warnings.after_acknowledgement_ended(call, make_case(2, "dc")))

    assert first == []
    assert told.warning.side == MC
    assert told.warning.evidence[0].endswith("in the last 28 days: escalation 1, escalation 2.")


async def test_acknowledgements_longer_ago_are_forgotten(driver: Driver) -> None:
    await look(driver, lambda call: warnings.after_acknowledgement_ended(call, make_case(1)))
    driver.now += dt.timedelta(days=29)

    assert await look(driver, lambda call: warnings.after_acknowledgement_ended(call, make_case(2))) == []


async def test_an_escalation_nobody_answers_does_not_warn_every_day(driver: Driver) -> None:
    for _ in range(10):
        await look(driver, lambda call: warnings.after_acknowledgement_ended(call, make_case(1, "dc")))
        driver.now += dt.timedelta(days=1)

    assert len(await driver.notices(WarningFound)) == 1


async def test_a_window_that_both_sides_kept_is_nothing(driver: Driver) -> None:
    for number in (1, 2, 3):
        kept = partial(warnings.after_acknowledgement_ended, case=make_case(number, "dc", "mc"))
        assert await look(driver, kept) == []


# --- action items -----------------------------------------------------------------------------------


async def test_action_items_slip_by_the_local_date_of_their_owner_s_company(driver: Driver) -> None:
    driver.now = dt.datetime(2026, 2, 6, 3, tzinfo=dt.UTC)  # Thursday evening in Chicago, Friday in Stuttgart
    due = dt.date(2026, 2, 5)
    async with driver.open_uow() as uow:
        for number in (1, 2, 3):
            await uow.action_items.save(make_item(number, "dc-mgr1", due))
            await uow.action_items.save(make_item(number + 3, "mc-mgr1", due))
        await uow.commit()

    await look(driver, lambda call: warnings.weekly(call, WEEK))
    (told,) = await look(driver, lambda call: warnings.weekly(call, WEEK))

    assert told.warning.side == MC
    assert told.warning.evidence[0].startswith("3 action items at MC are past their date")


# --- triggers that act by themselves ----------------------------------------------------------------


async def test_a_charter_may_let_a_rule_open_an_escalation(driver: Driver) -> None:
    await agree(driver, Triggers(open_escalation=("score below floor",)))

    (told,) = await look(driver, lambda call: warnings.after_pulse(call, LOW))

    (raised,) = await driver.notices(EscalationRaised)
    assert isinstance(raised, EscalationRaised)
    assert told.opened_escalation == raised.escalation.number == 1
    assert raised.escalation.author is None
    assert raised.escalation.facts == told.warning.evidence[0]


async def test_a_matter_in_hand_is_not_opened_twice(driver: Driver) -> None:
    await agree(driver, Triggers(open_escalation=("score below floor",)))
    await look(driver, lambda call: warnings.after_pulse(call, LOW))

    told = await look(driver, lambda call: warnings.after_pulse(call, replace(LOW, number=4)))

    assert [notice.opened_escalation for notice in told] == [1, 1]
    assert len(await driver.notices(EscalationRaised)) == 1


async def test_a_ladder_without_people_still_warns(driver: Driver, roster: Roster) -> None:
    await agree(driver, Triggers(open_escalation=("score below floor",)))
    async with driver.open_uow() as uow:
        for member in roster.active(MC):
            if member.key != "mc-am":
                await uow.rosters.save_member(replace(member, active=False))
        await uow.rosters.save_member(replace(roster.by_key("mc-am"), active=False))
        await uow.commit()

    (told,) = await look(driver, lambda call: warnings.after_pulse(call, LOW))

    assert told.opened_escalation is None
