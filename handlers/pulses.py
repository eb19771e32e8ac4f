"""Pulses: opened for each side at its own hour, answered without a name, closed and published for both at
once.

Nothing about one person's answer leaves these functions but the reply to that person: no notice, no audit
fact, no log line.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from alliance import pulse as rules
from alliance.audit import AuditFact
from alliance.cadence import closes_at
from alliance.charter import CharterVersion, PulseTerms
from alliance.disclosure import own_comments, pulse_results_view
from alliance.ids import AllianceId, MemberId, PulseId
from alliance.items import items_of_round
from alliance.notices import PulseClosed, PulseComments, PulseEnded, PulseOpened, PulseReminder
from alliance.pulse import Pulse, PulseAnswer, PulseResults
from alliance.pulse_results import ClosedRound
from alliance.roster import Side
from alliance.rounds import LATE, RoundState, begins_at, present
from handlers import rounds
from handlers.call import Call, Handler
from handlers.intents import AnswerPulse, Intent, ShowPulse
from handlers.replies import Nothing, Reply
from handlers.time_intents import ClosePulse, OpenPulse, RemindPulse
from handlers.warnings import after_pulse

KIND = rounds.Kind(
    word="pulse",
    cadence=lambda charter: charter.pulse.cadence,
    open_rounds=lambda call: call.uow.pulses.open_rounds(call.alliance_id),
    opening=lambda call, day, side: OpenPulse(alliance_id=call.alliance_id, day=day, side=side),
    reminding=lambda call, running, side, last: RemindPulse(
        alliance_id=call.alliance_id, pulse_id=PulseId(running.id), side=side, last=last
    ),
)
ROUNDS_READ = 60
"""How many earlier rounds the publishing rule may look back over: a dimension comes round once in a cycle."""


@dataclass(frozen=True, slots=True)
class PulseShown(Reply):
    """The round's statements with the member's own ratings of now, if any, to be given or changed."""

    alliance_id: AllianceId
    pulse_id: PulseId
    items: tuple[str, ...]
    closes_at: dt.datetime
    minimum_answers: int
    minimum_comments: int
    answer: PulseAnswer | None


@dataclass(frozen=True, slots=True)
class PulseAnswered(Reply):
    """The answer is in; it can be changed until the round closes."""

    alliance_id: AllianceId
    pulse_id: PulseId
    closes_at: dt.datetime


# --- when rounds open -------------------------------------------------------------------------------


async def schedule_first(call: Call, version: CharterVersion) -> dt.date | None:
    """Promise both sides' next pulse by a version just come into force; return its first local date."""
    return await rounds.schedule_first(call, KIND, version)


async def open_pulse(call: Call, intent: OpenPulse) -> Reply:
    """Open the round of that date for one side, making it if the other has not, and promise the next."""
    side = call.roster.side(intent.side)
    await call.uow.rosters.lock(call.alliance_id)
    in_force = await call.uow.charters.in_force(call.alliance_id)
    await rounds.promise_next(call, KIND, side, intent.day, in_force)
    pulse = await call.uow.pulses.on_day(call.alliance_id, intent.day)
    if pulse is None:
        pulse = await _begin(call, intent.day, in_force)
    if pulse is None or pulse.state is not RoundState.OPEN or call.now >= pulse.closes_at:
        return Nothing()
    if side.key not in pulse.invited:
        await _open_side(call, pulse, side)
    return Nothing()


async def _begin(call: Call, day: dt.date, version: CharterVersion) -> Pulse | None:
    """Make the round under the version in force; None when it is too late for it to begin."""
    terms = version.charter.pulse
    calendars = [side.calendar for side in call.roster.sides]
    begins = begins_at(terms.cadence, day, calendars)
    if begins is None or call.now > begins + LATE:
        return None
    newest = await call.uow.pulses.newest(call.alliance_id)
    number = newest.number + 1 if newest else 1
    pulse = Pulse(
        id=PulseId(call.uow.new_id()),
        alliance_id=call.alliance_id,
        charter_version=version.version,
        number=number,
        day=day,
        items=items_of_round(number, terms.dimensions, terms.items_per_round),
        closes_at=closes_at(day, terms.cadence, calendars, terms.answer_within),
    )
    await call.uow.pulses.add(pulse)
    close = ClosePulse(alliance_id=call.alliance_id, pulse_id=pulse.id)
    await call.promise(f"pulse:{pulse.id}:close", close, pulse.closes_at)
    return pulse


async def _open_side(call: Call, pulse: Pulse, side: Side) -> None:
    invited = rules.invitees(call.roster, side.key, pulse.closes_at)
    pulse = rules.invite(pulse, side.key, invited)
    await call.uow.pulses.save(pulse)
    await rounds.promise_reminders(call, KIND, pulse, side)
    facts = {"side": side.key, "invited": str(len(invited)), "items": str(len(pulse.items))}
    await call.record(AuditFact("pulse opened", f"pulse {pulse.number}", facts=facts))
    terms = await _terms(call, pulse)
    if here := present(call.roster, side, invited, call.now):
        await call.tell(
            PulseOpened(
                alliance_id=call.alliance_id,
                pulse_id=pulse.id,
                side=side.key,
                items=pulse.items,
                closes_at=pulse.closes_at,
                minimum_answers=terms.minimum_answers,
                minimum_comments=terms.minimum_comments,
                members=here,
            )
        )


# --- while it is open -------------------------------------------------------------------------------


async def remind_pulse(call: Call, intent: RemindPulse) -> Reply:
    """Remind those of one side who have not answered and are here; outside its hours, when it opens next."""
    pulse = await _own(call, intent.pulse_id)
    side = call.roster.side(intent.side)
    if not await rounds.due_to_remind(call, KIND, pulse, intent):
        return Nothing()
    silent = set(pulse.invited.get(side.key, ())) - await call.uow.pulses.participants(pulse.id)
    if members := present(call.roster, side, silent, call.now):
        await call.tell(
            PulseReminder(
                alliance_id=call.alliance_id,
                pulse_id=pulse.id,
                closes_at=pulse.closes_at,
                members=members,
                last=intent.last,
            )
        )
    return Nothing()


async def answer_pulse(call: Call, intent: AnswerPulse) -> Reply:
    """Take a member's answer, or a correction of it, under a key that does not name them."""
    pulse = await _own(call, intent.pulse_id)
    member = call.asker
    side = rules.require_open_to(pulse, member, call.now)
    answer = rules.make_answer(pulse, side, intent.ratings, intent.comment)
    await call.uow.pulses.save_answer(pulse.id, await _key(call, pulse, member.id), answer, by=member.id)
    return PulseAnswered(call.alliance_id, pulse.id, pulse.closes_at)


async def show_pulse(call: Call, intent: ShowPulse) -> Reply:
    """Show a member the statements with what they answered so far, so that they can change it."""
    member = call.asker
    pulse = await _own(call, intent.pulse_id) if intent.pulse_id else await _open_to(call, member.id)
    rules.require_open_to(pulse, member, call.now)
    terms = await _terms(call, pulse)
    return PulseShown(
        alliance_id=call.alliance_id,
        pulse_id=pulse.id,
        items=pulse.items,
        closes_at=pulse.closes_at,
        minimum_answers=terms.minimum_answers,
        minimum_comments=terms.minimum_comments,
        answer=await call.uow.pulses.answer_under(pulse.id, await _key(call, pulse, member.id)),
    )


async def _open_to(call: Call, member_id: MemberId) -> Pulse:
    """The newest open round to which the member is invited."""
    for pulse in reversed(await call.uow.pulses.open_rounds(call.alliance_id)):
        invited = any(member_id in people for people in pulse.invited.values())
        if invited and call.now < pulse.closes_at:
            return pulse
    raise rules.NoPulseOpen


async def _key(call: Call, pulse: Pulse, member_id: MemberId) -> str:
    return rules.answer_key(await call.uow.pulses.secret(pulse.id), member_id)


async def _own(call: Call, pulse_id: PulseId) -> Pulse:
    pulse = await call.uow.pulses.get(pulse_id)
    call.own(pulse.alliance_id)
    return pulse


async def _terms(call: Call, pulse: Pulse) -> PulseTerms:
    """The terms that the round began under."""
    return (await call.uow.charters.get(call.alliance_id, pulse.charter_version)).charter.pulse


# --- the close --------------------------------------------------------------------------------------


async def close_pulse(call: Call, intent: ClosePulse) -> Reply:
    """Close the round, publish the same to both companies at once, and make it anonymous for good.

    However late it comes. What was deleted here is scrubbed from the database's files after the commit.
    """
    pulse = await _own(call, intent.pulse_id)
    if pulse.state is not RoundState.OPEN:
        return Nothing()
    terms = await _terms(call, pulse)
    results = await _published(call, pulse, terms)
    await call.uow.pulses.save(rules.close(pulse))
    await call.uow.pulses.save_results(results)
    await call.uow.pulses.make_anonymous(pulse.id)
    await call.uow.pulse_notices.forget_reminded(call.alliance_id, pulse.id)
    call.scrub = True
    await call.take_back(f"pulse:{pulse.id}")
    await _tell_results(call, pulse, terms, results)
    await call.record(AuditFact("pulse closed", f"pulse {pulse.number}", facts=_counts(results)))
    await after_pulse(call, results)
    return Nothing()


async def _published(call: Call, pulse: Pulse, terms: PulseTerms) -> PulseResults:
    first, second = call.roster.sides
    return pulse_results_view(
        ClosedRound(
            pulse=pulse,
            answers=await call.uow.pulses.answers(pulse.id),
            sides=(first.key, second.key),
            minimum=terms.minimum_answers,
            closed_at=call.now,
            earlier=await call.uow.pulses.earlier(call.alliance_id, ROUNDS_READ),
        )
    )


async def _tell_results(call: Call, pulse: Pulse, terms: PulseTerms, results: PulseResults) -> None:
    invited = tuple(
        member
        for side in call.roster.sides
        for member in present(call.roster, side, pulse.invited.get(side.key, ()), call.now)
    )
    if invited:
        ended = PulseEnded(alliance_id=call.alliance_id, pulse_id=pulse.id, number=pulse.number, members=invited)
        await call.tell(ended)
    await call.tell(PulseClosed(alliance_id=call.alliance_id, results=results))
    for side in call.roster.sides:
        said = await call.uow.pulses.comments(pulse.id, side.key)
        comments = own_comments(said, results.response[side.key].answered, terms.minimum_comments)
        if comments is None:
            await call.uow.pulses.drop_comments(pulse.id, side.key)
        await call.tell(
            PulseComments(
                alliance_id=call.alliance_id,
                pulse_id=pulse.id,
                number=pulse.number,
                side=side.key,
                comments=comments,
                minimum=terms.minimum_comments,
            )
        )


def _counts(results: PulseResults) -> Mapping[str, str]:
    return {f"answered {side}": f"{r.answered} of {r.invited}" for side, r in results.response.items()}


HANDLERS: Mapping[type[Intent], Handler] = {
    OpenPulse: open_pulse,
    RemindPulse: remind_pulse,
    AnswerPulse: answer_pulse,
    ShowPulse: show_pulse,
    ClosePulse: close_pulse,
}
