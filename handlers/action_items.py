"""Action items: decided in escalations and checkpoints, followed up until they are done."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alliance import in_words
from alliance.action_item import (
    ActionItem,
    ItemState,
    due_reminder_at,
    finish,
    may_finish,
    overdue_reminder_at,
)
from alliance.audit import AuditFact
from alliance.calendar import WorkingCalendar, local_date
from alliance.disclosure import action_items_view
from alliance.errors import InvalidInput, NotAMember, NotFound
from alliance.escalation import Task
from alliance.ids import ActionItemId, CheckpointId, MemberId
from alliance.notices import ActionItemDecided, ActionItemDone, ActionItemDue, ActionItemRedrawn
from alliance.roster import Member
from handlers.call import Call, Handler
from handlers.intents import AskActionItem, DecideActionItem, FinishActionItem, Intent, ListActionItems, TaskWords
from handlers.replies import Nothing, Reply
from handlers.time_intents import RemindActionItem

LONGEST_AHEAD = dt.timedelta(days=731)


@dataclass(frozen=True, slots=True)
class ActionItemAsked(Reply):
    """The dialog in which to decide an action item."""

    checkpoint_id: CheckpointId | None


@dataclass(frozen=True, slots=True)
class ActionItemKept(Reply):
    """What was just decided."""

    item: ActionItem


@dataclass(frozen=True, slots=True)
class ActionItemFinished(Reply):
    item: ActionItem


@dataclass(frozen=True, slots=True)
class ListedItem:
    """`overdue` by the date of the owner's company; `finishable` by the one who asked."""

    item: ActionItem
    overdue: bool
    finishable: bool


@dataclass(frozen=True, slots=True)
class ActionItemsListed(Reply):
    """The open items, by due date; `finished` is the one that was marked done from the list."""

    items: tuple[ListedItem, ...]
    finished: ActionItem | None = None


# --- deciding ---------------------------------------------------------------------------------------


async def decide(call: Call, tasks: Iterable[Task], source: str) -> list[ActionItem]:
    """Keep tasks as action items, tell their owners and promise reminders; `source` is what decided them."""
    wanted = list(tasks)
    if not wanted:
        return []
    await call.uow.rosters.lock(call.alliance_id)
    number = await call.uow.action_items.next_number(call.alliance_id)
    items = [_item(call, task, number + position, source) for position, task in enumerate(wanted)]
    for item in items:
        await call.uow.action_items.save(item)
        await call.tell(ActionItemDecided(alliance_id=call.alliance_id, item=item))
        await _promise_reminders(call, item)
        await call.record(
            AuditFact(
                "action item decided",
                f"action item {item.number}",
                call.member.id if call.member else None,
                {"due": item.due.isoformat(), "source": source},
                {"title": item.title},
            )
        )
    return items


def _item(call: Call, task: Task, number: int, source: str) -> ActionItem:
    return ActionItem(
        id=ActionItemId(call.uow.new_id()),
        alliance_id=call.alliance_id,
        number=number,
        title=task.title,
        owner=task.owner,
        due=task.due,
        source=source,
        decided_at=call.now,
    )


def task_of(call: Call, words: TaskWords, suffix: str = "") -> Task:
    """Read an action item as it was typed; `suffix` ends the names of its inputs ("title_2").

    Raises InvalidInput by input: a title, an active owner of either company, a date from today on.
    """
    wrong: dict[str, str] = {}
    owner, title = _owner(call, words.owner), " ".join(words.title.split())
    if not title:
        wrong[f"title{suffix}"] = "Say what is to be done."
    if owner is None:
        wrong[f"owner{suffix}"] = "Choose who does it, from either company."
    if words.due is None:
        wrong[f"due{suffix}"] = "Choose the day by which it is done."
    elif owner is not None and not _is_ahead(call, words.due, owner):
        wrong[f"due{suffix}"] = "Choose a day from today on, at most two years ahead."
    if wrong or owner is None or words.due is None:
        raise InvalidInput(wrong)
    return Task(title, owner.id, words.due)


def _owner(call: Call, key: str) -> Member | None:
    try:
        member = call.roster.by_key(key)
    except NotAMember:
        return None
    return member if member.active and member.side is not None else None


def _is_ahead(call: Call, due: dt.date, owner: Member) -> bool:
    calendar = _calendar(call, owner.id)
    today = local_date(call.now, calendar.zone)
    return today <= due <= today + LONGEST_AHEAD


async def ask_action_item(call: Call, intent: AskActionItem) -> Reply:
    await _source(call, intent.checkpoint_id)
    return ActionItemAsked(intent.checkpoint_id)


async def decide_action_item(call: Call, intent: DecideActionItem) -> Reply:
    source = await _source(call, intent.checkpoint_id)
    (item,) = await decide(call, [task_of(call, intent.task)], source)
    return ActionItemKept(item)


async def _source(call: Call, checkpoint_id: CheckpointId | None) -> str:
    if checkpoint_id is None:
        return f"a decision of {call.roster.company_of(call.asker)}"
    checkpoint = await call.uow.checkpoints.get(checkpoint_id)
    call.own(checkpoint.alliance_id)
    return f"the checkpoint of {in_words.date(checkpoint.day)}"


# --- following up -----------------------------------------------------------------------------------


async def _promise_reminders(call: Call, item: ActionItem) -> None:
    reminds_at = due_reminder_at(item, _calendar(call, item.owner))
    if reminds_at is not None and reminds_at > call.now:
        await _promise(call, item, reminds_at, overdue=False)
    await _promise_overdue(call, item)


async def _promise_overdue(call: Call, item: ActionItem) -> None:
    reminds_at = overdue_reminder_at(item, _calendar(call, item.owner), call.now)
    if reminds_at is not None:
        await _promise(call, item, reminds_at, overdue=True)


async def _promise(call: Call, item: ActionItem, at: dt.datetime, *, overdue: bool) -> None:
    reminder = RemindActionItem(alliance_id=call.alliance_id, item_id=item.id, overdue=overdue)
    await call.promise(f"action-item:{item.id}:{'overdue' if overdue else 'due'}", reminder, at)


async def remind_action_item(call: Call, intent: RemindActionItem) -> Reply:
    """Remind the owner; once overdue, each week until it is done. One that the date outran is left out."""
    item = await call.uow.action_items.get(intent.item_id)
    call.own(item.alliance_id)
    today = local_date(call.now, _calendar(call, item.owner).zone)
    if item.state is not ItemState.OPEN or item.is_overdue(today) is not intent.overdue:
        return Nothing()
    await call.tell(ActionItemDue(alliance_id=call.alliance_id, item=item, overdue=intent.overdue))
    if intent.overdue:
        await _promise_overdue(call, item)
    return Nothing()


async def finish_action_item(call: Call, intent: FinishActionItem) -> Reply:
    found = await call.uow.action_items.numbered(call.alliance_id, intent.number)
    if found is None:
        raise NotFound(f"There is no action item {intent.number} in this alliance.")
    item = finish(found, call.asker, call.now)
    await call.uow.action_items.save(item)
    await call.take_back(f"action-item:{item.id}")
    await call.tell(
        ActionItemRedrawn(alliance_id=call.alliance_id, item=item),
        ActionItemDone(alliance_id=call.alliance_id, item=item, by=call.asker.id),
    )
    await call.record(AuditFact("action item done", f"action item {item.number}", call.asker.id))
    return ActionItemsListed(await _open_items(call), item) if intent.listed else ActionItemFinished(item)


async def list_action_items(call: Call, _intent: ListActionItems) -> Reply:
    return ActionItemsListed(await _open_items(call))


async def _open_items(call: Call) -> tuple[ListedItem, ...]:
    items = await call.uow.action_items.open_ones(call.alliance_id)
    return tuple(
        ListedItem(
            item=item,
            overdue=item.is_overdue(local_date(call.now, _calendar(call, item.owner).zone)),
            finishable=may_finish(item, call.asker),
        )
        for item in action_items_view(items)
    )


def _calendar(call: Call, owner: MemberId) -> WorkingCalendar:
    side = call.roster.member(owner).side
    return call.roster.sides[0].calendar if side is None else call.roster.side(side).calendar


HANDLERS: Mapping[type[Intent], Handler] = {
    AskActionItem: ask_action_item,
    DecideActionItem: decide_action_item,
    FinishActionItem: finish_action_item,
    ListActionItems: list_action_items,
    RemindActionItem: remind_action_item,
}
