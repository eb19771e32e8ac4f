"""The everyday words: where things stand, who is across, what can be asked, and being away."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields

from alliance.away import away
from alliance.calendar import local_date
from alliance.disclosure import Across, counterpart_view, escalation_view
from alliance.errors import NotInForce
from alliance.escalation_people import waits_on
from alliance.ids import AllianceId, MemberId, SideKey
from alliance.notices import HomeChanged
from alliance.roster import Member, Tier
from alliance.standing import CharterStanding, Coming, OpenRound, Standing, WaitingMatter
from handlers.call import Call, Handler
from handlers.checkins import open_round_of
from handlers.intents import Intent, SetAway, ShowCounterparts, ShowHelp, ShowStatus
from handlers.own_intents import PlaceHome, ShowHome
from handlers.replies import Reply
from handlers.time_intents import OpenCheckin, OpenCheckpoint, OpenPulse, SendDigest
from storage.codec import decode
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StatusShown(Standing, Reply):
    """Where things stand, for one member."""


@dataclass(frozen=True, slots=True)
class HomeShown(Reply):
    """Where things stand in every alliance of one person; `placed` True: it also goes to where their home is."""

    homes: tuple[Standing, ...]
    placed: bool


@dataclass(frozen=True, slots=True)
class CounterpartsShown(Reply):
    """Who is across from the member, and who is across from whom."""

    counterpart: MemberId | None
    rows: tuple[Across, ...]


@dataclass(frozen=True, slots=True)
class HelpShown(Reply):
    """What a member of this tier can ask; `unknown` is what was not understood."""

    tier: Tier
    unknown: str | None


@dataclass(frozen=True, slots=True)
class AwaySet(Reply):
    """`until` is the last day away; None: the member is back."""

    alliance_id: AllianceId
    until: dt.date | None


async def show_status(call: Call, _intent: ShowStatus) -> Reply:
    """Say where things stand, with what waits for the one who asks."""
    found = await standing_of(call)
    return StatusShown(**{field.name: getattr(found, field.name) for field in fields(Standing)})


async def standing_of(call: Call) -> Standing:
    """Return where things stand, for the one who asks."""
    member = call.asker
    cases = await call.uow.escalations.open_ones(call.alliance_id)
    items = await call.uow.action_items.open_ones(call.alliance_id)
    waiting = [case for case in cases if member.id in waits_on(case, call.roster)]
    return Standing(
        alliance_id=call.alliance_id,
        member=member,
        charter=await _charter(call),
        checkin=await _checkin(call, member),
        pulse=await _pulse(call, member),
        checkpoint=await _checkpoint(call, member),
        open_escalations=len(cases),
        waiting=tuple(WaitingMatter(case.number, case.title, case.state, escalation_view(case)) for case in waiting),
        items=tuple(item for item in items if item.owner == member.id),
        coming=await _coming(call, member),
        today=_today(call, member),
        roster=call.roster,
    )


async def homes_of(uow: UnitOfWork, member: Member, now: dt.datetime) -> tuple[Standing, ...]:
    """Return where things stand in each alliance that the member is in, under the same chat account."""
    memberships = await uow.rosters.memberships(member.platform, member.workspace, member.address)
    rosters = await uow.rosters.several([one.alliance_id for one in memberships])
    calls = (Call(uow=uow, roster=rosters[one.alliance_id], member=one, now=now) for one in memberships)
    return tuple([await standing_of(call) for call in calls])


async def place_home(call: Call, _intent: PlaceHome) -> Reply:
    """Show the home where the person's platform has it, and say it to the one who asks."""
    await call.tell(HomeChanged(alliance_id=call.alliance_id, members=(call.asker.id,), anew=True))
    return HomeShown(await homes_of(call.uow, call.asker, call.now), placed=True)


async def show_home(call: Call, _intent: ShowHome) -> Reply:
    return HomeShown(await homes_of(call.uow, call.asker, call.now), placed=False)


async def redraw_homes(call: Call) -> None:
    """Have the homes redrawn of those for whom this intent changed something, all in one go.

    Only of people who have looked at theirs, and of nobody whose home waits to be redrawn anyway.
    """
    everybody = [member.id for member in call.roster.members if member.active]
    touched = everybody if call.dates_moved else [member for member in everybody if member in call.touched]
    if touched and (members := await call.uow.homes.to_redraw(touched)):
        await call.tell(HomeChanged(alliance_id=call.alliance_id, members=members))


async def show_counterparts(call: Call, _intent: ShowCounterparts) -> Reply:
    counterpart = call.roster.counterpart(call.asker)
    return CounterpartsShown(counterpart.id if counterpart else None, counterpart_view(call.roster))


async def show_help(call: Call, intent: ShowHelp) -> Reply:
    return HelpShown(call.asker.tier, intent.unknown)


async def set_away(call: Call, intent: SetAway) -> Reply:
    """Note until when a member is away, or that they are back."""
    member = away(call.asker, intent.until, _today(call, call.asker))
    await call.uow.rosters.save_member(member)
    return AwaySet(call.alliance_id, member.away_until)


def _today(call: Call, member: Member) -> dt.date:
    """The date in the member's company; for a mediator, who has none, the date in UTC."""
    zone = "UTC" if member.side is None else call.roster.side(member.side).calendar.zone
    return local_date(call.now, zone)


async def _charter(call: Call) -> CharterStanding:
    try:
        in_force = (await call.uow.charters.in_force(call.alliance_id)).version
    except NotInForce:
        in_force = None
    pending = await call.uow.charters.pending(call.alliance_id)
    if pending is None or (in_force is not None and pending.version < in_force):
        return CharterStanding(in_force, None, None, ())
    missing = tuple(side.key for side in call.roster.sides if side.key not in pending.signatures)
    return CharterStanding(in_force, pending.version, pending.state, missing)


async def _checkin(call: Call, member: Member) -> OpenRound | None:
    checkin = await open_round_of(call, member.id)
    if checkin is None:
        return None
    answer = await call.uow.checkins.answer_of(checkin.id, member.id)
    return OpenRound(checkin.id, checkin.closes_at, answer is not None)


async def _pulse(call: Call, member: Member) -> OpenRound | None:
    for pulse in reversed(await call.uow.pulses.open_rounds(call.alliance_id)):
        if call.now < pulse.closes_at and any(member.id in people for people in pulse.invited.values()):
            answered = member.id in await call.uow.pulses.participants(pulse.id)
            return OpenRound(pulse.id, pulse.closes_at, answered)
    return None


async def _checkpoint(call: Call, member: Member) -> OpenRound | None:
    for checkpoint in reversed(await call.uow.checkpoints.open_rounds(call.alliance_id)):
        invited = any(member.id in people for people in checkpoint.invited.values())
        if call.now < checkpoint.closes_at and invited:
            answer = await call.uow.checkpoints.answer_of(checkpoint.id, member.id)
            return OpenRound(checkpoint.id, checkpoint.closes_at, answer is not None)
    return None


async def _coming(call: Call, member: Member) -> tuple[Coming, ...]:
    """What is promised next, earliest first; the digest only to executives, who get it."""
    coming: dict[str, dt.datetime] = {}
    for timer in await call.uow.timers.of(call.alliance_id):
        side: SideKey | None = member.side
        match timer.intent:
            case OpenCheckin.__name__:
                what, side = "check-in", decode(OpenCheckin, timer.body).side
            case OpenPulse.__name__:
                what, side = "pulse", decode(OpenPulse, timer.body).side
            case SendDigest.__name__ if member.tier is Tier.EXECUTIVE:
                what, side = "digest", decode(SendDigest, timer.body).side
            case OpenCheckpoint.__name__:
                what = "checkpoint"
            case _:
                continue
        if side == member.side and timer.due_at > call.now:
            coming.setdefault(what, timer.due_at)
    return tuple(Coming(what, at) for what, at in coming.items())


HANDLERS: Mapping[type[Intent], Handler] = {
    ShowStatus: show_status,
    PlaceHome: place_home,
    ShowHome: show_home,
    ShowCounterparts: show_counterparts,
    ShowHelp: show_help,
    SetAway: set_away,
}
