"""Pulses: anonymous rounds of rated statements, who takes part, what an answer is, and the shape of their
results.

What may be published of a closed round is decided in `alliance.pulse_results`.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alliance.calendar import local_date
from alliance.errors import AllianceError, AlreadyClosed, InvalidInput
from alliance.ids import AllianceId, MemberId, PulseId, SideKey
from alliance.items import ITEMS
from alliance.roster import Member, Roster
from alliance.rounds import RoundState

LONGEST_COMMENT = 1000
COMMENT = "comment"
"""The name of the input that is no rating."""


class PulseOver(AlreadyClosed):
    """This pulse has closed, so nothing was changed. The next one will ask you again."""


class NoPulseOpen(AllianceError):
    """No pulse is open for you right now. You will hear from the liaison when the next one opens."""


class NotInvited(AllianceError):
    """This pulse went out without you, so it cannot take your answer. The next one will ask you again."""


class OtherItems(AllianceError):
    """These ratings belong to another pulse. Say "pulse" to see the one that is open now."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One round: `items` are keys of the question bank; `invited` fills as each side opens."""

    id: PulseId
    alliance_id: AllianceId
    charter_version: int
    number: int
    day: dt.date
    items: tuple[str, ...]
    closes_at: dt.datetime
    state: RoundState = RoundState.OPEN
    invited: Mapping[SideKey, tuple[MemberId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PulseAnswer:
    """One anonymous answer. It carries no member, no time, no order; comments come apart at the close."""

    side: SideKey
    ratings: Mapping[str, int]
    comment: str = ""


class Withheld(StrEnum):
    """Why a figure is not shown; each is also the reason that people read."""

    TOO_FEW = "too few answers on that side"
    OTHER_SIDE_SHORT = "too few answers on one of the two sides"
    MEMBERSHIP = "one person joined or left since the last time"
    ALIKE = "the answers are too alike to be shown without telling what each person said"
    LAST_TIME = "the figure before this one was withheld"
    NOT_MEASURED = "not asked before with the same words"


@dataclass(frozen=True, slots=True)
class Score:
    """One side's result: mean on the item's scale, shares 0 to 1, `band` the half-width of the 95 % band.

    Published ones are rounded: mean and band to 0.1, shares to whole percent.
    """

    mean: float
    band: float
    favourable: float
    neutral: float
    unfavourable: float


@dataclass(frozen=True, slots=True)
class SideScore:
    """One side's score in one dimension, or why it is withheld; `change` is the step since it was last
    measured.
    """

    side: SideKey
    score: Score | None = None
    withheld: Withheld | None = None
    change: float | None = None
    change_withheld: Withheld | None = None


class Between(StrEnum):
    SIDES = "sides"
    MIRROR = "we and they"


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference: between the sides' scores (first minus second), or how `about` sees itself minus how it
    is seen.

    `is_gap` when the size is >= 0.5 on the 1-to-5 scale with its band clear of 0, or when it repeats in three
    pulses.
    """

    between: Between
    about: SideKey | None = None
    value: float | None = None
    band: float | None = None
    is_gap: bool = False
    repeats: int = 0
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """One dimension in both sides' eyes, never blended; `items` are the keys that were scored."""

    dimension: str
    sides: tuple[SideScore, ...]
    gap: Gap
    mirrors: tuple[Gap, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SideFigure:
    """One side's mean rating of an item that is told and never scored, or why it is withheld."""

    side: SideKey
    mean: float | None = None
    band: float | None = None
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class Unscored:
    """An item that is neither good nor bad, such as task friction."""

    name: str
    item: str
    sides: tuple[SideFigure, ...]


@dataclass(frozen=True, slots=True)
class Response:
    invited: int
    answered: int


@dataclass(frozen=True, slots=True)
class PulseResults:
    """All that is published of one pulse: the same for both companies."""

    pulse_id: PulseId
    number: int
    day: dt.date
    closed_at: dt.datetime
    response: Mapping[SideKey, Response]
    dimensions: tuple[DimensionResult, ...]
    unscored: tuple[Unscored, ...] = ()


# --- who takes part ---------------------------------------------------------------------------------


def invitees(roster: Roster, side: SideKey, closes_at: dt.datetime) -> tuple[MemberId, ...]:
    """Return the active members of a side, of every tier, who are not away until after the round."""
    last_day = local_date(closes_at, roster.side(side).calendar.zone)
    return tuple(member.id for member in roster.active(side) if not member.is_away(last_day))


def invite(pulse: Pulse, side: SideKey, members: tuple[MemberId, ...]) -> Pulse:
    """Open the round for one side; a side that was invited before stays as it was."""
    if side in pulse.invited:
        return pulse
    return replace(pulse, invited={**pulse.invited, side: members})


def require_open_to(pulse: Pulse, member: Member, now: dt.datetime) -> SideKey:
    """Return the member's side; PulseOver after the end, NotInvited to those it did not go to."""
    if pulse.state is not RoundState.OPEN or now >= pulse.closes_at:
        raise PulseOver
    if member.side is None or member.id not in pulse.invited.get(member.side, ()):
        raise NotInvited
    return member.side


def close(pulse: Pulse) -> Pulse:
    if pulse.state is not RoundState.OPEN:
        raise PulseOver
    return replace(pulse, state=RoundState.CLOSED)


# --- what an answer is ------------------------------------------------------------------------------


def answer_key(secret: bytes, member_id: MemberId) -> str:
    """Return the key of a person's answer while the round is open: HMAC-SHA256 of the member under its
    secret.

    Whoever lacks the secret, which is destroyed at the close, can neither make nor check it.
    """
    return hmac.new(secret, member_id.encode(), hashlib.sha256).hexdigest()


def make_answer(pulse: Pulse, side: SideKey, ratings: Mapping[str, int], comment: str) -> PulseAnswer:
    """Return the answer to all of this round's items and to nothing else.

    Ratings are kept in the round's own order, whatever order they came in. Raises OtherItems, and
    InvalidInput for ratings that are missing or off their scale, and for a comment that is too long.
    """
    if not ratings.keys() <= set(pulse.items):
        raise OtherItems
    problems = {}
    for item in (ITEMS[key] for key in pulse.items):
        if not item.lowest <= ratings.get(item.key, item.lowest - 1) <= item.highest:
            problems[item.key] = f"Please choose a number from {item.lowest} to {item.highest}."
    if len(comment) > LONGEST_COMMENT:
        problems[COMMENT] = f"Please keep the comment to {LONGEST_COMMENT} characters."
    if problems:
        raise InvalidInput(problems)
    return PulseAnswer(side=side, ratings={key: ratings[key] for key in pulse.items}, comment=comment.strip())
