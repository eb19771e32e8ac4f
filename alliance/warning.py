"""Early warnings: rules with their evidence, never a black box.

Every rule reads published figures alone: what is withheld causes no warning and stands in no evidence.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from alliance import in_words
from alliance.checkin import CheckinSummary
from alliance.ids import AllianceId, SideKey, WarningId
from alliance.items import ITEMS
from alliance.pulse import Between, DimensionResult, Gap, PulseResults, Response, SideScore
from alliance.triggers import Triggers

Companies = Mapping[SideKey, str]
ROUNDS_COMPARED = 3
FALLS_IN_A_ROW = 3
ACKNOWLEDGEMENTS_OVER = dt.timedelta(days=28)


class WarningRule(StrEnum):
    """The rules of product section 7, by the name that a charter uses for them."""

    SCORE_BELOW_FLOOR = "score below floor"
    GAP_OPENED = "gap opened"
    THREE_FALLS = "three falls in a row"
    RESPONSE_DROPPED = "response rate dropped"
    LATE_ACKNOWLEDGEMENTS = "late acknowledgements"
    SAME_BLOCKER = "same blocker"
    ACTION_ITEMS_SLIPPING = "action items slipping"


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """`subject` says what it is about ("trust", "DC"); `evidence` is the figures in one sentence each."""

    id: WarningId
    alliance_id: AllianceId
    rule: WarningRule
    subject: str
    side: SideKey | None
    evidence: tuple[str, ...]
    found_at: dt.datetime


def title_of(warning: EarlyWarning) -> str:
    """What an escalation that comes from the warning is called: "Same blocker: DC"."""
    rule = warning.rule.value
    return f"{rule[:1].upper()}{rule[1:]}: {warning.subject}"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a rule found, before it is told; `occasion` names what happened once ("pulse 4")."""

    rule: WarningRule
    subject: str
    side: SideKey | None
    evidence: tuple[str, ...]
    occasion: str

    def found(self, warning_id: WarningId, alliance_id: AllianceId, now: dt.datetime) -> EarlyWarning:
        return EarlyWarning(warning_id, alliance_id, self.rule, self.subject, self.side, self.evidence, found_at=now)


# --- pulses -----------------------------------------------------------------------------------------


def pulse_signs(history: Sequence[PulseResults], triggers: Triggers, companies: Companies) -> tuple[Sign, ...]:
    """Return what the newest pulse shows; `history` is the published results, newest first, at least one."""
    newest = history[0]
    occasion = f"pulse {newest.number}"
    rounds = [results.response for results in history]
    return (
        *_below_floor(newest, triggers.floor, companies, occasion),
        *_opened_gaps(history, companies, occasion),
        *_three_falls(history, companies, occasion),
        *_response_drops(rounds, triggers.response_drop, companies, occasion),
    )


def _below_floor(newest: PulseResults, floor: float, companies: Companies, occasion: str) -> Iterator[Sign]:
    for result in newest.dimensions:
        lowest = floor_of(result, floor)
        for side in result.sides:
            if side.score is None or side.score.mean >= lowest:
                continue
            company = companies[side.side]
            evidence = (
                f"{company} rates {result.dimension} {side.score.mean:.1f} (± {side.score.band:.1f}) "
                f"in pulse {newest.number}; the agreed floor is {lowest:.1f}."
            )
            subject = f"{result.dimension} at {company}"
            yield Sign(WarningRule.SCORE_BELOW_FLOOR, subject, side.side, (evidence,), occasion)


def floor_of(result: DimensionResult, floor: float) -> float:
    """Return the floor, agreed on the scale from 1 to 5, on the scale that the dimension is rated on."""
    item = ITEMS[result.items[0]] if result.items and result.items[0] in ITEMS else None
    lowest, highest = (item.lowest, item.highest) if item else (1, 5)
    return lowest + (floor - 1) / 4 * (highest - lowest)


def _opened_gaps(history: Sequence[PulseResults], companies: Companies, occasion: str) -> Iterator[Sign]:
    newest = history[0]
    for result in newest.dimensions:
        earlier = _measurements(history[1:], result)
        for gap in (result.gap, *result.mirrors):
            if gap.withheld is not None or gap.value is None or not gap.is_gap:
                continue
            before = _last_published(earlier, gap)
            if before is not None and before[1].is_gap:
                continue
            subject = result.dimension
            if gap.about is not None:
                subject = f"{result.dimension}: how {companies[gap.about]} sees itself and is seen"
            evidence = (_gap_sentence(result, gap, companies, newest.number), _before_sentence(before))
            yield Sign(WarningRule.GAP_OPENED, subject, gap.about, evidence, occasion)


def _gap_sentence(result: DimensionResult, gap: Gap, companies: Companies, number: int) -> str:
    size = f"{abs(gap.value or 0):.1f}"
    if gap.between is Between.MIRROR and gap.about is not None:
        company = companies[gap.about]
        return f"In pulse {number}, {company}'s view of itself and the view of it differ by {size}."
    means = ", ".join(f"{companies[s.side]} {s.score.mean:.1f}" for s in result.sides if s.score is not None)
    return f"Pulse {number}: {means}, a gap of {size}."


def _before_sentence(before: tuple[int, Gap] | None) -> str:
    if before is None:
        return "There is no earlier figure to compare it with."
    number, gap = before
    return f"In pulse {number} the difference was {abs(gap.value or 0):.1f}, which did not count as a gap."


def _last_published(earlier: Sequence[tuple[int, DimensionResult]], like: Gap) -> tuple[int, Gap] | None:
    for number, result in earlier:
        for gap in (result.gap, *result.mirrors):
            if (gap.between, gap.about) == (like.between, like.about) and gap.value is not None:
                return number, gap
    return None


def _three_falls(history: Sequence[PulseResults], companies: Companies, occasion: str) -> Iterator[Sign]:
    for result in history[0].dimensions:
        measured = _measurements(history, result)[: FALLS_IN_A_ROW + 1]
        for side in (score.side for score in result.sides):
            points = [(number, score) for number, r in measured for score in r.sides if score.side == side]
            means = _falling(points)
            if means is None:
                continue
            figures = ", ".join(f"{mean:.1f} (pulse {number})" for number, mean in reversed(means))
            company = companies[side]
            evidence = f"{company}'s score for {result.dimension} fell three times in a row: {figures}."
            subject = f"{result.dimension} at {company}"
            yield Sign(WarningRule.THREE_FALLS, subject, side, (evidence,), occasion)


def _falling(points: Sequence[tuple[int, SideScore]]) -> list[tuple[int, float]] | None:
    """The last four figures, newest first, when each step between them is published and falls visibly.

    A step that was withheld (one person joined or left) breaks the row: it may be no fall at all.
    """
    if len(points) <= FALLS_IN_A_ROW:
        return None
    steps = [score.change for _, score in points[:FALLS_IN_A_ROW]]
    if not all(change is not None and change < 0 for change in steps):
        return None
    means = [(number, round(score.score.mean, 1)) for number, score in points if score.score is not None]
    if len(means) <= FALLS_IN_A_ROW or not all(later < former for (_, later), (_, former) in pairwise(means)):
        return None
    return means


def _measurements(history: Sequence[PulseResults], like: DimensionResult) -> list[tuple[int, DimensionResult]]:
    """One dimension's results in the same words, with their pulse's number, newest first."""
    alike = (like.dimension, like.items)
    return [(r.number, d) for r in history for d in r.dimensions if (d.dimension, d.items) == alike]


# --- response rates and check-ins -------------------------------------------------------------------


def _response_drops(
    rounds: Sequence[Mapping[SideKey, Response]], drop: float, companies: Companies, occasion: str, name: str = ""
) -> Iterator[Sign]:
    """`name` is the newest round as people say it, where that is not its `occasion`."""
    for side, company in companies.items():
        responses = [r[side] for r in rounds if side in r and r[side].invited]
        if side not in rounds[0] or not rounds[0][side].invited or len(responses) <= ROUNDS_COMPARED:
            continue
        now, *before = responses[: ROUNDS_COMPARED + 1]
        mean = sum(r.answered / r.invited for r in before) / ROUNDS_COMPARED
        if mean - now.answered / now.invited < drop - 1e-9:
            continue
        evidence = (
            f"{now.answered} of {now.invited} invited at {company} answered {name or occasion} "
            f"({now.answered / now.invited:.0%}); in the three rounds before it was {mean:.0%} on average."
        )
        yield Sign(WarningRule.RESPONSE_DROPPED, company, side, (evidence,), occasion)


def checkin_signs(history: Sequence[CheckinSummary], triggers: Triggers, companies: Companies) -> tuple[Sign, ...]:
    """Return what the newest check-in shows; `history` is the summaries, newest first, at least one."""
    rounds = [{s.side: Response(s.invited, s.answered) for s in summary.sides} for summary in history]
    newest = history[0].day
    occasion, name = f"the check-in of {newest.isoformat()}", f"the check-in of {in_words.date(newest)}"
    return (
        *_same_blockers(history, triggers.blocker_rounds, companies),
        *_response_drops(rounds, triggers.response_drop, companies, occasion, name),
    )


def _same_blockers(history: Sequence[CheckinSummary], enough: int, companies: Companies) -> Iterator[Sign]:
    """A blocker warns once for as long as it stands: its occasion is its author and the round it began in."""
    for point in history[0].points:
        if not point.blocks or point.rounds < enough:
            continue
        began = history[min(point.rounds, len(history)) - 1].day
        company = companies[point.side]
        # The words stand whole and alone, so that they can be taken out when their author asks for it.
        evidence = (f"{company} named the same blocker in {point.rounds} check-ins in a row:", point.text)
        occasion = f"blocker of {point.author} since {began.isoformat()}"
        yield Sign(WarningRule.SAME_BLOCKER, company, point.side, evidence, occasion)


# --- escalations and action items -------------------------------------------------------------------


def acknowledgement_signs(
    missed: Mapping[SideKey, Sequence[tuple[dt.datetime, str]]], triggers: Triggers, companies: Companies
) -> tuple[Sign, ...]:
    """Return the sides that were late too often: `missed` names, for every window let pass, when and what.

    It covers the last 28 days, oldest first. A side is not warned of again before its oldest one is that old,
    so that a matter nobody answers does not warn every day.
    """
    signs: list[Sign] = []
    for side, windows in missed.items():
        if len(windows) >= triggers.late_acknowledgements:
            names = ", ".join(dict.fromkeys(name for _, name in windows))
            evidence = (
                f"At {companies[side]}, {len(windows)} windows to acknowledge ended unanswered "
                f"in the last {ACKNOWLEDGEMENTS_OVER.days} days: {names}."
            )
            occasion = f"since {windows[0][0].isoformat(timespec='seconds')}"
            signs.append(Sign(WarningRule.LATE_ACKNOWLEDGEMENTS, companies[side], side, (evidence,), occasion))
    return tuple(signs)


def action_item_signs(
    overdue: Mapping[SideKey, Sequence[str]], triggers: Triggers, companies: Companies, week: dt.date
) -> tuple[Sign, ...]:
    """Return the sides with too many overdue action items; `overdue` names them ("action item 3")."""
    return tuple(
        Sign(
            WarningRule.ACTION_ITEMS_SLIPPING,
            companies[side],
            side,
            (f"{len(items)} action items at {companies[side]} are past their date: {', '.join(items)}.",),
            f"week {week.isoformat()}",
        )
        for side, items in overdue.items()
        if len(items) >= triggers.slipping_action_items
    )
