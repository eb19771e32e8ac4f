from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from alliance.charter import Change
from alliance.enrolment import (
    CompanyChanged,
    CompanyKeysChanged,
    Enrolment,
    Person,
    company_changes,
    enrol,
    kept_out,
    people_changes,
)
from alliance.ids import SideKey
from alliance.roster import Roster, Tier
from tests.fakes.builders import ALLIANCE, MC, make_roster


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new-{next(numbers)}"


def as_enrolment(roster: Roster) -> Enrolment:
    people = tuple(
        Person(m.key, m.side, m.name, m.tier, m.responsibility, m.platform, m.workspace, m.address)
        for m in roster.members
    )
    return Enrolment(roster.key, roster.name, roster.sides, people)


def without(enrolment: Enrolment, key: str) -> Enrolment:
    return replace(enrolment, people=tuple(p for p in enrolment.people if p.key != key))


def changed(enrolment: Enrolment, key: str, **fields: object) -> Enrolment:
    people = tuple(
        replace(p, **fields) if p.key == key else p  # type: ignore[arg-type]
        for p in enrolment.people
    )
    return replace(enrolment, people=people)


def test_the_same_people_again_change_nothing() -> None:
    roster = make_roster()

    after = enrol(as_enrolment(roster), roster, ALLIANCE, ids())

    assert after == roster
    assert company_changes(roster, after) == people_changes(roster, after) == ()


def test_a_person_keeps_their_id_their_absence_and_their_place_whatever_else_changes() -> None:
    roster = make_roster()
    wanted = changed(as_enrolment(roster), "dc-op1", name="Another Name", tier=Tier.MANAGER)

    after = enrol(wanted, roster, ALLIANCE, ids())

    assert after.by_key("dc-op1").id == roster.by_key("dc-op1").id
    assert people_changes(roster, after) == (
        Change("dc-op1.name", "Dc Op1", "Another Name"),
        Change("dc-op1.tier", "operational", "manager"),
    )


def test_who_is_missing_from_the_file_becomes_inactive_and_can_come_back_as_the_same_person() -> None:
    roster = make_roster()
    wanted = as_enrolment(roster)

    gone = enrol(without(wanted, "dc-op1"), roster, ALLIANCE, ids())
    back = enrol(wanted, gone, ALLIANCE, ids())

    assert not gone.by_key("dc-op1").active
    assert people_changes(roster, gone) == (Change("dc-op1", "Dc Op1, operational, area 1", None),)
    assert back.by_key("dc-op1") == roster.by_key("dc-op1")


def test_a_forgotten_person_is_never_revived() -> None:
    roster = make_roster()
    forgotten = replace(roster.by_key("dc-op1"), name="", address="", active=False)
    known = replace(roster, members=tuple(forgotten if m.key == "dc-op1" else m for m in roster.members))

    after = enrol(as_enrolment(roster), known, ALLIANCE, ids())

    assert after.by_key("dc-op1") == forgotten
    assert kept_out(after, as_enrolment(roster)) == ("dc-op1",)
    assert people_changes(known, after) == ()


def test_a_new_address_is_tried_again_even_if_the_old_one_could_not_be_reached() -> None:
    roster = make_roster()
    lost = replace(roster.by_key("dc-op1"), reachable=False)
    known = replace(roster, members=tuple(lost if m.key == "dc-op1" else m for m in roster.members))

    same = enrol(as_enrolment(roster), known, ALLIANCE, ids())
    moved = enrol(changed(as_enrolment(roster), "dc-op1", address="U-new"), known, ALLIANCE, ids())

    assert not same.by_key("dc-op1").reachable
    assert moved.by_key("dc-op1").reachable


def test_nobody_changes_sides_under_the_same_key() -> None:
    roster = make_roster()

    with pytest.raises(CompanyChanged, match="dc-op1"):
        enrol(changed(as_enrolment(roster), "dc-op1", side=MC), roster, ALLIANCE, ids())


def test_the_keys_of_the_companies_stay() -> None:
    roster = make_roster()
    first, second = roster.sides
    wanted = replace(as_enrolment(roster), sides=(replace(first, key=SideKey("acme")), second), people=())

    with pytest.raises(CompanyKeysChanged):
        enrol(wanted, roster, ALLIANCE, ids())


def test_the_order_of_the_sides_stays_since_gaps_are_counted_from_it() -> None:
    roster = make_roster()
    first, second = roster.sides

    after = enrol(replace(as_enrolment(roster), sides=(second, first)), roster, ALLIANCE, ids())

    assert after.sides == roster.sides


def test_what_changes_about_a_company_is_named() -> None:
    roster = make_roster()
    first, second = roster.sides
    moved = replace(first, channel=None, calendar=replace(first.calendar, zone="America/New_York"))

    after = enrol(replace(as_enrolment(roster), sides=(moved, second)), roster, ALLIANCE, ids())

    assert company_changes(roster, after) == (
        Change("dc.channel", "C0ALLY", None),
        Change("dc.zone", "America/Chicago", "America/New_York"),
    )
