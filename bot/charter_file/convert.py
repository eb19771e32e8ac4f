"""From the file's words to the rules' own objects, and back."""

import datetime as dt
from typing import Any

from alliance import in_words
from alliance.cadence import Cadence
from alliance.calendar import WorkingCalendar, parse_window
from alliance.charter import (
    Charter,
    CheckinTerms,
    CheckpointTerms,
    Criterion,
    DecisionArea,
    DigestTerms,
    Direction,
    PulseTerms,
    Reach,
    Term,
)
from alliance.enrolment import Enrolment, Person
from alliance.ids import SideKey
from alliance.protocol import DEFAULT_LEVELS, Level, Protocol
from alliance.roster import Side
from alliance.triggers import Triggers
from bot.charter_file.document import (
    CalendarWords,
    CharterWords,
    CheckpointWords,
    CompanyWords,
    CriterionWords,
    Document,
    LevelWords,
    PersonWords,
    ProtocolWords,
    PulseWords,
)
from bot.charter_file.texts import factor_of

_USUAL = {level.who: level for level in DEFAULT_LEVELS}


def enrolment_of(document: Document) -> Enrolment:
    """Who the alliance consists of. The document has been checked: it has two companies."""
    first, second = (_side(key, company) for key, company in document.companies.items())
    return Enrolment(
        key=document.alliance.key,
        name=document.alliance.name,
        sides=(first, second),
        people=tuple(_person(key, person, document) for key, person in document.people.items()),
    )


def charter_of(document: Document) -> Charter:
    """What both companies are to agree."""
    written = document.charter
    return Charter(
        purpose=written.purpose,
        why_it_matters=_by_side(written.why_it_matters),
        joint_goals=tuple(written.joint_goals),
        own_goals={SideKey(key): tuple(goals) for key, goals in written.own_goals.items()},
        criteria=tuple(_criterion(criterion) for criterion in written.criteria),
        decisions=tuple(DecisionArea(d.area, _by_side(d.deciders)) for d in written.decisions),
        protocol=_protocol(written.protocol),
        checkin=CheckinTerms(
            Cadence(written.checkins.rule, time_of(written.checkins.at)), written.checkins.answer_within
        ),
        pulse=_pulse(written.pulses),
        checkpoints=_checkpoints(written.checkpoints),
        digest=DigestTerms(in_words.WEEKDAYS.index(written.digest.weekday), time_of(written.digest.at)),
        triggers=_triggers(written),
        reach={
            SideKey(key): Reach(company.reach.main, company.reach.back_up)
            for key, company in document.companies.items()
        },
        glossary=tuple(Term(term.meaning, _by_side(term.words)) for term in written.glossary),
        exit_terms=written.exit_terms,
        sign_within_days=written.sign_within_days,
    )


def calendar_of(written: CalendarWords) -> WorkingCalendar:
    """Raises BadCalendar where the fields do not go together."""
    return WorkingCalendar(
        zone=written.zone,
        workdays=frozenset(map(in_words.WEEKDAYS.index, written.workdays)),
        opens=time_of(written.opens),
        closes=time_of(written.closes),
        country=written.country,
        subdivision=written.subdivision,
        closed_on=frozenset(map(dt.date.fromisoformat, written.closed_on)),
    )


def time_of(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def _by_side(written: dict[str, str]) -> dict[SideKey, str]:
    return {SideKey(key): text for key, text in written.items()}


def _side(key: str, company: CompanyWords) -> Side:
    return Side(
        key=SideKey(key),
        company=company.name,
        platform=company.workspace.platform,
        workspace=company.workspace.id,
        calendar=calendar_of(company.calendar),
        channel=company.channel,
    )


def _person(key: str, person: PersonWords, document: Document) -> Person:
    company = document.companies[person.company] if person.company else None
    platform = company.workspace.platform if company else person.platform
    workspace = company.workspace.id if company else person.workspace
    assert platform is not None
    assert workspace is not None
    return Person(
        key=key,
        side=SideKey(person.company) if person.company else None,
        name=person.name,
        tier=person.tier,
        responsibility=person.responsibility,
        platform=platform,
        workspace=workspace,
        address=person.address,
    )


def _criterion(written: CriterionWords) -> Criterion:
    return Criterion(
        key=written.key,
        name=written.name,
        unit=written.unit,
        target=written.target,
        direction=Direction(written.direction),
        due=dt.date.fromisoformat(written.due),
        owners=_by_side(written.owners),
    )


def _protocol(written: ProtocolWords) -> Protocol:
    return Protocol(
        levels=tuple(map(_level, written.levels)),
        mediator_within=parse_window(written.mediator_within),
        mediation=parse_window(written.mediation),
        statements_within=parse_window(written.statements_within),
        quiet_after=parse_window(written.quiet_after),
        urgent_factor=factor_of(written.urgent_factor),
    )


def _level(written: LevelWords) -> Level:
    usual = _USUAL[written.who]
    return Level(
        written.who,
        parse_window(written.acknowledge) if written.acknowledge else usual.acknowledge,
        parse_window(written.resolve) if written.resolve else usual.resolve,
    )


def _pulse(written: PulseWords) -> PulseTerms:
    return PulseTerms(
        cadence=Cadence(written.rule, time_of(written.at)),
        answer_within=written.answer_within,
        items_per_round=written.items_per_round,
        dimensions=tuple(written.dimensions),
        minimum_answers=written.minimum_answers,
        minimum_comments=written.minimum_comments,
    )


def _checkpoints(written: CheckpointWords) -> CheckpointTerms:
    at = time_of(written.at)
    return CheckpointTerms(
        dates=tuple(sorted(map(dt.date.fromisoformat, written.dates))),
        cadence=Cadence(written.rule, at) if written.rule else None,
        at=at,
        answer_within=written.answer_within,
    )


def _triggers(written: CharterWords) -> Triggers:
    words: dict[str, Any] = written.triggers.model_dump()
    return Triggers(**{**words, "open_escalation": tuple(map(str, written.triggers.open_escalation))})
