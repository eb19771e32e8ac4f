"""Check-ins: opened for each side at its own hour, reminded, answered, and closed for both at one instant."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alliance import checkin as rules
from alliance.audit import AuditFact
from alliance.cadence import closes_at
from alliance.charter import CharterVersion
from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary
from alliance.disclosure import checkin_view
from alliance.ids import AllianceId, CheckinId, MemberId
from alliance.notices import (
    CheckinClosed,
    CheckinEnded,
    CheckinOpened,
    CheckinRedrawn,
    CheckinReminder,
    PointPassedOn,
)
from alliance.roster import Side
from alliance.rounds import LATE, RoundState, begins_at, present
from handlers import rounds
from handlers.call import Call, Handler
from handlers.intents import AnswerCheckin, Intent, ShowCheckin
from handlers.replies import Nothing, Reply
from handlers.time_intents import CloseCheckin, OpenCheckin, RemindCheckin
from handlers.warnings import after_checkin

KIND = rounds.Kind(
    word="checkin",
    cadence=lambda charter: charter.checkin.cadence,
    open_rounds=lambda call: call.uow.checkins.open_rounds(call.alliance_id),
    opening=lambda call, day, side: OpenCheckin(alliance_id=call.alliance_id, day=day, side=side),
    reminding=lambda call, running, side, last: RemindCheckin(
        alliance_id=call.alliance_id, checkin_id=CheckinId(running.id), side=side, last=last
    ),
)


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
    """Promise both sides' next check-in by a version just come into force; return its first local date."""
    return await rounds.schedule_first(call, KIND, version)


async def open_checkin(call: Call, intent: OpenCheckin) -> Reply:
    """Open the round of that date for one side, making it if the other has not, and promise the next."""
    side = call.roster.side(intent.side)
    await call.uow.rosters.lock(call.alliance_id)
    in_force = await call.uow.charters.in_force(call.alliance_id)
    await rounds.promise_next(call, KIND, side, intent.day, in_force)
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
    begins = begins_at(terms.cadence, day, calendars)
    if begins is None or call.now > begins + LATE:
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
    await rounds.promise_reminders(call, KIND, checkin, side)
    here = present(call.roster, side, invited, call.now)
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


# --- while it is open -------------------------------------------------------------------------------


async def remind_checkin(call: Call, intent: RemindCheckin) -> Reply:
    """Remind those of one side who have not answered and are here; outside its hours, when it opens next."""
    checkin = await _own(call, intent.checkin_id)
    side = call.roster.side(intent.side)
    if not await rounds.due_to_remind(call, KIND, checkin, intent):
        return Nothing()
    silent = set(checkin.invited.get(side.key, ())) - await _answered(call, checkin)
    if members := present(call.roster, side, silent, call.now):
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
    if intent.elsewhere:
        here = call.alliance_id
        await call.tell(
            CheckinRedrawn(
                alliance_id=here, checkin_id=checkin.id, closes_at=checkin.closes_at, members=(call.asker.id,)
            )
        )
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
