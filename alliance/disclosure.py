"""What crosses sides is decided once: every view that one company gets of the other is built here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary, Course, SideSummary, points
from alliance.checkpoint import QUESTIONS, CheckpointAnswer, Remark
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
