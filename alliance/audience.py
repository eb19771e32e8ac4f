"""Who hears a notice: the same people on both sides, by what they are in the alliance."""

from collections.abc import Iterable
from dataclasses import dataclass

from alliance import escalation_notices as en
from alliance import notices as n
from alliance.escalation import Escalation
from alliance.ids import MemberId, SideKey
from alliance.protocol import Urgency, people_at
from alliance.roster import Member, Roster, Tier

LEADS = (Tier.ALLIANCE_MANAGER, Tier.MANAGER)


@dataclass(frozen=True, slots=True)
class ToMember:
    """A direct message to one person."""

    member_id: MemberId


@dataclass(frozen=True, slots=True)
class ToChannel:
    """A post in a company's own alliance channel."""

    side: SideKey


@dataclass(frozen=True, slots=True)
class ToHome:
    """One person's home, which is drawn anew without alerting them; it never holds up their messages."""

    member_id: MemberId


Recipient = ToMember | ToChannel | ToHome


def audience(notice: n.Notice, roster: Roster) -> tuple[Recipient, ...]:
    """Everybody who hears the notice, once each, in the roster's order; members who left hear nothing."""
    if isinstance(notice, n.HomeChanged):
        return tuple(ToHome(m.id) for m in roster.members if m.active and m.id in notice.members)
    wanted = set(_members(notice, roster))
    people = tuple(ToMember(m.id) for m in roster.members if m.active and m.id in wanted)
    return people + tuple(ToChannel(side) for side in _channels(notice, roster))


def _members(notice: n.Notice, roster: Roster) -> Iterable[MemberId]:
    match notice:
        case n.CharterDrafted() | n.CharterDraftRedrawn() | n.WarningFound() | n.AdministrativeRead():
            return _ids(roster, Tier.ALLIANCE_MANAGER)
        case n.CharterProposed() | n.CharterRedrawn() | n.CharterSigned():
            return _ids(roster, Tier.EXECUTIVE, Tier.ALLIANCE_MANAGER)
        case n.CharterDeclined() | n.CharterLapsed():
            return _ids(roster, Tier.EXECUTIVE, Tier.ALLIANCE_MANAGER)
        case n.CharterInForce():
            return [member.id for member in roster.members]
        case n.CheckinOpened() | n.CheckinReminder() | n.PulseOpened() | n.PulseReminder():
            return notice.members
        case n.CheckpointOpened() | n.CheckpointReminder() | n.CheckpointEnded():
            return notice.members
        case n.CheckinRedrawn() | n.CheckinEnded() | n.PulseEnded():
            return notice.members
        case n.CheckinClosed():
            return _ids(roster, Tier.OPERATIONAL, *LEADS)
        case n.PulseClosed():
            return _ids(roster, *LEADS)
        case n.PulseComments():
            return [member.id for member in roster.active(notice.side, LEADS)]
        case n.CheckpointClosed() | n.DecisionRecorded():
            return _ids(roster, *LEADS, Tier.EXECUTIVE)
        case n.DigestReady():
            return [member.id for member in roster.active(notice.side, [Tier.EXECUTIVE])]
        case n.PointPassedOn():
            return [notice.counterpart]
        case n.ActionItemDecided() | n.ActionItemDue() | n.ActionItemRedrawn():
            return _owner(notice.item.owner, roster)
        case n.ActionItemDone():
            return _ids(roster, Tier.ALLIANCE_MANAGER)
        case n.MemberUnreachable():
            return _own_leads(roster.member(notice.member), roster)
        case n.MessagesWait():
            return ()
        case en.EscalationNotice():
            return involved(notice.escalation, roster) if notice.members is None else notice.members
        case _:
            raise TypeError(f"Nobody was named as the audience of {type(notice).__name__}")


def _channels(notice: n.Notice, roster: Roster) -> list[SideKey]:
    match notice:
        case n.CharterInForce() | n.CheckinClosed() | n.CheckpointClosed():
            return [side.key for side in roster.sides if side.channel]
        case n.MessagesWait():
            return [notice.side] if roster.side(notice.side).channel else []
        case _:
            return []


def _owner(owner: MemberId, roster: Roster) -> list[MemberId]:
    """The owner of an action item; the alliance managers of their company once the owner has left."""
    member = roster.member(owner)
    if member.active or member.side is None:
        return [owner]
    return [manager.id for manager in roster.active(member.side, [Tier.ALLIANCE_MANAGER])]


def _own_leads(lost: Member, roster: Roster) -> list[MemberId]:
    """Who hears of their own company's lost member: the alliance managers who can be reached, else the executives."""
    for tier in (Tier.ALLIANCE_MANAGER, Tier.EXECUTIVE):
        others = [member for member in roster.active(lost.side, [tier]) if member.id != lost.id]
        if reached := [member.id for member in others if member.reachable]:
            return reached
    return []


def _ids(roster: Roster, *tiers: Tier) -> list[MemberId]:
    return [member.id for side in roster.sides for member in roster.active(side.key, tiers)]


def involved(case: Escalation, roster: Roster) -> set[MemberId]:
    """Everybody an escalation has reached on either side, its author, whose matter it is, and the mediator named.

    While a mediator has to be named, the executives of both companies are in it whatever the ladder says. For a
    side all of whose people on it have left, somebody stands in.
    """
    people = {member for sides in case.people.values() for members in sides.values() for member in members}
    people.update(member for member in (case.author, case.about, case.mediator) if member is not None)
    if case.level >= len(case.protocol.levels):
        people.update(_ids(roster, Tier.EXECUTIVE))
    for side in roster.sides:
        if not any(member.id in people for member in roster.active(side.key)):
            people.update(_stand_ins(case, roster, side.key))
    return people


def _stand_ins(case: Escalation, roster: Roster, side: SideKey) -> list[MemberId]:
    """The people of one side at its level today, else at the next level that has some, else its highest tier."""
    holder = case.about or case.author
    author = next((member for member in roster.members if member.id == holder), None)
    here = {member.id for member in roster.active(side)}
    for level in case.protocol.levels[case.level :]:
        if found := [member for member in people_at(level.who, roster, author)[side] if member in here]:
            return found
    tiers = (Tier.EXECUTIVE, Tier.ALLIANCE_MANAGER, Tier.MANAGER, Tier.OPERATIONAL)
    return next((found for tier in tiers if (found := [m.id for m in roster.active(side, [tier])])), [])


def is_urgent(notice: n.Notice) -> bool:
    """Whether the notice goes before all others: it is about an urgent escalation."""
    return isinstance(notice, en.EscalationNotice) and notice.escalation.urgency is Urgency.URGENT
