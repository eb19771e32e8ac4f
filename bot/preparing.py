"""What sending needs, read before: for several deliveries of one notice at once, and only a moment ahead."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from alliance.audience import Recipient, ToChannel, ToHome, ToMember
from alliance.ids import MemberId
from alliance.notices import HomeChanged, Notice
from alliance.roster import Member, Platform, Roster, Side
from bot.messages.blocks import Message
from bot.messages.catalog import TEMPLATES
from bot.messages.reader import Reader
from bot.messages.template import How, Template
from handlers.dispatch import ChatIdentity
from handlers.status import homes_of
from handlers.wanted import wanted_by
from schedules.clock import Clock
from schedules.deliveries import GiveUp, Outcome, TryLater, Unwanted
from storage.conversations import Conversation
from storage.outbox import UNREACHABLE, Delivery, Reference
from storage.threads import Reply
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from storage.workspaces import Workspace

CONNECTED_AGAIN = 300.0
"""Seconds between two looks whether a workspace that is not connected is back."""
FRESH = 1.0
"""Seconds for which what was read ahead is taken for what stands; where the pace lets fewer go, it is read anew."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that sending needs, read in one transaction: nothing of the database is held while a platform answers."""

    notice: Notice
    template: Template[Notice]
    message: Message
    workspace: Workspace
    address: str
    conversation: Conversation | None
    anchor: Reference | None
    subject: str | None
    replies: tuple[tuple[Reply, Message], ...] = ()

    @property
    def identity(self) -> ChatIdentity:
        return ChatIdentity(self.workspace.platform, self.workspace.external_id, self.address)


Put = Callable[[], Prepared | Outcome]
"""Puts what was read into words, once it is that delivery's turn: what fails at them, fails at this one alone."""
Found = Mapping[int, Put]
"""By the number of the delivery."""


@dataclass(frozen=True, slots=True)
class _Ready:
    at: float
    put: Put


class Preparer:
    """Prepares deliveries; the others of the same notice that are about to go are prepared along with the first."""

    def __init__(self, open_uow: OpenUnitOfWork, clock: Clock) -> None:
        self._open_uow = open_uow
        self._clock = clock
        self._ready: dict[int, _Ready] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def __call__(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Prepared | Outcome:
        """Return what sending it needs, or what becomes of it without being sent."""
        async with self._turns.setdefault(delivery.lane, asyncio.Lock()):
            ready = self._ready.pop(delivery.id, None)
            if ready is not None and self._is_fresh(ready):
                return ready.put()
            found = await self._look(delivery, [one for one in ahead if one.notice_id == delivery.notice_id])
            at = self._clock.steady()
            self._ready = {known: one for known, one in self._ready.items() if self._is_fresh(one)}
            self._ready |= {one: _Ready(at, each) for one, each in found.items() if one != delivery.id}
            return found[delivery.id]()

    async def home(self, delivery: Delivery, notice: HomeChanged) -> Prepared | Outcome:
        """Prepare a home that is drawn beside the outbox."""
        async with self._open_uow(reads=True) as uow:
            found = await self._found(uow, [delivery], notice)
        return found[delivery.id]()

    def _is_fresh(self, ready: _Ready) -> bool:
        return self._clock.steady() - ready.at <= FRESH

    async def _look(self, delivery: Delivery, others: Sequence[Delivery]) -> Found:
        # A home is one for several alliances: what one of them has just shown must be seen by the next.
        deliveries = [delivery] if isinstance(delivery.recipient, ToHome) else [delivery, *others]
        async with self._open_uow(reads=True) as uow:
            return await self._found(uow, deliveries, await uow.outbox.notice(deliveries[0].notice_id))

    async def _found(self, uow: UnitOfWork, deliveries: Sequence[Delivery], notice: Notice) -> Found:
        """Prepare deliveries of one notice."""
        roster = await uow.rosters.get(deliveries[0].alliance_id)
        readers = {delivery.id: _reader(delivery.recipient, roster) for delivery in deliveries}
        for reader in readers.values():
            if isinstance(notice, HomeChanged) and reader.member is not None:
                notice = replace(notice, homes=await homes_of(uow, reader.member, self._clock.now()))
        wanted = await wanted_by(uow, notice, [_id_of(reader) for reader in readers.values()])
        going = {delivery: readers[delivery.id] for delivery in deliveries if _id_of(readers[delivery.id]) in wanted}
        portion = await _Portion.read(uow, notice, going)
        found: dict[int, Put] = {delivery.id: Unwanted for delivery in deliveries}
        for delivery, reader in going.items():
            found[delivery.id] = await portion.prepared(delivery, reader)
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something goes: a workspace, None while it is not connected, and the conversations known of it."""

    workspace: Workspace | None
    conversations: Mapping[str, Conversation]


@dataclass(frozen=True, slots=True)
class _Portion:
    """Deliveries of one notice: what is read for all of them together, and the words that several of them share."""

    uow: UnitOfWork
    notice: Notice
    template: Template[Notice]
    subject: str | None
    anchors: Mapping[Recipient, Reference]
    places: Mapping[tuple[Platform, str], _Place]
    words: dict[Hashable, Message] = field(default_factory=dict)

    @classmethod
    async def read(cls, uow: UnitOfWork, notice: Notice, going: Mapping[Delivery, Reader]) -> "_Portion":
        template = TEMPLATES[type(notice)]
        subject = template.subject(notice) if template.subject else None
        anchors = await uow.posts.several([one.recipient for one in going], subject) if subject and going else {}
        addresses: dict[tuple[Platform, str], list[str]] = {}
        for reader in going.values():
            if (holder := _holder(reader)) is not None:
                there = addresses.setdefault((holder.platform, holder.workspace), [])
                there.extend(filter(None, [_address(reader)]))
        places = {where: await _place(uow, *where, known) for where, known in addresses.items()}
        return cls(uow, notice, template, subject, anchors, places)

    async def prepared(self, delivery: Delivery, reader: Reader) -> Put:
        holder, address = _holder(reader), _address(reader)
        if holder is None:
            return lambda: GiveUp("there is nobody to send it to")
        place = self.places[holder.platform, holder.workspace]
        if place.workspace is None:
            return lambda: TryLater(CONNECTED_AGAIN, f"the workspace {delivery.lane} is not connected", counts=False)
        if not address:
            return lambda: GiveUp("no address is known")
        anchor = self.anchors.get(delivery.recipient)
        redraws = self.template.how is How.REDRAW
        if redraws and anchor is None:
            outcome = await self._without_anchor(delivery)
            return lambda: outcome
        replies = await self.uow.threads.replies(delivery.recipient, self.subject) if redraws and self.subject else ()
        known = place.conversations.get(address)
        return partial(self._in_words, reader, place.workspace, address, known, anchor=anchor, replies=replies)

    def _in_words(
        self,
        reader: Reader,
        workspace: Workspace,
        address: str,
        conversation: Conversation | None,
        *,
        anchor: Reference | None,
        replies: Sequence[Reply],
    ) -> Prepared:
        return Prepared(
            notice=self.notice,
            template=self.template,
            message=self._message(reader),
            workspace=workspace,
            address=address,
            conversation=conversation,
            anchor=anchor,
            subject=self.subject,
            replies=tuple((reply, TEMPLATES[type(reply.notice)].words(reply.notice, reader)) for reply in replies),
        )

    def _message(self, reader: Reader) -> Message:
        """The words for a reader: where they are the same for a whole side, the same message, drawn once."""
        who: Hashable = reader.side if self.template.same_for_side else reader.member and reader.member.id
        if who not in self.words:
            self.words[who] = self.template.words(self.notice, reader)
        return self.words[who]

    async def _without_anchor(self, delivery: Delivery) -> Outcome:
        """Say what becomes of a redraw of a message that is not there.

        Whoever cannot be reached gets the message, as it was, once they are back: then the redraw must follow it.
        """
        for missed in await self.uow.outbox.missed_before(delivery):
            template = TEMPLATES[type(missed)]
            if template.subject is not None and template.subject(missed) == self.subject:
                return GiveUp(f"{UNREACHABLE}nor was the message that this redraws")
        return Unwanted()


async def _place(uow: UnitOfWork, platform: Platform, external_id: str, addresses: Sequence[str]) -> _Place:
    workspace = await uow.workspaces.find(platform, external_id)
    return _Place(workspace, await uow.conversations.several(workspace.id, addresses) if workspace else {})


def _reader(recipient: Recipient, roster: Roster) -> Reader:
    match recipient:
        case ToMember(member_id) | ToHome(member_id):
            member = roster.member(member_id)
            return Reader(roster, member, member.side)
        case ToChannel(key):
            return Reader(roster, None, roster.side(key).key)


def _id_of(reader: Reader) -> MemberId | None:
    return reader.member.id if reader.member else None


def _holder(reader: Reader) -> Member | Side | None:
    return reader.member or (reader.roster.side(reader.side) if reader.side else None)


def _address(reader: Reader) -> str | None:
    """The person's own address, or their company's channel."""
    match _holder(reader):
        case Member(address=address):
            return address
        case Side(channel=channel):
            return channel
        case None:
            return None
