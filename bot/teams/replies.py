"""What a person is told at once, by messages of its own: beside the HTTP answer, never inside it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from bot.errands import Errands
from bot.messages.blocks import Message
from bot.messages.greetings import answered_privately, chat_needed
from bot.platform import RateLimited, Rejected, Unavailable, Unreachable
from bot.teams.activities import Received
from bot.teams.adapter import place_of
from bot.teams.connector import Connector, Place
from bot.teams.platform import TeamsPlatform, card_activity
from bot.teams.render import Rendered, render
from schedules.clock import Clock

log = logging.getLogger(__name__)

PATIENCE = 5
"""Seconds that a request waits for its reply to be posted; Teams gives up after ten (platforms.md 2.2)."""
_WAITS = (1.0, 5.0, 20.0)
_LAST_MOMENTS = 5


class Replies:
    """Posts replies, each tried a few times; what takes too long for a request goes on in the background."""

    def __init__(self, connector: Connector, platform: TeamsPlatform, clock: Clock) -> None:
        self._connector = connector
        self._platform = platform
        self._clock = clock
        self._errands = Errands()

    async def here(self, received: Received, message: Message) -> None:
        """Post a message into the conversation in which something was said."""
        await self._patiently(self._post(place_of(received), message))

    async def privately(self, received: Received, message: Message, *, noting: bool) -> None:
        """Post a message into the person's own chat; `noting` says so in the place where they asked."""
        await self._patiently(self._in_their_chat(received, message, noting=noting))

    def redraw(self, received: Received, part: Rendered) -> None:
        """Put a card in the place of the one that was pressed, soon: nobody waits for it who has the answer already."""
        if received.reply_to:
            card = card_activity(part)
            place = place_of(received)
            self._errands.begin(_guarded(self._insist(lambda: self._connector.update(place, received.reply_to, card))))

    async def idle(self) -> None:
        """Return once no reply is on its way."""
        await self._errands.idle()

    async def stop(self) -> None:
        """Give what is still on its way a few seconds."""
        await self._errands.stop(_LAST_MOMENTS)

    async def _in_their_chat(self, received: Received, message: Message, *, noting: bool) -> None:
        if received.who is None:
            return
        where = place_of(received)
        try:
            chat = await self._platform.chat_with(received.who.address, received.tenant, received.service_url)
        except (Unreachable, Rejected):
            await self._post(where, chat_needed())
            return
        except (RateLimited, Unavailable) as trouble:
            log.warning("reply not sent", extra={"because": str(trouble)})
            return
        await self._post(replace(where, conversation=chat), message)
        if noting:
            await self._post(where, answered_privately())

    async def _post(self, place: Place, message: Message) -> None:
        for part in render(message):
            card = card_activity(part)
            await self._insist(lambda card=card: self._connector.send(place, card))  # type: ignore[misc]

    async def _insist(self, attempt: Callable[[], Awaitable[object]]) -> None:
        """Try a few times while the platform is too busy; then it is lost, and the person asks again."""
        for wait in (*_WAITS, None):
            try:
                await attempt()
            except (RateLimited, Unavailable) as trouble:
                if wait is None:
                    log.warning("reply not sent", extra={"because": str(trouble)})
                    return
                asked = trouble.retry_after if isinstance(trouble, RateLimited) else 0
                await self._clock.sleep(max(wait, asked))
            except (Unreachable, Rejected) as refusal:
                log.warning("reply not sent", extra={"because": str(refusal)})
                return
            else:
                return

    async def _patiently(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._errands.begin(work)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        for finished in done:
            finished.result()


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    """Nobody hears what it raises: the request is answered."""
    try:
        await work
    except Exception:
        log.exception("reply not sent")
