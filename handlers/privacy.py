"""What is stored about a person, for that person; and its deletion when they ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from alliance.audit import AuditFact
from alliance.ids import AllianceId
from alliance.notices import MemberUnreachable
from alliance.privacy import Trace
from alliance.pulse import answer_key
from alliance.roster import Member
from handlers.call import Call, Handler
from handlers.intents import ForgetMe, Intent, ShowStored
from handlers.replies import Reply

ASKED_TO_BE_FORGOTTEN = "they asked for what is stored about them to be deleted"


@dataclass(frozen=True, slots=True)
class StoredShown(Reply):
    """What is stored about the one who asks, in this alliance: how much of what, and their own words."""

    member: Member
    counts: Mapping[Trace, int]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgettingAsked(Reply):
    """Before anything is deleted: are you sure?"""

    alliance_id: AllianceId
    open_items: int


@dataclass(frozen=True, slots=True)
class Forgotten(Reply):
    """It is done; the person is not a member any more."""


async def show_stored(call: Call, _intent: ShowStored) -> Reply:
    """Count what is stored about the one who asks, and give their own words back."""
    traces = call.uow.traces
    words = await traces.words(call.asker), await call.uow.drafts.texts(call.asker.id)
    return StoredShown(call.asker, await traces.count(call.asker), tuple(dict.fromkeys((*words[0], *words[1]))))


async def forget_me(call: Call, intent: ForgetMe) -> Reply:
    """Ask back, or delete the person and their words; totals, titles and decisions stay, without a name.

    Nobody is refused, whatever they are in the alliance: the people who run their side are told.
    """
    member = call.asker
    if not intent.confirmed:
        items = await call.uow.action_items.open_ones(call.alliance_id)
        return ForgettingAsked(call.alliance_id, sum(item.owner == member.id for item in items))
    await _leave_open_pulses(call, member)
    await call.uow.traces.remove(member)
    await call.uow.audit.forget_details(member.id)
    await call.uow.outbox.forget_person(member.id)
    await call.uow.drafts.forget_person(member.id)
    forgotten = _nameless(member)
    await call.uow.rosters.save_member(forgotten)
    call.roster = replace(
        call.roster, members=tuple(forgotten if m.id == member.id else m for m in call.roster.members)
    )
    await call.tell(MemberUnreachable(alliance_id=call.alliance_id, member=member.id, because=ASKED_TO_BE_FORGOTTEN))
    await call.record(AuditFact("member forgotten", f"member {member.id}", actor=member.id))
    call.scrub = True
    return Forgotten()


async def _leave_open_pulses(call: Call, member: Member) -> None:
    """Only while a round is open can an answer still be told to be this person's."""
    for pulse in await call.uow.pulses.open_rounds(call.alliance_id):
        key = answer_key(await call.uow.pulses.secret(pulse.id), member.id)
        await call.uow.pulses.remove_answer(pulse.id, key)


def _nameless(member: Member) -> Member:
    return replace(
        member,
        name="",
        address=f"forgotten:{member.id}",
        active=False,
        reachable=False,
        away_until=None,
    )


HANDLERS: Mapping[type[Intent], Handler] = {ShowStored: show_stored, ForgetMe: forget_me}
