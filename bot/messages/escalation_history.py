"""The history of an escalation in words: one line for each step, the same for both companies."""

from typing import assert_never

from alliance.escalation import Entry, Escalation, Happened, level_name
from bot.messages.blocks import Bullets, Inline, Line, Strong, Text, When, line
from bot.messages.literal import shorten
from bot.messages.phrases import listed
from bot.messages.reader import Reader

LATEST = 5
"""How many lines the card shows; "escalation 3" shows all of them."""
SHORT = 160


def latest(case: Escalation, reader: Reader) -> Bullets:
    """The last steps but that it was raised, the newest at the end, with people's words shortened."""
    steps = [entry for entry in case.history[-LATEST:] if entry.what is not Happened.RAISED]
    return Bullets(tuple(_line(entry, case, reader, SHORT) for entry in steps))


def whole(case: Escalation, reader: Reader, longest: int) -> Bullets:
    """Every step, with people's words in full up to `longest` characters a line."""
    return Bullets(tuple(_line(entry, case, reader, longest) for entry in case.history))


def _line(entry: Entry, case: Escalation, reader: Reader, longest: int) -> Line:
    said = " · ".join(words for words in (entry.text, entry.more) if words)
    words: list[str | Inline] = [": ", Text(shorten(said, longest))] if said else []
    return line(When(entry.at), " – ", *_happened(entry, case, reader), *words)


def _happened(entry: Entry, case: Escalation, reader: Reader) -> tuple[str | Inline, ...]:
    who = Strong(reader.name(entry.by))
    sides = listed([reader.company(side) for side in entry.sides])
    level = level_name(case, entry.level)
    match entry.what:
        case Happened.RAISED:
            return (who, " raised it")
        case Happened.ACKNOWLEDGED:
            return (who, " acknowledged it")
        case Happened.REMINDED:
            return (f"{sides or 'The executives of both companies'} were reminded",)
        case Happened.JOINED:
            return (f"The {level} of both companies joined; {sides} had not acknowledged it yet",)
        case Happened.SAID:
            return (who, " said how it goes")
        case Happened.ASKED:
            return ("Nothing was heard for a while, so everybody was asked",)
        case Happened.PROPOSED:
            return (who, " proposed a resolution")
        case Happened.ACCEPTED:
            return (who, " accepted the resolution")
        case Happened.DECLINED:
            return (who, " declined the resolution")
        case Happened.LAPSED:
            return ("The time to resolve it ended before the proposal was answered",)
        case Happened.STATEMENTS_ASKED if entry.by is None:
            return ("The time to resolve it ended, and both companies were asked for a statement",)
        case Happened.STATEMENTS_ASKED:
            return (who, " moved it up, and both companies were asked for a statement")
        case Happened.STATED:
            return (who, f" gave the statement of {sides}")
        case Happened.STATEMENT:
            return (f"Statement of {sides}, by ", who)
        case Happened.MOVED_UP:
            return (f"It moved up to the {level} of both companies",)
        case Happened.MEDIATOR_WANTED:
            return ("It moved past the last level: a mediator is to be named",)
        case Happened.MEDIATOR_NAMED:
            return (who, f" named a mediator for {sides}")
        case Happened.MEDIATION:
            return ("Both companies agreed on the mediator, and the mediation began",)
        case Happened.RESOLVED:
            return ("It is resolved",)
        case Happened.WITHDRAWN:
            return (who, " withdrew it")
        case Happened.UNRESOLVED:
            return ("The mediation ended without agreement",)
        case _:
            assert_never(entry.what)
