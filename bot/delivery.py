"""The courier: a delivery is drawn and handed to its platform; what came of it goes back to the lane."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from alliance.audience import ToHome, ToMember
from alliance.ids import NoticeId
from alliance.notices import CheckinEnded, CheckpointEnded, HomeChanged, PulseEnded
from alliance.roster import Member, Platform
from bot.messages.template import How
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
from bot.preparing import CONNECTED_AGAIN, Prepared, Preparer
from handlers.dispatch import ChatIdentity
from schedules.clock import Clock
from schedules.deliveries import GiveUp, Outcome, Sent, TryLater, Unwanted
from schedules.keeping import Keep
from storage.conversations import Conversation
from storage.homes import HOME
from storage.outbox import UNREACHABLE, Delivery, Reference
from storage.posts import Post
from storage.threads import under
from storage.unit_of_work import OpenUnitOfWork

log = logging.getLogger(__name__)

_ENDS = (CheckinEnded, CheckpointEnded, PulseEnded)


class Deliverer:
    """Delivers notices to members and channels through the platforms."""

    def __init__(
        self,
        open_uow: OpenUnitOfWork,
        platforms: Mapping[Platform, ChatPlatform],
        *,
        lost: Callable[[ChatIdentity, str], Awaitable[None]],
        sent: Callable[[str, str], None],
        clock: Clock,
    ) -> None:
        """`lost` is told who cannot be reached and why; `sent` counts by platform and notice."""
        self._platforms = platforms
        self._lost = lost
        self._sent = sent
        self._prepare = Preparer(open_uow, clock)
        self._keep = Keep(open_uow, clock)

    async def deliver(self, delivery: Delivery, ahead: Sequence[Delivery] = ()) -> Outcome:
        prepared = await self._prepare(delivery, ahead)
        if not isinstance(prepared, Prepared):
            return prepared
        try:
            sent = await self._send(prepared, delivery)
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
        return sent

    # --- before --------------------------------------------------------------------------------------

    async def redraw_home(self, member: Member) -> None:
        """Draw a person's home by what stands now, if they have one, without a row that would say when."""
        here, lane = member.alliance_id, f"{member.platform}:{member.workspace}"
        notice = HomeChanged(alliance_id=here, members=(member.id,))
        delivery = Delivery(
            0, NoticeId(""), here, HomeChanged.__name__, ToHome(member.id), lane, urgent=False, attempts=0
        )
        prepared = await self._prepare.home(delivery, notice)
        if isinstance(prepared, Prepared) and isinstance(prepared.notice, HomeChanged):
            try:
                await self._show_home(self._platforms[prepared.workspace.platform], prepared, prepared.notice)
            except PlatformError as trouble:
                log.info("home not drawn again", extra={"because": str(trouble)})

    # --- on the way ----------------------------------------------------------------------------------

    async def _send(self, prepared: Prepared, delivery: Delivery) -> Sent:
        platform = self._platforms[prepared.workspace.platform]
        if prepared.template.how is How.REDRAW and prepared.anchor is not None:
            redrawn = await platform.update(prepared.workspace, prepared.anchor, prepared.message)
            await self._thin_replies(platform, prepared, delivery)
            return Sent(redrawn, prepared.subject if redrawn != prepared.anchor else None)
        if isinstance(prepared.notice, HomeChanged):
            return Sent(await self._show_home(platform, prepared, prepared.notice))
        conversation = prepared.conversation or await self._open(platform, prepared)
        marker = f"delivery-{delivery.id}-{delivery.notice_id}"
        above = prepared.anchor if prepared.template.how is How.THREAD else None
        reference = await platform.post(
            prepared.workspace, conversation, prepared.message, under=above, marker=marker, in_doubt=delivery.in_doubt
        )
        return Sent(reference, _known_by(prepared, delivery))

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
        if bare and (about := prepared.subject):
            await self._keep(lambda uow: uow.threads.drop(delivery.recipient, about, bare))

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
            posts = [Post(home.alliance_id, ToHome(home.member.id), HOME, reference) for home in notice.homes]
            await self._keep(lambda uow: uow.posts.keep(*posts))
        return reference

    async def _without_home(self, delivery: Delivery, because: str) -> Outcome:
        """A home that cannot be shown is let go quietly, until the person asks for it again."""
        log.warning("home not shown", extra={"because": because})
        await self._drop_anchor(delivery, HOME)
        return Unwanted()

    async def _drop_anchor(self, delivery: Delivery, subject: str | None) -> None:
        if subject:
            await self._keep(lambda uow: uow.posts.drop(delivery.recipient, subject))

    async def _open(self, platform: ChatPlatform, prepared: Prepared) -> Conversation:
        conversation = await platform.open_conversation(prepared.workspace, prepared.address)
        await self._keep(lambda uow: uow.conversations.save(prepared.workspace.id, prepared.address, conversation))
        return conversation


def _known_by(prepared: Prepared, delivery: Delivery) -> str | None:
    """The subject by which a message that was posted is known; one under another, that it stands there."""
    if prepared.subject and (prepared.template.how is How.NEW or prepared.anchor is None):
        return prepared.subject
    return under(prepared.subject, delivery.notice_id) if prepared.subject and tokens_of(prepared.message) else None
