"""The words of what is read again: pulse results as they were told, and the end of the audit trail."""

from collections.abc import Callable, Mapping
from typing import Any

from alliance.audit import AuditEntry
from alliance.notices import PulseClosed
from bot.messages import pulse_results
from bot.messages.blocks import Bullets, Heading, Line, Message, When, line, note, paragraph
from bot.messages.phrases import counted
from bot.messages.reader import Reader
from bot.messages.template import Shown
from handlers.readings import PulseResultsShown, TrailShown
from handlers.replies import Reply


def results(reply: PulseResultsShown, reader: Reader) -> Shown:
    """The very message that both companies got."""
    told = PulseClosed(alliance_id=reader.roster.alliance_id, results=reply.results)
    return Shown(message=pulse_results.closed(told, reader))


def trail(reply: TrailShown, reader: Reader) -> Shown:
    """The same for both companies, and for whoever of them asks."""
    said = f"The audit trail of {reader.roster.name}: {counted(reply.count, 'entry', 'entries')}. {_holds(reply)}"
    shown = f", the newest {len(reply.entries)} of them" if len(reply.entries) < reply.count else ""
    return Shown(
        message=Message(
            summary=said,
            blocks=(
                Heading("Audit trail"),
                paragraph(f"{said} Below{shown}, oldest first." if reply.entries else said),
                *((Bullets(tuple(_entry(entry, reader) for entry in reply.entries)),) * bool(reply.entries)),
                note(
                    "Both companies read the same trail. What people wrote is not in it, only that they did; "
                    "an operator's readings are in it."
                ),
            ),
        )
    )


def _holds(reply: TrailShown) -> str:
    if reply.broken is None:
        return "Its chain holds: nothing was changed or taken out."
    return (
        f"Its chain does not hold: at entry {reply.broken.seq}, {reply.broken.because}. "
        "Both alliance managers should ask their operator, and keep this message."
    )


def _entry(entry: AuditEntry, reader: Reader) -> Line:
    by = f", by {reader.name(entry.actor)}" if entry.actor is not None else ""
    facts = "; ".join(f"{name}: {_side(value, reader)}" for name, value in entry.facts.items())
    told = f" ({facts})" if facts else ""
    return line(f"{entry.seq}. ", When(entry.at), f": {entry.event}, {entry.subject}{by}{told}")


def _side(value: str, reader: Reader) -> str:
    """A fact may name a side by its key; people know the company."""
    names = {side.key: side.company for side in reader.roster.sides}
    return ", ".join(names.get(part, part) for part in value.split(", "))  # type: ignore[call-overload]


REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {PulseResultsShown: results, TrailShown: trail}
