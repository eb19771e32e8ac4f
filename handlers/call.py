"""What a handler works with: one intent's transaction, the alliance's people, who asks, and now."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from alliance.audience import Recipient, ToChannel, ToHome, ToMember, audience, is_urgent
from alliance.audit import AuditFact
from alliance.errors import NotAMember, NotFound
from alliance.ids import AllianceId, MemberId, NoticeId
from alliance.notices import Notice, PulseReminder
from alliance.roster import Member, Roster, Side
from handlers.intents import Intent
from handlers.replies import Reply
from handlers.time_intents import OpenCheckin, OpenCheckpoint, OpenPulse, SendDigest
from storage.unit_of_work import UnitOfWork

_SHOWN_AS_COMING = (OpenCheckin, OpenPulse, OpenCheckpoint, SendDigest)


@dataclass(slots=True)
class Call:
    """One intent being handled. `member` is None when time asks. Handlers never commit.

    `touched` are those for whom something changed; `dates_moved`: for everybody, since what comes next moved.
    """

    uow: UnitOfWork
    roster: Roster
    member: Member | None
    now: dt.datetime
    lanes: set[str] = field(default_factory=set)
    scrub: bool = False
    touched: set[MemberId] = field(default_factory=set)
    dates_moved: bool = False

    @property
    def asker(self) -> Member:
        """The member who asks; NotAMember when nobody does."""
        if self.member is None:
            raise NotAMember
        return self.member

    @property
    def alliance_id(self) -> AllianceId:
        return self.roster.alliance_id

    def own(self, alliance_id: AllianceId) -> None:
        """Refuse something of another alliance, whatever id a forged button named."""
        if alliance_id != self.roster.alliance_id:
            raise NotFound

    async def tell(self, *notices: Notice) -> None:
        """Append notices to the outbox, with one delivery for everybody who hears them."""
        for notice in notices:
            recipients = {to: self._lane(to) for to in audience(notice, self.roster)}
            await self.uow.outbox.append(
                NoticeId(self.uow.new_id()),
                notice,
                recipients=recipients,
                urgent=is_urgent(notice),
                now=self.now,
            )
            self.lanes.update(recipients.values())
            if not isinstance(notice, PulseReminder):  # to whom it goes must not be read from anything that is kept
                self.touched.update(to.member_id for to in recipients if isinstance(to, ToMember))

    async def record(self, *facts: AuditFact) -> None:
        """Append facts to the alliance's audit trail."""
        await self.uow.audit.append(self.alliance_id, self.now, *facts)

    async def promise(self, key: str, intent: Intent, due_at: dt.datetime) -> None:
        """Set a timer under `key`, in place of what stood there."""
        await self.uow.timers.set(f"{self.alliance_id}:{key}", self.alliance_id, intent, due_at)
        self.dates_moved |= isinstance(intent, _SHOWN_AS_COMING)

    async def take_back(self, key: str) -> None:
        """Cancel the timer `key` and all whose keys begin with it and a colon."""
        await self.uow.timers.cancel(self.alliance_id, f"{self.alliance_id}:{key}")

    def _lane(self, to: Recipient) -> str:
        match to:
            case ToMember(member_id) | ToHome(member_id):
                return lane_of(self.roster.member(member_id))
            case ToChannel(key):
                return lane_of(self.roster.side(key))


def lane_of(holder: Member | Side) -> str:
    """The lane of what goes to a person or a company's channel: their workspace."""
    return f"{holder.platform}:{holder.workspace}"


Handler = Callable[[Call, Any], Awaitable[Reply]]
"""One function per intent: `async def acknowledge(call: Call, intent: AcknowledgeEscalation) -> Reply`."""
