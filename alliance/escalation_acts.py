"""What people can do to an escalation: each act, which event of the table it is, and who may do it now."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from alliance.errors import AllianceError
from alliance.escalation import (
    Escalation,
    Event,
    IllegalTransition,
    Task,
    first_level,
    is_past_ladder,
    level_name,
    missing_acceptances,
    missing_acknowledgements,
    missing_statements,
    transition,
)
from alliance.escalation_people import carriers, everybody_on, rung_above
from alliance.ids import MemberId, SideKey
from alliance.roster import Member, Roster, Tier


@dataclass(frozen=True, slots=True)
class Acknowledge:
    by: Member


@dataclass(frozen=True, slots=True)
class SayProgress:
    by: Member
    text: str


@dataclass(frozen=True, slots=True)
class Propose:
    by: Member
    decision: str
    reason: str
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    by: Member


@dataclass(frozen=True, slots=True)
class Decline:
    by: Member
    reason: str


@dataclass(frozen=True, slots=True)
class MoveUp:
    by: Member
    reason: str


@dataclass(frozen=True, slots=True)
class GiveStatement:
    by: Member
    facts: str
    other_needs: str


@dataclass(frozen=True, slots=True)
class NameMediator:
    by: Member
    mediator: Member


@dataclass(frozen=True, slots=True)
class Withdraw:
    by: Member
    reason: str


Act: TypeAlias = (
    Acknowledge | SayProgress | Propose | Accept | Decline | MoveUp | GiveStatement | NameMediator | Withdraw
)


class NotOnIt(AllianceError):
    """Only the people of both companies whom this escalation has reached can do that. Nothing was changed."""


class NotYourTurn(AllianceError):
    """The people of your company who carry this escalation now are asked to do that. Nothing was changed."""


class SidesOnly(AllianceError):
    """That is for the two companies; a mediator says how it goes and proposes. Nothing was changed."""


class AlreadyGiven(AllianceError):
    """Your company has done that already, so nothing was changed."""


class OwnProposal(AllianceError):
    """Your own company proposed this, so the other company answers. Nothing was changed."""


class NotAMediator(AllianceError):
    """Choose one of the mediators whom both companies listed. Nothing was changed."""


class NotWithdrawable(AllianceError):
    """Only its author can withdraw it, before it has moved up. Now it ends when both companies agree."""


class OldMessage(AllianceError):
    """That message is older than what happened since, so nothing changed. The newest one is up to date."""


def event_of(case: Escalation, act: Act, roster: Roster) -> Event:
    """Which event of the table an act is, as the escalation stands now."""
    side = act.by.side
    match act:
        case Acknowledge():
            across = [missing for missing in missing_acknowledgements(case) if missing != side]
            return Event.ACKNOWLEDGE_FIRST if across else Event.ACKNOWLEDGE_BOTH
        case SayProgress():
            return Event.SAY_PROGRESS
        case Propose():
            return Event.PROPOSE
        case Accept():
            across = [missing for missing in missing_acceptances(case) if missing != side]
            return Event.ACCEPT_FIRST if across else Event.ACCEPT
        case Decline():
            return _decline(case)
        case MoveUp():
            return Event.MOVE_UP
        case GiveStatement():
            return _statement(case, side, roster)
        case NameMediator(mediator=mediator):
            named = case.mediator_proposed
            agreed = named is not None and named[0] != side and named[1] == mediator.id
            return Event.AGREE_MEDIATOR if agreed else Event.NAME_MEDIATOR
        case Withdraw():
            return Event.WITHDRAW
        case _:
            assert_never(act)


def _decline(case: Escalation) -> Event:
    if not is_past_ladder(case):
        return Event.DECLINE
    return Event.DECLINE_IN_MEDIATION if case.mediator else Event.DECLINE_BEFORE_MEDIATION


def _statement(case: Escalation, side: SideKey | None, roster: Roster) -> Event:
    if any(missing != side for missing in missing_statements(case)):
        return Event.GIVE_STATEMENT
    above = rung_above(case, roster, case.level)
    return Event.LAST_STATEMENT if above else Event.LAST_STATEMENT_AT_TOP


def admit(case: Escalation, act: Act, roster: Roster) -> Event:
    """Return the event that the act is; raises an AllianceError that says why when it is not possible now."""
    if act.by.id not in everybody_on(case, roster):
        raise NotOnIt
    event = event_of(case, act, roster)
    transition(case, event)
    match act:
        case SayProgress() | Propose():
            pass
        case Acknowledge():
            _one_of_those_asked(case, act.by, missing_acknowledgements(case), roster)
        case Accept() | Decline():
            _across_from_the_proposal(case, act.by, roster)
        case MoveUp():
            _side_of(act.by)
            if is_past_ladder(case):
                raise IllegalTransition(f"Escalation {case.number} is at the top already. Nothing was changed.")
        case GiveStatement():
            if _side_of(act.by) not in missing_statements(case):
                raise AlreadyGiven
        case NameMediator():
            _may_name(case, act, roster)
        case Withdraw():
            if act.by.id != case.author or case.level != first_level(case):
                raise NotWithdrawable
        case _:
            assert_never(act)
    return event


def _side_of(member: Member) -> SideKey:
    if member.side is None:
        raise SidesOnly
    return member.side


def _one_of_those_asked(case: Escalation, member: Member, missing: tuple[SideKey, ...], roster: Roster) -> None:
    side = _side_of(member)
    asked = carriers(case, roster, side)
    if side not in missing:
        raise AlreadyGiven
    if member.id not in asked:
        raise _not_yet(case, asked, roster)


def _not_yet(case: Escalation, asked: tuple[MemberId, ...], roster: Roster) -> NotYourTurn:
    names = ", ".join(roster.name_of(member) for member in asked)
    return NotYourTurn(
        f"Escalation {case.number} stands with the {level_name(case)} level now. "
        f"In your company this is for {names}. Nothing was changed."
    )


def _across_from_the_proposal(case: Escalation, member: Member, roster: Roster) -> None:
    side = _side_of(member)
    if case.resolution is not None and case.resolution.side == side:
        raise OwnProposal
    _one_of_those_asked(case, member, missing_acceptances(case), roster)


def _may_name(case: Escalation, act: NameMediator, roster: Roster) -> None:
    """The executives name the mediator; where a company has none left, those who carry it there."""
    side = _side_of(act.by)
    if act.by.id not in carriers(case, roster, side):
        raise NotYourTurn("The executives of both companies name the mediator. Nothing was changed.")
    if act.mediator.tier is not Tier.MEDIATOR or not act.mediator.active:
        raise NotAMediator
    if case.mediator_proposed == (side, act.mediator.id):
        raise AlreadyGiven


def possible(case: Escalation, member: Member, roster: Roster) -> frozenset[type[Act]]:
    """Which acts the member could do now: the buttons that can work."""
    samples = _samples(case, member, roster)
    return frozenset(kind for kind, act in samples.items() if _is_admitted(case, act, roster))


def require_possible(case: Escalation, kind: type[Act], member: Member, roster: Roster) -> None:
    """Raise the reason why the member could not do that now, before they are asked to write anything."""
    sample = _samples(case, member, roster).get(kind)
    if sample is None:
        raise NotAMediator("No mediator is listed in this alliance. Ask your alliance manager to add one.")
    admit(case, sample, roster)


def _samples(case: Escalation, member: Member, roster: Roster) -> dict[type[Act], Act]:
    """One act of each kind, without words; none of naming a mediator where no mediator is listed."""
    mediators = roster.active(tiers=[Tier.MEDIATOR])
    named = case.mediator_proposed[1] if case.mediator_proposed else None
    other = next((m for m in mediators if m.id != named), next(iter(mediators), None))
    acts: list[Act] = [
        Acknowledge(member),
        SayProgress(member, ""),
        Propose(member, "", ""),
        Accept(member),
        Decline(member, ""),
        MoveUp(member, ""),
        GiveStatement(member, "", ""),
        Withdraw(member, ""),
        *([NameMediator(member, other)] if other else []),
    ]
    return {type(act): act for act in acts}


def _is_admitted(case: Escalation, act: Act, roster: Roster) -> bool:
    try:
        admit(case, act, roster)
    except AllianceError:
        return False
    return True


def require_level(case: Escalation, shown: int | None) -> None:
    """OldMessage when the pressed message showed another level than the one it stands at; None shows none."""
    if shown is not None and shown != case.level:
        raise OldMessage(
            f"Escalation {case.number} has moved on since that message: it stands with the "
            f"{level_name(case)} level now. Nothing was changed."
        )


def require_proposal(case: Escalation, by: MemberId, number: int | None) -> None:
    """OldMessage when the pressed message showed another proposal than the one on the table."""
    current = case.resolution
    if current is not None and (current.by != by or (number is not None and current.number != number)):
        raise OldMessage(
            f"Another resolution of escalation {case.number} is on the table since that message. Nothing was changed."
        )
