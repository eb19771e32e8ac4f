"""Whether a notice still needs saying when its turn comes."""

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
from alliance.rounds import RoundState
from storage.unit_of_work import UnitOfWork


async def still_wanted(uow: UnitOfWork, notice: Notice, member_id: MemberId | None) -> bool:
    """False for an invitation to a round that closed meanwhile, and for a reminder to one who has answered."""
    match notice:
        case CheckinOpened():
            return (await uow.checkins.get(notice.checkin_id)).state is RoundState.OPEN
        case CheckinRedrawn():
            return (await uow.checkins.get(notice.checkin_id)).state is RoundState.OPEN
        case CheckinReminder():
            checkin = await uow.checkins.get(notice.checkin_id)
            answered = member_id and await uow.checkins.answer_of(checkin.id, member_id)
            return checkin.state is RoundState.OPEN and not answered
        case PulseOpened():
            return (await uow.pulses.get(notice.pulse_id)).state is RoundState.OPEN
        case PulseReminder():
            pulse = await uow.pulses.get(notice.pulse_id)
            answered_by = await uow.pulses.participants(pulse.id)
            return pulse.state is RoundState.OPEN and member_id not in answered_by
        case CheckpointOpened():
            return (await uow.checkpoints.get(notice.checkpoint_id)).state is RoundState.OPEN
        case CheckpointReminder():
            checkpoint = await uow.checkpoints.get(notice.checkpoint_id)
            given = member_id and await uow.checkpoints.answer_of(checkpoint.id, member_id)
            return checkpoint.state is RoundState.OPEN and not given
        case EscalationReminder():
            acknowledged = (await uow.escalations.get(notice.escalation.id)).acknowledged
            return not all(side in acknowledged for side in notice.missing)
        case EscalationRedrawn():
            # A newer step has its own redraw on the way; an older one that was retried must not overwrite it.
            case = await uow.escalations.get(notice.escalation.id)
            return len(case.history) == len(notice.escalation.history)
        case _:
            return True
