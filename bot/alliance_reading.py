"""An operator's reading of an alliance: it is recorded, and both companies' alliance managers are told."""

import datetime as dt
from dataclasses import dataclass

from alliance.audit import AuditEntry, AuditFact
from alliance.charter import CharterVersion
from alliance.errors import NotFound
from alliance.notices import AdministrativeRead
from alliance.roster import Roster
from bot.charter_file.writing import as_fields, as_yaml
from bot.messages import catalog, plain
from bot.messages.blocks import Message
from bot.messages.parts import Json
from bot.messages.reader import Reader
from handlers.call import Call
from handlers.charters import CharterShown, show
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


async def fields_of(open_uow: OpenUnitOfWork, key: str, *, now: dt.datetime) -> Json:
    """The charter that `shown` shows, as nested fields with its version and state; None for a charter not yet there."""
    async with open_uow() as uow:
        roster = await _roster(uow, key)
        call = Call(uow=uow, roster=roster, member=None, now=now)
        reply = await show(call, ShowCharter(alliance_id=roster.alliance_id))
        await _note_reading(call, "the charter")
        await uow.commit()
    version = reply.version if isinstance(reply, CharterShown) else None
    return {
        "alliance": roster.key,
        "name": roster.name,
        "version": version.version if version else None,
        "state": version.state if version else None,
        "charter": as_fields(roster, version.charter)["charter"] if version else None,
    }


async def listed(open_uow: OpenUnitOfWork) -> list[Json]:
    """Every alliance of the installation: what it is called and where it chats, and nothing of what was said in it."""
    async with open_uow(reads=True) as uow:
        rosters = await uow.rosters.all()
        in_force = [await uow.charters.agreed(roster.alliance_id) for roster in rosters]
    return [
        {
            "key": roster.key,
            "name": roster.name,
            "companies": [
                {"name": side.company, "platform": side.platform, "workspace": side.workspace} for side in roster.sides
            ],
            "people": len(roster.active()),
            "charter": version.version if version else None,
        }
        for roster, version in zip(rosters, in_force, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Trail:
    """An alliance's audit trail as an operator sees it: every entry, and no words of people behind them."""

    roster: Roster
    entries: tuple[AuditEntry, ...]


async def trail(open_uow: OpenUnitOfWork, key: str, *, now: dt.datetime) -> Trail:
    """The whole trail; the reading is its next entry. NotFound."""
    entries: list[AuditEntry] = []
    async with open_uow() as uow:
        roster = await _roster(uow, key)
        while page := await uow.audit.entries(roster.alliance_id, after=len(entries)):
            entries += page
        await _note_reading(Call(uow=uow, roster=roster, member=None, now=now), "the audit trail")
        await uow.commit()
    return Trail(roster, tuple(entries))


async def verified(open_uow: OpenUnitOfWork, key: str) -> Json:
    """Whether the chain holds, its length and the hash of its last entry: nothing that anybody wrote. NotFound."""
    async with open_uow(reads=True) as uow:
        roster = await _roster(uow, key)
        broken = await uow.audit.verify(roster.alliance_id)
        count = await uow.audit.count(roster.alliance_id)
        last = await uow.audit.entries(roster.alliance_id, after=max(count - 1, 0), limit=1)
    return {
        "alliance": roster.key,
        "entries": count,
        "holds": broken is None,
        "broken": {"entry": broken.seq, "because": broken.because} if broken else None,
        "last_hash": last[0].hash if last else None,
    }


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
