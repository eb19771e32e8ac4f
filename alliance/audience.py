"""Who hears a notice: the same people on both sides, by what they are in the alliance."""

from collections.abc import Iterable
from dataclasses import dataclass

from alliance import escalation_notices as en
from alliance import notices as n
from alliance.escalation import Escalation
from alliance.ids import MemberId, SideKey
from alliance.protocol import Urgency
from alliance.roster import Roster, Tier

LEADS = (Tier.ALLIANCE_MANAGER, Tier.MANAGER)


@dataclass(frozen=True, slots=True)
class ToMember:
    """A direct message to one person."""

    member_id: MemberId


@dataclass(frozen=True, slots=True)
class ToChannel:
    """A post in a company's own alliance channel."""

    side: SideKey


Recipient = ToMember | ToChannel


def audience(notice: n.Notice, roster: Roster) -> tuple[Recipient, ...]:
    """Everybody who hears the notice, once each, in the roster's order; members who left hear nothing."""
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
        case n.CheckinEnded() | n.PulseEnded():
            return notice.members
        case n.CheckinClosed():
            return _ids(roster, Tier.OPERATIONAL, *LEADS)
        case n.PulseClosed():
            return _ids(roster, *LEADS)
        case n.PulseComments():
            return [member.id for member in roster.active(notice.side, LEADS)]
        case n.CheckpointClosed():
            return _ids(roster, *LEADS, Tier.EXECUTIVE)
        case n.DigestReady():
            return [member.id for member in roster.active(notice.side, [Tier.EXECUTIVE])]
        case n.PointPassedOn():
            return [notice.counterpart]
        case n.ActionItemDecided() | n.ActionItemDue():
            return _owner(notice.item.owner, roster)
        case n.ActionItemDone():
            return _ids(roster, Tier.ALLIANCE_MANAGER)
        case n.MemberUnreachable():
            side = roster.member(notice.member).side
            leads = roster.active(side, [Tier.ALLIANCE_MANAGER]) or roster.active(side, [Tier.EXECUTIVE])
            return [member.id for member in leads]
        case en.EscalationNotice():
            return involved(notice.escalation, roster) if notice.members is None else notice.members
        case _:
            raise TypeError(f"Nobody was named as the audience of {type(notice).__name__}")


def _channels(notice: n.Notice, roster: Roster) -> list[SideKey]:
    match notice:
        case n.CharterInForce() | n.CheckinClosed() | n.CheckpointClosed():
            return [side.key for side in roster.sides if side.channel]
        case _:
            return []


def _owner(owner: MemberId, roster: Roster) -> list[MemberId]:
    """The owner of an action item; the alliance managers of their company once the owner has left."""
    member = roster.member(owner)
    if member.active or member.side is None:
        return [owner]
    return [manager.id for manager in roster.active(member.side, [Tier.ALLIANCE_MANAGER])]


def _ids(roster: Roster, *tiers: Tier) -> list[MemberId]:
    return [member.id for side in roster.sides for member in roster.active(side.key, tiers)]


def involved(case: Escalation, roster: Roster) -> set[MemberId]:
    """Everybody an escalation has reached on either side, its author, and the mediator once one is named.

    While a mediator has to be named, the executives of both companies are in it whatever the ladder says.
    """
    people = {member for sides in case.people.values() for members in sides.values() for member in members}
    if case.author is not None:
        people.add(case.author)
    if case.mediator is not None:
        people.add(case.mediator)
    if case.level >= len(case.protocol.levels):
        people.update(_ids(roster, Tier.EXECUTIVE))
    return people


def is_urgent(notice: n.Notice) -> bool:
    """Whether the notice goes before all others: it is about an urgent escalation."""
    return isinstance(notice, en.EscalationNotice) and notice.escalation.urgency is Urgency.URGENT
