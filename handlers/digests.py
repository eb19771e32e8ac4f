"""The weekly digest: made once a week for both companies, sent to each one's executives at their own hour."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from alliance import digest as rules
from alliance.audit import AuditFact
from alliance.calendar import local_date
from alliance.charter import CharterVersion
from alliance.checkin import CheckinSummary
from alliance.checkpoint import Checkpoint
from alliance.digest import Digest
from alliance.disclosure import digest_view
from alliance.errors import NotFound
from alliance.notices import DigestReady
from alliance.roster import Side
from handlers import checkpoints, warnings
from handlers.call import Call, Handler
from handlers.intents import Intent, ShowDigest
from handlers.replies import Nothing, Reply
from handlers.time_intents import SendDigest

ROUNDS_READ = 26
"""Check-ins and checkpoints looked through for those since the last digest: half a year of weekly ones."""


class NoDigestYet(NotFound):
    """There is no digest yet. The first one comes in the week after the charter has come into force."""


@dataclass(frozen=True, slots=True)
class DigestShown(Reply):
    digest: Digest


async def schedule_first(call: Call, version: CharterVersion) -> dt.date | None:
    """Promise each company's next digest by a version that has come into force; return the first date."""
    days = [await _promise_next(call, version, side) for side in call.roster.sides]
    return min(days)


async def send_digest(call: Call, intent: SendDigest) -> Reply:
    """Send one company its week's digest, made by whichever company's hour came first; promise its next.

    A digest that is late is still sent, unless the side's next one is due by now as well.
    """
    await call.uow.rosters.lock(call.alliance_id)
    version = await call.uow.charters.in_force(call.alliance_id)
    side = call.roster.side(intent.side)
    await _promise_next(call, version, side)
    if _is_outrun(call, version, side, intent.week):
        return Nothing()
    digest = await call.uow.digests.of_week(call.alliance_id, intent.week)
    if digest is None:
        await warnings.weekly(call, intent.week)
        digest = await _make(call, version, intent.week)
        await call.uow.digests.save(digest)
        await call.record(AuditFact("digest made", f"digest of {intent.week.isoformat()}"))
    await call.tell(DigestReady(alliance_id=call.alliance_id, side=side.key, digest=digest))
    return Nothing()


async def show_digest(call: Call, _intent: ShowDigest) -> Reply:
    """Give the newest digest: the same one that both companies' executives have."""
    digest = await call.uow.digests.newest(call.alliance_id)
    if digest is None:
        raise NoDigestYet
    return DigestShown(digest)


async def _promise_next(call: Call, version: CharterVersion, side: Side) -> dt.date:
    week, instant = rules.next_digest(version.charter.digest, side.calendar, call.now)
    intent = SendDigest(alliance_id=call.alliance_id, week=week, side=side.key)
    await call.promise(f"digest:{side.key}", intent, instant)
    return local_date(instant, side.calendar.zone)


def _is_outrun(call: Call, version: CharterVersion, side: Side, week: dt.date) -> bool:
    """Whether a later week's digest is due at this side by now."""
    following, instant = week, dt.datetime.combine(week, dt.time(), dt.UTC)
    while following <= week:
        following, instant = rules.next_digest(version.charter.digest, side.calendar, instant)
    return instant <= call.now


# --- what is in it ----------------------------------------------------------------------------------


async def _make(call: Call, version: CharterVersion, monday: dt.date) -> Digest:
    uow, alliance_id = call.uow, call.alliance_id
    before = await uow.digests.newest(alliance_id)
    since = before.until if before else version.in_force_at or version.drafted_at
    week = rules.Week(
        monday=monday,
        since=since,
        until=call.now,
        pulses=await uow.pulses.results(alliance_id, rules.PULSES_READ),
        checkins=await _checkins(call, since),
        open_cases=await uow.escalations.open_ones(alliance_id),
        ended=await uow.escalations.ended_since(alliance_id, since),
        to_do=await uow.action_items.open_ones(alliance_id),
        checkpoints=await _checkpoints(call, since),
        next_checkpoint=await checkpoints.next_day(call, version),
        warnings=await uow.warnings.since(alliance_id, since),
        pending=await uow.charters.pending(alliance_id),
        floor=version.charter.triggers.floor,
    )
    return digest_view(week, call.roster)


async def _checkins(call: Call, since: dt.datetime) -> list[CheckinSummary]:
    """Those that closed since."""
    closed = await call.uow.checkins.closed(call.alliance_id, ROUNDS_READ)
    return [summary for checkin, summary in closed if checkin.closes_at > since]


async def _checkpoints(call: Call, since: dt.datetime) -> tuple[Checkpoint, ...]:
    """Those that closed since, and the one that is open."""
    closed = await call.uow.checkpoints.closed(call.alliance_id, ROUNDS_READ)
    lately = [checkpoint for checkpoint, _ in reversed(closed) if checkpoint.closes_at > since]
    return (*lately, *await call.uow.checkpoints.open_rounds(call.alliance_id))


HANDLERS: Mapping[type[Intent], Handler] = {SendDigest: send_digest, ShowDigest: show_digest}
