"""The front desk: whatever a person presses, submits or says on either platform becomes an intent and an answer."""

import datetime as dt
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from alliance.errors import AllianceError, InvalidInput, NotAMember
from bot.actions.registry import at_home, intent_of, is_of_home, keeps_draft
from bot.actions.tokens import read
from bot.commands import parse
from bot.messages.blocks import Form, Message
from bot.messages.catalog import answer
from bot.messages.reader import Reader
from bot.messages.refill import message_as_form, resumed, with_words
from bot.messages.replies import broke, refused
from bot.storable import storable
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import PersonIntent
from handlers.own_intents import KeepDraft
from storage.unit_of_work import Interrupted, OpenUnitOfWork

log = logging.getLogger(__name__)

LONGEST_DRAFT = 4_000
"""Letters of one input; more than any dialog takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform shows to the one who asked.

    `replaces`: the message stands in place of the one that was pressed. `field_errors` maps an input's name to the
    sentence shown beside it; then nothing was changed and `message` says the same for where no fields can be shown.
    """

    message: Message | None = None
    form: Form | None = None
    replaces: bool = False
    refused: bool = False
    field_errors: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """Takes requests of people from both platforms; never raises for what a person did.

    While the database is away everything here raises storage.unit_of_work.Interrupted: the platform is to be told
    that nothing was taken, so that it repeats the request or lets the person press again with all they typed.
    """

    def __init__(self, dispatch: Dispatch, open_uow: OpenUnitOfWork, *, now: Callable[[], dt.datetime]) -> None:
        self._dispatch = dispatch
        self._open_uow = open_uow
        self._now = now

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer:
        """A button was pressed, or a dialog submitted, with its inputs by name; `key` makes it one with its repeats."""
        who, token = _storable(who), storable(token)
        inputs = {storable(name): storable(text) for name, text in inputs.items()}

        async def asked() -> PersonIntent:
            return intent_of(token, inputs)

        answer = await self._answer(who, asked, storable(key))
        if is_of_home(token):
            answer = _beside_home(answer, token)
        if inputs and keeps_draft(token) and (answer.field_errors or not answer.refused):
            await self.typed(who, token, inputs if answer.refused else {})
        if answer.refused and answer.message is not None and not answer.field_errors and keeps_draft(token):
            answer = replace(answer, message=with_words(answer.message, inputs))
        return await self._resumed(who, answer)

    async def typed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str]) -> None:
        """Keep what somebody has written in a dialog, for them alone; without inputs there is nothing to keep any more.

        A draft is a kindness: where it cannot be kept, nobody is bothered with that.
        """
        who, token = _storable(who), storable(token)
        if not keeps_draft(token):
            return
        try:
            draft = await self._draft(who, token)
            kept = {storable(name): storable(text[:LONGEST_DRAFT]) for name, text in inputs.items()}
            if kept != draft:
                intent = KeepDraft(alliance_id=read(token).alliance_id, form=token, inputs=kept)
                await self._dispatch.ask(intent, who=who, key="", now=self._now())
        except AllianceError as refusal:
            log.info("draft not kept", extra={"because": refusal.sentence})
        except Exception:
            log.exception("draft not kept")

    async def _resumed(self, who: ChatIdentity, answer: Answer) -> Answer:
        """The answer, its dialog as the person left it when they had begun it before."""
        if answer.form is None or not keeps_draft(answer.form.token):
            return answer
        return replace(answer, form=resumed(answer.form, await self._draft(who, answer.form.token)))

    async def _draft(self, who: ChatIdentity, token: str) -> Mapping[str, str]:
        here = read(token).alliance_id
        async with self._open_uow(reads=True) as uow:
            for member in await uow.rosters.memberships(who.platform, who.workspace, who.address):
                if member.alliance_id == here:
                    return await uow.drafts.find(member.id, token)
        return {}

    async def said(self, who: ChatIdentity, text: str, *, key: str) -> Answer:
        """Something was typed: a slash command's text, or a direct message to the liaison."""
        who = _storable(who)

        async def asked() -> PersonIntent:
            memberships = await self._dispatch.memberships(who)
            if not memberships:
                raise NotAMember
            async with self._open_uow(reads=True) as uow:
                rosters = await uow.rosters.several([member.alliance_id for member in memberships])
            return parse(storable(text), [(member, rosters[member.alliance_id]) for member in memberships], self._now())

        return await self._resumed(who, await self._answer(who, asked, storable(key)))

    async def _answer(self, who: ChatIdentity, asked: Callable[[], Awaitable[PersonIntent]], key: str) -> Answer:
        try:
            intent = await asked()
            taken = await self._dispatch.take(intent, who=who, key=key, now=self._now())
            shown = answer(taken.reply, Reader(taken.roster, taken.member, taken.member.side))
        except InvalidInput as error:
            return Answer(message=refused(error), refused=True, field_errors=error.fields)
        except AllianceError as error:
            return Answer(message=refused(error), refused=True)
        except Interrupted:
            raise
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("request failed", extra={"reference": reference})
            return Answer(message=broke(reference), refused=True)
        return Answer(message=shown.message, form=shown.form, replaces=shown.replaces)


def _beside_home(answer: Answer, token: str) -> Answer:
    """A home stays as it is, whatever was pressed in it; where its button opens a dialog, inputs go there."""
    asks = read(token).action == "home.ask" and answer.form is None and answer.message is not None
    form = message_as_form(answer.message) if asks and answer.message is not None else answer.form
    if form is not None and form is not answer.form:
        form = replace(form, token=at_home(form.token))
    return replace(answer, replaces=False, form=form, message=None if form is not None else answer.message)


def _storable(who: ChatIdentity) -> ChatIdentity:
    return replace(who, workspace=storable(who.workspace), address=storable(who.address))
