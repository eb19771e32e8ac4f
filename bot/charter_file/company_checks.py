"""Do the file's companies and people go together?"""

from collections.abc import Iterator
from dataclasses import replace

from alliance.calendar import BadCalendar, NeverOpenTogether, WorkingCalendar, joint_minutes_per_week
from alliance.roster import Tier
from bot.charter_file.convert import time_of
from bot.charter_file.document import CalendarWords, PersonWords, WorkspaceWords
from bot.charter_file.parts import Finding, Parts

LEAST_JOINT_MINUTES = 30
_NEEDED = (Tier.EXECUTIVE, Tier.ALLIANCE_MANAGER, Tier.OPERATIONAL)


def findings(parts: Parts) -> Iterator[Finding]:
    yield from _two_companies(parts)
    for key in parts.companies:
        yield from _calendar(parts, key)
    yield from _joint_time(parts)
    for key, person in parts.people.items():
        if person is not None:
            yield from _place(parts, key, person)
    yield from _tiers(parts)
    yield from _addresses(parts)


def _two_companies(parts: Parts) -> Iterator[Finding]:
    if isinstance(parts.at("companies"), dict) and len(parts.companies) != 2:
        yield (
            ("companies",),
            f"An alliance has exactly two companies; {len(parts.companies)} are written here.",
        )


def _calendar(parts: Parts, key: str) -> Iterator[Finding]:
    path = ("companies", key, "calendar")
    written = parts.valid(CalendarWords, *path)
    if written is None:
        return
    plain = WorkingCalendar(written.zone)
    try:
        replace(plain, opens=time_of(written.opens), closes=time_of(written.closes))
    except BadCalendar as problem:
        yield (*path, "closes"), problem.sentence
    try:
        replace(plain, country=written.country, subdivision=written.subdivision)
    except BadCalendar as problem:
        yield (*path, "country"), problem.sentence
    for name, values in (("workdays", written.workdays), ("closed_on", written.closed_on)):
        for number, value in enumerate(values):
            if value in values[:number]:
                yield (*path, name, number), f"{value} is written twice."


def _joint_time(parts: Parts) -> Iterator[Finding]:
    if len(parts.calendars) != 2 or len(parts.companies) != 2:
        return
    try:
        minutes = joint_minutes_per_week(*parts.calendars)
    except NeverOpenTogether:
        minutes = 0
    if minutes < LEAST_JOINT_MINUTES:
        together = f"The two companies work at the same time for {minutes} minutes a week; "
        yield ("companies",), f"{together}escalations need at least {LEAST_JOINT_MINUTES}."


def _place(parts: Parts, key: str, person: PersonWords) -> Iterator[Finding]:
    path = ("people", key)
    if person.tier is Tier.MEDIATOR:
        if person.company is not None:
            yield (*path, "company"), "A mediator belongs to neither company. Take this line out."
        for name in ("platform", "workspace"):
            if getattr(person, name) is None:
                yield path, f"{name.capitalize()} is missing: it says where the mediator is reached."
        return
    if person.company is None:
        yield path, "Company is missing. Only a mediator has none."
    elif parts.companies and person.company not in parts.companies:
        yield (*path, "company"), f"There is no such company. Known are: {', '.join(parts.companies)}."
    for name in ("platform", "workspace"):
        if getattr(person, name) is not None:
            yield (*path, name), "This is the company's own to say; only a mediator has it here."


def _tiers(parts: Parts) -> Iterator[Finding]:
    if None in parts.people.values() or not parts.people:
        return
    for company in parts.companies:
        held = {person.tier for person in parts.people.values() if person and person.company == company}
        for tier in _NEEDED:
            if tier not in held:
                article = "an" if tier[0] in "aeo" else "a"
                member = f"{tier} member" if tier is Tier.OPERATIONAL else tier
                yield ("people",), f"{company} needs {article} {member}; nobody here is one."


def _addresses(parts: Parts) -> Iterator[Finding]:
    taken: dict[tuple[str, str, str], str] = {}
    for key, person in parts.people.items():
        where = _workspace(parts, person) if person else None
        if person is None or where is None:
            continue
        holder = taken.setdefault((*where, person.address), key)
        if holder != key:
            yield ("people", key, "address"), f"{holder} has this address already, in the same workspace."


def _workspace(parts: Parts, person: PersonWords) -> tuple[str, str] | None:
    if person.company is None:
        return (person.platform, person.workspace) if person.platform and person.workspace else None
    workspace = parts.valid(WorkspaceWords, "companies", person.company, "workspace")
    return (workspace.platform, workspace.id) if workspace else None
