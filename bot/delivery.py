"""The courier: a delivery is worded, drawn and handed to its platform; what came of it goes back to the lane."""

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from alliance.audience import ToChannel, ToHome, ToMember
from alliance.ids import NoticeId
from alliance.notices import CheckinEnded, CheckpointEnded, HomeChanged, Notice, PulseEnded
from alliance.roster import Member, Platform, Roster, Side
from bot.messages.blocks import Message
from bot.messages.catalog import TEMPLATES
from bot.messages.reader import Reader
from bot.messages.template import How, Template
from bot.messages.thinning import thinned, tokens_of
from bot.platform import (
    ChatPlatform,
    MessageGone,
    NotConnected,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
    Unreachable,
)
from handlers.dispatch import ChatIdentity
from handlers.status import homes_of
from handlers.wanted import still_wanted
from schedules.deliveries import GiveUp, Outcome, Sent, TryLater, Unwanted
from storage.conversations import Conversation
from storage.homes import HOME
from storage.outbox import UNREACHABLE, Delivery, Reference
from storage.threads import Reply
from storage.unit_of_work import OpenUnitOfWork, UnitOfWork
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

_ENDS = (CheckinEnded, CheckpointEnded, PulseEnded)
CONNECTED_AGAIN = 300.0
"""Seconds between two looks whether a workspace that is not connected is back."""


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


class Deliverer:
    """Delivers notices to members and channels through the platforms."""

    def __init__(
        self,
        open_uow: OpenUnitOfWork,
        platforms: Mapping[Platform, ChatPlatform],
        *,
        lost: Callable[[ChatIdentity, str], Awaitable[None]],
        sent: Callable[[str, str], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        """`lost` is told who cannot be reached and why; `sent` counts by platform and notice."""
        self._open_uow = open_uow
        self._platforms = platforms
        self._lost = lost
        self._sent = sent
        self._now = now

    async def deliver(self, delivery: Delivery) -> Outcome:
        async with self._open_uow(reads=True) as uow:
            prepared = await self._prepare(uow, delivery, await uow.outbox.notice(delivery.notice_id))
        if not isinstance(prepared, Prepared):
            return prepared
        try:
            reference = await self._send(prepared, delivery)
        except RateLimited as limit:
            return TryLater(limit.retry_after, str(limit), counts=False)
        except NotConnected as trouble:
            return TryLater(CONNECTED_AGAIN, str(trouble), counts=False)
        except Unavailable as trouble:
            return TryLater(None, str(trouble) or "the platform did not answer")
        except Unreachable as gone:
            if isinstance(delivery.recipient, ToHome):
                return await self._without_home(delivery, str(gone))
            if isinstance(delivery.recipient, ToMember):
                await self._lost(prepared.identity, gone.because)
            return GiveUp(f"{UNREACHABLE}{gone}")
        except MessageGone as gone:
            # Deleted, or past what the company keeps: nobody misses a redraw of what nobody sees.
            log.info("nothing left to redraw", extra={"notice": delivery.kind, "because": str(gone)})
            await self._drop_anchor(delivery, prepared.subject)
            return Unwanted()
        except Rejected as refusal:
            if isinstance(delivery.recipient, ToHome):
                return await self._without_home(delivery, str(refusal))
            log.warning("message refused", extra={"notice": delivery.kind, "because": str(refusal)})
            return GiveUp(f"refused: {refusal}")
        self._sent(prepared.workspace.platform, delivery.kind)
        return Sent(reference)

    # --- before --------------------------------------------------------------------------------------

    async def redraw_home(self, member: Member) -> None:
        """Draw a person's home by what stands now, if they have one, without a row that would say when."""
        here, lane = member.alliance_id, f"{member.platform}:{member.workspace}"
        notice = HomeChanged(alliance_id=here, members=(member.id,))
        delivery = Delivery(
            0, NoticeId(""), here, HomeChanged.__name__, ToHome(member.id), lane, urgent=False, attempts=0
        )
        async with self._open_uow(reads=True) as uow:
            prepared = await self._prepare(uow, delivery, notice)
        if isinstance(prepared, Prepared) and isinstance(prepared.notice, HomeChanged):
            try:
                await self._show_home(self._platforms[prepared.workspace.platform], prepared, prepared.notice)
            except PlatformError as trouble:
                log.info("home not drawn again", extra={"because": str(trouble)})

    async def _prepare(self, uow: UnitOfWork, delivery: Delivery, notice: Notice) -> Prepared | Outcome:
        roster = await uow.rosters.get(delivery.alliance_id)
        member, side = _recipient(delivery, roster)
        if isinstance(notice, HomeChanged) and member is not None:
            notice = replace(notice, homes=await homes_of(uow, member, self._now()))
        if not await still_wanted(uow, notice, member.id if member else None):
            return Unwanted()
        holder = member or side
        if holder is None:
            return GiveUp("there is nobody to send it to")
        workspace = await uow.workspaces.find(holder.platform, holder.workspace)
        if workspace is None:
            return TryLater(CONNECTED_AGAIN, f"the workspace {delivery.lane} is not connected", counts=False)
        address = member.address if member else (side.channel if side else None)
        if not address:
            return GiveUp("no address is known")
        template = TEMPLATES[type(notice)]
        subject = template.subject(notice) if template.subject else None
        anchor = await uow.outbox.post_of(delivery.recipient, subject) if subject else None
        if template.how is How.REDRAW and anchor is None:
            return await self._without_anchor(uow, delivery, subject)
        reader = Reader(roster, member, side.key if side else None)
        replies = (
            await uow.threads.replies(delivery.recipient, subject) if template.how is How.REDRAW and subject else ()
        )
        return Prepared(
            notice=notice,
            template=template,
            message=template.words(notice, reader),
            workspace=workspace,
            address=address,
            conversation=await uow.conversations.find(workspace.id, address),
            anchor=anchor,
            subject=subject,
            replies=tuple((reply, TEMPLATES[type(reply.notice)].words(reply.notice, reader)) for reply in replies),
        )

    async def _without_anchor(self, uow: UnitOfWork, delivery: Delivery, subject: str | None) -> Outcome:
        """Say what becomes of a redraw of a message that is not there.

        Whoever cannot be reached gets the message, as it was, once they are back: then the redraw must follow it.
        """
        for missed in await uow.outbox.missed_before(delivery):
            template = TEMPLATES[type(missed)]
            if template.subject is not None and template.subject(missed) == subject:
                return GiveUp(f"{UNREACHABLE}nor was the message that this redraws")
        return Unwanted()

    # --- on the way ----------------------------------------------------------------------------------

    async def _send(self, prepared: Prepared, delivery: Delivery) -> Reference | None:
        platform = self._platforms[prepared.workspace.platform]
        if prepared.template.how is How.REDRAW and prepared.anchor is not None:
            redrawn = await platform.update(prepared.workspace, prepared.anchor, prepared.message)
            if redrawn != prepared.anchor and prepared.subject:
                await self._keep_anchor(delivery, prepared.subject, redrawn)
            await self._thin_replies(platform, prepared, delivery)
            return redrawn
        if isinstance(prepared.notice, HomeChanged):
            return await self._show_home(platform, prepared, prepared.notice)
        conversation = prepared.conversation or await self._open(platform, prepared)
        marker = f"delivery-{delivery.id}-{delivery.notice_id}"
        found = await platform.find(prepared.workspace, conversation, marker) if delivery.in_doubt else None
        under = prepared.anchor if prepared.template.how is How.THREAD else None
        reference = found or await platform.post(
            prepared.workspace, conversation, prepared.message, under=under, marker=marker
        )
        if prepared.subject and (prepared.template.how is How.NEW or prepared.anchor is None):
            await self._keep_anchor(delivery, prepared.subject, reference)
        elif prepared.subject and tokens_of(prepared.message):
            async with self._open_uow() as uow:
                await uow.threads.keep(
                    delivery.alliance_id, delivery.recipient, prepared.subject, delivery.notice_id, reference
                )
                await uow.commit()
        return reference

    async def _thin_replies(self, platform: ChatPlatform, prepared: Prepared, delivery: Delivery) -> None:
        """Take away the buttons of replies that the message above them does not offer any more."""
        able = frozenset[str]() if isinstance(prepared.notice, _ENDS) else tokens_of(prepared.message)
        bare: list[NoticeId] = []
        for reply, message in prepared.replies:
            left = thinned(message, able)
            if left != message:
                try:
                    await platform.update(prepared.workspace, reply.reference, left)
                except PlatformError as trouble:
                    # The button stays and, pressed, says that it is too late: no reason to send all of it again.
                    log.info("reply not thinned", extra={"because": str(trouble)})
            if not tokens_of(left):
                bare.append(reply.notice_id)
        if bare and prepared.subject:
            async with self._open_uow() as uow:
                await uow.threads.drop(delivery.recipient, prepared.subject, bare)
                await uow.commit()

    async def _show_home(self, platform: ChatPlatform, prepared: Prepared, notice: HomeChanged) -> Reference | None:
        """One home shows all the alliances of a person, so it is kept for each of their memberships."""
        if not notice.anew and prepared.anchor is None:
            return None
        reference = await platform.show_home(
            prepared.workspace,
            prepared.address,
            prepared.conversation or await self._open(platform, prepared),
            prepared.message,
            shown=None if notice.anew else prepared.anchor,
        )
        if reference != prepared.anchor:
            async with self._open_uow() as uow:
                for home in notice.homes:
                    await uow.outbox.keep_post(home.alliance_id, ToHome(home.member.id), HOME, reference)
                await uow.commit()
        return reference

    async def _without_home(self, delivery: Delivery, because: str) -> Outcome:
        """A home that cannot be shown is let go quietly, until the person asks for it again."""
        log.warning("home not shown", extra={"because": because})
        await self._drop_anchor(delivery, HOME)
        return Unwanted()

    async def _drop_anchor(self, delivery: Delivery, subject: str | None) -> None:
        if subject:
            async with self._open_uow() as uow:
                await uow.outbox.drop_post(delivery.recipient, subject)
                await uow.commit()

    async def _open(self, platform: ChatPlatform, prepared: Prepared) -> Conversation:
        conversation = await platform.open_conversation(prepared.workspace, prepared.address)
        async with self._open_uow() as uow:
            await uow.conversations.save(prepared.workspace.id, prepared.address, conversation)
            await uow.commit()
        return conversation

    async def _keep_anchor(self, delivery: Delivery, subject: str, reference: Reference) -> None:
        async with self._open_uow() as uow:
            await uow.outbox.keep_post(delivery.alliance_id, delivery.recipient, subject, reference)
            await uow.commit()


def _recipient(delivery: Delivery, roster: Roster) -> tuple[Member | None, Side | None]:
    match delivery.recipient:
        case ToMember(member_id) | ToHome(member_id):
            member = roster.member(member_id)
            return member, roster.side(member.side) if member.side else None
        case ToChannel(key):
            return None, roster.side(key)
