"""Which function answers which intent."""

from collections.abc import Mapping

from handlers import (
    action_items,
    charters,
    checkins,
    checkpoint_decisions,
    checkpoints,
    digests,
    drafts,
    escalations,
    privacy,
    pulses,
    readings,
    status,
)
from handlers.call import Handler
from handlers.intents import Intent

HANDLERS: Mapping[type[Intent], Handler] = {
    **charters.HANDLERS,
    **checkins.HANDLERS,
    **pulses.HANDLERS,
    **escalations.HANDLERS,
    **checkpoints.HANDLERS,
    **checkpoint_decisions.HANDLERS,
    **action_items.HANDLERS,
    **digests.HANDLERS,
    **drafts.HANDLERS,
    **status.HANDLERS,
    **privacy.HANDLERS,
    **readings.HANDLERS,
}

INTENTS: Mapping[str, type[Intent]] = {kind.__name__: kind for kind in HANDLERS}
