"""Bringing an alliance's companies and people up to what its file says, without losing who they were.

A person is known by their key: ids stay, and so does everything that hangs on them. Who is missing from the
file becomes inactive. Who asked to be forgotten stays forgotten, whatever the file says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from alliance import in_words
from alliance.charter import Change
from alliance.errors import AllianceError
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.roster import Member, Platform, Roster, Side, Tier


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the file names them; `side` None for a mediator."""

    key: str
    side: SideKey | None
    name: str
    tier: Tier
    responsibility: str
    platform: Platform
    workspace: str
    address: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who an alliance consists of, as its file says; `key` is the alliance's short name."""

    key: str
    name: str
    sides: tuple[Side, Side]
    people: tuple[Person, ...]


class CompanyKeysChanged(AllianceError):
    """A company's key cannot change: people and signatures are known by it. Change its name instead."""


class CompanyChanged(AllianceError):
    """A person cannot change sides under the same key. Give them a new key in their new company."""


def is_forgotten(member: Member) -> bool:
    """Whether the member asked to be forgotten; one who only left keeps their name."""
    return not member.active and not member.name


def enrol(wanted: Enrolment, known: Roster | None, alliance_id: AllianceId, new_id: Callable[[], str]) -> Roster:
    """Return the roster as the file wants it: in the file's order, then those who are not in it, inactive.

    The order of the two sides stays as it was first stored, since gaps are counted from it. Raises
    CompanyKeysChanged and CompanyChanged.
    """
    before = {member.key: member for member in known.members} if known else {}
    members = [_member(person, before.get(person.key), alliance_id, new_id) for person in wanted.people]
    present = {member.key for member in members}
    former = [replace(m, active=False) for m in before.values() if m.key not in present]
    return Roster(
        alliance_id=alliance_id,
        key=wanted.key,
        name=wanted.name,
        sides=_sides(wanted, known),
        members=(*members, *former),
    )


def _sides(wanted: Enrolment, known: Roster | None) -> tuple[Side, Side]:
    if known is None:
        return wanted.sides
    by_key = {side.key: side for side in wanted.sides}
    first, second = known.sides
    if by_key.keys() != {first.key, second.key}:
        raise CompanyKeysChanged
    return by_key[first.key], by_key[second.key]


def _member(person: Person, known: Member | None, alliance_id: AllianceId, new_id: Callable[[], str]) -> Member:
    if known is None:
        return _written(person, MemberId(new_id()), alliance_id)
    if is_forgotten(known):
        return known
    if known.side != person.side:
        raise CompanyChanged(
            f"{person.name} ({person.key}) cannot change sides under the same key. "
            "Give them a new key in their new company."
        )
    written = _written(person, known.id, alliance_id)
    return replace(
        written,
        away_until=known.away_until,
        reachable=known.reachable or _chat_of(known) != _chat_of(written),
    )


def _written(person: Person, member_id: MemberId, alliance_id: AllianceId) -> Member:
    return Member(
        id=member_id,
        alliance_id=alliance_id,
        key=person.key,
        side=person.side,
        name=person.name,
        tier=person.tier,
        responsibility=person.responsibility,
        platform=person.platform,
        workspace=person.workspace,
        address=person.address,
    )


def _chat_of(member: Member) -> tuple[Platform, str, str]:
    return member.platform, member.workspace, member.address


def kept_out(roster: Roster, wanted: Enrolment) -> tuple[str, ...]:
    """The keys in the file of people who asked to be forgotten, and therefore stay out."""
    named = {person.key for person in wanted.people}
    return tuple(member.key for member in roster.members if member.key in named and is_forgotten(member))


def company_changes(before: Roster | None, after: Roster) -> tuple[Change, ...]:
    """What an import changes about the alliance itself and its two companies."""
    old = dict(_company_leaves(before)) if before else {}
    return _changes(old, dict(_company_leaves(after)))


def people_changes(before: Roster | None, after: Roster) -> tuple[Change, ...]:
    """Who joins, who leaves, and what changes about those who stay; the field is the person's key."""
    old = {member.key: member for member in before.members if member.active} if before else {}
    new = {member.key: member for member in after.members if member.active}
    found = [Change(key, None, _summary(member)) for key, member in new.items() if key not in old]
    for key in (key for key in new if key in old):
        found.extend(_changes(dict(_member_leaves(old[key])), dict(_member_leaves(new[key]))))
    found.extend(Change(key, _summary(member), None) for key, member in old.items() if key not in new)
    return tuple(found)


def _changes(old: dict[str, str], new: dict[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(path, old.get(path) or None, new.get(path) or None)
        for path in dict.fromkeys([*new, *old])
        if old.get(path, "") != new.get(path, "")
    )


def _company_leaves(roster: Roster) -> Iterator[tuple[str, str]]:
    yield "name", roster.name
    for side in roster.sides:
        calendar = side.calendar
        yield f"{side.key}.name", side.company
        yield f"{side.key}.workspace", f"{side.platform} {side.workspace}"
        yield f"{side.key}.channel", side.channel or ""
        yield f"{side.key}.zone", calendar.zone
        yield f"{side.key}.workdays", ", ".join(map(in_words.weekday, sorted(calendar.workdays)))
        yield f"{side.key}.hours", f"{calendar.opens:%H:%M} to {calendar.closes:%H:%M}"
        yield f"{side.key}.holidays of", f"{calendar.country} {calendar.subdivision}".strip()
        yield f"{side.key}.closed on", ", ".join(map(str, sorted(calendar.closed_on)))


def _member_leaves(member: Member) -> Iterator[tuple[str, str]]:
    yield f"{member.key}.name", member.name
    yield f"{member.key}.tier", member.tier
    yield f"{member.key}.responsibility", member.responsibility
    yield f"{member.key}.workspace", f"{member.platform} {member.workspace}"
    yield f"{member.key}.address", member.address


def _summary(member: Member) -> str:
    return f"{member.name}, {member.tier}, {member.responsibility}"
