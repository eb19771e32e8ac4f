"""What check-ins and pulses have in common: rounds that open for each side at its own hour, and remind it."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from alliance.cadence import Cadence, next_occurrence, occurrence_on_side
from alliance.calendar import is_open, local_date, next_open
from alliance.charter import Charter, CharterVersion, holds_since
from alliance.ids import MemberId, SideKey
from alliance.roster import Side
from alliance.rounds import LATE, REMINDERS, RoundState, begins_at, next_opening, reminders_at
from handlers.call import Call
from handlers.intents import TimeIntent
from handlers.time_intents import RemindCheckin, RemindPulse

A_DAY = dt.timedelta(days=1)


class Round(Protocol):
    """A round of either feature."""

    @property
    def id(self) -> str: ...
    @property
    def day(self) -> dt.date: ...
    @property
    def closes_at(self) -> dt.datetime: ...
    @property
    def charter_version(self) -> int: ...
    @property
    def state(self) -> RoundState: ...
    @property
    def invited(self) -> Mapping[SideKey, tuple[MemberId, ...]]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One feature's rounds: the word in its timers' keys, its cadence, its rounds, and its two time intents."""

    word: str
    cadence: Callable[[Charter], Cadence]
    open_rounds: Callable[[Call], Awaitable[Sequence[Round]]]
    opening: Callable[[Call, dt.date, SideKey], TimeIntent]
    reminding: Callable[[Call, Round, SideKey, bool], TimeIntent]


async def schedule_first(call: Call, kind: Kind, version: CharterVersion) -> dt.date:
    """Promise both sides' next round by a version just come into force; return its first local date.

    A side that has yet to open a round which the other has opened keeps that promise first: the round keeps
    the version it began under, and opening it sets the next by the new one.
    """
    cadence, anchor = kind.cadence(version.charter), await anchor_of(call, kind.cadence)
    calendars = [side.calendar for side in call.roster.sides]
    first = next_occurrence(cadence, anchor, calendars, await _free_from(call, kind, version))
    half_open = await _sides_still_to_open(call, kind)
    days = []
    for side in call.roster.sides:
        day, opens_at = next_opening(cadence, anchor, side.calendar, first - A_DAY, call.now)
        days.append(local_date(opens_at, side.calendar.zone))
        if side.key not in half_open:
            await _promise_opening(call, kind, side, day, opens_at)
    return min(days)


async def promise_next(call: Call, kind: Kind, side: Side, day: dt.date, version: CharterVersion) -> None:
    """Promise the side's round after `day`; not one that had begun before the version came into force."""
    cadence, anchor = kind.cadence(version.charter), await anchor_of(call, kind.cadence)
    calendars = [one.calendar for one in call.roster.sides]
    free_from = await _free_from(call, kind, version)
    begins, opens_at = None, call.now
    while begins is None or begins <= free_from:
        day, opens_at = next_opening(cadence, anchor, side.calendar, day, call.now - LATE)
        begins = begins_at(cadence, day, calendars)
    await _promise_opening(call, kind, side, day, opens_at)


async def promise_reminders(call: Call, kind: Kind, running: Round, side: Side) -> None:
    """Promise the side's reminders, those whose moment has not passed."""
    for number, moment in enumerate(await _moments(call, kind, running, side), start=1):
        if moment > call.now:
            intent = kind.reminding(call, running, side.key, number == len(REMINDERS))
            await call.promise(f"{kind.word}:{running.id}:remind:{side.key}:{number}", intent, moment)


async def due_to_remind(call: Call, kind: Kind, running: Round, intent: RemindCheckin | RemindPulse) -> bool:
    """Whether to remind a side now; outside its hours the reminder is put off until it opens next."""
    side = call.roster.side(intent.side)
    if running.state is not RoundState.OPEN or call.now >= running.closes_at:
        return False
    if not is_open(side.calendar, call.now):
        later = next_open(side.calendar, call.now)
        if later < running.closes_at:
            number = len(REMINDERS) if intent.last else 1
            await call.promise(f"{kind.word}:{running.id}:remind:{side.key}:{number}", intent, later)
        return False
    moments = await _moments(call, kind, running, side)
    return intent.last or not moments or call.now < moments[-1]


async def _moments(call: Call, kind: Kind, running: Round, side: Side) -> tuple[dt.datetime, ...]:
    version = await call.uow.charters.get(call.alliance_id, running.charter_version)
    opens_at = occurrence_on_side(kind.cadence(version.charter), running.day, side.calendar)
    return reminders_at(side.calendar, opens_at or call.now, running.closes_at)


async def _promise_opening(call: Call, kind: Kind, side: Side, day: dt.date, opens_at: dt.datetime) -> None:
    await call.promise(f"{kind.word}:open:{side.key}", kind.opening(call, day, side.key), opens_at)


async def _sides_still_to_open(call: Call, kind: Kind) -> set[SideKey]:
    """The sides whose promise to open belongs to a round that the other side has begun."""
    waiting: set[SideKey] = set()
    for running in await kind.open_rounds(call):
        if call.now >= running.closes_at:
            continue
        version = await call.uow.charters.get(call.alliance_id, running.charter_version)
        for side in call.roster.sides:
            opens_at = occurrence_on_side(kind.cadence(version.charter), running.day, side.calendar)
            if side.key not in running.invited and opens_at is not None:
                waiting.add(side.key)
    return waiting


async def anchor_of(call: Call, cadence: Callable[[Charter], Cadence | None]) -> dt.date:
    """Return the date from which a cadence of the charter in force counts: the one on which its rule was agreed.

    An amendment of anything else leaves it, so that nobody is asked twice in one interval, or a whole one later.
    """
    versions = await call.uow.charters.ever_in_force(call.alliance_id)
    since = holds_since(versions, lambda charter: (agreed := cadence(charter)) and agreed.rule) if versions else None
    return ((since and since.in_force_at) or call.now).date()


async def _free_from(call: Call, kind: Kind, version: CharterVersion) -> dt.datetime:
    """Return after when rounds by a version begin: once it is in force and no round by another rule runs."""
    rule = kind.cadence(version.charter).rule
    free_from = version.in_force_at or call.now
    for running in await kind.open_rounds(call):
        former = await call.uow.charters.get(call.alliance_id, running.charter_version)
        if kind.cadence(former.charter).rule != rule:
            free_from = max(free_from, running.closes_at)
    return free_from
