"""Time's intents: what timers promise. People who ask for one are refused."""

import datetime as dt
from dataclasses import dataclass

from alliance.ids import ActionItemId, CheckinId, CheckpointId, EscalationId, PulseId, SideKey
from handlers.intents import TimeIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseCharter(TimeIntent):
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCheckin(TimeIntent):
    day: dt.date
    side: SideKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindCheckin(TimeIntent):
    checkin_id: CheckinId
    side: SideKey
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCheckin(TimeIntent):
    checkin_id: CheckinId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPulse(TimeIntent):
    day: dt.date
    side: SideKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindPulse(TimeIntent):
    pulse_id: PulseId
    side: SideKey
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePulse(TimeIntent):
    pulse_id: PulseId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationFallsDue(TimeIntent):
    """`event` is the name of the time event of `alliance.escalation.Event`."""

    escalation_id: EscalationId
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCheckpoint(TimeIntent):
    day: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindCheckpoint(TimeIntent):
    checkpoint_id: CheckpointId
    side: SideKey
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCheckpoint(TimeIntent):
    checkpoint_id: CheckpointId


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindActionItem(TimeIntent):
    item_id: ActionItemId
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigest(TimeIntent):
    week: dt.date
    side: SideKey
