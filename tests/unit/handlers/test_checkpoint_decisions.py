"""After a checkpoint: decisions and amendments are recorded, told to both at once, and come back at the next one."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToMember, audience
from alliance.charter import CharterState
from alliance.checkpoint import LONGEST_DECISION, StillBeingAnswered
from alliance.errors import InvalidInput, NotFound, NotPermitted
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.notices import CheckpointClosed, CheckpointOpened, DecisionRecorded
from alliance.roster import Roster
from handlers.call import Call
from handlers.checkpoint_decisions import DecisionAsked, DecisionKept
from handlers.checkpoints import schedule_first
from handlers.decision_intents import AskAmendment, AskDecision, ProposeAmendment, RecordDecision
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, MONDAY, make_charter_version, make_roster
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver

OPENS, CLOSES = utc("2026-03-05 15:00"), utc("2026-03-10 14:00")
WORDS = "Both field teams visit the first ten customers together."


@pytest.fixture
async def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    """The alliance just after its first checkpoint has closed."""
    driver = Driver(engine, open_uow, MONDAY)
    async with open_uow() as uow:
        version = await uow.charters.in_force(ALLIANCE)
        await schedule_first(Call(uow=uow, roster=roster, member=None, now=driver.now), version)
        await uow.commit()
    await driver.run_until(OPENS)
    return driver


async def closed(driver: Driver) -> CheckpointId:
    await driver.run_until(CLOSES)
    return await open_one(driver)


async def open_one(driver: Driver) -> CheckpointId:
    (notice,) = await driver.notices(CheckpointOpened)
    assert isinstance(notice, CheckpointOpened)
    return notice.checkpoint_id


async def record(driver: Driver, key: str, checkpoint_id: CheckpointId, words: str = WORDS) -> DecisionKept:
    intent = RecordDecision(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id, decision=words)
    reply = await driver.ask(key, intent)
    assert isinstance(reply, DecisionKept)
    return reply


async def told(driver: Driver) -> list[DecisionRecorded]:
    return [n for n in await driver.notices(DecisionRecorded) if isinstance(n, DecisionRecorded)]


@pytest.mark.parametrize("key", ["dc-mgr1", "mc-am"])
async def test_a_manager_of_either_company_records_a_decision_and_both_hear_it(
    driver: Driver, roster: Roster, key: str
) -> None:
    checkpoint_id = await closed(driver)
    asked = await driver.ask(key, AskDecision(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id))
    assert isinstance(asked, DecisionAsked)
    assert not asked.amends

    await record(driver, key, checkpoint_id, f"  {WORDS} ")

    (notice,) = await told(driver)
    assert notice.decision.decision == WORDS
    assert notice.decision.by == MemberId(key)
    heard = set(audience(notice, roster))
    managers_and_up = {f"{side}-{who}" for side in ("dc", "mc") for who in ("mgr1", "mgr2", "am", "ex1", "ex2")}
    assert heard == {ToMember(MemberId(member)) for member in managers_and_up}
    async with driver.open_uow() as uow:
        entry = (await uow.audit.entries(ALLIANCE))[-1]
        assert await uow.audit.verify(ALLIANCE) is None
    assert (entry.event, entry.actor) == ("decision recorded", MemberId(key))
    assert WORDS not in str(entry)


async def test_the_next_retrospective_comes_back_to_what_was_decided(driver: Driver) -> None:
    checkpoint_id = await closed(driver)
    await record(driver, "dc-mgr1", checkpoint_id)

    await driver.run_until(utc("2026-04-30 12:00"))

    first, second = (n.retrospective for n in await driver.notices(CheckpointClosed) if isinstance(n, CheckpointClosed))
    assert first.decided_before == ()
    assert [decision.decision for decision in second.decided_before] == [WORDS]


async def test_pressing_again_records_and_tells_nothing_more(driver: Driver) -> None:
    checkpoint_id = await closed(driver)
    await record(driver, "dc-mgr1", checkpoint_id)

    assert (await record(driver, "dc-mgr1", checkpoint_id)).again
    assert len(await told(driver)) == 1


async def test_an_alliance_manager_proposes_an_amendment_and_a_waiting_draft_is_named(driver: Driver) -> None:
    checkpoint_id = await closed(driver)
    asked = await driver.ask("mc-am", AskAmendment(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id))
    assert isinstance(asked, DecisionAsked)
    assert asked.amends
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(state=CharterState.DRAFT, version=2))
        await uow.commit()

    wish = ProposeAmendment(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id, change="Three days to resolve.")
    await driver.ask("mc-am", wish)

    (notice,) = await told(driver)
    assert notice.decision.amends
    assert notice.draft == 2
    async with driver.open_uow() as uow:
        assert (await uow.charters.in_force(ALLIANCE)).version == 1


async def test_it_is_refused_while_open_from_the_wrong_people_and_elsewhere(
    driver: Driver, open_uow: OpenUnitOfWork
) -> None:
    checkpoint_id = await open_one(driver)
    with pytest.raises(StillBeingAnswered):
        await record(driver, "dc-mgr1", checkpoint_id)
    await driver.run_until(CLOSES)
    other = await twin_alliance(open_uow)

    with pytest.raises(NotPermitted):
        await record(driver, "dc-op1", checkpoint_id)
    with pytest.raises(NotPermitted):
        await driver.ask("dc-mgr1", ProposeAmendment(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id, change="x"))
    with pytest.raises(NotFound):
        await record(driver, "dc-mgr1", CheckpointId("forged"))
    with pytest.raises(NotFound):
        await driver.ask("dc-mgr1", RecordDecision(alliance_id=other, checkpoint_id=checkpoint_id, decision="x"))
    for words in ("   ", "x" * (LONGEST_DECISION + 1)):
        with pytest.raises(InvalidInput) as refused:
            await record(driver, "dc-mgr1", checkpoint_id, words)
        assert set(refused.value.fields) == {"decision"}
    with pytest.raises(InvalidInput) as refused:
        await driver.ask("dc-am", ProposeAmendment(alliance_id=ALLIANCE, checkpoint_id=checkpoint_id, change=" "))
    assert set(refused.value.fields) == {"change"}
    assert await told(driver) == []
    async with driver.open_uow() as uow:
        retrospective = await uow.checkpoints.retrospective_of(checkpoint_id)
    assert retrospective is not None
    assert retrospective.decisions == ()


async def twin_alliance(open_uow: OpenUnitOfWork) -> AllianceId:
    """Another alliance of the same people."""
    other = AllianceId("al2")
    people = (replace(m, id=MemberId(f"al2-{m.id}"), alliance_id=other) for m in make_roster().members)
    async with open_uow() as uow:
        await uow.rosters.save(replace(make_roster(other), members=tuple(people)))
        await uow.commit()
    return other
