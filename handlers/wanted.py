"""Whether a notice still needs saying when its turn comes."""

from collections.abc import Collection

from alliance.escalation_notices import EscalationRedrawn, EscalationReminder
from alliance.ids import MemberId
from alliance.notices import (
    CheckinOpened,
    CheckinRedrawn,
    CheckinReminder,
    CheckpointOpened,
    CheckpointReminder,
    Notice,
    PulseOpened,
    PulseReminder,
)
from storage.unit_of_work import UnitOfWork

Readers = Collection[MemberId | None]
"""Members, and None for a channel."""


async def still_wanted(uow: UnitOfWork, notice: Notice, member_id: MemberId | None) -> bool:
    """False for an invitation to a round that closed meanwhile, and for a reminder to one who has answered."""
    return member_id in await wanted_by(uow, notice, [member_id])


async def wanted_by(uow: UnitOfWork, notice: Notice, readers: Readers) -> Readers:
    """Return those of the readers to whom the notice still needs saying; one question for all of them."""
    if not await _still_true(uow, notice):
        return frozenset()
    answered: frozenset[MemberId] = frozenset()
    match notice:
        case CheckinReminder():
            answered = await uow.checkins.answered_by(notice.checkin_id)
        case PulseReminder():
            answered = await uow.pulses.participants(notice.pulse_id)
        case CheckpointReminder():
            answered = await uow.checkpoints.answered_by(notice.checkpoint_id)
        case _:
            pass
    return frozenset(reader for reader in readers if reader not in answered)


async def _still_true(uow: UnitOfWork, notice: Notice) -> bool:
    match notice:
        case CheckinOpened() | CheckinRedrawn() | CheckinReminder():
            return await uow.checkins.is_open(notice.checkin_id)
        case PulseOpened() | PulseReminder():
            return await uow.pulses.is_open(notice.pulse_id)
        case CheckpointOpened() | CheckpointReminder():
            return await uow.checkpoints.is_open(notice.checkpoint_id)
        case EscalationReminder():
            acknowledged = (await uow.escalations.get(notice.escalation.id)).acknowledged
            return not all(side in acknowledged for side in notice.missing)
        case EscalationRedrawn():
            # A newer step has its own redraw on the way; an older one that was retried must not overwrite it.
            case = await uow.escalations.get(notice.escalation.id)
            return len(case.history) == len(notice.escalation.history)
        case _:
            return True
