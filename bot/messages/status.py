"""Where things stand, in one message: what is open, what waits for the reader, and what comes next."""

from alliance.charter import CharterState
from alliance.escalation import State
from alliance.ids import CheckinId
from alliance.standing import CharterStanding, OpenRound
from bot.actions.tokens import token
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Does,
    Fact,
    Facts,
    Heading,
    Inline,
    Line,
    Message,
    Paragraph,
    Strong,
    Tone,
    When,
    fact,
    line,
    paragraph,
)
from bot.messages.checkin_answers import open_button
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader
from bot.messages.template import Shown
from handlers.status import StatusShown

MOST_LISTED = 5
"""Escalations or action items named one by one; the rest is counted."""

WANTED = {
    State.ACKNOWLEDGING: "waiting to be acknowledged by your side",
    State.RESOLVING: "waiting for a proposal that settles it",
    State.PROPOSED: "a resolution is proposed: accept or decline it",
    State.STATING: "waiting for your side’s statement",
    State.NAMING_MEDIATOR: "waiting for a mediator to be named",
    State.MEDIATING: "in mediation",
    State.RESOLVED: "resolved",
    State.WITHDRAWN: "withdrawn",
    State.UNRESOLVED: "ended without agreement",
}


def status(reply: StatusShown, reader: Reader) -> Shown:
    said = _headline(reply, reader)
    return Shown(
        message=Message(
            summary=said,
            blocks=(
                Heading(reader.roster.name),
                paragraph(said),
                Facts((*_standing(reply, reader), *_rounds(reply), *_coming(reply))),
                *_waiting(reply),
                *_items(reply),
                *_buttons(reply),
            ),
        )
    )


def _headline(reply: StatusShown, reader: Reader) -> str:
    if reply.count == 0:
        return f"Nothing waits for you in {reader.roster.name}."
    return f"{counted(reply.count, 'thing waits', 'things wait')} for you in {reader.roster.name}."


def _standing(reply: StatusShown, reader: Reader) -> tuple[Fact, ...]:
    facts = [fact("Charter", _charter(reply.charter, reader))]
    waiting = f", {len(reply.waiting)} waiting for you" if reply.waiting else ""
    facts.append(fact("Open escalations", f"{reply.open_escalations}{waiting}"))
    overdue = sum(item.is_overdue(reply.today) for item in reply.items)
    facts.append(fact("Your action items", f"{len(reply.items)}{f', {overdue} overdue' if overdue else ''}"))
    if reply.member.is_away(reply.today) and reply.member.away_until:
        facts.append(fact("Away until", spoken(reply.member.away_until)))
    return tuple(facts)


def _charter(charter: CharterStanding, reader: Reader) -> str:
    in_force = "not in force yet" if charter.in_force is None else f"version {charter.in_force} is in force"
    if charter.pending is None:
        return in_force
    if charter.pending_state is not CharterState.PROPOSED:
        return f"{in_force}; version {charter.pending} is drafted and not yet proposed"
    missing = " and ".join(reader.company(side) for side in charter.missing)
    return f"{in_force}; version {charter.pending} waits for the signature of {missing}"


def _rounds(reply: StatusShown) -> tuple[Fact, ...]:
    rounds = (("Check-in", reply.checkin), ("Pulse", reply.pulse), ("Checkpoint", reply.checkpoint))
    return tuple(Fact(label, _round(one)) for label, one in rounds if one is not None)


def _round(one: OpenRound) -> Line:
    answered = "you have answered" if one.answered else "waiting for your answer"
    return line(f"{answered}, open until ", When(one.closes_at))


def _coming(reply: StatusShown) -> tuple[Fact, ...]:
    return tuple(fact(f"Next {coming.what}", When(coming.at)) for coming in reply.coming)


def _waiting(reply: StatusShown) -> tuple[Block, ...]:
    return _listed(
        "Waiting for you",
        [line(Strong(f"Escalation {m.number}"), f": {m.title} – {WANTED[m.state]}") for m in reply.waiting],
    )


def _items(reply: StatusShown) -> tuple[Block, ...]:
    return _listed(
        "Your action items",
        [line(Strong(f"{i.number}"), f": {i.title}, due {spoken(i.due)}") for i in reply.items],
    )


def _listed(title: str, lines: list[tuple[Inline, ...]]) -> tuple[Block, ...]:
    if not lines:
        return ()
    more = len(lines) - MOST_LISTED
    rest = [line(f"and {more} more")] if more > 0 else []
    return Paragraph(line(Strong(title))), Bullets((*lines[:MOST_LISTED], *rest))


def _buttons(reply: StatusShown) -> tuple[Block, ...]:
    here = reply.alliance_id
    buttons: list[Button] = []
    if reply.checkin:
        tone = Tone.PLAIN if reply.checkin.answered else Tone.PRIMARY
        buttons.append(open_button("Check-in", here, CheckinId(reply.checkin.id), tone))
    if reply.pulse:
        buttons.append(Button("Pulse", token("status.pulse", here, reply.pulse.id)))
    if reply.checkpoint:
        made = token("status.checkpoint", here, reply.checkpoint.id)
        buttons.append(Button("Checkpoint", made, Does.OPEN_FORM))
    buttons += [
        Button(f"Escalation {matter.number}", token("status.escalation", here, matter.number))
        for matter in reply.waiting[:MOST_LISTED]
    ]
    if reply.items:
        buttons.append(Button("Action items", token("status.actions", here)))
    buttons.append(Button("What can I ask?", token("status.help", here)))
    return (Actions(tuple(buttons)),)
