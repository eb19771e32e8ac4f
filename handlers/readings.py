"""Reading again what both companies were told: the same for whoever asks, on either side."""

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.audit import AuditEntry, BrokenLink
from alliance.errors import NotFound
from alliance.pulse import PulseResults
from handlers.call import Call, Handler
from handlers.intents import Intent
from handlers.reading_intents import ShowPulseResults, ShowTrail
from handlers.replies import Reply

NEWEST = 20
"""Entries of the trail that one message shows."""


class NoResultsYet(NotFound):
    """No pulse has closed yet, so there are no results. You get them when the first one does."""


@dataclass(frozen=True, slots=True)
class PulseResultsShown(Reply):
    """What was published of the newest closed pulse, word for word."""

    results: PulseResults


@dataclass(frozen=True, slots=True)
class TrailShown(Reply):
    """The newest entries, oldest first, of `count`; `broken` is the first place where the chain does not hold."""

    entries: tuple[AuditEntry, ...]
    count: int
    broken: BrokenLink | None


async def show_results(call: Call, _intent: ShowPulseResults) -> Reply:
    newest = await call.uow.pulses.results(call.alliance_id, 1)
    if not newest:
        raise NoResultsYet
    return PulseResultsShown(newest[0])


async def show_trail(call: Call, _intent: ShowTrail) -> Reply:
    """Show the facts of the trail; people's own words behind them are not part of it."""
    count = await call.uow.audit.count(call.alliance_id)
    entries = await call.uow.audit.entries(call.alliance_id, after=max(count - NEWEST, 0), limit=NEWEST)
    return TrailShown(tuple(entries), count, await call.uow.audit.verify(call.alliance_id))


HANDLERS: Mapping[type[Intent], Handler] = {ShowPulseResults: show_results, ShowTrail: show_trail}
