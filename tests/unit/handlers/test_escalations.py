"""Escalations as people act on them: acknowledged, carried up, agreed by both, refused where they cannot."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance import escalation_notices as en
from alliance.errors import InvalidInput, NotAMember, NotFound, NotPermitted
from alliance.escalation import IllegalTransition, State
from alliance.escalation_acts import AlreadyGiven, NotOnIt, OldMessage
from alliance.ids import AllianceId, EscalationId, MemberId
from alliance.roster import Roster
from handlers import intents as i
from handlers.escalations import EscalationShown
from handlers.time_intents import EscalationFallsDue
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY, make_roster
from tests.fakes.driving import Driver
from tests.fakes.escalating import (
    accepting,
    acknowledged,
    acknowledging,
    events,
    items,
    proposing,
    raise_one,
    task,
    the_case,
    timers,
    told,
)


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def test_both_acknowledge_and_the_time_to_resolve_begins(driver: Driver) -> None:
    await acknowledged(driver)

    assert (await the_case(driver)).state is State.RESOLVING
    assert len(await told(driver, en.EscalationRedrawn)) == 2
    keys = {timer.key.rsplit(":", 1)[1] for timer in await timers(driver)}
    assert keys == {"quiet", "resolution_ended"}


async def test_a_second_press_with_another_key_changes_nothing(driver: Driver) -> None:
    case = await raise_one(driver)
    await driver.ask("dc-op1", acknowledging(case))
    before = await the_case(driver)

    with pytest.raises(AlreadyGiven):
        await driver.ask("dc-op1", acknowledging(case))

    assert await the_case(driver) == before


async def test_acceptance_by_the_other_side_ends_it_and_its_tasks_become_action_items(
    driver: Driver,
) -> None:
    case = await acknowledged(driver)
    await driver.ask("dc-op1", proposing(case, task(), task("dc-op1")))
    assert await items(driver) == []

    await driver.ask("mc-op1", accepting(case))

    assert (await the_case(driver)).state is State.RESOLVED
    kept = await items(driver)
    assert [(item.number, item.owner, item.source) for item in kept] == [
        (1, "mc-op1", "escalation 1"),
        (2, "dc-op1", "escalation 1"),
    ]
    assert await timers(driver) == []
    assert (await events(driver))[-3:] == [
        "escalation proposed",
        "escalation accepted",
        "escalation resolved",
    ]


async def test_tasks_that_need_another_look_are_named_by_their_inputs(driver: Driver) -> None:
    case = await acknowledged(driver)
    yesterday = MONDAY.date() - dt.timedelta(days=1)

    with pytest.raises(InvalidInput) as wrong:
        await driver.ask("dc-op1", proposing(case, task("mediator"), task(due=yesterday), task(due=None)))

    assert set(wrong.value.fields) == {"owner_1", "due_2", "due_3"}
    assert (await the_case(driver)).state is State.RESOLVING


async def test_action_items_left_blank_are_left_out(driver: Driver) -> None:
    case = await acknowledged(driver)
    blank = i.TaskWords(title=" ", owner="", due=None)

    with pytest.raises(InvalidInput) as wrong:
        await driver.ask("dc-op1", proposing(case, blank, blank, task(owner="")))
    await driver.ask("dc-op1", proposing(case, blank, task(), blank))

    assert set(wrong.value.fields) == {"owner_3"}
    resolution = (await the_case(driver)).resolution
    assert resolution is not None
    assert [kept.title for kept in resolution.tasks] == ["Send the new date"]


async def test_an_accept_button_of_an_earlier_proposal_is_refused(driver: Driver) -> None:
    case = await acknowledged(driver)
    await driver.ask("dc-op1", proposing(case))
    await driver.ask(
        "mc-op1",
        i.DeclineResolution(
            alliance_id=ALLIANCE,
            escalation_id=case,
            proposed_by=MemberId("dc-op1"),
            proposal=1,
            reason="Too early.",
        ),
    )
    await driver.ask("dc-op1", proposing(case))

    with pytest.raises(OldMessage):
        await driver.ask("mc-op1", accepting(case))

    assert (await the_case(driver)).state is State.PROPOSED


async def test_moved_up_by_a_side_with_both_statements_for_the_next_level(driver: Driver) -> None:
    case = await acknowledged(driver)
    moving = i.MoveEscalationUp(alliance_id=ALLIANCE, escalation_id=case, reason="Stuck.", level=0)
    await driver.ask("mc-op1", moving)
    for key in ("dc-op1", "mc-op1"):
        statement = i.GiveStatement(
            alliance_id=ALLIANCE, escalation_id=case, facts=f"by {key}", other_needs="time", level=0
        )
        await driver.ask(key, statement)

    with pytest.raises(OldMessage, match="managers"):
        await driver.ask("mc-op1", moving)

    (moved,) = await told(driver, en.EscalationMovedUp)
    assert [s.facts for s in moved.escalation.statements] == ["by dc-op1", "by mc-op1"]
    assert moved.members == ("dc-mgr1", "dc-mgr2", "mc-mgr1", "mc-mgr2")


async def test_the_chain_holds_no_words_of_people(driver: Driver) -> None:
    case = await acknowledged(driver)
    await driver.ask("dc-op1", i.SayProgress(alliance_id=ALLIANCE, escalation_id=case, text="Secret words."))

    async with driver.open_uow() as uow:
        entries = await uow.audit.entries(ALLIANCE)
        details = await uow.audit.details(ALLIANCE)

    assert "Secret" not in repr(entries)
    assert "milestone" not in repr(entries)
    assert "Secret words." in repr(details)


async def test_executives_of_both_name_a_mediator_by_key(driver: Driver) -> None:
    case = await raise_one(driver, "dc-ex1")
    for key, intent in (
        ("dc-ex1", i.MoveEscalationUp(alliance_id=ALLIANCE, escalation_id=case, reason="Stuck.")),
        ("dc-ex1", i.GiveStatement(alliance_id=ALLIANCE, escalation_id=case, facts="f", other_needs="o")),
        ("mc-ex2", i.GiveStatement(alliance_id=ALLIANCE, escalation_id=case, facts="f", other_needs="o")),
    ):
        await driver.ask(key, intent)
    naming = i.NameMediator(alliance_id=ALLIANCE, escalation_id=case, mediator="mediator")

    with pytest.raises(InvalidInput):
        await driver.ask("dc-ex1", i.NameMediator(alliance_id=ALLIANCE, escalation_id=case, mediator="nobody"))
    with pytest.raises(NotOnIt):
        await driver.ask("dc-am", naming)
    await driver.ask("dc-ex1", naming)
    await driver.ask("mc-ex1", naming)

    assert (await the_case(driver)).mediator == "mediator"
    assert isinstance(await driver.ask("mediator", i.ShowEscalation(alliance_id=ALLIANCE, number=1)), EscalationShown)


# --- refused ----------------------------------------------------------------------------------------


def every_act(case: EscalationId) -> list[i.EscalationIntent]:
    return [
        acknowledging(case),
        proposing(case),
        accepting(case),
        i.SayProgress(alliance_id=ALLIANCE, escalation_id=case, text="text"),
        i.MoveEscalationUp(alliance_id=ALLIANCE, escalation_id=case, reason="reason"),
        i.GiveStatement(alliance_id=ALLIANCE, escalation_id=case, facts="facts", other_needs="needs"),
        i.WithdrawEscalation(alliance_id=ALLIANCE, escalation_id=case, reason="reason"),
        i.AskEscalationForm(alliance_id=ALLIANCE, escalation_id=case, form="progress"),
        i.DeclineResolution(alliance_id=ALLIANCE, escalation_id=case, proposed_by=MemberId("dc-op1"), reason="reason"),
    ]


async def test_people_who_are_not_on_it_can_do_nothing(driver: Driver) -> None:
    case = await raise_one(driver)
    before = await the_case(driver)

    for intent in every_act(case):
        with pytest.raises(NotOnIt):
            await driver.ask("mc-op2", intent)

    assert await the_case(driver) == before


async def test_nothing_can_be_done_after_it_ended(driver: Driver) -> None:
    case = await acknowledged(driver)
    await driver.ask("dc-op1", proposing(case))
    await driver.ask("mc-op1", accepting(case))
    before = await the_case(driver)

    for intent in every_act(case):
        with pytest.raises(IllegalTransition, match="has ended"):
            await driver.ask("dc-op1", intent)

    assert await the_case(driver) == before


async def test_a_forged_id_of_another_alliance_or_of_none_is_refused(driver: Driver) -> None:
    case = await raise_one(driver)
    other = make_roster(AllianceId("al2"))
    async with driver.open_uow() as uow:
        await uow.rosters.save(other)
        await uow.commit()
    there = i.AcknowledgeEscalation(alliance_id=AllianceId("al2"), escalation_id=case, level=0)

    with pytest.raises(NotAMember):
        await driver.ask("dc-op1", there)
    with pytest.raises(NotFound):
        await driver.ask("dc-op1", acknowledging(EscalationId("none")))
    form = i.AskEscalationForm(alliance_id=ALLIANCE, escalation_id=case, form="forged")
    with pytest.raises(NotFound):
        await driver.ask("dc-op1", form)


async def test_a_case_of_another_alliance_is_not_found_by_a_forged_button(driver: Driver) -> None:
    case = await raise_one(driver)
    theirs = replace(await the_case(driver), id=EscalationId("theirs"), alliance_id=AllianceId("al2"))
    async with driver.open_uow() as uow:
        await uow.escalations.save(theirs)
        await uow.commit()
    forged = (replace(intent, escalation_id=theirs.id) for intent in every_act(case))

    for intent in forged:
        with pytest.raises(NotFound):
            await driver.ask("dc-op1", intent)


async def test_time_cannot_be_played_by_a_person(driver: Driver) -> None:
    case = await raise_one(driver)
    intent = EscalationFallsDue(alliance_id=ALLIANCE, escalation_id=case, event="HALF_TIME")

    with pytest.raises(NotPermitted):
        await driver.ask("dc-op1", intent)  # type: ignore[arg-type]
