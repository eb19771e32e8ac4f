"""The charter's terms as blocks: the whole of it, its main terms, and what an amendment changes."""

from collections.abc import Iterator, Mapping

from alliance import in_words
from alliance.charter import Change, Charter, CheckpointTerms, Criterion, Direction
from alliance.errors import NotAMember
from alliance.ids import SideKey
from alliance.protocol import Protocol
from bot.messages.blocks import (
    Block,
    Bullets,
    Fact,
    Facts,
    Heading,
    Line,
    Quote,
    Strong,
    Table,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.reader import Reader

MOST_CHANGES = 30
"""More would bury the message; the whole charter is one press away."""


_TERMS = {
    "checkin": "check-in",
    "checkpoints": "checkpoint",
    "decisions": "who decides",
    "acknowledge": "time to acknowledge",
    "resolve": "time to resolve",
    "at": "time of day",
    "why_it_matters": "why it matters to",
    "own_goals": "goals of",
    "criteria": "success criterion",
    "reach": "how to reach",
    "answer_within": "working days to answer",
}
"""Names of terms in the file that are not yet words."""


def whole(charter: Charter, reader: Reader) -> Iterator[Block]:
    """Every term, under headings."""
    yield Heading("Purpose")
    yield Quote(charter.purpose)
    yield Facts(tuple(_by_side("Why it matters to", charter.why_it_matters, reader)))
    yield Heading("Goals")
    yield from _goals(charter, reader)
    yield Heading("How success is measured")
    yield _criteria(charter, reader)
    if charter.decisions:
        yield Heading("Who decides what")
        yield _decisions(charter, reader)
    yield Heading("When something is in the way")
    yield from _protocol(charter.protocol)
    yield Heading("Rounds and privacy")
    yield Facts(tuple(_rounds(charter)))
    yield _privacy(charter)
    yield from _ending(charter, reader)


def main_terms(charter: Charter) -> Facts:
    """The few terms that say most, for a first charter."""
    criteria = "; ".join(f"{c.name}: {_target(c)}" for c in charter.criteria)
    return Facts(
        (
            fact("Joint goals", "; ".join(goal.rstrip(".") for goal in charter.joint_goals)),
            fact("Success means", criteria),
            *_rounds(charter),
            fact("Open for signing", _calendar_days(charter.sign_within_days)),
        )
    )


def changes(made: tuple[Change, ...], reader: Reader) -> Iterator[Block]:
    """What a version changes, one line each: the term, as it is to be, and as it was."""
    yield Bullets(tuple(_change(change, reader) for change in made[:MOST_CHANGES]))
    if len(made) > MOST_CHANGES:
        yield note(f"… and {len(made) - MOST_CHANGES} more changes. The whole charter has them all.")


def _change(change: Change, reader: Reader) -> Line:
    name = Strong(field_name(change.field, reader))
    match change.before, change.after:
        case None, after:
            return line(name, ", new: ", str(after))
        case before, None:
            return line(name, ", no longer: ", str(before))
        case before, after:
            return line(name, ": ", str(after), " (so far ", str(before), ")")


def field_name(path: str, reader: Reader) -> str:
    """A term's path as people say it: "Protocol, managers, time to resolve", companies by name."""
    companies = {str(side.key): side.company for side in reader.roster.sides}
    parts = [part for part in path.split(".") if part != "levels"]
    named = ", ".join(companies.get(part) or _TERMS.get(part) or part.replace("_", " ") for part in parts)
    return f"{named[:1].upper()}{named[1:]}"


def person_with(key: str, reader: Reader) -> str:
    """A person's name by the key that the charter uses; the company stands beside it."""
    try:
        return reader.roster.name_of(reader.roster.by_key(key).id)
    except NotAMember:
        return "a former member"


def _by_side(label: str, texts: Mapping[SideKey, str], reader: Reader) -> Iterator[Fact]:
    for side, text in texts.items():
        yield fact(f"{label} {reader.company(side)}", text)


def _goals(charter: Charter, reader: Reader) -> Iterator[Block]:
    yield paragraph(Strong("Joint goals"))
    yield Bullets(tuple(line(goal) for goal in charter.joint_goals))
    for side, goals in charter.own_goals.items():
        yield paragraph(Strong(f"What {reader.company(side)} wants for itself"))
        yield Bullets(tuple(line(goal) for goal in goals))


def _target(criterion: Criterion) -> str:
    reach = "at least" if criterion.direction is Direction.HIGHER else "at most"
    return f"{reach} {in_words.figure(criterion.target)} {criterion.unit}".strip()


def _criteria(charter: Charter, reader: Reader) -> Table:
    sides = reader.roster.sides
    rows = tuple(
        (
            criterion.name,
            _target(criterion),
            in_words.date(criterion.due),
            *(person_with(criterion.owners.get(side.key, ""), reader) for side in sides),
        )
        for criterion in charter.criteria
    )
    owners = (f"Owner at {side.company}" for side in sides)
    return Table("Success criteria", ("Criterion", "Target", "By", *owners), rows)


def _decisions(charter: Charter, reader: Reader) -> Table:
    sides = reader.roster.sides
    rows = tuple(
        (area.area, *(person_with(area.deciders.get(side.key, ""), reader) for side in sides))
        for area in charter.decisions
    )
    return Table("Decisions", ("Area", *(side.company for side in sides)), rows)


def _protocol(protocol: Protocol) -> Iterator[Block]:
    rows = tuple(
        (str(level.who), in_words.window(level.acknowledge), in_words.window(level.resolve))
        for level in protocol.levels
    )
    yield Table("Levels", ("Level", "Acknowledge within", "Resolve within"), rows)
    yield Facts(
        (
            fact("Then a mediator, named within", in_words.window(protocol.mediator_within)),
            fact("Mediation takes at most", in_words.window(protocol.mediation)),
            fact("Statements before it moves up, within", in_words.window(protocol.statements_within)),
            fact("Asked about after silence of", in_words.window(protocol.quiet_after)),
            fact("When urgent, every window times", in_words.figure(protocol.urgent_factor)),
        )
    )
    yield note("Joint working time counts only while both companies work.")


def _rounds(charter: Charter) -> Iterator[Fact]:
    checkin, pulse, digest = charter.checkin, charter.pulse, charter.digest
    yield fact("Check-in", f"{in_words.cadence(checkin.cadence)}, open for {in_words.days(checkin.answer_within)}")
    yield fact("Pulse", f"{in_words.cadence(pulse.cadence)}, open for {in_words.days(pulse.answer_within)}")
    yield fact("Checkpoint", _checkpoints(charter.checkpoints))
    yield fact("Digest", in_words.weekly(digest.weekday, digest.at))


def _checkpoints(terms: CheckpointTerms) -> str:
    when = in_words.cadence(terms.cadence) if terms.cadence else _dates(terms)
    return f"{when}, open for {in_words.days(terms.answer_within)}"


def _dates(terms: CheckpointTerms) -> str:
    return f"on {in_words.dates(terms.dates)} at {terms.at:%H:%M}" if terms.dates else "when one is called"


def _privacy(charter: Charter) -> Block:
    pulse = charter.pulse
    asked = f" Asked about: {', '.join(pulse.dimensions)}." if pulse.dimensions else ""
    return note(
        f"Pulses are anonymous. A score is shown from {pulse.minimum_answers} answers a side on, comments "
        f"stay in their own company and are shown from {pulse.minimum_comments} answers on. "
        f"A round has {pulse.items_per_round} statements.{asked}"
    )


def _ending(charter: Charter, reader: Reader) -> Iterator[Block]:
    yield Heading("Early warnings")
    yield Facts(tuple(_triggers(charter)))
    yield Heading("How to reach each other")
    yield Facts(
        tuple(
            fact(reader.company(side), f"{reach.main}; as a back-up {reach.back_up}")
            for side, reach in charter.reach.items()
        )
    )
    if charter.glossary:
        sides = reader.roster.sides
        rows = tuple((t.meaning, *(t.words.get(side.key, "") for side in sides)) for t in charter.glossary)
        yield Heading("Glossary")
        yield Table("Words", ("Meaning", *(f"{side.company} says" for side in sides)), rows)
    yield Heading("How it ends")
    yield Quote(charter.exit_terms)


def _triggers(charter: Charter) -> Iterator[Fact]:
    triggers = charter.triggers
    yield fact("A score below", in_words.figure(triggers.floor))
    yield fact("A response rate that falls by", f"{triggers.response_drop:.0%}")
    yield fact("Late acknowledgements on one side", str(triggers.late_acknowledgements))
    yield fact("The same blocker, check-ins in a row", str(triggers.blocker_rounds))
    yield fact("Overdue action items on one side", str(triggers.slipping_action_items))
    yield fact("Opens an escalation by itself", ", ".join(triggers.open_escalation) or "none of them")


def _calendar_days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
