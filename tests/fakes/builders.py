"""Builders with defaults: a test names only what it is about."""

import datetime as dt
from fractions import Fraction

from alliance.cadence import Cadence
from alliance.calendar import Window, WorkingCalendar
from alliance.charter import (
    Charter,
    CharterState,
    CharterVersion,
    CheckinTerms,
    CheckpointTerms,
    Criterion,
    DecisionArea,
    Direction,
    PulseTerms,
    Reach,
)
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.protocol import Protocol
from alliance.roster import Member, Platform, Roster, Side, Tier

ALLIANCE = AllianceId("al1")
DC, MC = SideKey("dc"), SideKey("mc")
MONDAY = dt.datetime(2026, 2, 2, 15, 30, tzinfo=dt.UTC)
"""9:30 in Chicago and 16:30 in Stuttgart: both calendars are open."""

SHAPE = (
    *((f"op{n}", Tier.OPERATIONAL, f"area {n}") for n in range(1, 8)),
    ("mgr1", Tier.MANAGER, "delivery"),
    ("mgr2", Tier.MANAGER, "engineering"),
    ("am", Tier.ALLIANCE_MANAGER, "alliance"),
    ("ex1", Tier.EXECUTIVE, "sponsor"),
    ("ex2", Tier.EXECUTIVE, "finance"),
)
"""Twelve people a side: key, tier, responsibility; their member keys are dc-op1 … mc-ex2, their ids the same."""


def make_member(
    key: str,
    side: SideKey | None,
    tier: Tier = Tier.OPERATIONAL,
    responsibility: str = "launch",
    alliance_id: AllianceId = ALLIANCE,
) -> Member:
    teams = side == MC
    return Member(
        id=MemberId(key),
        alliance_id=alliance_id,
        key=key,
        side=side,
        name=key.replace("-", " ").title(),
        tier=tier,
        responsibility=responsibility,
        platform=Platform.TEAMS if teams else Platform.SLACK,
        workspace="tenant-mc" if teams else "T0DC",
        address=f"aad-{key}" if teams else f"U-{key}",
    )


def make_roster(alliance_id: AllianceId = ALLIANCE, people: int = 12) -> Roster:
    """An alliance of DC (Chicago, Slack) and MC (Stuttgart, Teams), `people` a side, and one mediator."""
    prefix = "" if alliance_id == ALLIANCE else f"{alliance_id}-"
    members = [
        make_member(f"{prefix}{side}-{key}", side, tier, responsibility, alliance_id)
        for side in (DC, MC)
        for key, tier, responsibility in SHAPE[:people]
    ]
    members.append(make_member(f"{prefix}mediator", None, Tier.MEDIATOR, "mediation", alliance_id))
    return Roster(
        alliance_id=alliance_id,
        key=f"key-{alliance_id}",
        name="DC and MC",
        sides=(
            Side(DC, "DC", Platform.SLACK, "T0DC", WorkingCalendar("America/Chicago", country="US"), "C0ALLY"),
            Side(
                MC,
                "MC",
                Platform.TEAMS,
                "tenant-mc",
                WorkingCalendar("Europe/Berlin", country="DE", subdivision="BW"),
                "19:ally@thread.tacv2",
            ),
        ),
        members=tuple(members),
    )


def make_charter() -> Charter:
    return Charter(
        purpose="Launch a joint service offering.",
        why_it_matters={DC: "Grow in services.", MC: "Reach the customers directly."},
        joint_goals=("Ten pilot customers by summer",),
        own_goals={DC: ("Learn service operations",), MC: ("Learn distribution",)},
        criteria=(
            Criterion(
                key="pilots",
                name="Pilot customers",
                unit="customers",
                target=10,
                direction=Direction.HIGHER,
                due=dt.date(2026, 6, 30),
                owners={DC: "dc-mgr1", MC: "mc-mgr1"},
            ),
            Criterion(
                key="lead-time",
                name="Lead time",
                unit="days",
                target=14,
                direction=Direction.LOWER,
                due=dt.date(2026, 6, 30),
                owners={DC: "dc-mgr2", MC: "mc-mgr2"},
            ),
        ),
        decisions=(DecisionArea("Pricing", {DC: "dc-ex1", MC: "mc-ex1"}),),
        protocol=Protocol(),
        checkin=CheckinTerms(Cadence("FREQ=WEEKLY;BYDAY=TU", dt.time(10)), answer_within=2),
        pulse=PulseTerms(Cadence("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", dt.time(10))),
        checkpoints=CheckpointTerms(dates=(dt.date(2026, 3, 5), dt.date(2026, 4, 2))),
        reach={DC: Reach(), MC: Reach()},
        exit_terms="Either company may leave with 60 days' notice.",
    )


def make_charter_version(
    charter: Charter | None = None,
    *,
    state: CharterState = CharterState.IN_FORCE,
    version: int = 1,
    at: dt.datetime = MONDAY,
) -> CharterVersion:
    in_force = state is CharterState.IN_FORCE
    return CharterVersion(
        alliance_id=ALLIANCE,
        version=version,
        charter=charter or make_charter(),
        state=state,
        drafted_at=at,
        in_force_at=at if in_force else None,
        signatures={DC: (MemberId("dc-ex1"), at), MC: (MemberId("mc-ex1"), at)} if in_force else {},
    )


DAY = Window(days=Fraction(1))
