"""Dialogs in which somebody is writing: Slack tells of every change, and of the close without what stood there.

A `view_closed` has an empty state (seen in slack-bolt's own recorded payloads), so what was heard last is kept here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from handlers.dispatch import ChatIdentity
from schedules.clock import Clock

Keep = Callable[[ChatIdentity, str, Mapping[str, str]], Awaitable[None]]
KEPT_EVERY = 3.0
"""Seconds; what is typed in between is kept when the dialog closes, and lost only if the process dies before."""
_MOST = 2_000


@dataclass(slots=True)
class _Heard:
    who: ChatIdentity
    token: str
    inputs: Mapping[str, str]
    kept_at: float
    is_kept: bool


class Writing:
    """Keeps drafts of the dialogs that are open in this process, by the id of their view."""

    def __init__(self, keep: Keep, clock: Clock) -> None:
        self._keep = keep
        self._clock = clock
        self._open: dict[str, _Heard] = {}
        self._sent: dict[str, None] = {}

    async def heard(self, view: str, who: ChatIdentity, token: str, inputs: Mapping[str, str]) -> None:
        """Something changed in a dialog; of one that was sent a straggler is not kept."""
        if view in self._sent:
            return
        now, before = self._clock.steady(), self._open.get(view)
        is_due = before is None or now - before.kept_at >= KEPT_EVERY
        if before is None and len(self._open) >= _MOST:
            del self._open[next(iter(self._open))]
        kept_at = now if is_due or before is None else before.kept_at
        self._open[view] = _Heard(who, token, inputs, kept_at, is_due)
        if is_due:
            await self._keep(who, token, inputs)

    async def closed(self, view: str) -> None:
        """A dialog was closed without being sent."""
        last = self._open.pop(view, None)
        if last is not None and not last.is_kept:
            await self._keep(last.who, last.token, last.inputs)

    def sent(self, view: str) -> None:
        """A dialog was sent and taken: what stood in it is no draft any more."""
        self._open.pop(view, None)
        if len(self._sent) >= _MOST:
            del self._sent[next(iter(self._sent))]
        self._sent[view] = None
