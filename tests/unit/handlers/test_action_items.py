"""Action items as they happen: decided, reminded, finished."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.action_item import ActionItem, ItemClosed, ItemState, NotYourItem
from alliance.audience import ToMember, audience
from alliance.checkpoint import Checkpoint
from alliance.errors import InvalidInput, NotFound, NotPermitted
from alliance.escalation import Task
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.notices import ActionItemDecided, ActionItemDone, ActionItemDue
from alliance.roster import Roster
from handlers.action_items import (
    ActionItemAsked,
    ActionItemFinished,
    ActionItemKept,
    ActionItemsListed,
    decide,
)
from handlers.call import Call
from handlers.intents import AskActionItem, DecideActionItem, FinishActionItem, ListActionItems, TaskWords
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY
from tests.fakes.calendars import day, utc
from tests.fakes.driving import Driver

DUE = day("2026-02-20")


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def decided(driver: Driver, *owners: str, due: dt.date = DUE) -> list[ActionItem]:
    async with driver.open_uow() as uow:
        call = Call(uow=uow, roster=await uow.rosters.get(ALLIANCE), member=None, now=driver.now)
        tasks = [Task(f"task of {owner}", MemberId(owner), due) for owner in owners]
        items = await decide(call, tasks, "escalation 3")
        await uow.commit()
    return items


async def the_item(driver: Driver, number: int = 1) -> ActionItem:
    async with driver.open_uow() as uow:
        item = await uow.action_items.numbered(ALLIANCE, number)
    assert item is not None
    return item


async def reminders(driver: Driver) -> list[bool]:
    return [notice.overdue for notice in await driver.notices() if isinstance(notice, ActionItemDue)]


def typed(owner: str = "mc-op1", due: dt.date | None = DUE, title: str = "Send it") -> TaskWords:
    return TaskWords(title=title, owner=owner, due=due)


async def test_each_owner_is_told_and_numbers_count_up(driver: Driver) -> None:
    await decided(driver, "dc-op1")
    await decided(driver, "mc-op1", "dc-op2")

    told = [notice.item for notice in await driver.notices() if isinstance(notice, ActionItemDecided)]
    assert sorted((item.number, item.owner) for item in told) == [(1, "dc-op1"), (2, "mc-op1"), (3, "dc-op2")]


async def test_nothing_decided_changes_nothing(driver: Driver) -> None:
    assert await decided(driver) == []
    assert await driver.notices() == []


async def test_it_is_asked_about_before_and_then_each_week_until_done(driver: Driver) -> None:
    await decided(driver, "mc-op1")

    await driver.run_until(utc("2026-02-19T08:00"))
    assert await reminders(driver) == [False]
    await driver.run_until(utc("2026-03-02T08:00"))
    assert await reminders(driver) == [False, True, True]
    await driver.ask("mc-op1", FinishActionItem(alliance_id=ALLIANCE, number=1))
    await driver.run_until(utc("2026-04-02T08:00"))

    assert len(await reminders(driver)) == 3


async def test_a_reminder_that_the_date_outran_is_left_out(driver: Driver) -> None:
    await decided(driver, "mc-op1")
    driver.now = utc("2026-02-21T08:00")

    await driver.run_until(utc("2026-02-21T09:00"))

    assert await reminders(driver) == []


async def test_one_that_is_due_today_has_no_reminder_before(driver: Driver) -> None:
    await decided(driver, "mc-op1", due=MONDAY.date())

    await driver.run_until(utc("2026-02-03T08:00"))

    assert await reminders(driver) == [True]


async def test_done_is_told_to_the_alliance_managers_of_both(driver: Driver, roster: Roster) -> None:
    await decided(driver, "dc-op1")

    reply = await driver.ask("mc-mgr1", FinishActionItem(alliance_id=ALLIANCE, number=1))

    assert isinstance(reply, ActionItemFinished)
    (told,) = await driver.notices(ActionItemDone)
    assert audience(told, roster) == (ToMember(MemberId("dc-am")), ToMember(MemberId("mc-am")))
    assert (await the_item(driver)).state is ItemState.DONE
    async with driver.open_uow() as uow:
        assert not [timer for timer in await uow.timers.of(ALLIANCE) if "action-item" in timer.key]
        facts = await uow.audit.entries(ALLIANCE)
    assert [fact.event for fact in facts] == ["action item decided", "action item done"]


async def test_a_second_press_and_another_member_are_refused(driver: Driver) -> None:
    await decided(driver, "dc-op1")
    finishing = FinishActionItem(alliance_id=ALLIANCE, number=1)

    with pytest.raises(NotYourItem):
        await driver.ask("dc-op2", finishing)
    await driver.ask("dc-op1", finishing)
    with pytest.raises(ItemClosed):
        await driver.ask("dc-op1", finishing)


async def test_an_unknown_number_is_said_so(driver: Driver) -> None:
    with pytest.raises(NotFound, match="no action item 9"):
        await driver.ask("dc-op1", FinishActionItem(alliance_id=ALLIANCE, number=9))


async def test_the_list_says_what_is_overdue_and_what_the_asker_can_finish(driver: Driver) -> None:
    await decided(driver, "dc-op1", due=day("2026-02-03"))
    await decided(driver, "mc-op1")
    driver.now = utc("2026-02-05T12:00")

    reply = await driver.ask("mc-op1", ListActionItems(alliance_id=ALLIANCE))

    assert isinstance(reply, ActionItemsListed)
    assert [(found.item.number, found.overdue, found.finishable) for found in reply.items] == [
        (1, True, False),
        (2, False, True),
    ]


async def test_finished_from_the_list_the_list_comes_back_without_it(driver: Driver) -> None:
    await decided(driver, "dc-op1", "dc-op1")

    reply = await driver.ask("dc-op1", FinishActionItem(alliance_id=ALLIANCE, number=1, listed=True))

    assert isinstance(reply, ActionItemsListed)
    assert [found.item.number for found in reply.items] == [2]


async def test_when_the_owner_has_left_their_alliance_manager_is_asked(driver: Driver) -> None:
    (item,) = await decided(driver, "dc-op1")
    async with driver.open_uow() as uow:
        roster = await uow.rosters.get(ALLIANCE)
    left = replace(roster, members=tuple(replace(m, active=m.key != "dc-op1") for m in roster.members))

    told = ActionItemDue(alliance_id=ALLIANCE, item=item, overdue=True)

    assert audience(told, left) == (ToMember(MemberId("dc-am")),)


# --- decided by a person ----------------------------------------------------------------------------


async def a_checkpoint(driver: Driver, alliance_id: AllianceId = ALLIANCE) -> CheckpointId:
    checkpoint = Checkpoint(CheckpointId(f"c-{alliance_id}"), alliance_id, 1, day("2026-02-02"), MONDAY, MONDAY)
    async with driver.open_uow() as uow:
        await uow.checkpoints.save(checkpoint)
        await uow.commit()
    return checkpoint.id


async def test_a_manager_decides_one_after_a_checkpoint(driver: Driver) -> None:
    checkpoint = await a_checkpoint(driver)
    asked = await driver.ask("dc-mgr1", AskActionItem(alliance_id=ALLIANCE, checkpoint_id=checkpoint))

    reply = await driver.ask("dc-mgr1", DecideActionItem(alliance_id=ALLIANCE, task=typed(), checkpoint_id=checkpoint))

    assert asked == ActionItemAsked(checkpoint)
    assert isinstance(reply, ActionItemKept)
    assert (reply.item.owner, reply.item.source) == ("mc-op1", "the checkpoint of 2 February 2026")


async def test_a_checkpoint_of_another_alliance_is_not_found(driver: Driver) -> None:
    theirs = await a_checkpoint(driver, AllianceId("al2"))

    with pytest.raises(NotFound):
        await driver.ask("dc-mgr1", DecideActionItem(alliance_id=ALLIANCE, task=typed(), checkpoint_id=theirs))


async def test_an_operational_member_does_not_decide_one(driver: Driver) -> None:
    with pytest.raises(NotPermitted):
        await driver.ask("dc-op1", DecideActionItem(alliance_id=ALLIANCE, task=typed()))


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (typed(title=" \n"), "title"),
        (typed(owner="nobody"), "owner"),
        (typed(owner="mediator"), "owner"),
        (typed(due=None), "due"),
        (typed(due=day("2026-02-01")), "due"),
        (typed(due=day("2030-01-01")), "due"),
    ],
)
async def test_what_needs_another_look_is_named(driver: Driver, task: TaskWords, field: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await driver.ask("dc-mgr1", DecideActionItem(alliance_id=ALLIANCE, task=task))

    assert set(wrong.value.fields) == {field}
