"""The words of escalations: what is told to both sides, and what the one who asked sees at once."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from alliance import escalation_notices as en
from alliance.escalation import Escalation, State, is_past_ladder, level_name, missing_acknowledgements
from alliance.escalation_notices import EscalationNotice
from alliance.notices import Notice
from alliance.protocol import Urgency
from bot.actions.tokens import token
from bot.messages import escalation_examples as examples
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Line,
    Message,
    Paragraph,
    Quote,
    Strong,
    Text,
    line,
    note,
    paragraph,
)
from bot.messages.escalation_card import (
    LONGEST_WHOLE,
    called,
    card,
    due_line,
    resolution,
    stands,
    statements,
    step_buttons,
    turn,
    window,
    with_history,
)
from bot.messages.escalation_forms import asked_form, raise_form
from bot.messages.escalation_history import whole
from bot.messages.phrases import counted, listed
from bot.messages.reader import Reader
from bot.messages.template import How, Shown, Template
from handlers.escalation_forms import EscalationFormAsked, RaiseAsked, WasRaised
from handlers.escalations import EscalationShown, EscalationsListed
from handlers.replies import Reply

MOST_LISTED = 20


def _whole_card(notice: EscalationNotice, reader: Reader, summary: str, *lead: Block) -> Message:
    return _drawn(notice.escalation, notice.paused_until, reader, summary, *lead)


def _drawn(case: Escalation, paused_until: dt.datetime | None, reader: Reader, summary: str, *lead: Block) -> Message:
    blocks = (*card(case, reader, paused_until, *lead), *with_history(case, reader))
    return Message(summary, blocks, refresh=token("escalation.redraw", case.alliance_id, case.number))


def _short(notice: EscalationNotice, reader: Reader, summary: str, *blocks: Block) -> Message:
    """A few lines under the card, with the buttons of what is asked for."""
    offered = step_buttons(notice.escalation, reader, asked_for=not isinstance(notice, en.EscalationQuiet))
    return Message(summary, (*blocks, *((Actions(offered),) if offered else ())))


# --- the card ---------------------------------------------------------------------------------------


def raised(notice: en.EscalationRaised, reader: Reader) -> Message:
    case = notice.escalation
    who = reader.name(case.author)
    urgent = "urgent " if case.urgency is Urgency.URGENT else ""
    return _whole_card(
        notice,
        reader,
        f"{who[:1].upper()}{who[1:]} raised {urgent}escalation {case.number}: {case.title}",
        paragraph(
            Strong(who),
            f" raised it. The {level_name(case)} of both companies are told at this same moment, in the same words.",
        ),
    )


def level_joined(notice: en.EscalationLevelJoined, reader: Reader) -> Message:
    case = notice.escalation
    level, sides = level_name(case, case.reach), _companies(notice.missing, reader)
    return _whole_card(
        notice,
        reader,
        f"{called(case, first=True)} is not acknowledged by {sides} yet, so the {level} of both companies join.",
        paragraph(
            f"The time to acknowledge has ended, and the acknowledgement of {sides} is still open. So the {level} "
            "of both companies join at this same moment."
        ),
    )


def moved_up(notice: en.EscalationMovedUp, reader: Reader) -> Message:
    case = notice.escalation
    if case.mediator is not None:
        mediator = reader.name(case.mediator)
        said = f"Both companies named {mediator} to mediate {called(case)}."
        lead = f"Both companies named {mediator} to mediate."
    elif is_past_ladder(case):
        needs = "needs a mediator, whom the executives of both companies name together."
        said, lead = f"{called(case, first=True)} {needs}", f"It {needs}"
    else:
        moved = f"moved up to the {level_name(case)} of both companies."
        said, lead = f"{called(case, first=True)} {moved}", f"It {moved}"
    return _whole_card(notice, reader, said, paragraph(lead))


def redrawn(notice: en.EscalationRedrawn, reader: Reader) -> Message:
    return _as_it_is(notice.escalation, notice.paused_until, reader)


def _as_it_is(case: Escalation, paused_until: dt.datetime | None, reader: Reader) -> Message:
    return _drawn(case, paused_until, reader, f"Escalation {case.number} is {stands(case)}: {case.title}")


# --- short lines under it ---------------------------------------------------------------------------


def acknowledged(notice: en.EscalationAcknowledged, reader: Reader) -> Message:
    case, who = notice.escalation, reader.name(notice.by)
    missing = missing_acknowledgements(case)
    said = f"{who} acknowledged {called(case)}."
    if missing:
        rest = Paragraph(
            line(Strong(who), f" acknowledged {called(case)}. {_companies(missing, reader)} is still to do so.")
        )
    else:
        both = f" acknowledged {called(case)}, so both companies have. There is time to resolve it"
        rest = Paragraph(line(Strong(who), both, *due_line(case), "."))
    return _short(notice, reader, said, rest)


def reminder(notice: en.EscalationReminder, reader: Reader) -> Message:
    case, sides = notice.escalation, _companies(notice.missing, reader)
    if notice.ended:
        said = f"{called(case, first=True)} still waits for {sides} to acknowledge it."
        rest = (" No further level can join, so you are asked by name. The time now runs",)
    else:
        said = f"{called(case, first=True)} waits for {sides} to acknowledge it."
        rest = (" Half of the time has passed; it runs",)
    return _short(
        notice,
        reader,
        said,
        Paragraph(line(said, *rest, *due_line(case), ". Acknowledging says that somebody has it in hand.")),
    )


def next_level_told(notice: en.NextLevelTold, reader: Reader) -> Message:
    case = notice.escalation
    if notice.missing:
        level, sides = level_name(case, case.reach), _companies(notice.missing, reader)
        said = f"The {level} of both companies join {called(case)}."
        why = f"{said} The acknowledgement of {sides} is still open."
        return _short(notice, reader, said, paragraph(why))
    said = f"{called(case, first=True)} moved up to the {level_name(case)} of both companies."
    return _short(notice, reader, said, paragraph(said), *statements(case, reader))


def progress(notice: en.EscalationProgress, reader: Reader) -> Message:
    who = reader.name(notice.by)
    return Message(
        f"{who} said how {called(notice.escalation)} goes.",
        (paragraph(Strong(who), f" says how {called(notice.escalation)} goes:"), Quote(notice.text)),
    )


def quiet(notice: en.EscalationQuiet, reader: Reader) -> Message:
    case = notice.escalation
    said = f"Nothing was heard about {called(case)} for a while. How does it stand?"
    return _short(notice, reader, said, paragraph(said), Paragraph(turn(case, reader)))


def proposed(notice: en.ResolutionProposed, reader: Reader) -> Message:
    case, who = notice.escalation, reader.name(notice.by)
    return _short(
        notice,
        reader,
        f"{who} proposed a resolution of {called(case)}.",
        paragraph(Strong(who), f" proposed a resolution of {called(case)}."),
        *resolution(case, reader),
        Paragraph(turn(case, reader)),
        *window(case, reader, notice.paused_until),
    )


def declined(notice: en.ResolutionDeclined, reader: Reader) -> Message:
    case, who = notice.escalation, reader.name(notice.by)
    return _short(
        notice,
        reader,
        f"{who} declined the proposed resolution of {called(case)}.",
        paragraph(Strong(who), f" declined the proposed resolution of {called(case)}:"),
        Quote(notice.reason),
        *window(case, reader, notice.paused_until),
    )


def resolved(notice: en.EscalationResolved, reader: Reader) -> Message:
    case, who = notice.escalation, reader.name(notice.by)
    return Message(
        f"{called(case, first=True)} is resolved: {who} accepted the proposal.",
        (
            paragraph(Strong(who), f" accepted the proposal, so {called(case)} is resolved."),
            *resolution(case, reader),
        ),
    )


def statements_asked(notice: en.StatementsAsked, reader: Reader) -> Message:
    case = notice.escalation
    if notice.by is None:
        why: tuple[Block, ...] = (paragraph(f"The time to resolve {called(case)} has ended, so it moves up."),)
    else:
        mover = Strong(reader.name(notice.by))
        why = (paragraph(mover, f" moves {called(case)} up:"), Quote(notice.reason))
    asks = (
        "Each company is asked for its statement first: the facts, and what it thinks the other company needs. "
        "Both are shown together once it has moved up, and neither before."
    )
    return _short(
        notice,
        reader,
        f"{called(case, first=True)} is about to move up: your company’s statement is asked for.",
        *why,
        paragraph(asks),
        *window(case, reader, notice.paused_until),
    )


def mediator_wanted(notice: en.MediatorWanted, reader: Reader) -> Message:
    case = notice.escalation
    said = f"{called(case, first=True)} is past the last level."
    if case.state is State.NAMING_MEDIATOR:
        said = f"{called(case, first=True)} needs a mediator, whom the executives of both companies name together."
    named = (Paragraph(turn(case, reader)),) if case.mediator_proposed else ()
    return _short(
        notice,
        reader,
        said,
        paragraph(said),
        *named,
        *statements(case, reader),
        *window(case, reader, notice.paused_until),
    )


def mediator_named(notice: en.MediatorNamed, reader: Reader) -> Message:
    case, mediator = notice.escalation, reader.name(notice.mediator)
    if notice.agreed:
        said = f"Both companies agreed on {mediator} to mediate {called(case)}."
        return _short(notice, reader, said, paragraph(said), *window(case, reader, notice.paused_until))
    said = f"{reader.name(notice.by)} named {mediator} to mediate {called(case)}."
    return _short(notice, reader, said, Paragraph(turn(case, reader)))


def withdrawn(notice: en.EscalationWithdrawn, reader: Reader) -> Message:
    who = reader.name(notice.by)
    return Message(
        f"{who} withdrew {called(notice.escalation)}.",
        (paragraph(Strong(who), f" withdrew {called(notice.escalation)}:"), Quote(notice.reason)),
    )


def unresolved(notice: en.EscalationUnresolved, reader: Reader) -> Message:
    said = f"The mediation of {called(notice.escalation)} ended without agreement."
    return Message(
        said,
        (
            paragraph(said, f" {reader.companies()} agreed in the charter on what follows then:"),
            Quote(notice.exit_terms or "The charter names no exit terms."),
        ),
    )


def _companies(sides: tuple[Any, ...], reader: Reader) -> str:
    return listed([reader.company(side) for side in sides])


# --- replies ----------------------------------------------------------------------------------------


def was_raised(reply: WasRaised, reader: Reader) -> Shown:
    case = reply.escalation
    if reply.before:
        said = f"This was raised before: it is escalation {case.number}, {stands(case)}."
        return Shown(message=Message(said, (paragraph(said), *_show_button(case))))
    names = listed([reader.name(member) for member in reply.told])
    said = f"Escalation {case.number} is raised."
    return Shown(message=Message(said, (paragraph(said, f" Told at the same moment: {names}."),)))


def shown(reply: EscalationShown, reader: Reader) -> Shown:
    case = reply.escalation
    if reply.anew:
        return Shown(message=_as_it_is(case, reply.paused_until, reader), replaces=True)
    offered = step_buttons(case, reader)
    blocks = (
        *card(case, reader, reply.paused_until, whole=True),
        paragraph(Strong("History")),
        whole(case, reader, 2 * LONGEST_WHOLE),
        *((Actions(offered),) if offered else ()),
    )
    return Shown(message=Message(f"Escalation {case.number}, {stands(case)}: {case.title}", blocks))


def listed_ones(reply: EscalationsListed, _reader: Reader) -> Shown:
    cases = reply.escalations
    if not cases:
        none = "No escalation is open. Say “raise” to bring something up with both sides."
        return Shown(message=Message("No escalation is open.", (paragraph(none),)))
    said = f"{counted(len(cases), 'escalation is', 'escalations are')} open."
    rows = tuple(_row(case) for case in cases[:MOST_LISTED])
    buttons = Actions(tuple(_show(case, f"Show {case.number}") for case in cases[:MOST_LISTED]))
    left = len(cases) - MOST_LISTED
    more = (note(f"And {left} more: say “escalation” and a number to see one."),) if left > 0 else ()
    return Shown(message=Message(said, (paragraph(said), Bullets(rows), *more, buttons)))


def _row(case: Escalation) -> Line:
    stand = f" – {stands(case)}" if is_past_ladder(case) else f" – {stands(case)}, {case.state.value}"
    return line(Strong(str(case.number)), " ", Text(case.title), stand, *due_line(case))


def _show(case: Escalation, label: str) -> Button:
    return Button(label, token("escalation.show", case.alliance_id, case.number))


def _show_button(case: Escalation) -> tuple[Block, ...]:
    return (Actions((_show(case, "Show it"),)),)


# --- which template words which notice --------------------------------------------------------------


def _template(words: Callable[[Any, Reader], Message], how: How, *kept: EscalationNotice) -> Template[Any]:
    return Template(words, kept, how, lambda notice: f"escalation:{notice.escalation.id}")


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    en.EscalationRaised: _template(raised, How.NEW, *examples.RAISED),
    en.EscalationLevelJoined: _template(level_joined, How.NEW, *examples.LEVEL_JOINED),
    en.EscalationMovedUp: _template(moved_up, How.NEW, *examples.MOVED_UP),
    en.EscalationRedrawn: _template(redrawn, How.REDRAW, *examples.REDRAWN),
    en.EscalationAcknowledged: _template(acknowledged, How.THREAD, *examples.ACKNOWLEDGED),
    en.EscalationReminder: _template(reminder, How.THREAD, *examples.REMINDER),
    en.NextLevelTold: _template(next_level_told, How.THREAD, *examples.NEXT_LEVEL),
    en.EscalationProgress: _template(progress, How.THREAD, *examples.PROGRESS),
    en.EscalationQuiet: _template(quiet, How.THREAD, *examples.QUIET),
    en.ResolutionProposed: _template(proposed, How.THREAD, *examples.PROPOSED),
    en.ResolutionDeclined: _template(declined, How.THREAD, *examples.DECLINED),
    en.EscalationResolved: _template(resolved, How.THREAD, *examples.RESOLVED),
    en.StatementsAsked: _template(statements_asked, How.THREAD, *examples.STATEMENTS_ASKED),
    en.MediatorWanted: _template(mediator_wanted, How.THREAD, *examples.MEDIATOR_WANTED),
    en.MediatorNamed: _template(mediator_named, How.THREAD, *examples.MEDIATOR_NAMED),
    en.EscalationWithdrawn: _template(withdrawn, How.THREAD, *examples.WITHDRAWN),
    en.EscalationUnresolved: _template(unresolved, How.THREAD, *examples.UNRESOLVED),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    WasRaised: was_raised,
    RaiseAsked: raise_form,
    EscalationFormAsked: asked_form,
    EscalationShown: shown,
    EscalationsListed: listed_ones,
}
