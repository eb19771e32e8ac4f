"""The words of a retrospective: criteria as both sides see them, answers side by side, what came since."""

import datetime as dt
from collections import Counter

from alliance import in_words
from alliance.charter import Direction
from alliance.checkpoint import (
    QUESTIONS,
    CriterionResult,
    Decision,
    EscalationSince,
    Finding,
    ItemSince,
    Remark,
    Retrospective,
    Standing,
)
from alliance.criteria import share_of_target
from alliance.ids import CheckpointId, MemberId
from alliance.notices import CheckpointClosed
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Chart,
    ChartKind,
    Facts,
    Heading,
    Line,
    Message,
    Quote,
    Series,
    Strong,
    Table,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.decisions import decision_buttons
from bot.messages.phrases import counted, listed, spoken
from bot.messages.reader import Reader

MOST_NAMED = 5
"""Escalations or action items that are named; the rest are counted."""
QUESTION_WORDS = {
    "went_well": "What went well, and why?",
    "differently": "What would we do differently, and why?",
    "learned": "What have we learned about the opportunity?",
    "changed": "What changed in our company that touches the alliance?",
    "skills": "What skills must we build?",
    "adapt": "Which policies or systems must adapt?",
}
STANDING_WORDS = {
    Standing.MET: "Met",
    Standing.ON_COURSE: "On course",
    Standing.AT_RISK: "At risk",
    Standing.MISSED: "Missed",
}


def retrospective(notice: CheckpointClosed, reader: Reader) -> Message:
    """The same words for everybody on both sides; managers and up also get what to do next."""
    told = notice.retrospective
    name = f"Retrospective of {reader.companies()}, {spoken(told.day)}"
    found = f"{_findings(told)} Answers: {_rates(told, reader)}."
    return Message(
        summary=f"{name}. {found}",
        blocks=(
            Heading(name),
            paragraph(found),
            *_criteria(told, reader),
            *_chart(told, reader),
            *_remarks(told, reader),
            *_since(told, reader),
            *_next_steps(notice, reader),
        ),
    )


def _rates(told: Retrospective, reader: Reader) -> str:
    return ", ".join(f"{reader.company(side)} {a} of {i}" for side, (a, i) in told.response.items())


def _findings(told: Retrospective) -> str:
    if not told.criteria:
        return "The charter names no success criteria."
    counts = Counter(result.finding for result in told.criteria)
    said = [f"{counts[finding]} {finding}" for finding in Finding if counts[finding]]
    return f"{counted(len(told.criteria), 'criterion', 'criteria')}: {', '.join(said)}."


# --- the criteria -----------------------------------------------------------------------------------


def _criteria(told: Retrospective, reader: Reader) -> tuple[Block, ...]:
    if not told.criteria:
        return ()
    sides = reader.roster.sides
    table = Table(
        title="Success criteria",
        columns=("Criterion", "Target", *(side.company for side in sides), "Together"),
        rows=tuple(
            (
                result.name,
                _target(result),
                *(_word(result, index, reader) for index in range(len(sides))),
                result.finding.value,
            )
            for result in told.criteria
        ),
    )
    found = {result.finding for result in told.criteria}
    notes: list[Block] = []
    if Finding.CONTESTED in found:
        notes.append(
            note("Contested: the two companies see it differently. That is a finding in itself, worth a talk.")
        )
    if Finding.UNMEASURED in found:
        notes.append(note("Unmeasured: at least one of the two companies did not say how it stands."))
    return table, *notes


def _target(result: CriterionResult) -> str:
    bound = "at least" if result.direction is Direction.HIGHER else "at most"
    return f"{bound} {in_words.figure(result.target)} {result.unit}"


def _word(result: CriterionResult, index: int, reader: Reader) -> str:
    side = reader.roster.sides[index].key
    standing, measured = result.standings.get(side), result.measured.get(side)
    said = STANDING_WORDS[standing] if standing else "not said"
    return said if measured is None else f"{said}, {in_words.figure(measured)}"


def _chart(told: Retrospective, reader: Reader) -> tuple[Block, ...]:
    """Only criteria that both companies measured can be drawn side by side, with the target beside them."""
    sides = [side.key for side in reader.roster.sides]
    drawn: list[tuple[CriterionResult, list[float]]] = []
    for result in told.criteria:
        values = [result.measured.get(side) for side in sides]
        shares = [share_of_target(value, result.target) for value in values if value is not None]
        known = [share for share in shares if share is not None]
        if len(known) == len(sides):
            drawn.append((result, known))
    if not drawn:
        return ()
    chart = Chart(
        ChartKind.BAR,
        "Results against target, in percent of the target",
        tuple(result.name for result, _ in drawn),
        (
            *(
                Series(reader.company(side), tuple(shares[index] for _, shares in drawn))
                for index, side in enumerate(sides)
            ),
            Series("Target", (100.0,) * len(drawn)),
        ),
        y_title="% of target",
    )
    lower = [result.name for result, _ in drawn if result.direction is Direction.LOWER]
    return (chart, *((note(f"Less is better for: {listed(lower)}."),) if lower else ()))


# --- the answers, and what came since ---------------------------------------------------------------


def _remarks(told: Retrospective, reader: Reader) -> tuple[Block, ...]:
    """Question by question, both companies side by side; one that wrote nothing is named as well."""
    blocks: list[Block] = []
    for question in QUESTIONS:
        said = [remark for remark in told.remarks if remark.question == question]
        if not said:
            continue
        blocks.append(paragraph(Strong(QUESTION_WORDS[question])))
        blocks.extend(Quote(remark.text, reader.company(remark.side)) for remark in said)
        silent = [side.company for side in reader.roster.sides if side.key not in {remark.side for remark in said}]
        blocks.extend(note(f"{company} left this question open.") for company in silent)
    return tuple(blocks)


def _since(told: Retrospective, reader: Reader) -> tuple[Block, ...]:
    """What came since last time: counts, then what is behind them by name, then what was decided last time."""
    late = sum(item.overdue for item in told.items)
    items = f"{told.action_items_done} done, {told.action_items_open} open"
    blocks: list[Block] = [
        paragraph(Strong("Since last time")),
        Facts(
            (
                fact("Escalations", f"{told.escalations_opened} raised, {told.escalations_closed} ended"),
                fact("Action items", f"{items}, {late} of them overdue" if late else items),
            )
        ),
    ]
    rows = (
        *_some([_escalation(case) for case in told.escalations], "escalation"),
        *_some([_item(item, reader) for item in sorted(told.items, key=_pressing)], "action item"),
    )
    if rows:
        blocks.append(Bullets(rows))
    if told.decided_before:
        blocks.append(paragraph(Strong("Decided last time")))
        blocks.append(Bullets(tuple(line(decision.decision) for decision in told.decided_before)))
    return tuple(blocks)


def _some(rows: list[Line], what: str) -> tuple[Line, ...]:
    more = len(rows) - MOST_NAMED
    return (*rows[:MOST_NAMED], *((line(f"and {counted(more, f'more {what}')}"),) if more > 0 else ()))


def _escalation(case: EscalationSince) -> Line:
    return line(f"Escalation {case.number}, “", case.title, f"”: {case.state}")


def _item(item: ItemSince, reader: Reader) -> Line:
    stands = "done" if item.done else f"by {spoken(item.due)}{', overdue' if item.overdue else ''}"
    return line(f"Action item {item.number}, “", item.title, f"”: {reader.name(item.owner)}, {stands}")


def _pressing(item: ItemSince) -> tuple[bool, bool, dt.date]:
    return (item.done, not item.overdue, item.due)


def _next_steps(notice: CheckpointClosed, reader: Reader) -> tuple[Block, ...]:
    buttons = decision_buttons(notice.alliance_id, notice.retrospective.checkpoint_id, reader)
    return (Actions(buttons),) if buttons else ()


# --- examples ---------------------------------------------------------------------------------------

_PILOTS = CriterionResult(
    criterion="pilots",
    name="Pilot customers",
    unit="customers",
    target=10,
    standings={sample.DC: Standing.ON_COURSE, sample.MC: Standing.AT_RISK},
    measured={sample.DC: 7, sample.MC: 4},
    finding=Finding.CONTESTED,
)
_LEAD_TIME = CriterionResult(
    criterion="lead-time",
    name="Lead time",
    unit="days",
    target=14,
    standings={sample.DC: Standing.ON_COURSE, sample.MC: Standing.ON_COURSE},
    measured={sample.DC: 16.5, sample.MC: 16.5},
    finding=Finding.AGREED,
    direction=Direction.LOWER,
)
_MARGIN = CriterionResult(
    criterion="margin",
    name="Margin",
    unit="%",
    target=12,
    standings={sample.DC: Standing.MET, sample.MC: None},
    measured={sample.DC: 12.4, sample.MC: None},
    finding=Finding.UNMEASURED,
)
_REMARKS = (
    Remark("went_well", sample.DC, "The first pilots, because both field teams visited them together."),
    Remark("went_well", sample.MC, "The joint visits. Seeing the customer changed the priorities."),
    Remark("changed", sample.DC, "A reorganisation: two people on the launch have a new line manager."),
)


_SINCE = (EscalationSince(1, "Access to the site", "resolved"), EscalationSince(3, "The pilot slips", "being resolved"))
_ITEMS = (
    ItemSince(1, "List the open sites", MemberId("jonas"), dt.date(2026, 2, 20), done=True),
    ItemSince(2, "Agree on one price list", MemberId("katrin"), dt.date(2026, 2, 27), done=False, overdue=True),
    ItemSince(4, "Send the customers the new date", MemberId("ana"), dt.date(2026, 3, 20), done=False),
)
_DECIDED = (Decision("One plan for both field teams, kept by both project leads.", MemberId("ben"), sample.NOW),)


def _example(criteria: tuple[CriterionResult, ...], remarks: tuple[Remark, ...], *, eventful: bool) -> CheckpointClosed:
    told = Retrospective(
        checkpoint_id=CheckpointId("c1"),
        day=dt.date(2026, 3, 5),
        response={sample.DC: (len(remarks), 3), sample.MC: (min(len(remarks), 2), 3)},
        criteria=criteria,
        remarks=remarks,
        escalations_opened=1 if eventful else 0,
        escalations_closed=1 if eventful else 0,
        action_items_done=1 if eventful else 0,
        action_items_open=2 if eventful else 0,
        escalations=_SINCE if eventful else (),
        items=_ITEMS if eventful else (),
        decided_before=_DECIDED if eventful else (),
    )
    return CheckpointClosed(alliance_id=sample.ALLIANCE, retrospective=told)


EXAMPLES = (
    _example((_PILOTS, _LEAD_TIME, _MARGIN), _REMARKS, eventful=True),
    _example((_LEAD_TIME,), _REMARKS[:1], eventful=False),
    _example((), (), eventful=False),
)
