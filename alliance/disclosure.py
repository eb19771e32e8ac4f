"""What crosses sides is decided once: every view that one company gets of the other is built here."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alliance.action_item import ActionItem, ItemState, overdue_on
from alliance.charter import Criterion
from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary, Course, SideSummary, points
from alliance.checkpoint import (
    QUESTIONS,
    Checkpoint,
    CheckpointAnswer,
    Decision,
    EscalationSince,
    ItemSince,
    Remark,
    Retrospective,
)
from alliance.criteria import criterion_results
from alliance.digest import Digest, Week, decisions, matter, trend
from alliance.escalation import Escalation, State
from alliance.ids import MemberId, SideKey
from alliance.pulse import PulseResults
from alliance.pulse_results import ClosedRound, publish
from alliance.roster import Roster, Tier


def checkin_view(
    checkin: Checkin, answers: Sequence[CheckinAnswer], before: CheckinSummary | None, roster: Roster
) -> CheckinSummary:
    """Return what both companies are told of a check-in: states counted, blockers and needs with authors.

    What moved and what is next never cross. A member who left meanwhile without answering is not counted.
    """
    return CheckinSummary(
        checkin_id=checkin.id,
        day=checkin.day,
        sides=tuple(_side_summary(checkin, side.key, answers, roster) for side in roster.sides),
        points=points(answers, before),
    )


def _side_summary(checkin: Checkin, side: SideKey, answers: Sequence[CheckinAnswer], roster: Roster) -> SideSummary:
    given = {answer.member_id: answer for answer in answers if answer.side == side}
    here = {member.id for member in roster.active(side)}
    invited = [member for member in checkin.invited.get(side, ()) if member in here or member in given]
    courses = {course: sum(answer.course is course for answer in given.values()) for course in Course}
    return SideSummary(side=side, invited=len(invited), answered=len(given), courses=courses)


@dataclass(frozen=True, slots=True)
class Across:
    """One responsibility at one tier, and who holds it on each side (empty where nobody does)."""

    tier: Tier
    responsibility: str
    members: Mapping[SideKey, tuple[MemberId, ...]]


def counterpart_view(roster: Roster) -> tuple[Across, ...]:
    """Return who is across from whom, by tier, then in the roster's order.

    Names and responsibilities cross, so that people find each other; who is away, and until when, does not.
    """
    held: dict[tuple[Tier, str], dict[SideKey, list[MemberId]]] = {}
    for tier in Tier:
        for member in roster.active(None, [tier]):
            if member.side is not None:
                nobody: dict[SideKey, list[MemberId]] = {side.key: [] for side in roster.sides}
                sides = held.setdefault((tier, member.responsibility), nobody)
                sides[member.side].append(member.id)
    return tuple(
        Across(tier, responsibility, {side: tuple(people) for side, people in sides.items()})
        for (tier, responsibility), sides in held.items()
    )


def remarks(answers: Sequence[CheckpointAnswer], roster: Roster) -> tuple[Remark, ...]:
    """Return what crosses of a checkpoint's answers: the words, by question and side, without a name.

    Within a side they stand by their own letters, so that no order says who wrote what.
    """
    return tuple(
        Remark(question, side.key, text)
        for question in QUESTIONS
        for side in roster.sides
        for text in sorted(a.answers.get(question, "") for a in answers if a.side == side.key)
        if text
    )


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened between two checkpoints, `since` and `until`: `done` in it, `to_do` still open."""

    since: dt.datetime
    until: dt.datetime
    raised: Sequence[Escalation]
    ended: Sequence[Escalation]
    done: Sequence[ActionItem]
    to_do: Sequence[ActionItem]
    decided: tuple[Decision, ...] = ()


def retrospective_view(
    checkpoint: Checkpoint,
    answers: Sequence[CheckpointAnswer],
    criteria: Sequence[Criterion],
    meanwhile: Meanwhile,
    roster: Roster,
) -> Retrospective:
    """Return what both companies are told of a checkpoint: standings by side, words without names, what came since.

    Who rated a criterion how does not cross. Escalations and action items are both companies' already.
    """
    cases = {case.number: case for case in (*meanwhile.raised, *meanwhile.ended)}
    done = [item for item in meanwhile.done if item.done_at is not None and item.done_at >= meanwhile.since]
    late = {item.id for items in overdue_on(meanwhile.to_do, roster, meanwhile.until).values() for item in items}
    return Retrospective(
        checkpoint_id=checkpoint.id,
        day=checkpoint.day,
        response=_checkpoint_response(checkpoint, answers, roster),
        criteria=criterion_results(criteria, answers, roster),
        remarks=remarks(answers, roster),
        escalations_opened=len(meanwhile.raised),
        escalations_closed=len(meanwhile.ended),
        action_items_done=len(done),
        action_items_open=len(meanwhile.to_do),
        escalations=tuple(EscalationSince(n, cases[n].title, cases[n].state.value) for n in sorted(cases)),
        items=tuple(
            ItemSince(i.number, i.title, i.owner, i.due, done=i.state is ItemState.DONE, overdue=i.id in late)
            for i in sorted((*done, *meanwhile.to_do), key=lambda item: item.number)
        ),
        decided_before=meanwhile.decided,
    )


def _checkpoint_response(
    checkpoint: Checkpoint, answers: Sequence[CheckpointAnswer], roster: Roster
) -> Mapping[SideKey, tuple[int, int]]:
    """Answered and invited on each side; who left without answering is not counted."""
    given = {answer.member_id for answer in answers}
    counted: dict[SideKey, tuple[int, int]] = {}
    for side in roster.sides:
        here = {member.id for member in roster.active(side.key)} | given
        people = [member for member in checkpoint.invited.get(side.key, ()) if member in here]
        counted[side.key] = (sum(member in given for member in people), len(people))
    return counted


def digest_view(week: Week, roster: Roster) -> Digest:
    """Return what executives of both companies read of a week: views that were shared before, and counts by side.

    Of escalations cross the title, the level and the state; of action items only how many are overdue on a side.
    """
    return Digest(
        alliance_id=roster.alliance_id,
        week=week.monday,
        since=week.since,
        until=week.until,
        results=tuple(r for r in reversed(week.pulses) if week.since < r.closed_at <= week.until),
        trend=trend(week.pulses),
        checkin_response=_checkin_response(week.checkins, roster),
        matters=tuple(matter(case, week.until) for case in week.open_cases),
        resolved=tuple(matter(c, week.until) for c in week.ended if c.ended_at and c.ended_at > week.since),
        overdue={side: len(late) for side, late in overdue_on(week.to_do, roster, week.until).items()},
        checkpoints=week.checkpoints,
        next_checkpoint=week.next_checkpoint,
        warnings=tuple(warning for warning in week.warnings if warning.found_at > week.since),
        decisions=decisions(week.pending, week.open_cases, roster),
        floor=week.floor,
    )


def _checkin_response(summaries: Sequence[CheckinSummary], roster: Roster) -> Mapping[SideKey, tuple[int, int]]:
    """Answered and invited on each side, over all of these check-ins."""
    counted = {side.key: (0, 0) for side in roster.sides}
    for summary in summaries:
        for side in summary.sides:
            answered, invited = counted[side.side]
            counted[side.side] = (answered + side.answered, invited + side.invited)
    return counted


def action_items_view(items: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """Return the action items that both companies read: all of them whole, since they were decided for both."""
    return tuple(items)


def escalation_view(case: Escalation) -> Escalation:
    """Return an escalation as both companies read it, whoever asks.

    All of it is shared but the words of a statement, which show only when both go to the next level together.
    """
    if case.state is not State.STATING:
        return case
    return replace(case, statements=tuple(replace(s, facts="", other_needs="") for s in case.statements))


def pulse_results_view(closed: ClosedRound) -> PulseResults:
    """Return all that anybody is shown of a pulse's ratings: one object, the same for both companies.

    Comments are no part of it; see `own_comments`.
    """
    return publish(closed)


LEAST_COMMENT_MINIMUM = 10
"""Answers on a side below which nobody reads its comments, whatever a charter says."""


def own_comments(comments: Sequence[str], answered: int, minimum: int) -> tuple[str, ...] | None:
    """Return what a side's own leads read of its comments, word for word; None when too few of the side answered.

    `comments` come in an order that says nothing; `answered` counts that side's answers, with or without a comment.
    There is no view of one company's comments for the other: they never cross.
    """
    return tuple(comments) if answered >= max(minimum, LEAST_COMMENT_MINIMUM) else None
