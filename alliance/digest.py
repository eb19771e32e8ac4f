"""The weekly digest: what executives of both companies should look at, decide and know has changed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alliance.action_item import ActionItem
from alliance.cadence import WEEKDAY_CODES, Cadence, next_occurrence, occurrence_on_side
from alliance.calendar import WorkingCalendar, local_date
from alliance.charter import CharterState, CharterVersion, DigestTerms
from alliance.checkin import CheckinSummary
from alliance.checkpoint import Checkpoint
from alliance.escalation import Escalation, State, is_past_ladder, level_name
from alliance.ids import AllianceId, SideKey
from alliance.protocol import Urgency, Who
from alliance.pulse import PulseResults, Withheld
from alliance.roster import Roster
from alliance.warning import EarlyWarning

PULSES_READ = 60
"""How far back a digest looks: all thirteen dimensions come round once in seven pulses."""
POINTS_IN_TREND = 12
"""Figures of one dimension at most."""
LOOK_BACK = dt.timedelta(days=190)
"""Any Monday so long ago gives the same weeks; no older one can still be on its way to a working day."""


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """An open escalation as the digest names it; `age_days` are calendar days since it was raised."""

    number: int
    title: str
    level: str
    state: str
    urgent: bool
    age_days: int


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One dimension's score of each side in one pulse; None where it is withheld, and `withheld` says why."""

    number: int
    dimension: str
    means: Mapping[SideKey, float | None]
    withheld: Mapping[SideKey, Withheld] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Digest:
    """The same for both companies, whichever hour each reads it: facts after `since` and up to `until`.

    `checkin_response` holds answered and invited; `floor` is the agreed one, on the scale from 1 to 5.
    """

    alliance_id: AllianceId
    week: dt.date
    since: dt.datetime
    until: dt.datetime
    results: tuple[PulseResults, ...]
    trend: tuple[ScorePoint, ...]
    checkin_response: Mapping[SideKey, tuple[int, int]]
    matters: tuple[OpenMatter, ...]
    resolved: tuple[OpenMatter, ...]
    overdue: Mapping[SideKey, int]
    checkpoints: tuple[Checkpoint, ...]
    next_checkpoint: dt.date | None
    warnings: tuple[EarlyWarning, ...]
    decisions: tuple[str, ...]
    floor: float = 3.0

    @property
    def is_quiet(self) -> bool:
        """Nothing to look at, nothing to decide, nothing changed: one line says it."""
        return not (
            self.results
            or self.matters
            or self.resolved
            or self.checkpoints
            or self.warnings
            or self.decisions
            or any(self.overdue.values())
        )


@dataclass(frozen=True, slots=True)
class Week:
    """What a digest is made of, as it is kept: facts after `since` and up to `until`.

    `pulses` are published results, newest first, further back than the week; `checkins` those that closed in it.
    """

    monday: dt.date
    since: dt.datetime
    until: dt.datetime
    pulses: Sequence[PulseResults]
    checkins: Sequence[CheckinSummary]
    open_cases: Sequence[Escalation]
    ended: Sequence[Escalation]
    to_do: Sequence[ActionItem]
    checkpoints: tuple[Checkpoint, ...]
    next_checkpoint: dt.date | None
    warnings: Sequence[EarlyWarning]
    pending: CharterVersion | None
    floor: float


# --- when it is sent --------------------------------------------------------------------------------


def next_digest(terms: DigestTerms, calendar: WorkingCalendar, after: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """Return the Monday of the week whose digest one company gets next, later than `after`, and when.

    A day off moves it to the company's next working day; it still is the digest of its own week.
    """
    cadence = Cadence(f"FREQ=WEEKLY;BYDAY={WEEKDAY_CODES[terms.weekday]}", terms.at)
    anchor = local_date(after, calendar.zone) - LOOK_BACK
    day = next_occurrence(cadence, anchor, (calendar,), after)
    instant = occurrence_on_side(cadence, day, calendar)
    if instant is None:
        raise AssertionError("a round that begins for a company has an instant there")
    return day - dt.timedelta(days=day.weekday()), instant


# --- what is in it ----------------------------------------------------------------------------------


def matter(case: Escalation, until: dt.datetime) -> OpenMatter:
    """Return an escalation as the digest names it."""
    return OpenMatter(
        number=case.number,
        title=case.title,
        level=level_name(case),
        state=case.state.value,
        urgent=case.urgency is Urgency.URGENT,
        age_days=(until - case.raised_at).days,
    )


def trend(history: Sequence[PulseResults]) -> tuple[ScorePoint, ...]:
    """Return each dimension's newest scores, oldest first; `history` is newest first.

    Points from before a dimension was asked in its present words are left out: they compare with nothing.
    """
    points: list[ScorePoint] = []
    ended: set[str] = set()
    words: dict[str, tuple[str, ...]] = {}
    taken: Counter[str] = Counter()
    for results in history:
        for result in results.dimensions:
            if result.dimension in ended or result.items != words.setdefault(result.dimension, result.items):
                ended.add(result.dimension)
                continue
            means = {side.side: side.score.mean if side.score else None for side in result.sides}
            reasons = {side.side: side.withheld for side in result.sides if side.withheld is not None}
            points.append(ScorePoint(results.number, result.dimension, means, reasons))
            taken[result.dimension] += 1
            first = any(side.change_withheld is Withheld.NOT_MEASURED for side in result.sides)
            if first or taken[result.dimension] == POINTS_IN_TREND:
                ended.add(result.dimension)
    return tuple(reversed(points))


def decisions(pending: CharterVersion | None, cases: Iterable[Escalation], roster: Roster) -> tuple[str, ...]:
    """Return what waits for executives, one sentence each: signatures, escalations of theirs, mediators."""
    waiting: list[str] = []
    if pending is not None and pending.state is CharterState.PROPOSED:
        missing = [side.company for side in roster.sides if side.key not in pending.signatures]
        waiting.append(f"Charter version {pending.version} waits for the signature of {' and '.join(missing)}.")
    for case in cases:
        if case.state is State.NAMING_MEDIATOR:
            waiting.append(f"Escalation {case.number} needs a mediator, named by both companies.")
        elif not is_past_ladder(case) and level_name(case) == Who.EXECUTIVES:
            waiting.append(f"Escalation {case.number} stands with the executives: {case.state.value}.")
    return tuple(waiting)
