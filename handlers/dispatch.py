"""The one door: every intent, of people and of time, comes through here and is committed here."""

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from alliance.charter import Reach
from alliance.errors import AllianceError, NotAMember, NotPermitted
from alliance.notices import MemberUnreachable, MessagesWait
from alliance.permissions import require
from alliance.roster import Member, Platform, Roster
from handlers.call import Call, lane_of
from handlers.intents import AnswerPulse, Intent, PersonIntent
from handlers.registry import HANDLERS, INTENTS
from handlers.replies import AlreadyDone, Reply
from handlers.status import redraw_homes
from handlers.turns import Turns
from storage.chores import SCRUB
from storage.codec import decode
from storage.timers import Timer
from storage.unit_of_work import Interrupted, OpenUnitOfWork, UnitOfWork

log = logging.getLogger(__name__)

TRIES = 3
"""Of what the database breaks off, which is rare: a deadlock, a server that restarts."""


@dataclass(frozen=True, slots=True)
class ChatIdentity:
    """Who a platform says is asking: `workspace` is a Slack team or Teams tenant, `address` the person in it."""

    platform: Platform
    workspace: str
    address: str
    is_here: bool = field(default=False, compare=False)
    """They ask in their own chat with the liaison, or press something it sent: so they can be reached again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a request: the reply, and the roster and the member for whom it is worded, as they are now."""

    reply: Reply
    roster: Roster
    member: Member


class _IsBack(Exception):
    """Somebody asks who was lost: that is noted first, in a transaction of its own."""


class Dispatch:
    """Takes intents, one transaction each. After a commit it wakes the lanes that have something new to send.

    What people of one alliance ask for comes one after the other, and so does what they only look at. At once they
    would be no faster: they wait for each other's rows, and for this process, and keep connections from others.
    """

    def __init__(
        self,
        open_uow: OpenUnitOfWork,
        *,
        wake: Callable[[Iterable[str]], None],
        scrub: Callable[[], Awaitable[object]],
        look_again: Callable[[Member], None] = lambda _member: None,
    ) -> None:
        """`look_again` is told of whose home changed where no row may say when: who answered a pulse, home or not."""
        self._open_uow = open_uow
        self._turns = Turns()
        self._look_again = look_again
        self._wake = wake
        self._scrub = scrub

    async def memberships(self, who: ChatIdentity) -> list[Member]:
        """The alliances that a person is in, as their memberships."""
        async with self._open_uow(reads=True) as uow:
            return await uow.rosters.memberships(who.platform, who.workspace, who.address)

    async def ask(self, intent: PersonIntent, *, who: ChatIdentity, key: str, now: dt.datetime) -> Reply:
        """Do what a person asks and return the reply; `key` makes two deliveries of one request the same.

        Raises an AllianceError when it is refused; then nothing was stored, the key included. What the database broke
        off is done again, a few times, and then raised as storage.unit_of_work.Interrupted.
        """
        return (await self.take(intent, who=who, key=key, now=now)).reply

    async def take(self, intent: PersonIntent, *, who: ChatIdentity, key: str, now: dt.datetime) -> Taken:
        """As `ask`, with what it takes to word the reply."""
        for _ in range(TRIES - 1):
            with suppress(Interrupted):
                return await self._take(intent, who, key, now)
        return await self._take(intent, who, key, now)

    async def _take(self, intent: PersonIntent, who: ChatIdentity, key: str, now: dt.datetime) -> Taken:
        try:
            return await self._once(intent, who, key, now)
        except _IsBack:
            await self.reach(who, lost=None, now=now)
            return await self._once(intent, replace(who, is_here=False), key, now)

    async def _once(self, intent: PersonIntent, who: ChatIdentity, key: str, now: dt.datetime) -> Taken:
        reads = _of_a_person(intent).only_reads
        async with self._turns.of((intent.alliance_id, reads)), self._open_uow(reads=reads) as uow:
            member = await self._member(uow, intent, who)
            is_known_by_key = not (intent.only_reads or intent.kept_secret)
            if is_known_by_key and not await uow.inbox.is_first(key, now):
                return Taken(AlreadyDone(), await uow.rosters.get(intent.alliance_id), member)
            roster = await uow.rosters.get(intent.alliance_id)
            call = Call(uow=uow, roster=roster, member=member, now=now)
            reply = await HANDLERS[type(intent)](call, intent)
            if is_known_by_key:  # a row that says when somebody answered a pulse would give them away
                call.touched.add(member.id)
                await redraw_homes(call)
            if uow.rosters.have_changed:
                roster = await uow.rosters.get(intent.alliance_id)
            await _keep(call)
        await self._committed(call)
        if isinstance(intent, AnswerPulse):
            self._look_again(member)
        return Taken(reply, roster, roster.member(member.id))

    async def reach(self, who: ChatIdentity, *, lost: str | None, now: dt.datetime) -> None:
        """Note in each alliance of a person that they cannot be reached (`lost` says why), or can again (None).

        A loss is told to their own alliance managers, and to their company's channel where the charter says so,
        once; who is back gets what could not reach them before.
        """
        for membership in await self.memberships(who):
            if membership.reachable is (lost is None):
                continue
            async with self._open_uow() as uow:
                roster = await uow.rosters.get(membership.alliance_id)
                member = roster.member(membership.id)
                if member.reachable is (lost is None):
                    continue
                call = Call(uow=uow, roster=roster, member=None, now=now)
                await uow.rosters.save_member(replace(member, reachable=lost is None))
                if lost is not None:
                    await _tell_lost(call, member, lost)
                elif await uow.outbox.revive(member.id, lane_of(member), now):
                    call.lanes.add(lane_of(member))
                await uow.commit()
            await self._committed(call)

    async def fall_due(self, now: dt.datetime) -> bool:
        """Do what the earliest due timer promised; False when nothing is due. Failures back off by themselves."""
        timer: Timer | None = None
        try:
            async with self._open_uow() as uow:
                timer = await uow.timers.take_due(now)
                if timer is None:
                    return False
                intent = decode(INTENTS[timer.intent], timer.body)
                roster = await uow.rosters.get(intent.alliance_id)
                call = Call(uow=uow, roster=roster, member=None, now=now)
                await HANDLERS[type(intent)](call, intent)
                await redraw_homes(call)
                await _keep(call)
        except Interrupted:
            raise  # it stays due, and the next sweep of any replica takes it
        except Exception as error:
            if timer is None:
                raise
            await self._failed(timer, now, error)
            return True
        await self._committed(call)
        return True

    async def _member(self, uow: UnitOfWork, intent: PersonIntent, who: ChatIdentity) -> Member:
        memberships = await uow.rosters.memberships(who.platform, who.workspace, who.address)
        if who.is_here and not all(member.reachable for member in memberships):
            raise _IsBack
        member = next((m for m in memberships if m.alliance_id == intent.alliance_id), None)
        if member is None:
            raise NotAMember
        return require(member, intent.right)

    async def _committed(self, call: Call) -> None:
        if call.lanes:
            self._wake(call.lanes)
        if call.scrub:
            await self._scrub()

    async def _failed(self, timer: Timer, now: dt.datetime, error: Exception) -> None:
        fields = {"timer": timer.key, "intent": timer.intent, "attempt": timer.attempts + 1}
        if isinstance(error, AllianceError):
            log.warning("timer refused", extra={**fields, "because": error.sentence})
        else:
            log.error("timer failed", exc_info=error, extra=fields)
        async with self._open_uow() as uow:
            await uow.timers.failed(timer, now, f"{type(error).__name__}: {error}"[:500])
            await uow.commit()


async def _keep(call: Call) -> None:
    """Commit; that something has to leave the files too is kept with its deletion, whoever does it."""
    if call.scrub:
        await call.uow.chores.owe(SCRUB)
    await call.uow.commit()


async def _tell_lost(call: Call, member: Member, because: str) -> None:
    await call.tell(MemberUnreachable(alliance_id=call.alliance_id, member=member.id, because=because))
    agreed = await call.uow.charters.agreed(call.alliance_id)
    if agreed is None or member.side is None:
        return
    if agreed.charter.reach.get(member.side, Reach()).falls_back_on_channel:
        await call.tell(MessagesWait(alliance_id=call.alliance_id, member=member.id, side=member.side))


def _of_a_person(intent: Intent) -> PersonIntent:
    """Refuse what only time may ask."""
    if not isinstance(intent, PersonIntent):
        raise NotPermitted
    return intent
