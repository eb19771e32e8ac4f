import datetime as dt
from dataclasses import replace

import pytest

from alliance.audience import ToMember
from alliance.charter import Change, Charter, CharterState
from alliance.enrolment import CompanyChanged, Enrolment
from alliance.errors import AllianceError
from alliance.notices import CharterDrafted, CharterDraftRedrawn
from alliance.roster import Platform, Roster
from bot.charter_file.convert import charter_of, enrolment_of
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.enrolment import ChangedMeanwhile, ImportPlan, import_alliance, plan_import
from handlers.intents import PersonIntent, ProposeCharter, SignCharter
from storage.outbox import UNREACHABLE
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import MONDAY
from tests.fakes.charter_files import document_with

DOCUMENT = document_with()
PEOPLE, TERMS = enrolment_of(DOCUMENT), charter_of(DOCUMENT)
AMENDED = replace(TERMS, purpose="A wider one.")
FURTHER = replace(TERMS, purpose="A narrower one.")


async def bring_in(
    open_uow: OpenUnitOfWork, people: Enrolment = PEOPLE, terms: Charter = TERMS, **more: ImportPlan
) -> ImportPlan:
    async with open_uow() as uow:
        plan = await import_alliance(uow, people, terms, now=MONDAY, **more)
        await uow.commit()
    return plan


async def stored(open_uow: OpenUnitOfWork) -> Roster:
    async with open_uow() as uow:
        found = await uow.rosters.by_key("dc-mc")
    assert found is not None
    return found


async def states(open_uow: OpenUnitOfWork) -> list[CharterState]:
    roster = await stored(open_uow)
    async with open_uow() as uow:
        newest = await uow.charters.newest(roster.alliance_id)
        assert newest is not None
        versions = [await uow.charters.get(roster.alliance_id, n + 1) for n in range(newest.version)]
    return [version.state for version in versions]


async def told(open_uow: OpenUnitOfWork, kind: type) -> int:
    async with open_uow() as uow:
        lanes = list(await uow.outbox.waiting_lanes(MONDAY))
        found = [d for lane in lanes for d in await uow.outbox.claim(lane, MONDAY, 500)]
    return sum(delivery.kind == kind.__name__ for delivery in found)


async def agree(open_uow: OpenUnitOfWork, version: int, signers: tuple[str, ...] = ("dc-dana", "mc-mara")) -> None:
    """Propose a version and let these executives sign it."""
    roster = await stored(open_uow)
    dispatch = Dispatch(open_uow, wake=set[str]().update, scrub=_no_scrub)
    asked: list[tuple[str, PersonIntent]] = [
        ("dc-cleo", ProposeCharter(alliance_id=roster.alliance_id, version=version))
    ]
    asked += [(key, SignCharter(alliance_id=roster.alliance_id, version=version)) for key in signers]
    for key, intent in asked:
        member = roster.by_key(key)
        who = ChatIdentity(Platform(member.platform), member.workspace, member.address)
        await dispatch.ask(intent, who=who, key=f"{key} {version}", now=MONDAY + dt.timedelta(hours=version))


async def _no_scrub() -> None:
    return None


async def test_a_first_import_brings_companies_people_and_a_draft(open_uow: OpenUnitOfWork) -> None:
    plan = await bring_in(open_uow)

    roster = await stored(open_uow)
    assert plan.is_new
    assert len(plan.people_changes) == len(roster.active()) == 25
    assert plan.drafts == 1
    assert await states(open_uow) == [CharterState.DRAFT]
    assert await told(open_uow, CharterDrafted) == 2
    async with open_uow() as uow:
        assert await uow.timers.of(roster.alliance_id) == []


async def test_the_same_file_again_changes_nothing(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    before = await stored(open_uow)

    plan = await bring_in(open_uow)

    assert plan.changes_nothing
    assert await stored(open_uow) == before
    assert await states(open_uow) == [CharterState.DRAFT]
    assert await told(open_uow, CharterDrafted) == 2
    async with open_uow() as uow:
        assert len(await uow.audit.entries(before.alliance_id)) == 3


async def test_looking_changes_nothing(open_uow: OpenUnitOfWork) -> None:
    async with open_uow() as uow:
        plan = await plan_import(uow, PEOPLE, TERMS)
        await uow.commit()

    assert not plan.changes_nothing
    async with open_uow() as uow:
        assert await uow.rosters.all() == []


async def test_the_trail_of_an_import_names_nobody(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)

    roster = await stored(open_uow)
    async with open_uow() as uow:
        trail = await uow.audit.entries(roster.alliance_id)
    said = str([(entry.event, entry.facts) for entry in trail])
    assert [entry.event for entry in trail] == ["people imported", "companies imported", "charter drafted"]
    assert not [person.name for person in PEOPLE.people if person.name in said or person.address in said]


async def test_a_newer_draft_takes_the_place_of_one_that_was_never_proposed(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)

    plan = await bring_in(open_uow, terms=AMENDED)

    assert (plan.drafts, plan.withdraws) == (2, 1)
    assert plan.charter_changes == (Change("purpose", TERMS.purpose, "A wider one."),)
    assert await states(open_uow) == [CharterState.SUPERSEDED, CharterState.DRAFT]
    assert await told(open_uow, CharterDraftRedrawn) == 2


async def test_a_file_that_returns_to_what_is_agreed_takes_the_draft_back(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    await agree(open_uow, 1)
    await bring_in(open_uow, terms=AMENDED)

    plan = await bring_in(open_uow)

    assert (plan.drafts, plan.withdraws) == (None, 2)
    assert await states(open_uow) == [CharterState.IN_FORCE, CharterState.SUPERSEDED]
    assert (await bring_in(open_uow)).changes_nothing


async def test_no_term_takes_effect_by_an_import(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    await agree(open_uow, 1)
    stricter = replace(TERMS, pulse=replace(TERMS.pulse, minimum_answers=3))

    await bring_in(open_uow, terms=stricter)

    roster = await stored(open_uow)
    async with open_uow() as uow:
        assert (await uow.charters.in_force(roster.alliance_id)).charter.pulse.minimum_answers == 5


async def test_a_version_that_waits_for_signatures_is_left_alone(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    await agree(open_uow, 1, signers=("dc-dana",))

    plan = await bring_in(open_uow, terms=AMENDED)
    back = await bring_in(open_uow)

    assert (plan.drafts, plan.waiting) == (2, 1)
    assert (back.drafts, back.withdraws) == (None, 2)
    assert await states(open_uow) == [CharterState.PROPOSED, CharterState.SUPERSEDED]


async def test_a_declined_or_lapsed_version_can_be_drafted_again_in_the_same_words(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    roster = await stored(open_uow)
    async with open_uow() as uow:
        version = await uow.charters.get(roster.alliance_id, 1)
        await uow.charters.save(replace(version, state=CharterState.DECLINED))
        await uow.commit()

    plan = await bring_in(open_uow)

    assert plan.drafts == 2
    assert await states(open_uow) == [CharterState.DECLINED, CharterState.DRAFT]


async def test_people_and_calendars_change_at_once_and_keep_who_they_are(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    before = await stored(open_uow)
    first, second = PEOPLE.sides
    moved = replace(first, calendar=replace(first.calendar, zone="America/New_York"))
    fewer = replace(PEOPLE, sides=(moved, second), people=PEOPLE.people[1:])

    plan = await bring_in(open_uow, people=fewer)

    after = await stored(open_uow)
    assert plan.company_changes == (Change("dc.zone", "America/Chicago", "America/New_York"),)
    assert plan.drafts is None
    assert after.sides[0].calendar.zone == "America/New_York"
    assert not after.by_key("dc-ana").active
    assert {m.key: m.id for m in after.members} == {m.key: m.id for m in before.members}


async def test_what_changed_since_it_was_shown_is_not_imported(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    async with open_uow() as uow:
        expected = await plan_import(uow, PEOPLE, AMENDED)
    await bring_in(open_uow, terms=FURTHER)

    with pytest.raises(ChangedMeanwhile):
        await bring_in(open_uow, terms=AMENDED, expected=expected)

    assert await states(open_uow) == [CharterState.SUPERSEDED, CharterState.DRAFT]


async def test_an_import_that_is_refused_changes_nothing(open_uow: OpenUnitOfWork) -> None:
    await bring_in(open_uow)
    before = await stored(open_uow)
    turncoat = replace(PEOPLE.people[0], side=PEOPLE.sides[1].key)

    with pytest.raises(CompanyChanged) as refused:
        await bring_in(open_uow, people=replace(PEOPLE, people=(turncoat, *PEOPLE.people[1:])), terms=AMENDED)

    assert isinstance(refused.value, AllianceError)
    assert await stored(open_uow) == before
    assert await states(open_uow) == [CharterState.DRAFT]


async def test_whose_address_is_corrected_gets_what_could_not_reach_them_at_the_old_one(
    open_uow: OpenUnitOfWork,
) -> None:
    await bring_in(open_uow, terms=TERMS)
    cleo = (await stored(open_uow)).by_key("dc-cleo")
    async with open_uow() as uow:
        await uow.rosters.save_member(replace(cleo, reachable=False))
        (delivery,) = [d for d in await uow.outbox.claim("slack:T0DC", MONDAY, 500) if d.recipient == ToMember(cleo.id)]
        await uow.outbox.dead(delivery, f"{UNREACHABLE}user_disabled", MONDAY)
        await uow.commit()
    moved = tuple(replace(p, address="U0NEWCLEO") if p.key == "dc-cleo" else p for p in PEOPLE.people)

    await bring_in(open_uow, replace(PEOPLE, people=moved))

    async with open_uow() as uow:
        again = await uow.outbox.claim("slack:T0DC", MONDAY, 500)
    assert [d.id for d in again] == [delivery.id]
    assert (await stored(open_uow)).by_key("dc-cleo").reachable
