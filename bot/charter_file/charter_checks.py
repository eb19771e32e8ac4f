"""Does the file's charter go together with its companies and people?"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

from alliance.cadence import (
    Cadence,
    closes_at,
    fixed_closes_at,
    fixed_on_side,
    occurrence_on_side,
    occurrences,
)
from alliance.calendar import WorkingCalendar
from alliance.items import DIMENSIONS
from alliance.protocol import Who
from bot.charter_file.convert import time_of
from bot.charter_file.document import (
    CheckinWords,
    CheckpointWords,
    CriterionWords,
    DecisionWords,
    LevelWords,
    PulseWords,
    TermWords,
)
from bot.charter_file.parts import Finding, Parts
from bot.charter_file.reading import Path

_ORDINARY_MONDAY = dt.date(2026, 1, 12)
_ROUNDS_LOOKED_AT = 6
_LADDER = tuple(Who)


def findings(parts: Parts) -> Iterator[Finding]:
    yield from parts.per_company(parts.at("charter", "why_it_matters"), ("charter", "why_it_matters"), "The text")
    if parts.at("charter", "own_goals"):
        yield from parts.per_company(parts.at("charter", "own_goals"), ("charter", "own_goals"), "The list")
    yield from _people(parts)
    yield from _repeated(parts)
    yield from _ladder(parts)
    yield from _rounds(parts)
    yield from _checkpoints(parts)
    yield from _dimensions(parts)


def _people(parts: Parts) -> Iterator[Finding]:
    for path, _ in parts.each(CriterionWords, "charter", "criteria"):
        yield from _named(parts, (*path, "owners"), "The owner")
    for path, _ in parts.each(DecisionWords, "charter", "decisions"):
        yield from _named(parts, (*path, "deciders"), "The one who decides")
    for path, _ in parts.each(TermWords, "charter", "glossary"):
        yield from parts.per_company(parts.at(*path, "words"), (*path, "words"), "The word")


def _named(parts: Parts, path: Path, who: str) -> Iterator[Finding]:
    written: Any = parts.at(*path)
    yield from parts.per_company(written, path, who)
    for company, key in written.items():
        if company not in parts.companies:
            continue
        if key not in parts.people:
            yield (*path, company), f"There is nobody with the key {key} under people."
        elif (person := parts.people[key]) is not None and person.company != company:
            yield (*path, company), f"{key} is not a member of {company}."


def _repeated(parts: Parts) -> Iterator[Finding]:
    """What is known by its name must have one of its own."""
    named: list[tuple[Path, str]] = [
        *((path, entry.key) for path, entry in parts.each(CriterionWords, "charter", "criteria")),
        *((path, entry.area) for path, entry in parts.each(DecisionWords, "charter", "decisions")),
        *((path, entry.meaning) for path, entry in parts.each(TermWords, "charter", "glossary")),
        *_entries(parts, "charter", "joint_goals"),
        *(entry for key in parts.companies for entry in _entries(parts, "charter", "own_goals", key)),
        *_entries(parts, "charter", "checkpoints", "dates"),
        *_entries(parts, "charter", "pulses", "dimensions"),
        *_entries(parts, "charter", "triggers", "open_escalation"),
    ]
    seen: set[tuple[Path, str]] = set()
    for path, name in named:
        if (path[:-1], name) in seen:
            yield path, "This is written twice in the same list."
        seen.add((path[:-1], name))


def _entries(parts: Parts, *path: str) -> list[tuple[Path, str]]:
    written = parts.at(*path)
    entries = written if isinstance(written, list) else []
    return [((*path, n), entry.strip()) for n, entry in enumerate(entries) if isinstance(entry, str)]


def _ladder(parts: Parts) -> Iterator[Finding]:
    reached = -1
    for path, level in parts.each(LevelWords, "charter", "protocol", "levels"):
        place = _LADDER.index(level.who)
        if level.who is Who.MEDIATOR:
            yield (*path, "who"), "The mediator is always the last level and is not written here."
        elif place == reached:
            yield (*path, "who"), "This level is written twice."
        elif place < reached:
            yield (*path, "who"), f"The ladder goes up in this order: {', '.join(_LADDER[:-1])}."
        reached = max(reached, place)


def _rounds(parts: Parts) -> Iterator[Finding]:
    calendars = _ordinary(parts)
    checkins = parts.valid(CheckinWords, "charter", "checkins")
    pulses = parts.valid(PulseWords, "charter", "pulses")
    checkpoints = parts.valid(CheckpointWords, "charter", "checkpoints")
    for name, terms in (("checkins", checkins), ("pulses", pulses), ("checkpoints", checkpoints)):
        if terms is None or terms.rule is None:
            continue
        if _overlaps(Cadence(terms.rule, time_of(terms.at)), calendars, terms.answer_within):
            yield _too_long(name)


def _too_long(name: str) -> Finding:
    return (
        ("charter", name, "answer_within"),
        "A round would still be open when the next one begins. Write fewer days, or let it recur less often.",
    )


def _overlaps(cadence: Cadence, calendars: Sequence[WorkingCalendar], answer_within: int) -> bool:
    """Whether in ordinary weeks a round closes only when, or after, the next one opens for somebody."""
    days = islice(occurrences(cadence, _ORDINARY_MONDAY, _ORDINARY_MONDAY), _ROUNDS_LOOKED_AT)
    for day, following in pairwise(days):
        opened = (occurrence_on_side(cadence, following, calendar) for calendar in calendars)
        begins = min(instant for instant in opened if instant is not None)
        if closes_at(day, cadence, calendars, answer_within) >= begins:
            return True
    return False


def _ordinary(parts: Parts) -> list[WorkingCalendar]:
    """The companies' calendars without holidays; Monday to Friday where they are wrong themselves."""
    plain = [replace(cal, country="", subdivision="", closed_on=frozenset()) for cal in parts.calendars]
    return plain or [WorkingCalendar("UTC")]


def _checkpoints(parts: Parts) -> Iterator[Finding]:
    path = ("charter", "checkpoints")
    terms = parts.valid(CheckpointWords, *path)
    if terms is None:
        return
    if bool(terms.dates) == bool(terms.rule):
        yield path, "Write either dates or a rule here, and not both."
    calendars, at = _ordinary(parts), time_of(terms.at)
    for day, following in pairwise(sorted(set(map(dt.date.fromisoformat, terms.dates)))):
        begins = min(fixed_on_side(following, at, calendar) for calendar in calendars)
        if fixed_closes_at(day, at, calendars, terms.answer_within) >= begins:
            yield _too_long("checkpoints")
            return


def _dimensions(parts: Parts) -> Iterator[Finding]:
    for path, name in _entries(parts, "charter", "pulses", "dimensions"):
        if name and name not in DIMENSIONS:
            yield path, f"The question bank has no such dimension. It has: {', '.join(DIMENSIONS)}."
