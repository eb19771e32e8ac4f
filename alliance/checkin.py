"""Check-ins: a recurring short round of three questions and one state, and the summary both companies get."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alliance.calendar import local_date
from alliance.errors import AllianceError, AlreadyClosed, InvalidInput
from alliance.ids import AllianceId, CheckinId, MemberId, SideKey
from alliance.roster import Member, Roster, Side, Tier
from alliance.rounds import RoundState

LONGEST_TEXT = 2000


class Course(StrEnum):
    """The one state that a check-in asks for."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Checkin:
    """One round. `day` is the cadence's local date and its key.

    `invited` fills as each side opens at its own hour.
    """

    id: CheckinId
    alliance_id: AllianceId
    charter_version: int
    day: dt.date
    closes_at: dt.datetime
    state: RoundState = RoundState.OPEN
    invited: Mapping[SideKey, tuple[MemberId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckinAnswer:
    """One member's answer: what moved, what is next, what is in the way or needed from the other side."""

    member_id: MemberId
    side: SideKey
    course: Course
    moved: str
    next: str
    in_the_way: str


@dataclass(frozen=True, slots=True)
class Point:
    """A blocker or a need that crosses to the other side under its author's name.

    `rounds` counts the rounds in a row in which the author named the same blocker (1 = new).
    """

    author: MemberId
    side: SideKey
    text: str
    blocks: bool
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class SideSummary:
    """One side's round in figures; `courses` counts answers by state."""

    side: SideKey
    invited: int
    answered: int
    courses: Mapping[Course, int]


@dataclass(frozen=True, slots=True)
class CheckinSummary:
    """What both companies are told at the same moment when a round closes."""

    checkin_id: CheckinId
    day: dt.date
    sides: tuple[SideSummary, ...]
    points: tuple[Point, ...]


class CheckinOver(AlreadyClosed):
    """This check-in has closed, so nothing was changed. If something cannot wait, say "raise"."""


class NotInvited(AllianceError):
    """This check-in went out without you, so it cannot take your answer. The next one will ask you again."""


class NoCheckinOpen(AllianceError):
    """No check-in is open for you right now. You will hear from the liaison when the next one opens."""


# --- when a round opens and who is asked ------------------------------------------------------------


def to_invite(roster: Roster, side: Side, closes_at: dt.datetime) -> tuple[MemberId, ...]:
    """Return the side's active operational members who are not away until the round is over."""
    last_day = local_date(closes_at, side.calendar.zone)
    people = roster.active(side.key, [Tier.OPERATIONAL])
    return tuple(member.id for member in people if not member.is_away(last_day))


def invite(checkin: Checkin, side: SideKey, members: tuple[MemberId, ...]) -> Checkin:
    """Open the round for one side; a side that was invited before stays as it was."""
    if side in checkin.invited:
        return checkin
    return replace(checkin, invited={**checkin.invited, side: members})


# --- answering --------------------------------------------------------------------------------------


def require_open(checkin: Checkin, member: Member, now: dt.datetime) -> SideKey:
    """Return the side for which the member answers; CheckinOver or NotInvited."""
    if checkin.state is not RoundState.OPEN or now >= checkin.closes_at:
        raise CheckinOver
    if member.side is None or member.id not in checkin.invited.get(member.side, ()):
        raise NotInvited
    return member.side


def problems_with(course: Course | None, *, moved: str, coming: str, in_the_way: str) -> dict[str, str]:
    """Return what has to change before an answer can be taken, by the name of the input it stands beside."""
    problems: dict[str, str] = {}
    if course is None:
        problems["course"] = "Please choose one of the three."
    if not moved and not coming:
        problems["moved"] = "Please write a few words here or under what is next."
    if course is Course.BLOCKED and not in_the_way:
        problems["in_the_way"] = "Please say what blocks you, so that the other side can help."
    texts = {"moved": moved, "next": coming, "in_the_way": in_the_way}
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            problems[name] = f"Please keep this to {LONGEST_TEXT:,} characters."
    return problems


def answer(
    member: MemberId, side: SideKey, course: Course, *, moved: str, coming: str, in_the_way: str
) -> CheckinAnswer:
    """Make an answer of what a member wrote, verbatim but for outer blanks. Raises InvalidInput."""
    moved, coming, in_the_way = moved.strip(), coming.strip(), in_the_way.strip()
    if problems := problems_with(course, moved=moved, coming=coming, in_the_way=in_the_way):
        raise InvalidInput(problems)
    return CheckinAnswer(member, side, course, moved=moved, next=coming, in_the_way=in_the_way)


# --- closing ----------------------------------------------------------------------------------------


def close(checkin: Checkin) -> Checkin:
    """Take no more answers. Raises CheckinOver when it was closed before."""
    if checkin.state is not RoundState.OPEN:
        raise CheckinOver
    return replace(checkin, state=RoundState.CLOSED)


def points(answers: Sequence[CheckinAnswer], before: CheckinSummary | None) -> tuple[Point, ...]:
    """Return the blockers, those that stand longest first, then the needs; `before` sums up the last round.

    A blocker has stood since the round in which its author first named it in the same words (whatever their
    case, spacing and punctuation), without a round in between.
    """
    standing = {
        (point.author, same_words(point.text)): point.rounds
        for point in (before.points if before else ())
        if point.blocks
    }
    found = []
    for given in answers:
        if not given.in_the_way:
            continue
        blocks = given.course is Course.BLOCKED
        rounds = standing.get((given.member_id, same_words(given.in_the_way)), 0) + 1 if blocks else 1
        found.append(Point(given.member_id, given.side, given.in_the_way, blocks, rounds))
    return tuple(sorted(found, key=lambda point: (not point.blocks, -point.rounds)))


def same_words(text: str) -> str:
    """Return the letters and digits of a text in one case, so that two texts that say the same are equal."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or plain.strip()
