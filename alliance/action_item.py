"""Action items: something to do with an owner and a due date, decided in an escalation or a checkpoint."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from alliance.calendar import LONGEST_CLOSURE, ONE_DAY, WorkingCalendar, hours_of, local_date
from alliance.errors import AllianceError
from alliance.ids import ActionItemId, AllianceId, MemberId, SideKey
from alliance.roster import Member, Roster, Tier

MANAGERS_AND_UP = frozenset({Tier.MANAGER, Tier.ALLIANCE_MANAGER, Tier.EXECUTIVE})
WEEK = dt.timedelta(days=7)


class ItemState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """`number` is its short name in chat, within the alliance; `source` is what decided it ("escalation 3")."""

    id: ActionItemId
    alliance_id: AllianceId
    number: int
    title: str
    owner: MemberId
    due: dt.date
    source: str
    decided_at: dt.datetime
    state: ItemState = ItemState.OPEN
    done_at: dt.datetime | None = None

    def is_overdue(self, today: dt.date) -> bool:
        return self.state is ItemState.OPEN and today > self.due


class NotYourItem(AllianceError):
    """Its owner, or a manager or above of either company, marks an action item done. Nothing was changed."""


class ItemClosed(AllianceError):
    """This action item is done already, so nothing was changed."""


def may_finish(item: ActionItem, member: Member) -> bool:
    return member.id == item.owner or member.tier in MANAGERS_AND_UP


def finish(item: ActionItem, by: Member, now: dt.datetime) -> ActionItem:
    """Mark it done. Raises NotYourItem, and ItemClosed when it is not open."""
    if not may_finish(item, by):
        raise NotYourItem
    if item.state is not ItemState.OPEN:
        raise ItemClosed
    return replace(item, state=ItemState.DONE, done_at=now)


def overdue_on(items: Iterable[ActionItem], roster: Roster, now: dt.datetime) -> Mapping[SideKey, list[ActionItem]]:
    """Return the items past their date on each side, by the local date of the side that the owner belongs to."""
    today = {side.key: local_date(now, side.calendar.zone) for side in roster.sides}
    owners = {member.id: member.side for member in roster.members}
    overdue: dict[SideKey, list[ActionItem]] = {side: [] for side in today}
    for item in items:
        side = owners.get(item.owner)
        if side is not None and item.is_overdue(today[side]):
            overdue[side].append(item)
    return overdue


def due_reminder_at(item: ActionItem, calendar: WorkingCalendar) -> dt.datetime | None:
    """When the owner's company opens on its last working day before the due date; None when it had none."""
    return _first_opening(calendar, item.due - ONE_DAY, -ONE_DAY)


def overdue_reminder_at(item: ActionItem, calendar: WorkingCalendar, now: dt.datetime) -> dt.datetime | None:
    """When the owner's company opens first after the due date; later on, once a week."""
    today = local_date(now, calendar.zone)
    day = item.due + ONE_DAY if today <= item.due else today + WEEK
    return _first_opening(calendar, day, ONE_DAY)


def _first_opening(calendar: WorkingCalendar, day: dt.date, stride: dt.timedelta) -> dt.datetime | None:
    for _ in range(LONGEST_CLOSURE):
        if hours := hours_of(calendar, day):
            return hours[0]
        day += stride
    return None
