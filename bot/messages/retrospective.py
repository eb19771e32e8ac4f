"""The words of a retrospective: criteria as both sides see them, answers side by side, what came since."""

import datetime as dt
from collections import Counter

from alliance import in_words
from alliance.charter import Direction
from alliance.checkpoint import (
    QUESTIONS,
    CriterionResult,
    Finding,
    Remark,
    Retrospective,
    Standing,
)
from alliance.criteria import share_of_target
from alliance.ids import CheckpointId
from alliance.notices import CheckpointClosed
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Chart,
    ChartKind,
    Does,
    Facts,
    Heading,
    Message,
    Quote,
    Series,
    Strong,
    Table,
    fact,
    note,
    paragraph,
)
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader

LEADS = (Tier.MANAGER, Tier.ALLIANCE_MANAGER)
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
    """The same words for everybody on both sides; alliance managers and managers also get what to do next."""
    told = notice.retrospective
    findings = _findings(told)
    return Message(
        summary=f"Retrospective of {spoken(told.day)}. {findings} Answers: {_rates(told, reader)}.",
        blocks=(
            Heading(f"Retrospective of {spoken(told.day)}"),
            paragraph(f"{findings} Answers: {_rates(told, reader)}."),
            *_criteria(told, reader),
            *_chart(told, reader),
            *_remarks(told, reader),
            _since(told),
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
    """Only criteria that both companies measured can be drawn side by side."""
    sides = [side.key for side in reader.roster.sides]
    drawn: list[tuple[str, list[float]]] = []
    for result in told.criteria:
        values = [result.measured.get(side) for side in sides]
        shares = [share_of_target(value, result.target) for value in values if value is not None]
        known = [share for share in shares if share is not None]
        if len(known) == len(sides):
            lower = " (lower is better)" if result.direction is Direction.LOWER else ""
            drawn.append((f"{result.name}{lower}", known))
    if not drawn:
        return ()
    return (
        Chart(
            ChartKind.BAR,
            "Results against target, in percent of the target",
            tuple(label for label, _ in drawn),
            tuple(
                Series(reader.company(side), tuple(shares[index] for _, shares in drawn))
                for index, side in enumerate(sides)
            ),
            y_title="% of target",
        ),
    )


# --- the answers, and what came since ---------------------------------------------------------------


def _remarks(told: Retrospective, reader: Reader) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for question in QUESTIONS:
        said = [remark for remark in told.remarks if remark.question == question]
        if said:
            blocks.append(paragraph(Strong(QUESTION_WORDS[question])))
            blocks.extend(Quote(remark.text, reader.company(remark.side)) for remark in said)
    return tuple(blocks)


def _since(told: Retrospective) -> Facts:
    return Facts(
        (
            fact(
                "Escalations since last time",
                f"{told.escalations_opened} raised, {told.escalations_closed} ended",
            ),
            fact(
                "Action items",
                f"{told.action_items_done} done since last time, {told.action_items_open} open",
            ),
        )
    )


def _next_steps(notice: CheckpointClosed, reader: Reader) -> tuple[Block, ...]:
    if reader.member is None or reader.member.tier not in LEADS:
        return ()
    made = token("action-item.ask", notice.alliance_id, notice.retrospective.checkpoint_id)
    return (
        Actions((Button("Decide an action item", made, Does.OPEN_FORM),)),
        note(
            "Has the agreement itself to change? An alliance manager proposes an amendment: a new version of "
            "alliance.yaml, in force once an executive of each company has signed it."
        ),
    )


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


def _example(criteria: tuple[CriterionResult, ...], remarks: tuple[Remark, ...]) -> CheckpointClosed:
    told = Retrospective(
        checkpoint_id=CheckpointId("c1"),
        day=dt.date(2026, 3, 5),
        response={sample.DC: (len(remarks), 3), sample.MC: (min(len(remarks), 2), 3)},
        criteria=criteria,
        remarks=remarks,
        escalations_opened=2,
        escalations_closed=1,
        action_items_done=3,
        action_items_open=2,
    )
    return CheckpointClosed(alliance_id=sample.ALLIANCE, retrospective=told)


EXAMPLES = (
    _example((_PILOTS, _LEAD_TIME, _MARGIN), _REMARKS),
    _example((_LEAD_TIME,), _REMARKS[:1]),
    _example((), ()),
)
