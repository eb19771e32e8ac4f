"""An operator's reading of an alliance: it is recorded, and both companies' alliance managers are told."""

import datetime as dt

from alliance.audit import AuditFact
from alliance.charter import CharterVersion
from alliance.errors import NotFound
from alliance.notices import AdministrativeRead
from alliance.roster import Roster
from bot.charter_file.writing import as_yaml
from bot.messages import catalog, plain
from bot.messages.blocks import Message
from bot.messages.reader import Reader
from handlers.call import Call
from handlers.charters import show
from handlers.intents import ShowCharter
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork


async def shown(open_uow: OpenUnitOfWork, key: str, *, now: dt.datetime) -> str:
    """The charter as plain text. NotFound when there is no such alliance."""
    async with open_uow() as uow:
        roster = await _roster(uow, key)
        call = Call(uow=uow, roster=roster, member=None, now=now)
        reply = await show(call, ShowCharter(alliance_id=roster.alliance_id))
        await _note_reading(call, "the charter")
        await uow.commit()
    message = catalog.answer(reply, Reader(roster, None, None)).message
    assert isinstance(message, Message)
    return plain.render(message)


async def exported(open_uow: OpenUnitOfWork, key: str, *, now: dt.datetime) -> str:
    """The alliance as alliance.yaml, with the newest charter that may still count. NotFound."""
    async with open_uow() as uow:
        roster = await _roster(uow, key)
        version = await _newest(uow, roster)
        call = Call(uow=uow, roster=roster, member=None, now=now)
        await _note_reading(call, "the charter and the people")
        await uow.commit()
    return as_yaml(roster, version.charter)


async def previewed(open_uow: OpenUnitOfWork, key: str, *, now: dt.datetime) -> None:
    """Note that an operator saw, beside a file, what is kept of an alliance, and imported nothing."""
    async with open_uow() as uow:
        roster = await _roster(uow, key)
        await _note_reading(Call(uow=uow, roster=roster, member=None, now=now), "what differs from a file")
        await uow.commit()


async def _roster(uow: UnitOfWork, key: str) -> Roster:
    roster = await uow.rosters.by_key(key)
    if roster is None:
        known = ", ".join(other.key for other in await uow.rosters.all()) or "none"
        raise NotFound(f'There is no alliance "{key}" here. Known are: {known}.')
    return roster


async def _newest(uow: UnitOfWork, roster: Roster) -> CharterVersion:
    version = await uow.charters.latest(roster.alliance_id)
    if version is None:
        raise NotFound("No charter of this alliance counts any more. Import one first.")
    return version


async def _note_reading(call: Call, what: str) -> None:
    """A company's administrator reads nothing of the other unseen: both sides learn of it."""
    await call.record(AuditFact("administrative read", "alliance", facts={"what": what}))
    await call.tell(AdministrativeRead(alliance_id=call.alliance_id, what=what, at=call.now, details={}))
