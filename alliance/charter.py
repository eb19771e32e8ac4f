"""What both companies agreed: the charter, its versions, signatures and amendments."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from alliance import in_words
from alliance.cadence import Cadence
from alliance.calendar import Window
from alliance.errors import AllianceError
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.protocol import Level, Protocol
from alliance.triggers import Triggers


class Direction(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A success measure: `target` in `unit`, better when `direction` says, by `due`.

    `owners` names one member key on each side.
    """

    key: str
    name: str
    unit: str
    target: float
    direction: Direction
    due: dt.date
    owners: Mapping[SideKey, str]


@dataclass(frozen=True, slots=True)
class DecisionArea:
    """Who decides what: one member key on each side."""

    area: str
    deciders: Mapping[SideKey, str]


@dataclass(frozen=True, slots=True)
class CheckinTerms:
    """`answer_within` counts working days of each company."""

    cadence: Cadence
    answer_within: int = 2


@dataclass(frozen=True, slots=True)
class PulseTerms:
    """Privacy thresholds stand here.

    `minimum_answers` is 3 to 10 a side for a score, `minimum_comments` at least 10.
    """

    cadence: Cadence
    answer_within: int = 3
    items_per_round: int = 4
    dimensions: tuple[str, ...] = ()
    minimum_answers: int = 5
    minimum_comments: int = 10


@dataclass(frozen=True, slots=True)
class CheckpointTerms:
    """Fixed `dates`, or a monthly or quarterly `cadence`; `answer_within` working days before it closes."""

    dates: tuple[dt.date, ...] = ()
    cadence: Cadence | None = None
    at: dt.time = dt.time(9)
    answer_within: int = 3


@dataclass(frozen=True, slots=True)
class DigestTerms:
    """Each company gets it at its own local time; `weekday` 0 is Monday."""

    weekday: int = 0
    at: dt.time = dt.time(8)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a company wants to be reached: `main`, and what is only a back-up, in the words that both agreed."""

    main: str = "direct message"
    back_up: str = "channel"

    @property
    def falls_back_on_channel(self) -> bool:
        """Whether the company's channel hears that messages wait for somebody who cannot be reached directly."""
        return "channel" in self.back_up.casefold()


@dataclass(frozen=True, slots=True)
class Term:
    """One thing, and what each company calls it."""

    meaning: str
    words: Mapping[SideKey, str]


@dataclass(frozen=True, slots=True)
class Charter:
    """The agreed terms. It names people by their keys in the roster, companies by their side keys."""

    purpose: str
    why_it_matters: Mapping[SideKey, str]
    joint_goals: tuple[str, ...]
    own_goals: Mapping[SideKey, tuple[str, ...]]
    criteria: tuple[Criterion, ...]
    decisions: tuple[DecisionArea, ...]
    protocol: Protocol
    checkin: CheckinTerms
    pulse: PulseTerms
    checkpoints: CheckpointTerms
    digest: DigestTerms = DigestTerms()
    triggers: Triggers = Triggers()
    reach: Mapping[SideKey, Reach] = dataclasses.field(default_factory=dict)
    glossary: tuple[Term, ...] = ()
    exit_terms: str = ""
    sign_within_days: int = 10


class CharterState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in force"
    SUPERSEDED = "superseded"
    LAPSED = "lapsed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class CharterVersion:
    """One version of an alliance's charter and how far its signing is.

    `signatures` maps a side to who signed for it, and when.
    """

    alliance_id: AllianceId
    version: int
    charter: Charter
    state: CharterState
    drafted_at: dt.datetime
    proposed_by: MemberId | None = None
    proposed_at: dt.datetime | None = None
    lapses_at: dt.datetime | None = None
    signatures: Mapping[SideKey, tuple[MemberId, dt.datetime]] = dataclasses.field(default_factory=dict)
    in_force_at: dt.datetime | None = None


class NotSignable(AllianceError):
    """This charter version can no longer be signed or declined. Say "charter" to see where things stand."""


class AlreadySigned(AllianceError):
    """An executive of your company has already signed this version; one of each company is enough."""


class NothingToSign(AllianceError):
    """No charter version waits for signatures. An alliance manager of either company can propose one."""


class NothingToPropose(AllianceError):
    """There is no draft to propose. Import an alliance.yaml that differs from the charter first."""


class NotProposable(AllianceError):
    """This version is not a draft any more, so it cannot be proposed. Say "charter" to see how it stands."""


class OneAtATime(AllianceError):
    """Another version waits for signatures. Propose this one once that is signed, declined or lapsed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two charters; None where the field was added or removed."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the message about one version shows of it, in whatever state it is.

    `changes` are those against the charter in force; while there is none they are empty and `first` is the
    whole charter.
    """

    version: int
    state: CharterState
    purpose: str
    proposed_by: MemberId | None
    lapses_at: dt.datetime | None
    signatures: Mapping[SideKey, tuple[MemberId, dt.datetime]]
    changes: tuple[Change, ...] = ()
    first: Charter | None = None


def card_of(version: CharterVersion, in_force: Charter | None) -> Card:
    """The version as its message shows it, beside the charter in force (None: there is none yet)."""
    return Card(
        version=version.version,
        state=version.state,
        purpose=version.charter.purpose,
        proposed_by=version.proposed_by,
        lapses_at=version.lapses_at,
        signatures=version.signatures,
        changes=() if in_force is None else diff(in_force, version.charter),
        first=version.charter if in_force is None else None,
    )


def propose(draft: CharterVersion, by: MemberId, now: dt.datetime, agreed: Charter | None = None) -> CharterVersion:
    """Put a draft before the executives; it lapses after the days that both have agreed on.

    They stand in the charter in force, `agreed`; the first charter names its own.
    """
    if draft.state is not CharterState.DRAFT:
        raise NotProposable
    days = (agreed or draft.charter).sign_within_days
    return dataclasses.replace(
        draft,
        state=CharterState.PROPOSED,
        proposed_by=by,
        proposed_at=now,
        lapses_at=now + dt.timedelta(days=days),
    )


def sign(version: CharterVersion, side: SideKey, by: MemberId, now: dt.datetime) -> CharterVersion:
    """Add one company's signature; with both of them the version is in force. NotSignable, AlreadySigned."""
    if version.state is not CharterState.PROPOSED or _is_too_late(version, now):
        raise NotSignable
    if side in version.signatures:
        raise AlreadySigned
    signatures = {**version.signatures, side: (by, now)}
    complete = len(signatures) == 2
    return dataclasses.replace(
        version,
        signatures=signatures,
        state=CharterState.IN_FORCE if complete else CharterState.PROPOSED,
        in_force_at=now if complete else None,
    )


def lapse(version: CharterVersion) -> CharterVersion:
    """Silence is no: a version not signed by both in time is void."""
    if version.state is not CharterState.PROPOSED:
        raise NotSignable
    return dataclasses.replace(version, state=CharterState.LAPSED)


def decline(version: CharterVersion, now: dt.datetime) -> CharterVersion:
    """One executive of either company is enough to decline, whoever has signed before. NotSignable."""
    if version.state is not CharterState.PROPOSED or _is_too_late(version, now):
        raise NotSignable
    return dataclasses.replace(version, state=CharterState.DECLINED)


def _is_too_late(version: CharterVersion, now: dt.datetime) -> bool:
    return version.lapses_at is not None and now >= version.lapses_at


def missing(version: CharterVersion, sides: Iterable[SideKey]) -> tuple[SideKey, ...]:
    """The companies, of these, whose signature is still missing."""
    return tuple(side for side in sides if side not in version.signatures)


def supersede(version: CharterVersion) -> CharterVersion:
    """A newer version came into force, or a newer draft replaces one that was never proposed."""
    return dataclasses.replace(version, state=CharterState.SUPERSEDED)


def holds_since(versions: Sequence[CharterVersion], term: Callable[[Charter], object]) -> CharterVersion:
    """Return the version in which a term became what it is in the newest; `versions` are newest first, at least one.

    What counts from a date, as every two weeks do, counts from then on, whatever else was amended since.
    """
    newest, *earlier = versions
    since = newest
    for version in earlier:
        if term(version.charter) != term(newest.charter):
            break
        since = version
    return since


def diff(before: Charter | None, after: Charter) -> tuple[Change, ...]:
    """Every term that differs, by its path ("protocol.levels.managers.resolve"), in the order of the charter.

    Criteria, areas of decision, levels and glossary terms are known by their names, not by where they stand.
    Of a list of texts each one that came or went is a change; a list in another order is one change.
    """
    old = dict(_leaves(before)) if before is not None else {}
    new = dict(_leaves(after))
    keys = sorted(dict.fromkeys([*new, *old]), key=lambda key: _PLACES[key[0].partition(".")[0]])
    differing = [key for key in keys if old.get(key) != new.get(key)]
    told = {path for path, item in differing if item is not _ORDER}
    return tuple(
        Change(path, old.get((path, item)), new.get((path, item)))
        for path, item in differing
        if item is not _ORDER or path not in told
    )


_ORDER = None
_Key = tuple[str, str | None]
"""A term's path and, within a list of texts, which of them; `_ORDER` for all as they follow each other."""
_PLACES = {field.name: place for place, field in enumerate(dataclasses.fields(Charter))}


def _leaves(value: object, path: str = "") -> Iterator[tuple[_Key, str]]:
    match value:
        case None | "":
            return
        case DigestTerms(weekday, at):
            yield (path, ""), in_words.weekly(weekday, at)
        case Cadence() | Window() | str() | int() | float() | Fraction() | dt.date() | dt.time():
            yield (path, ""), _said(value)
        case Mapping():
            for key, part in value.items():
                yield from _leaves(part, _join(path, str(key)))
        case tuple():
            yield from _leaves_of_list(value, path)
        case _ if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                yield from _leaves(getattr(value, field.name), _join(path, field.name))
        case _:
            raise TypeError(f"a charter holds no {type(value).__name__}")


def _leaves_of_list(parts: tuple[object, ...], path: str) -> Iterator[tuple[_Key, str]]:
    texts = []
    for part in parts:
        match part:
            case Criterion(key=name) | DecisionArea(area=name) | Level(who=name) | Term(meaning=name):
                yield from _leaves(part, _join(path, str(name)))
            case _:
                texts.append(_said(part))
    yield from (((path, text), text) for text in texts)
    if len(texts) > 1:
        yield (path, _ORDER), ", ".join(texts)


def _said(value: object) -> str:
    match value:
        case Cadence():
            return in_words.cadence(value)
        case Window():
            return in_words.window(value)
        case float() | Fraction():
            return in_words.figure(value)
        case dt.time():
            return f"{value:%H:%M}"
        case _:
            return str(value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
