"""The card of an escalation: what it is about, how it stands, whose turn it is, and the buttons that can work now."""

import datetime as dt
from typing import assert_never

from alliance import escalation_acts as acts
from alliance.escalation import (
    Escalation,
    State,
    is_open,
    is_past_ladder,
    level_name,
    missing_acceptances,
    missing_acknowledgements,
    missing_statements,
    sides_of,
)
from alliance.escalation_people import carriers, rung_above
from alliance.ids import SideKey
from alliance.protocol import Urgency
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
    Paragraph,
    Quote,
    Shows,
    Strong,
    Text,
    Tone,
    When,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.escalation_history import LATEST, latest
from bot.messages.literal import shorten
from bot.messages.phrases import listed, spoken
from bot.messages.reader import Reader

_UNASKED = frozenset({acts.SayProgress, acts.MoveUp, acts.Withdraw})
LONGEST_QUOTE, LONGEST_STATEMENT = 500, 300
"""What a card shows of somebody's words, so that it stays one message; "escalation 3" shows them whole."""
LONGEST_WHOLE = 2000
LONGEST_CALLED = 80


def card(
    case: Escalation, reader: Reader, paused_until: dt.datetime | None, *lead: Block, whole: bool = False
) -> tuple[Block, ...]:
    """All that both companies see of an escalation, without its history and its buttons.

    `lead` says what has just happened. `whole` shows people's words in full, even if that takes several messages.
    """
    longest = LONGEST_WHOLE if whole else LONGEST_QUOTE
    return (
        Heading(f"Escalation {case.number}: {stands(case)}"),
        *lead,
        Facts((fact("Matter", case.title), *_facts(case, reader))),
        paragraph(Strong("What happened")),
        Quote(shorten(case.facts, longest), reader.name(case.author)),
        paragraph(Strong("What is needed")),
        Quote(shorten(case.need, longest)),
        *statements(case, reader, LONGEST_WHOLE if whole else LONGEST_STATEMENT),
        *(resolution(case, reader, longest) if case.resolution else ()),
        paragraph(*turn(case, reader)),
        *window(case, reader, paused_until),
    )


def called(case: Escalation, *, first: bool = False) -> str:
    """Name it so that a notification line says what it is about: escalation 3 “The pilot slips”.

    `first`: it begins the sentence.
    """
    return f"{'E' if first else 'e'}scalation {case.number} “{shorten(case.title, LONGEST_CALLED)}”"


def with_history(case: Escalation, reader: Reader) -> tuple[Block, ...]:
    """The last steps and the buttons: the end of a card. That it was raised stands in the card already."""
    steps = latest(case, reader)
    shown = (paragraph(Strong("Last steps")), steps) if steps.items else ()
    return (*shown, *buttons(case, reader))


def stands(case: Escalation) -> str:
    """The level while it is open ("with the managers"), else how it ended."""
    if not is_open(case):
        return case.state.value
    if is_past_ladder(case):
        return "in mediation" if case.mediator else "waiting for a mediator"
    return f"with the {level_name(case)}"


def _facts(case: Escalation, reader: Reader) -> tuple[Fact, ...]:
    return (
        fact("Raised by", reader.name(case.author), ", ", When(case.raised_at)),
        fact("How it stands", f"{case.state.value}{', urgent' if case.urgency is Urgency.URGENT else ''}"),
        *(fact(reader.company(side), *_people(case, side, reader)) for side in sides_of(case)),
    )


def _people(case: Escalation, side: SideKey, reader: Reader) -> tuple[str | Inline, ...]:
    names = ", ".join(reader.roster.name_of(member) for member in carriers(case, reader.roster, side))
    if case.state is not State.ACKNOWLEDGING:
        return (names,)
    if side not in case.acknowledged:
        return (names, " – not acknowledged yet")
    member, at = case.acknowledged[side]
    return (names, " – acknowledged by ", Strong(reader.roster.name_of(member)), ", ", When(at))


def statements(case: Escalation, reader: Reader, longest: int = LONGEST_QUOTE) -> tuple[Block, ...]:
    """Both statements side by side; nothing while they are still being given, and no word of one alone before."""
    if case.state is State.STATING or not case.statements:
        return ()
    blocks: list[Block] = []
    for side in sides_of(case):
        company = reader.company(side)
        given = next((s for s in case.statements if s.side == side), None)
        if given is None:
            blocks.append(paragraph(f"{company} gave no statement."))
            continue
        across = reader.roster.other(side).company
        blocks += [
            paragraph(Strong(f"Statement of {company}")),
            Quote(shorten(given.facts, longest), reader.name(given.by)),
            paragraph(f"What {across} needs, as {company} sees it:"),
            Quote(shorten(given.other_needs, longest)),
        ]
    return tuple(blocks)


def resolution(case: Escalation, reader: Reader, longest: int = LONGEST_QUOTE) -> tuple[Block, ...]:
    """The decision, its reason and its action items."""
    found = case.resolution
    if found is None:
        return ()
    tasks = tuple(
        line(Text(task.title), f" – {reader.name(task.owner)}, by {spoken(task.due)}") for task in found.tasks
    )
    return (
        paragraph(Strong("The resolution" if case.state is State.RESOLVED else "Proposed resolution")),
        Quote(shorten(found.decision, longest), reader.name(found.by)),
        paragraph(Strong("Why")),
        Quote(shorten(found.reason, longest)),
        *((paragraph(Strong("Action items")), Bullets(tasks)) if tasks else ()),
    )


# --- whose turn, and until when ---------------------------------------------------------------------


def turn(case: Escalation, reader: Reader) -> Line:
    """Who is asked to do what now."""
    match case.state:
        case State.ACKNOWLEDGING:
            missing = _companies(missing_acknowledgements(case), reader)
            return line("Waiting for ", Strong(missing), " to acknowledge it.")
        case State.RESOLVING:
            return line("Both companies have acknowledged it and look for a resolution together.")
        case State.PROPOSED:
            missing = _companies(missing_acceptances(case), reader)
            return line("A resolution is proposed. ", Strong(missing), " can accept or decline it.")
        case State.STATING:
            missing = _companies(missing_statements(case), reader)
            return line("It is about to move up. Waiting for the statement of ", Strong(missing), ".")
        case State.NAMING_MEDIATOR:
            return _naming(case, reader)
        case State.MEDIATING:
            return line(Strong(reader.name(case.mediator)), " mediates. Both companies can still agree.")
        case State.RESOLVED:
            return line("Both companies agreed on the resolution.")
        case State.WITHDRAWN:
            return line("Its author withdrew it.")
        case State.UNRESOLVED:
            return line("The mediation ended without agreement.")
        case _:
            assert_never(case.state)


def _naming(case: Escalation, reader: Reader) -> Line:
    if case.mediator_proposed is None:
        return line("The executives of ", Strong(reader.companies()), " name a mediator together.")
    side, mediator = case.mediator_proposed
    return line(
        Strong(reader.company(side)),
        " named ",
        Strong(reader.name(mediator)),
        f" as mediator. {reader.roster.other(side).company} can agree, or name somebody else.",
    )


def _companies(sides: tuple[SideKey, ...], reader: Reader) -> str:
    return listed([reader.company(side) for side in sides])


def window(case: Escalation, reader: Reader, paused_until: dt.datetime | None) -> tuple[Block, ...]:
    """What happens when the window ends, and when a clock that stands goes on."""
    if case.due_at is None:
        return ()
    counts = "Time counts only while both companies are at work."
    if paused_until is None:
        clock = note(counts)
    else:
        clock = note(f"{counts} The clock is paused and resumes ", When(paused_until), ".")
    return Paragraph(line(*_window_words(case, reader, When(case.due_at)))), clock


def _window_words(case: Escalation, reader: Reader, due: When) -> tuple[str | Inline, ...]:
    match case.state:
        case State.ACKNOWLEDGING:
            joins = rung_above(case, reader.roster, case.reach)
            if joins is None:
                return ("To be acknowledged by ", due, ". No further level is left to join.")
            return ("If not by ", due, f", the {level_name(case, joins.level)} of both companies join.")
        case State.RESOLVING:
            return ("Without a resolution by ", due, f" it moves up to {_next(case, reader)}.")
        case State.PROPOSED if not is_past_ladder(case):
            return ("Without an answer by ", due, f" it moves up to {_next(case, reader)} all the same.")
        case State.STATING:
            ahead = f"It moves up to {_next(case, reader)} when both statements are in, at the latest "
            return (ahead, due, ".")
        case State.MEDIATING | State.PROPOSED if case.mediator:
            return ("The mediation ends ", due, ". Without agreement the charter’s exit terms apply.")
        case _:
            return ("A mediator is to be named by ", due, ".")


def _next(case: Escalation, reader: Reader) -> str:
    above = rung_above(case, reader.roster, case.level)
    return f"the {level_name(case, above.level)} of both companies" if above else "a mediator"


# --- buttons ----------------------------------------------------------------------------------------


def buttons(case: Escalation, reader: Reader) -> tuple[Block, ...]:
    """Those that can work for this reader now, and one for the whole history when the card does not show it."""
    made = [*step_buttons(case, reader)]
    if len(case.history) > LATEST and reader.member is not None:
        made.append(Button("Whole history", token("escalation.show", case.alliance_id, case.number)))
    return (Actions(tuple(made)),) if made else ()


def step_buttons(case: Escalation, reader: Reader, *, asked_for: bool = False) -> tuple[Button, ...]:
    """The steps that this reader can take now; every token carries what makes an old button known as old.

    `asked_for` leaves out those that nobody waits for: saying how it goes, moving it up, withdrawing.
    """
    if reader.member is None or not is_open(case):
        return ()
    able = acts.possible(case, reader.member, reader.roster) - (_UNASKED if asked_for else frozenset())
    return tuple(button for kind, button in _all_buttons(case).items() if kind in able)


def _all_buttons(case: Escalation) -> dict[type[acts.Act], Button]:
    def made(verb: str, *arguments: str | int) -> str:
        return token(f"escalation.{verb}", case.alliance_id, case.id, *arguments)

    def form(label: str, name: str, tone: Tone = Tone.PLAIN) -> Button:
        return Button(label, made("ask", name, case.level), Does.OPEN_FORM, tone)

    by, number = (case.resolution.by, case.resolution.number) if case.resolution else ("", 0)
    propose = Tone.PRIMARY if case.state is State.RESOLVING else Tone.PLAIN
    accept = made("accept", by, number) if case.resolution else ""
    return {
        acts.Acknowledge: Button("Acknowledge", made("acknowledge", case.level), tone=Tone.PRIMARY),
        acts.Accept: Button("Accept", accept, tone=Tone.PRIMARY),
        acts.Decline: form("Decline", "decline"),
        acts.GiveStatement: form("Give our statement", "statement", Tone.PRIMARY),
        acts.Propose: form("Propose a resolution", "resolution", propose),
        acts.NameMediator: form("Name a mediator", "mediator", Tone.PRIMARY),
        acts.SayProgress: form("Say how it goes", "progress"),
        acts.MoveUp: form("Move it up", "move-up"),
        acts.Withdraw: form("Withdraw", "withdraw", Tone.DANGER),
    }


def due_line(case: Escalation) -> tuple[str | Inline, ...]:
    """Say until when its window runs; nothing where none does."""
    return (" until ", When(case.due_at, Shows.DATE_TIME)) if case.due_at else ()
