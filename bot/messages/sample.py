"""A small sample alliance, DC on Slack and MC on Teams, for the examples that every template carries."""

import datetime as dt
from fractions import Fraction

from alliance.calendar import WorkingCalendar
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.roster import Member, Platform, Roster, Side, Tier
from bot.messages.reader import Reader

ALLIANCE = AllianceId("sample")
DC, MC = SideKey("dc"), SideKey("mc")
NOW = dt.datetime(2026, 3, 10, 15, 0, tzinfo=dt.UTC)
TOMORROW = dt.datetime(2026, 3, 11, 15, 30, tzinfo=dt.UTC)
NEXT_WEEK = dt.datetime(2026, 3, 17, 15, 0, tzinfo=dt.UTC)
HALF = Fraction(1, 2)

_PEOPLE = (
    ("ana", DC, "Ana Ruiz", Tier.OPERATIONAL, "launch"),
    ("ben", DC, "Ben Okafor", Tier.MANAGER, "delivery"),
    ("cleo", DC, "Cleo Park", Tier.ALLIANCE_MANAGER, "alliance"),
    ("dana", DC, "Dana Whitfield", Tier.EXECUTIVE, "sponsor"),
    ("jonas", MC, "Jonas Weber", Tier.OPERATIONAL, "launch"),
    ("katrin", MC, "Katrin Vogel", Tier.MANAGER, "delivery"),
    ("lars", MC, "Lars Brandt", Tier.ALLIANCE_MANAGER, "alliance"),
    ("mara", MC, "Mara Schmidt", Tier.EXECUTIVE, "sponsor"),
    ("nia", None, "Nia Adeyemi", Tier.MEDIATOR, "mediation"),
)


def _member(key: str, side: SideKey | None, name: str, tier: Tier, responsibility: str) -> Member:
    on_teams = side == MC
    return Member(
        id=MemberId(key),
        alliance_id=ALLIANCE,
        key=key,
        side=side,
        name=name,
        tier=tier,
        responsibility=responsibility,
        platform=Platform.TEAMS if on_teams else Platform.SLACK,
        workspace="11111111-2222-3333-4444-555555555555" if on_teams else "T0DC",
        address=f"00000000-0000-0000-0000-{key:0>12}" if on_teams else f"U0{key.upper()}",
    )


ROSTER = Roster(
    alliance_id=ALLIANCE,
    key="dc-mc",
    name="DC and MC service launch",
    sides=(
        Side(DC, "DC", Platform.SLACK, "T0DC", WorkingCalendar("America/Chicago"), "C0ALLIANCE"),
        Side(
            MC,
            "MC",
            Platform.TEAMS,
            "11111111-2222-3333-4444-555555555555",
            WorkingCalendar("Europe/Berlin"),
            "19:alliance@thread.tacv2",
        ),
    ),
    members=tuple(_member(*person) for person in _PEOPLE),
)


def reader(key: str) -> Reader:
    """The sample member with that key, as a reader."""
    member = ROSTER.by_key(key)
    return Reader(ROSTER, member, member.side)
