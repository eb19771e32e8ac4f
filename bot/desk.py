"""The front desk: whatever a person presses, submits or says on either platform becomes an intent and an answer."""

import datetime as dt
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from alliance.errors import AllianceError, InvalidInput, NotAMember
from alliance.ids import AllianceId
from alliance.roster import Member
from bot.actions.registry import intent_of
from bot.commands import parse
from bot.messages.blocks import Form, Message
from bot.messages.catalog import answer
from bot.messages.reader import Reader
from bot.messages.replies import broke, refused
from bot.storable import storable
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import PersonIntent
from storage.unit_of_work import OpenUnitOfWork

log = logging.getLogger(__name__)


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
    """Takes requests of people from both platforms; never raises for what a person did."""

    def __init__(self, dispatch: Dispatch, open_uow: OpenUnitOfWork, *, now: Callable[[], dt.datetime]) -> None:
        self._dispatch = dispatch
        self._open_uow = open_uow
        self._now = now

    async def pressed(self, who: ChatIdentity, token: str, inputs: Mapping[str, str], *, key: str) -> Answer:
        """A button was pressed, or a dialog submitted, with its inputs by name; `key` makes it one with its repeats."""
        who = _storable(who)

        async def asked() -> PersonIntent:
            return intent_of(storable(token), {storable(name): storable(text) for name, text in inputs.items()})

        return await self._answer(who, asked, storable(key))

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

        return await self._answer(who, asked, storable(key))

    async def _answer(self, who: ChatIdentity, asked: Callable[[], Awaitable[PersonIntent]], key: str) -> Answer:
        try:
            intent = await asked()
            reply = await self._dispatch.ask(intent, who=who, key=key, now=self._now())
            shown = answer(reply, await self._reader(intent.alliance_id, who))
        except InvalidInput as error:
            return Answer(message=refused(error), refused=True, field_errors=error.fields)
        except AllianceError as error:
            return Answer(message=refused(error), refused=True)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("request failed", extra={"reference": reference})
            return Answer(message=broke(reference), refused=True)
        return Answer(message=shown.message, form=shown.form, replaces=shown.replaces)

    async def _reader(self, alliance_id: AllianceId, who: ChatIdentity) -> Reader:
        async with self._open_uow(reads=True) as uow:
            roster = await uow.rosters.get(alliance_id)
        member: Member | None = next(
            (
                m
                for m in roster.members
                if (m.platform, m.workspace, m.address) == (who.platform, who.workspace, who.address)
            ),
            None,
        )
        return Reader(roster, member, member.side if member else None)


def _storable(who: ChatIdentity) -> ChatIdentity:
    return replace(who, workspace=storable(who.workspace), address=storable(who.address))
