"""What somebody has begun to write in a dialog: kept for them alone until they send it."""

from collections.abc import Mapping

from handlers.call import Call, Handler
from handlers.intents import Intent
from handlers.own_intents import KeepDraft
from handlers.replies import Nothing, Reply


async def keep_draft(call: Call, intent: KeepDraft) -> Reply:
    """Nobody else is told, and nothing of it is in the audit trail."""
    drafts = call.uow.drafts
    if any(text.strip() for text in intent.inputs.values()):
        await drafts.keep(call.asker.id, intent.form, intent.inputs, call.now)
    else:
        await drafts.drop(call.asker.id, intent.form)
    return Nothing()


HANDLERS: Mapping[type[Intent], Handler] = {KeepDraft: keep_draft}
