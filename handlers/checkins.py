"""Check-ins: opened for each side at its own hour, reminded, answered, and closed for both at one instant."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alliance import checkin as rules
from alliance.audit import AuditFact
from alliance.cadence import closes_at, next_occurrence, occurrence_on_side
from alliance.calendar import is_open, local_date, next_open
from alliance.charter import CharterVersion
from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary, RoundState
from alliance.disclosure import checkin_view
from alliance.ids import AllianceId, CheckinId, MemberId, SideKey
from alliance.notices import CheckinClosed, CheckinEnded, CheckinOpened, CheckinReminder, PointPassedOn
from alliance.roster import Side
from handlers.call import Call, Handler
from handlers.intents import AnswerCheckin, Intent, ShowCheckin
from handlers.replies import Nothing, Reply
from handlers.time_intents import CloseCheckin, OpenCheckin, RemindCheckin
from handlers.warnings import after_checkin

A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckinShown(Reply):
    """The member's own answer of a round (None: not given), to be read or, while `open`, to be changed."""

    alliance_id: AllianceId
    checkin_id: CheckinId
    day: dt.date
    closes_at: dt.datetime
    open: bool
    answer: CheckinAnswer | None


@dataclass(frozen=True, slots=True)
class CheckinAnswered(Reply):
    """The answer is in; it can be changed until the round closes."""

    alliance_id: AllianceId
    checkin_id: CheckinId
    closes_at: dt.datetime
    answer: CheckinAnswer


# --- when rounds open -------------------------------------------------------------------------------


async def schedule_first(call: Call, version: CharterVersion) -> dt.date | None:
    """Promise both sides' next round by a version just come into force; return its first local date.

    A side that has yet to open a round which the other has opened keeps that promise first: the round keeps
    the version it began under, and opening it sets the next by the new one.
    """
    terms, anchor = version.charter.checkin, _anchor(version, call.now)
    calendars = [side.calendar for side in call.roster.sides]
    first = next_occurrence(terms.cadence, anchor, calendars, call.now)
    half_open = await _sides_still_to_open(call)
    days = []
    for side in call.roster.sides:
        day, opens_at = rules.next_opening(terms.cadence, anchor, side.calendar, first - A_DAY, call.now)
        days.append(local_date(opens_at, side.calendar.zone))
        if side.key not in half_open:
            await _promise_opening(call, side, day, opens_at)
    return min(days)


async def open_checkin(call: Call, intent: OpenCheckin) -> Reply:
    """Open the round of that date for one side, making it if the other has not, and promise the next."""
    side = call.roster.side(intent.side)
    await call.uow.rosters.lock(call.alliance_id)
    in_force = await call.uow.charters.in_force(call.alliance_id)
    await _promise_next(call, side, intent.day, in_force)
    checkin = await call.uow.checkins.on(call.alliance_id, intent.day)
    if checkin is None:
        checkin = await _begin(call, intent.day, in_force)
    if checkin is None or checkin.state is not RoundState.OPEN or call.now >= checkin.closes_at:
        return Nothing()
    if side.key not in checkin.invited:
        await _open_side(call, checkin, side)
    return Nothing()


async def _begin(call: Call, day: dt.date, version: CharterVersion) -> Checkin | None:
    """Make the round under the version in force; None when it is too late for it to begin."""
    terms = version.charter.checkin
    calendars = [side.calendar for side in call.roster.sides]
    begins = rules.begins_at(terms.cadence, day, calendars)
    if begins is None or call.now > begins + rules.LATE:
        return None
    checkin = Checkin(
        id=CheckinId(call.uow.new_id()),
        alliance_id=call.alliance_id,
        charter_version=version.version,
        day=day,
        closes_at=closes_at(day, terms.cadence, calendars, terms.answer_within),
    )
    await call.promise(
        f"checkin:{checkin.id}:close",
        CloseCheckin(alliance_id=call.alliance_id, checkin_id=checkin.id),
        checkin.closes_at,
    )
    return checkin


async def _open_side(call: Call, checkin: Checkin, side: Side) -> None:
    invited = rules.to_invite(call.roster, side, checkin.closes_at)
    checkin = rules.invite(checkin, side.key, invited)
    await call.uow.checkins.save(checkin)
    for number, moment in enumerate(await _reminders(call, checkin, side), start=1):
        if moment > call.now:
            reminder = RemindCheckin(
                alliance_id=call.alliance_id,
                checkin_id=checkin.id,
                side=side.key,
                last=number == len(rules.REMINDERS),
            )
            await call.promise(f"checkin:{checkin.id}:remind:{side.key}:{number}", reminder, moment)
    here = rules.present(call.roster, side, invited, call.now)
    if here:
        await call.tell(
            CheckinOpened(
                alliance_id=call.alliance_id,
                checkin_id=checkin.id,
                side=side.key,
                closes_at=checkin.closes_at,
                members=here,
            )
        )


async def _reminders(call: Call, checkin: Checkin, side: Side) -> tuple[dt.datetime, ...]:
    version = await call.uow.charters.get(call.alliance_id, checkin.charter_version)
    opens_at = occurrence_on_side(version.charter.checkin.cadence, checkin.day, side.calendar)
    return rules.reminders_at(side.calendar, opens_at or call.now, checkin.closes_at)


async def _promise_next(call: Call, side: Side, day: dt.date, version: CharterVersion) -> None:
    cadence = version.charter.checkin.cadence
    following, opens_at = rules.next_opening(
        cadence, _anchor(version, call.now), side.calendar, day, call.now - rules.LATE
    )
    await _promise_opening(call, side, following, opens_at)


async def _promise_opening(call: Call, side: Side, day: dt.date, opens_at: dt.datetime) -> None:
    intent = OpenCheckin(alliance_id=call.alliance_id, day=day, side=side.key)
    await call.promise(f"checkin:open:{side.key}", intent, opens_at)


async def _sides_still_to_open(call: Call) -> set[SideKey]:
    """The sides whose promise to open belongs to a round that the other side has begun."""
    waiting: set[SideKey] = set()
    for checkin in await call.uow.checkins.open_rounds(call.alliance_id):
        if call.now >= checkin.closes_at:
            continue
        version = await call.uow.charters.get(call.alliance_id, checkin.charter_version)
        for side in call.roster.sides:
            opens_at = occurrence_on_side(version.charter.checkin.cadence, checkin.day, side.calendar)
            if side.key not in checkin.invited and opens_at is not None:
                waiting.add(side.key)
    return waiting


def _anchor(version: CharterVersion, now: dt.datetime) -> dt.date:
    return (version.in_force_at or now).date()


# --- while it is open -------------------------------------------------------------------------------


async def remind_checkin(call: Call, intent: RemindCheckin) -> Reply:
    """Remind those of one side who have not answered and are here; outside its hours, when it opens next."""
    checkin = await _own(call, intent.checkin_id)
    side = call.roster.side(intent.side)
    if checkin.state is not RoundState.OPEN or call.now >= checkin.closes_at:
        return Nothing()
    if not is_open(side.calendar, call.now):
        key = f"checkin:{checkin.id}:remind:{side.key}:{2 if intent.last else 1}"
        later = next_open(side.calendar, call.now)
        if later < checkin.closes_at:
            await call.promise(key, intent, later)
        return Nothing()
    moments = await _reminders(call, checkin, side)
    if moments and not intent.last and call.now >= moments[-1]:
        return Nothing()
    silent = set(checkin.invited.get(side.key, ())) - await _answered(call, checkin)
    if members := rules.present(call.roster, side, silent, call.now):
        await call.tell(
            CheckinReminder(
                alliance_id=call.alliance_id,
                checkin_id=checkin.id,
                closes_at=checkin.closes_at,
                members=members,
                last=intent.last,
            )
        )
    return Nothing()


async def answer_checkin(call: Call, intent: AnswerCheckin) -> Reply:
    """Take a member's answer, or a change of it."""
    checkin = await _own(call, intent.checkin_id)
    side = rules.require_open(checkin, call.asker, call.now)
    answer = rules.answer(
        call.asker.id,
        side,
        intent.course,
        moved=intent.moved,
        coming=intent.next,
        in_the_way=intent.in_the_way,
    )
    await call.uow.checkins.save_answer(checkin.id, answer)
    return CheckinAnswered(call.alliance_id, checkin.id, checkin.closes_at, answer)


async def show_checkin(call: Call, intent: ShowCheckin) -> Reply:
    """Show a member the questions with what they wrote, or, after the close, what they wrote alone."""
    member = call.asker
    if intent.checkin_id is None:
        checkin = await open_round_of(call, member.id)
        if checkin is None:
            raise rules.NoCheckinOpen
    else:
        checkin = await _own(call, intent.checkin_id)
    answer = await call.uow.checkins.answer_of(checkin.id, member.id)
    still_open = checkin.state is RoundState.OPEN and call.now < checkin.closes_at
    if still_open:
        rules.require_open(checkin, member, call.now)
    elif answer is None:
        raise rules.CheckinOver
    return CheckinShown(call.alliance_id, checkin.id, checkin.day, checkin.closes_at, still_open, answer)


async def open_round_of(call: Call, member_id: MemberId) -> Checkin | None:
    """The newest open round to which the member is invited."""
    rounds = await call.uow.checkins.open_rounds(call.alliance_id)
    mine = [
        checkin
        for checkin in rounds
        if call.now < checkin.closes_at and any(member_id in people for people in checkin.invited.values())
    ]
    return mine[-1] if mine else None


# --- the close --------------------------------------------------------------------------------------


async def close_checkin(call: Call, intent: CloseCheckin) -> Reply:
    """Close the round for both companies and tell them the same at the same moment, however late that is."""
    checkin = await _own(call, intent.checkin_id)
    if checkin.state is not RoundState.OPEN:
        return Nothing()
    before = next(iter(await call.uow.checkins.summaries(call.alliance_id, 1)), None)
    answers = await call.uow.checkins.answers(checkin.id)
    summary = checkin_view(checkin, answers, before, call.roster)
    await call.uow.checkins.save(rules.close(checkin))
    await call.uow.checkins.save_summary(summary)
    await call.take_back(f"checkin:{checkin.id}")
    await _tell_ended(call, checkin, [answer.member_id for answer in answers])
    await _tell_summary(call, checkin, summary)
    await call.record(AuditFact("check-in closed", f"check-in {checkin.day.isoformat()}", facts=_figures(summary)))
    await after_checkin(call, summary)
    return Nothing()


async def _tell_ended(call: Call, checkin: Checkin, answered: Iterable[MemberId]) -> None:
    invited = tuple(member for members in checkin.invited.values() for member in members)
    if invited:
        await call.tell(
            CheckinEnded(
                alliance_id=call.alliance_id,
                checkin_id=checkin.id,
                day=checkin.day,
                members=invited,
                answered=tuple(answered),
            )
        )


async def _tell_summary(call: Call, checkin: Checkin, summary: CheckinSummary) -> None:
    await call.tell(CheckinClosed(alliance_id=call.alliance_id, summary=summary))
    for point in summary.points:
        counterpart = call.roster.counterpart(call.roster.member(point.author))
        if counterpart is not None:
            await call.tell(
                PointPassedOn(
                    alliance_id=call.alliance_id,
                    checkin_id=checkin.id,
                    point=point,
                    counterpart=counterpart.id,
                )
            )


def _figures(summary: CheckinSummary) -> Mapping[str, str]:
    rates = {f"answered {side.side}": f"{side.answered} of {side.invited}" for side in summary.sides}
    blockers = sum(point.blocks for point in summary.points)
    return {**rates, "blockers": str(blockers), "needs": str(len(summary.points) - blockers)}


async def _own(call: Call, checkin_id: CheckinId) -> Checkin:
    checkin = await call.uow.checkins.get(checkin_id)
    call.own(checkin.alliance_id)
    return checkin


async def _answered(call: Call, checkin: Checkin) -> set[MemberId]:
    return {answer.member_id for answer in await call.uow.checkins.answers(checkin.id)}


HANDLERS: Mapping[type[Intent], Handler] = {
    OpenCheckin: open_checkin,
    RemindCheckin: remind_checkin,
    AnswerCheckin: answer_checkin,
    ShowCheckin: show_checkin,
    CloseCheckin: close_checkin,
}
