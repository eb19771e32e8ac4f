import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from alliance.charter import (
    AlreadySigned,
    CharterState,
    CharterVersion,
    NothingToPropose,
    NothingToSign,
    NotProposable,
    NotSignable,
    OneAtATime,
)
from alliance.errors import InvalidInput, NotAMember, NotFound, NotPermitted
from alliance.ids import AllianceId
from alliance.notices import (
    CharterDeclined,
    CharterDraftRedrawn,
    CharterInForce,
    CharterLapsed,
    CharterProposed,
    CharterRedrawn,
    CharterSigned,
)
from handlers.charters import CharterShown, DeclineAsked, NoCharterYet
from handlers.intents import AskDeclineCharter, DeclineCharter, ProposeCharter, ShowCharter, SignCharter
from handlers.replies import AlreadyDone, Nothing
from handlers.time_intents import LapseCharter
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MC, MONDAY, make_charter, make_charter_version, make_roster
from tests.fakes.driving import Driver

PROPOSE = ProposeCharter(alliance_id=ALLIANCE)
SIGN = SignCharter(alliance_id=ALLIANCE)


@pytest.fixture
async def people(engine: AsyncEngine, open_uow: OpenUnitOfWork) -> Driver:
    """The alliance without any charter."""
    async with open_uow() as uow:
        await uow.rosters.save(make_roster())
        await uow.commit()
    return Driver(engine, open_uow, MONDAY)


@pytest.fixture
async def drafted(people: Driver) -> Driver:
    """The alliance with a first draft."""
    await store(people, make_charter_version(state=CharterState.DRAFT))
    return people


@pytest.fixture
async def proposed(drafted: Driver) -> Driver:
    await drafted.ask("dc-am", PROPOSE)
    return drafted


async def store(driver: Driver, *versions: CharterVersion) -> None:
    async with driver.open_uow() as uow:
        for version in versions:
            await uow.charters.save(version)
        await uow.commit()


async def version_of(driver: Driver, number: int = 1) -> CharterVersion:
    async with driver.open_uow() as uow:
        return await uow.charters.get(ALLIANCE, number)


async def timers(driver: Driver) -> list[str]:
    async with driver.open_uow() as uow:
        return [timer.intent for timer in await uow.timers.of(ALLIANCE)]


async def events(driver: Driver) -> list[str]:
    async with driver.open_uow() as uow:
        return [entry.event for entry in await uow.audit.entries(ALLIANCE)]


async def test_proposing_puts_the_draft_before_the_executives_and_sets_only_the_lapse(drafted: Driver) -> None:
    reply = await drafted.ask("mc-am", PROPOSE)

    assert reply == Nothing()
    (told,) = await drafted.notices(CharterProposed)
    assert isinstance(told, CharterProposed)
    assert told.lapses_at == MONDAY + dt.timedelta(days=10)
    assert told.first is not None
    assert told.changes == ()
    assert len(await drafted.notices(CharterDraftRedrawn)) == 1
    assert await timers(drafted) == ["LapseCharter"]
    assert await events(drafted) == ["charter proposed"]


async def test_nothing_recurs_before_both_companies_have_signed(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)

    assert await timers(proposed) == ["LapseCharter"]
    (told,) = await proposed.notices(CharterSigned)
    assert isinstance(told, CharterSigned)
    assert told.still_missing == (MC,)
    assert await proposed.notices(CharterInForce) == []


async def test_both_signatures_put_it_into_force_and_everything_begins(proposed: Driver) -> None:
    await proposed.ask("dc-ex2", SIGN)
    await proposed.ask("mc-ex1", SIGN)

    version = await version_of(proposed)
    assert version.state is CharterState.IN_FORCE
    assert set(version.signatures) == {DC, MC}
    set_now = set(await timers(proposed))
    assert "LapseCharter" not in set_now
    assert {"OpenCheckin", "OpenPulse", "OpenCheckpoint", "SendDigest"} <= set_now
    (told,) = await proposed.notices(CharterInForce)
    assert isinstance(told, CharterInForce)
    assert set(told.signed_by) == {"dc-ex2", "mc-ex1"}
    assert told.first_checkin == dt.date(2026, 2, 3)
    assert told.first_pulse is not None
    assert told.replaces is None
    assert await events(proposed) == ["charter proposed", "charter signed", "charter signed", "charter in force"]


async def test_the_card_is_drawn_anew_at_every_step(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)
    await proposed.ask("mc-ex1", SIGN)

    cards = [told.card for told in await proposed.notices(CharterRedrawn) if isinstance(told, CharterRedrawn)]

    assert sorted(card.state for card in cards) == [CharterState.IN_FORCE, CharterState.PROPOSED]
    assert sorted(len(card.signatures) for card in cards) == [1, 2]


async def test_an_executive_of_the_same_company_is_kindly_told_that_it_signed_already(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)

    for again in ("dc-ex1", "dc-ex2"):
        with pytest.raises(AlreadySigned):
            await proposed.ask(again, SIGN)

    assert len((await version_of(proposed)).signatures) == 1


async def test_the_same_press_delivered_twice_signs_once(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN, same_as="one press")

    assert await proposed.ask("dc-ex1", SIGN, same_as="one press") == AlreadyDone()
    assert len(await proposed.notices(CharterSigned)) == 1


@pytest.mark.parametrize("who", ["dc-op1", "dc-mgr1", "dc-am", "mediator"])
async def test_only_executives_sign_or_decline(proposed: Driver, who: str) -> None:
    for intent in (SIGN, DeclineCharter(alliance_id=ALLIANCE, version=1, reason="No.")):
        with pytest.raises(NotPermitted, match="executive"):
            await proposed.ask(who, intent)

    assert (await version_of(proposed)).signatures == {}


@pytest.mark.parametrize("who", ["dc-op1", "mc-mgr1", "dc-ex1", "mediator"])
async def test_only_alliance_managers_propose(drafted: Driver, who: str) -> None:
    with pytest.raises(NotPermitted, match="alliance manager"):
        await drafted.ask(who, PROPOSE)

    assert (await version_of(drafted)).state is CharterState.DRAFT


async def test_an_executive_of_another_alliance_is_no_member_here(proposed: Driver) -> None:
    other = AllianceId("al2")
    async with proposed.open_uow() as uow:
        roster = make_roster(other)
        strangers = tuple(replace(m, address=f"{m.address}-2") for m in roster.members)
        await uow.rosters.save(replace(roster, members=strangers))
        await uow.commit()

    with pytest.raises(NotFound):
        await proposed.ask("dc-ex1", SignCharter(alliance_id=ALLIANCE, version=7))
    with pytest.raises(NotAMember):
        await proposed.ask("dc-ex1", SignCharter(alliance_id=other, version=1))


async def test_there_may_be_nothing_to_propose_sign_or_show(people: Driver) -> None:
    with pytest.raises(NothingToPropose):
        await people.ask("dc-am", PROPOSE)
    with pytest.raises(NothingToSign):
        await people.ask("dc-ex1", SIGN)
    assert await people.ask("dc-op1", ShowCharter(alliance_id=ALLIANCE)) == NoCharterYet()


async def test_a_draft_cannot_be_signed_and_a_proposal_not_proposed_again(drafted: Driver) -> None:
    with pytest.raises(NotSignable):
        await drafted.ask("dc-ex1", SignCharter(alliance_id=ALLIANCE, version=1))

    await drafted.ask("dc-am", PROPOSE)

    with pytest.raises(NotProposable):
        await drafted.ask("mc-am", ProposeCharter(alliance_id=ALLIANCE, version=1))
    assert len(await drafted.notices(CharterProposed)) == 1


async def test_one_version_waits_at_a_time(proposed: Driver) -> None:
    await store(proposed, make_charter_version(state=CharterState.DRAFT, version=2))

    with pytest.raises(OneAtATime):
        await proposed.ask("dc-am", ProposeCharter(alliance_id=ALLIANCE, version=2))

    assert (await version_of(proposed, 2)).state is CharterState.DRAFT


async def test_silence_is_no(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)

    await proposed.run_until(MONDAY + dt.timedelta(days=10))

    assert (await version_of(proposed)).state is CharterState.LAPSED
    (told,) = await proposed.notices(CharterLapsed)
    assert isinstance(told, CharterLapsed)
    assert told.missing == (MC,)
    with pytest.raises(NotSignable):
        await proposed.ask("mc-ex1", SignCharter(alliance_id=ALLIANCE, version=1))
    assert await timers(proposed) == []


async def test_a_lapse_that_comes_too_late_changes_nothing(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)
    await proposed.ask("mc-ex1", SIGN)
    async with proposed.open_uow() as uow:
        intent = LapseCharter(alliance_id=ALLIANCE, version=1)
        await uow.timers.set("stray", ALLIANCE, intent, proposed.now)
        await uow.commit()

    await proposed.run_until(proposed.now)

    assert (await version_of(proposed)).state is CharterState.IN_FORCE
    assert await proposed.notices(CharterLapsed) == []


async def test_declining_asks_why_tells_both_and_keeps_the_words_apart_from_the_trail(proposed: Driver) -> None:
    form = await proposed.ask("mc-ex1", AskDeclineCharter(alliance_id=ALLIANCE, version=1))
    with pytest.raises(InvalidInput):
        await proposed.ask("mc-ex1", DeclineCharter(alliance_id=ALLIANCE, version=1, reason="  "))

    await proposed.ask("mc-ex1", DeclineCharter(alliance_id=ALLIANCE, version=1, reason="Too long."))

    assert form == DeclineAsked(1)
    assert (await version_of(proposed)).state is CharterState.DECLINED
    (told,) = await proposed.notices(CharterDeclined)
    assert isinstance(told, CharterDeclined)
    assert told.reason == "Too long."
    assert await timers(proposed) == []
    async with proposed.open_uow() as uow:
        trail = await uow.audit.entries(ALLIANCE)
        details = await uow.audit.details(ALLIANCE)
    assert "Too long." not in str([entry.facts for entry in trail])
    assert details[trail[-1].seq] == {"reason": "Too long."}


async def test_after_declining_nobody_signs(proposed: Driver) -> None:
    await proposed.ask("mc-ex1", DeclineCharter(alliance_id=ALLIANCE, version=1, reason="No."))

    with pytest.raises(NotSignable):
        await proposed.ask("dc-ex1", SignCharter(alliance_id=ALLIANCE, version=1))
    with pytest.raises(NotSignable):
        await proposed.ask("dc-ex1", AskDeclineCharter(alliance_id=ALLIANCE, version=1))


async def test_an_amendment_takes_the_place_of_the_charter_in_force(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)
    await proposed.ask("mc-ex1", SIGN)
    amended = replace(make_charter(), purpose="A wider one.")
    await store(proposed, make_charter_version(amended, state=CharterState.DRAFT, version=2))
    proposed.now += dt.timedelta(hours=1)

    await proposed.ask("mc-am", PROPOSE)
    before = (await version_of(proposed, 1)).state
    await proposed.ask("mc-ex1", SIGN)
    await proposed.ask("dc-ex1", SIGN)

    assert before is CharterState.IN_FORCE
    assert (await version_of(proposed, 1)).state is CharterState.SUPERSEDED
    assert (await version_of(proposed, 2)).state is CharterState.IN_FORCE
    told = (await proposed.notices(CharterProposed))[-1]
    assert isinstance(told, CharterProposed)
    assert [change.field for change in told.changes] == ["purpose"]
    in_force = (await proposed.notices(CharterInForce))[-1]
    assert isinstance(in_force, CharterInForce)
    assert in_force.replaces == 1


@pytest.mark.usefixtures("roster")
async def test_an_amendment_that_lapses_leaves_the_charter_in_force(
    engine: AsyncEngine, open_uow: OpenUnitOfWork
) -> None:
    driver = Driver(engine, open_uow, MONDAY)
    await store(driver, make_charter_version(state=CharterState.DRAFT, version=2))

    await driver.ask("dc-am", PROPOSE)
    await driver.run_until(MONDAY + dt.timedelta(days=11))

    assert (await version_of(driver, 1)).state is CharterState.IN_FORCE
    (told,) = await driver.notices(CharterLapsed)
    assert isinstance(told, CharterLapsed)
    assert told.in_force == 1


async def test_everybody_can_read_the_charter_in_force_and_see_that_another_waits(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)
    await proposed.ask("mc-ex1", SIGN)
    await store(proposed, make_charter_version(state=CharterState.PROPOSED, version=2))

    shown = await proposed.ask("mediator", ShowCharter(alliance_id=ALLIANCE))
    other = await proposed.ask("dc-op1", ShowCharter(alliance_id=ALLIANCE, version=2))

    assert isinstance(shown, CharterShown)
    assert (shown.version.version, shown.waiting) == (1, 2)
    assert isinstance(other, CharterShown)
    assert other.version.version == 2


async def test_what_was_signed_can_be_proven(proposed: Driver) -> None:
    await proposed.ask("dc-ex1", SIGN)
    await proposed.ask("mc-ex1", SIGN)

    async with proposed.open_uow() as uow:
        trail = await uow.audit.entries(ALLIANCE)
        broken = await uow.audit.verify(ALLIANCE)

    assert len({entry.facts["terms"] for entry in trail if entry.event.startswith("charter")}) == 1
    assert broken is None
