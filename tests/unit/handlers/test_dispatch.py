from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.audience import ToChannel, audience
from alliance.charter import CharterState, Reach
from alliance.errors import NotAMember, NotFound, NotPermitted
from alliance.ids import AllianceId, MemberId
from alliance.notices import MemberUnreachable, MessagesWait
from alliance.roster import Platform, Roster
from handlers.dispatch import ChatIdentity
from handlers.intents import FinishActionItem, SetAway, ShowStatus
from handlers.replies import AlreadyDone
from handlers.time_intents import LapseCharter
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version, make_roster
from tests.fakes.driving import Driver

ANA = ChatIdentity(Platform.SLACK, "T0DC", "U-dc-op1")


@pytest.fixture
def driver(engine: AsyncEngine, open_uow: OpenUnitOfWork, roster: Roster) -> Driver:
    assert roster.alliance_id == ALLIANCE
    return Driver(engine, open_uow, MONDAY)


async def test_somebody_of_no_alliance_is_refused(driver: Driver) -> None:
    stranger = ChatIdentity(Platform.SLACK, "T0DC", "U-nobody")

    with pytest.raises(NotAMember):
        await driver.dispatch.ask(ShowStatus(alliance_id=ALLIANCE), who=stranger, key="k", now=MONDAY)


async def test_a_member_of_one_alliance_is_refused_in_another(driver: Driver) -> None:
    intent = ShowStatus(alliance_id=AllianceId("another"))

    with pytest.raises(NotAMember):
        await driver.dispatch.ask(intent, who=ANA, key="k", now=MONDAY)


async def test_the_same_address_on_another_platform_is_somebody_else(driver: Driver) -> None:
    twin = ChatIdentity(Platform.TEAMS, "T0DC", "U-dc-op1")

    with pytest.raises(NotAMember):
        await driver.dispatch.ask(ShowStatus(alliance_id=ALLIANCE), who=twin, key="k", now=MONDAY)


async def test_what_only_time_may_ask_is_refused_from_people(driver: Driver) -> None:
    intent = LapseCharter(alliance_id=ALLIANCE, version=1)

    with pytest.raises(NotPermitted):
        await driver.dispatch.ask(intent, who=ANA, key="k", now=MONDAY)  # type: ignore[arg-type]


async def test_the_second_delivery_of_a_request_has_no_effect(driver: Driver) -> None:
    away = SetAway(alliance_id=ALLIANCE, until=MONDAY.date())
    back = SetAway(alliance_id=ALLIANCE, until=None)
    await driver.ask("dc-op1", away, same_as="first")
    await driver.ask("dc-op1", back)

    reply = await driver.ask("dc-op1", away, same_as="first")

    async with driver.open_uow() as uow:
        member = (await uow.rosters.get(ALLIANCE)).by_key("dc-op1")
    assert reply == AlreadyDone()
    assert member.away_until is None


async def test_what_only_reads_may_be_asked_again_under_the_same_key(driver: Driver) -> None:
    first = await driver.ask("dc-op1", ShowStatus(alliance_id=ALLIANCE), same_as="look")
    second = await driver.ask("dc-op1", ShowStatus(alliance_id=ALLIANCE), same_as="look")

    assert type(first) is type(second)
    assert second != AlreadyDone()


async def test_a_refused_request_may_come_again(driver: Driver) -> None:
    intent = FinishActionItem(alliance_id=ALLIANCE, number=99)

    for _ in range(2):
        with pytest.raises(NotFound):
            await driver.ask("dc-op1", intent, same_as="again")


async def test_a_person_who_cannot_be_reached_is_told_of_once(driver: Driver) -> None:
    for _ in range(2):
        await driver.dispatch.reach(ANA, lost="they left", now=MONDAY)

    told = await driver.notices(MemberUnreachable)
    async with driver.open_uow() as uow:
        member = (await uow.rosters.get(ALLIANCE)).by_key("dc-op1")
    assert len(told) == 1
    assert not member.reachable


@pytest.mark.parametrize(
    ("back_up", "posted"), [("the alliance channel", True), ("Channel", True), ("email to the manager", False)]
)
async def test_where_the_charter_names_the_channel_as_a_back_up_it_says_that_messages_wait(
    driver: Driver, back_up: str, posted: bool
) -> None:
    charter = replace(make_charter(), reach={DC: Reach("direct message", back_up), MC: Reach()})
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(charter))
        await uow.commit()

    for _ in range(2):
        await driver.dispatch.reach(ANA, lost="they left", now=MONDAY)

    told = await driver.notices(MessagesWait)
    assert told == [MessagesWait(alliance_id=ALLIANCE, member=MemberId("dc-op1"), side=DC)] * posted
    for notice in told:
        assert audience(notice, make_roster()) == (ToChannel(DC),)


async def test_without_a_charter_in_force_no_channel_is_a_back_up(driver: Driver) -> None:
    async with driver.open_uow() as uow:
        await uow.charters.save(make_charter_version(state=CharterState.PROPOSED))
        await uow.commit()

    await driver.dispatch.reach(ANA, lost="they left", now=MONDAY)

    assert await driver.notices(MessagesWait) == []


async def test_who_presses_something_that_we_sent_is_back(driver: Driver) -> None:
    await driver.dispatch.reach(ANA, lost="they left", now=MONDAY)

    taken = await driver.dispatch.take(
        ShowStatus(alliance_id=ALLIANCE), who=replace(ANA, is_here=True), key="k", now=MONDAY
    )

    async with driver.open_uow(reads=True) as uow:
        roster = await uow.rosters.get(ALLIANCE)
    assert roster.by_key("dc-op1").reachable
    assert taken.member.reachable


async def test_a_reply_is_worded_with_the_roster_that_the_request_left(driver: Driver) -> None:
    away = SetAway(alliance_id=ALLIANCE, until=MONDAY.date())

    taken = await driver.dispatch.take(away, who=ANA, key="k", now=MONDAY)

    assert taken.member.away_until == MONDAY.date()
    assert taken.roster.member(taken.member.id) == taken.member


async def test_who_is_back_gets_what_could_not_reach_them(driver: Driver) -> None:
    from tests.unit.schedules.test_deliveries import LANE

    await driver.dispatch.reach(ANA, lost="they left", now=MONDAY)
    manager = ChatIdentity(Platform.SLACK, "T0DC", "U-dc-am")
    async with driver.open_uow() as uow:
        delivery, _to_the_channel = await uow.outbox.claim(LANE, MONDAY, 10)
        await uow.outbox.dead(delivery, "unreachable: they left too", MONDAY)
        await uow.commit()
    await driver.dispatch.reach(manager, lost="they left too", now=MONDAY)
    driver.woken.clear()

    await driver.dispatch.reach(manager, lost=None, now=MONDAY)

    async with driver.open_uow() as uow:
        again = await uow.outbox.claim(LANE, MONDAY, 10)
    assert delivery.id in [one.id for one in again]
    assert LANE in driver.woken
