"""Checkpoints: opened for both at one instant, answered by managers and up, closed with a retrospective."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from alliance import checkpoint as rules
from alliance import checkpoint_dates as dates
from alliance.audit import AuditFact
from alliance.cadence import NoRound
from alliance.calendar import is_open, local_date, next_open, working_fraction
from alliance.charter import CharterVersion, Criterion
from alliance.checkpoint import Checkpoint, CheckpointAnswer, Decision, Retrospective
from alliance.disclosure import Meanwhile, retrospective_view
from alliance.ids import CheckpointId, MemberId, SideKey
from alliance.notices import CheckpointClosed, CheckpointEnded, CheckpointOpened, CheckpointReminder
from alliance.roster import Side
from alliance.rounds import RoundState, present
from handlers.call import Call, Handler
from handlers.intents import AnswerCheckpoint, CallCheckpoint, Intent, ShowCheckpoint
from handlers.replies import Nothing, Reply
from handlers.rounds import anchor_of
from handlers.time_intents import CloseCheckpoint, OpenCheckpoint, RemindCheckpoint

REMINDERS = (Fraction(1, 2), Fraction(7, 8))


@dataclass(frozen=True, slots=True)
class CheckpointCalled(Reply):
    """An alliance manager's checkpoint is open; `invited` people of both companies were asked."""

    closes_at: dt.datetime
    invited: int


@dataclass(frozen=True, slots=True)
class CheckpointInvitation(Reply):
    """The checkpoint that is open now, and whether the one who asks has answered it."""

    checkpoint: Checkpoint
    answered: bool


@dataclass(frozen=True, slots=True)
class CheckpointForm(Reply):
    """The dialog in which to answer, with the member's answer so far."""

    checkpoint: Checkpoint
    criteria: tuple[Criterion, ...]
    answer: CheckpointAnswer | None


@dataclass(frozen=True, slots=True)
class CheckpointAnswered(Reply):
    """The answer is in; it can be changed until the close."""

    checkpoint: Checkpoint
    answer: CheckpointAnswer


# --- when a checkpoint opens ------------------------------------------------------------------------


async def schedule_first(call: Call, version: CharterVersion) -> dt.date | None:
    """Promise the first checkpoint of a version that has come into force; None when it names no date."""
    terms = version.charter.checkpoints
    day = dates.first_day(terms, await _anchor(call), call.roster, call.now)
    await _promise(call, version, day)
    return day


async def next_day(call: Call, version: CharterVersion) -> dt.date | None:
    """The date of the next checkpoint that the charter asks for and that has not opened yet."""
    terms, anchor = version.charter.checkpoints, await _anchor(call)
    day = dates.first_day(terms, anchor, call.roster, call.now)
    while day is not None and await call.uow.checkpoints.on(call.alliance_id, day) is not None:
        day = dates.following_day(terms, anchor, call.roster, day, call.now)
    return day


async def open_checkpoint(call: Call, intent: OpenCheckpoint) -> Reply:
    """Open the checkpoint of a charter date and promise the next; one that is open already stands for it."""
    await call.uow.rosters.lock(call.alliance_id)
    version = await call.uow.charters.in_force(call.alliance_id)
    terms = version.charter.checkpoints
    following = dates.following_day(terms, await _anchor(call), call.roster, intent.day, call.now)
    await _promise(call, version, following)
    try:
        span = dates.span(terms, intent.day, call.roster)
    except NoRound:
        return Nothing()
    if call.now > span.opens_at + dates.LATE or call.now >= span.closes_at:
        return Nothing()
    if await _still_open(call) or await call.uow.checkpoints.on(call.alliance_id, intent.day):
        return Nothing()
    await _open(call, version, span)
    return Nothing()


async def call_checkpoint(call: Call, _intent: CallCheckpoint) -> Reply:
    """Open a checkpoint now: one at a time, and one on each of the caller's local days."""
    await call.uow.rosters.lock(call.alliance_id)
    version = await call.uow.charters.in_force(call.alliance_id)
    if await _still_open(call):
        raise rules.CheckpointStillOpen
    if call.asker.side is None:
        raise rules.NotInvited
    day = local_date(call.now, call.roster.side(call.asker.side).calendar.zone)
    if await call.uow.checkpoints.on(call.alliance_id, day):
        raise rules.CheckpointHeldToday
    span = dates.called_span(version.charter.checkpoints, day, call.roster, call.now)
    checkpoint = await _open(call, version, span)
    return CheckpointCalled(checkpoint.closes_at, sum(len(people) for people in checkpoint.invited.values()))


async def _open(call: Call, version: CharterVersion, span: dates.Span) -> Checkpoint:
    checkpoint = Checkpoint(
        id=CheckpointId(call.uow.new_id()),
        alliance_id=call.alliance_id,
        charter_version=version.version,
        day=span.day,
        opened_at=call.now,
        closes_at=span.closes_at,
        invited=rules.to_invite(call.roster, span.closes_at),
    )
    await call.uow.checkpoints.save(checkpoint)
    await _promise_round(call, checkpoint)
    if members := _present(call, checkpoint):
        await call.tell(
            CheckpointOpened(
                alliance_id=call.alliance_id,
                checkpoint_id=checkpoint.id,
                day=checkpoint.day,
                closes_at=checkpoint.closes_at,
                members=members,
            )
        )
    facts = {"closes at": checkpoint.closes_at.isoformat(), "charter version": str(version.version)}
    actor = call.member.id if call.member else None
    await call.record(AuditFact("checkpoint opened", _subject(checkpoint), actor=actor, facts=facts))
    return checkpoint


async def _promise_round(call: Call, checkpoint: Checkpoint) -> None:
    for side in call.roster.sides:
        for number, moment in enumerate(_reminders(side, checkpoint), start=1):
            reminder = RemindCheckpoint(
                alliance_id=call.alliance_id, checkpoint_id=checkpoint.id, side=side.key, last=number == 2
            )
            await call.promise(_reminder_key(reminder), reminder, moment)
    closing = CloseCheckpoint(alliance_id=call.alliance_id, checkpoint_id=checkpoint.id)
    await call.promise(f"checkpoint:{checkpoint.id}:close", closing, checkpoint.closes_at)


async def _promise(call: Call, version: CharterVersion, day: dt.date | None) -> None:
    if day is None:
        await call.take_back("checkpoint:open")
        return
    opens_at = dates.span(version.charter.checkpoints, day, call.roster).opens_at
    intent = OpenCheckpoint(alliance_id=call.alliance_id, day=day)
    await call.promise("checkpoint:open", intent, max(opens_at, call.now))


def _reminders(side: Side, checkpoint: Checkpoint) -> list[dt.datetime]:
    moments = (
        working_fraction(side.calendar, checkpoint.opened_at, checkpoint.closes_at, share) for share in REMINDERS
    )
    return [moment for moment in moments if moment is not None]


def _reminder_key(intent: RemindCheckpoint) -> str:
    return f"checkpoint:{intent.checkpoint_id}:remind:{intent.side}:{2 if intent.last else 1}"


async def _anchor(call: Call) -> dt.date:
    return await anchor_of(call, lambda charter: charter.checkpoints.cadence)


async def _still_open(call: Call) -> bool:
    return bool(await call.uow.checkpoints.open_rounds(call.alliance_id))


# --- while it is open -------------------------------------------------------------------------------


async def remind_checkpoint(call: Call, intent: RemindCheckpoint) -> Reply:
    """Remind those of one side who have not answered and are here; outside its hours, when it opens next."""
    checkpoint = await _own(call, intent.checkpoint_id)
    side = call.roster.side(intent.side)
    if checkpoint.state is not RoundState.OPEN or call.now >= checkpoint.closes_at:
        return Nothing()
    if not is_open(side.calendar, call.now):
        later = next_open(side.calendar, call.now)
        if later < checkpoint.closes_at:
            await call.promise(_reminder_key(intent), intent, later)
        return Nothing()
    if not intent.last and call.now >= max(_reminders(side, checkpoint), default=checkpoint.closes_at):
        return Nothing()
    given = {answer.member_id for answer in await call.uow.checkpoints.answers(checkpoint.id)}
    silent = set(checkpoint.invited.get(side.key, ())) - given
    if members := present(call.roster, side, silent, call.now):
        await call.tell(
            CheckpointReminder(
                alliance_id=call.alliance_id,
                checkpoint_id=checkpoint.id,
                closes_at=checkpoint.closes_at,
                members=members,
                last=intent.last,
            )
        )
    return Nothing()


async def show_checkpoint(call: Call, intent: ShowCheckpoint) -> Reply:
    """Give the dialog of the checkpoint that was named, or say which one is open now."""
    if intent.checkpoint_id is None:
        rounds = await call.uow.checkpoints.open_rounds(call.alliance_id)
        if not rounds:
            raise rules.NoCheckpointOpen
        checkpoint = rounds[-1]
    else:
        checkpoint = await _own(call, intent.checkpoint_id)
    rules.may_answer(checkpoint, call.asker.id, _side(call), call.now)
    answer = await call.uow.checkpoints.answer_of(checkpoint.id, call.asker.id)
    if intent.checkpoint_id is None:
        return CheckpointInvitation(checkpoint, answered=answer is not None)
    return CheckpointForm(checkpoint, await _criteria(call, checkpoint), answer)


async def answer_checkpoint(call: Call, intent: AnswerCheckpoint) -> Reply:
    """Take a member's answer, or a change of it."""
    checkpoint = await _own(call, intent.checkpoint_id)
    given = CheckpointAnswer(call.asker.id, _side(call), intent.answers, intent.ratings)
    known = frozenset(criterion.key for criterion in await _criteria(call, checkpoint))
    answer = rules.answered(checkpoint, given, known, call.now)
    await call.uow.checkpoints.save_answer(checkpoint.id, answer)
    return CheckpointAnswered(checkpoint, answer)


async def _criteria(call: Call, checkpoint: Checkpoint) -> tuple[Criterion, ...]:
    version = await call.uow.charters.get(call.alliance_id, checkpoint.charter_version)
    return version.charter.criteria


def _side(call: Call) -> SideKey:
    if call.asker.side is None:
        raise rules.NotInvited
    return call.asker.side


# --- the close --------------------------------------------------------------------------------------


async def close_checkpoint(call: Call, intent: CloseCheckpoint) -> Reply:
    """Close it and tell both companies the retrospective at the same moment, however late that is."""
    checkpoint = await _own(call, intent.checkpoint_id)
    if checkpoint.state is not RoundState.OPEN:
        return Nothing()
    retrospective = await _look_back(call, checkpoint)
    await call.uow.checkpoints.save(rules.close(checkpoint))
    await call.uow.checkpoints.save_retrospective(retrospective)
    await call.take_back(f"checkpoint:{checkpoint.id}")
    if members := _present(call, checkpoint):
        await call.tell(
            CheckpointEnded(
                alliance_id=call.alliance_id,
                checkpoint_id=checkpoint.id,
                day=checkpoint.day,
                members=members,
            )
        )
    await call.tell(CheckpointClosed(alliance_id=call.alliance_id, retrospective=retrospective))
    facts = {f"criterion {r.criterion}": str(r.finding) for r in retrospective.criteria}
    await call.record(AuditFact("checkpoint closed", _subject(checkpoint), facts=facts))
    return Nothing()


async def _look_back(call: Call, checkpoint: Checkpoint) -> Retrospective:
    answers = await call.uow.checkpoints.answers(checkpoint.id)
    version = await call.uow.charters.get(call.alliance_id, checkpoint.charter_version)
    since = await _last_time(call, version)
    opened = await call.uow.escalations.raised_since(call.alliance_id, since)
    ended = await call.uow.escalations.ended_since(call.alliance_id, since)
    done = await call.uow.action_items.done_ones(call.alliance_id)
    to_do = await call.uow.action_items.open_ones(call.alliance_id)
    meanwhile = Meanwhile(since, call.now, opened, ended, done, to_do, await _decided_last_time(call))
    return retrospective_view(checkpoint, answers, version.charter.criteria, meanwhile, call.roster)


async def _decided_last_time(call: Call) -> tuple[Decision, ...]:
    newest = await call.uow.checkpoints.retrospectives(call.alliance_id, 1)
    return newest[0].decisions if newest else ()


async def _last_time(call: Call, version: CharterVersion) -> dt.datetime:
    """When the checkpoint before closed; before the first one, when the charter came into force."""
    for before, _ in await call.uow.checkpoints.closed(call.alliance_id, 1):
        return before.closes_at
    return version.in_force_at or version.drafted_at


def _present(call: Call, checkpoint: Checkpoint) -> tuple[MemberId, ...]:
    """The invited of both sides who are active and not away today."""
    return tuple(
        member
        for side in call.roster.sides
        for member in present(call.roster, side, checkpoint.invited.get(side.key, ()), call.now)
    )


def _subject(checkpoint: Checkpoint) -> str:
    return f"checkpoint {checkpoint.day.isoformat()}"


async def _own(call: Call, checkpoint_id: CheckpointId) -> Checkpoint:
    checkpoint = await call.uow.checkpoints.get(checkpoint_id)
    call.own(checkpoint.alliance_id)
    return checkpoint


HANDLERS: Mapping[type[Intent], Handler] = {
    OpenCheckpoint: open_checkpoint,
    CallCheckpoint: call_checkpoint,
    ShowCheckpoint: show_checkpoint,
    AnswerCheckpoint: answer_checkpoint,
    RemindCheckpoint: remind_checkpoint,
    CloseCheckpoint: close_checkpoint,
}
