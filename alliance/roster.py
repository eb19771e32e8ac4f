"""Who is who: the two sides of an alliance, their members, tiers and counterparts."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alliance.calendar import JointClock, WorkingCalendar
from alliance.errors import NotAMember, NotFound
from alliance.ids import AllianceId, MemberId, SideKey


class Tier(StrEnum):
    OPERATIONAL = "operational"
    MANAGER = "manager"
    ALLIANCE_MANAGER = "alliance manager"
    EXECUTIVE = "executive"
    MEDIATOR = "mediator"


class Platform(StrEnum):
    SLACK = "slack"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class Side:
    """One company's half of an alliance. `workspace` is its Slack team id or Teams tenant id."""

    key: SideKey
    company: str
    platform: Platform
    workspace: str
    calendar: WorkingCalendar
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of one company in one alliance; a mediator has no side.

    `key` is the person's short name in alliance.yaml, `address` their id on the chat platform (Slack user id,
    Entra object id), `responsibility` what pairs them with a counterpart. `platform` and `workspace` say where
    the address lives. A member who asked to be forgotten, or left, is kept inactive and without a name.
    """

    id: MemberId
    alliance_id: AllianceId
    key: str
    side: SideKey | None
    name: str
    tier: Tier
    responsibility: str
    platform: Platform
    workspace: str
    address: str
    away_until: dt.date | None = None
    active: bool = True
    reachable: bool = True

    def is_away(self, today: dt.date) -> bool:
        """Whether the member is away on that local date; `away_until` is the last day away."""
        return self.away_until is not None and today <= self.away_until


@dataclass(frozen=True, slots=True)
class Roster:
    """An alliance with its two sides, in the charter's order, and its members (inactive ones included)."""

    alliance_id: AllianceId
    key: str
    name: str
    sides: tuple[Side, Side]
    members: tuple[Member, ...]
    _by_id: Mapping[MemberId, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The first one counts, as in the tuple.
        object.__setattr__(self, "_by_id", {member.id: member for member in reversed(self.members)})

    def side(self, key: SideKey) -> Side:
        for side in self.sides:
            if side.key == key:
                return side
        raise NotFound(f"There is no side {key!r} in this alliance.")

    def other(self, key: SideKey) -> Side:
        """The side across from `key`."""
        first, second = self.sides
        return second if self.side(key) is first else first

    def member(self, member_id: MemberId) -> Member:
        try:
            return self._by_id[member_id]
        except KeyError:
            raise NotAMember from None

    def by_key(self, key: str) -> Member:
        """The member whose short name in alliance.yaml is `key`."""
        for member in self.members:
            if member.key == key:
                return member
        raise NotAMember

    def active(self, side: SideKey | None = None, tiers: Iterable[Tier] = tuple(Tier)) -> tuple[Member, ...]:
        """Active members of these tiers, of one side or (None) of both; mediators only when asked for by tier."""
        wanted = frozenset(tiers)
        return tuple(
            member
            for member in self.members
            if member.active and member.tier in wanted and (side is None or member.side == side)
        )

    def counterpart(self, member: Member) -> Member | None:
        """The active member across who holds the same responsibility, else the first of the same tier."""
        if member.side is None:
            return None
        across = self.active(self.other(member.side).key)
        by_responsibility = [m for m in across if m.responsibility == member.responsibility]
        by_tier = [m for m in across if m.tier == member.tier]
        return next(iter(by_responsibility or by_tier), None)

    def name_of(self, member_id: MemberId | None) -> str:
        """The member's name; "a former member" for one who was forgotten, "the liaison" for nobody."""
        if member_id is None:
            return "the liaison"
        try:
            return self.member(member_id).name or "a former member"
        except NotAMember:
            return "a former member"

    def company_of(self, member: Member) -> str:
        return "neutral" if member.side is None else self.side(member.side).company

    @property
    def joint_clock(self) -> JointClock:
        return JointClock(self.sides[0].calendar, self.sides[1].calendar)
