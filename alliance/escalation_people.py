"""Who stands on an escalation, who carries it at its level, and whom it waits for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from alliance.audience import involved
from alliance.escalation import (
    Escalation,
    State,
    is_open,
    is_past_ladder,
    missing_acceptances,
    missing_acknowledgements,
    missing_statements,
    sides_of,
)
from alliance.ids import MemberId, SideKey
from alliance.protocol import NobodyAtLevel, Protocol, Who, people_at
from alliance.roster import Member, Roster, Tier

Sides = Mapping[SideKey, tuple[MemberId, ...]]

_RANK: Mapping[Who, int] = {
    Who.COUNTERPARTS: 0,
    Who.MANAGERS: 1,
    Who.ALLIANCE_MANAGERS: 2,
    Who.EXECUTIVES: 3,
    Who.MEDIATOR: 4,
}
_RANK_OF_TIER: Mapping[Tier, int] = {
    Tier.OPERATIONAL: 0,
    Tier.MANAGER: 1,
    Tier.ALLIANCE_MANAGER: 2,
    Tier.EXECUTIVE: 3,
    Tier.MEDIATOR: 4,
}
_RANK_OF_LIAISON = _RANK[Who.ALLIANCE_MANAGERS]


@dataclass(frozen=True, slots=True)
class Rung:
    """A level that has people on both sides."""

    level: int
    people: Sides


def starting_rung(protocol: Protocol, roster: Roster, holder: Member | None) -> Rung:
    """Where a matter begins: its holder and their counterpart, or the level of a holder who manages.

    Without a holder it begins with the alliance managers. A level that lacks people on one side is left out;
    when none remains so high, the highest below is taken. Raises NobodyAtLevel when no level has both.
    """
    rank = _RANK_OF_LIAISON if holder is None else _RANK_OF_TIER[holder.tier]
    rungs = list(_rungs(protocol, roster, holder, range(len(protocol.levels))))
    for rung in rungs:
        if _RANK[protocol.levels[rung.level].who] >= rank:
            return rung
    if not rungs:
        raise NobodyAtLevel
    return rungs[-1]


def rung_above(case: Escalation, roster: Roster, level: int) -> Rung | None:
    """The next level above `level` with people on both sides; those who joined it before stay its people."""
    above = range(level + 1, len(case.protocol.levels))
    return next(_rungs(case.protocol, roster, holder_of(case, roster), above, case.people), None)


def with_rung(case: Escalation, rung: Rung) -> Escalation:
    """The escalation with the people of a level added to it."""
    return replace(case, people={**case.people, rung.level: rung.people}, reach=max(case.reach, rung.level))


def renewed_rung(case: Escalation, roster: Roster) -> Rung:
    """The people of the highest level reached, as fixed and with whoever came to stand there since."""
    known = case.people[case.reach]
    today = people_at(case.protocol.levels[case.reach].who, roster, holder_of(case, roster))
    return Rung(case.reach, {side: tuple(dict.fromkeys((*known[side], *today.get(side, ())))) for side in known})


def _rungs(
    protocol: Protocol,
    roster: Roster,
    holder: Member | None,
    levels: Iterable[int],
    known: Mapping[int, Sides] | None = None,
) -> Iterator[Rung]:
    for level in levels:
        people = (known or {}).get(level) or people_at(protocol.levels[level].who, roster, holder)
        if all(_active(ids, roster) for ids in people.values()):
            yield Rung(level, people)


def _active(ids: Iterable[MemberId], roster: Roster) -> tuple[MemberId, ...]:
    wanted = set(ids)
    return tuple(member.id for member in roster.members if member.active and member.id in wanted)


def holder_of(case: Escalation, roster: Roster) -> Member | None:
    """Whose matter it is: whose blocker it came from, else its author; None when an agreed trigger raised it."""
    holder = case.about or case.author
    return next((member for member in roster.members if member.id == holder), None)


def everybody_on(case: Escalation, roster: Roster) -> tuple[MemberId, ...]:
    """Everybody active whom it has reached, in the roster's order: they hear all of it."""
    return _active(involved(case, roster), roster)


def people_on(case: Escalation, roster: Roster, side: SideKey) -> tuple[MemberId, ...]:
    """The active people of one side whom it has reached."""
    theirs = {member.id for member in roster.active(side)}
    return tuple(member for member in everybody_on(case, roster) if member in theirs)


def carriers(case: Escalation, roster: Roster, side: SideKey) -> tuple[MemberId, ...]:
    """Who acknowledges and decides for one side: those of its level and of the levels that joined since.

    Past the ladder these are the executives. Where all of them have left: everybody of that side on it.
    """
    if is_past_ladder(case):
        found = tuple(member.id for member in roster.active(side, [Tier.EXECUTIVE]))
    else:
        levels = range(case.level, case.reach + 1)
        found = _active((m for level in levels for m in case.people.get(level, {}).get(side, ())), roster)
    return found or people_on(case, roster, side)


def waits_on(case: Escalation, roster: Roster) -> tuple[MemberId, ...]:
    """The people, by id, whose turn it is; nobody once it has ended, never nobody before."""
    if not is_open(case):
        return ()
    return _awaited(case, roster) or everybody_on(case, roster) or tuple(m.id for m in roster.active())


def _awaited(case: Escalation, roster: Roster) -> tuple[MemberId, ...]:
    match case.state:
        case State.ACKNOWLEDGING:
            return _carriers_of(case, roster, missing_acknowledgements(case))
        case State.PROPOSED:
            return _carriers_of(case, roster, missing_acceptances(case))
        case State.RESOLVING:
            return _carriers_of(case, roster, sides_of(case))
        case State.STATING:
            return tuple(m for side in missing_statements(case) for m in people_on(case, roster, side))
        case State.NAMING_MEDIATOR:
            named = case.mediator_proposed[0] if case.mediator_proposed else None
            return _carriers_of(case, roster, [side for side in sides_of(case) if side != named])
        case State.MEDIATING:
            mediator = (case.mediator,) if case.mediator else ()
            return (*_active(mediator, roster), *_carriers_of(case, roster, sides_of(case)))
        case State.RESOLVED | State.WITHDRAWN | State.UNRESOLVED:
            return ()
        case _:
            assert_never(case.state)


def _carriers_of(case: Escalation, roster: Roster, sides: Iterable[SideKey]) -> tuple[MemberId, ...]:
    return tuple(member for side in sides for member in carriers(case, roster, side))
