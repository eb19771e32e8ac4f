"""The words of action items: decided, due, overdue, done."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from alliance.action_item import ActionItem, ItemState
from alliance.ids import ActionItemId, MemberId
from alliance.notices import ActionItemDecided, ActionItemDone, ActionItemDue, ActionItemRedrawn, Notice
from alliance.roster import Tier
from bot.actions.tokens import token
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Choice,
    DateBox,
    Facts,
    Form,
    Line,
    Message,
    Option,
    Strong,
    Text,
    TextBox,
    Tone,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader
from bot.messages.template import How, Shown, Template
from handlers.action_items import (
    ActionItemAsked,
    ActionItemFinished,
    ActionItemKept,
    ActionItemsListed,
    ListedItem,
)
from handlers.replies import Reply

LONGEST_TITLE = 150
MOST_OWNERS = 90
MOST_LISTED = 20
MOST_BUTTONS = 6


def _facts(item: ActionItem, reader: Reader) -> Facts:
    return Facts(
        (
            fact("What", item.title),
            fact("Who", reader.name(item.owner)),
            fact("By", spoken(item.due)),
            fact("Decided in", item.source),
        )
    )


def _done_button(item: ActionItem) -> Actions:
    made = token("action-item.done", item.alliance_id, item.number)
    return Actions((Button("Mark it done", made, tone=Tone.PRIMARY),))


def decided(notice: ActionItemDecided, reader: Reader) -> Message:
    item = notice.item
    yours = reader.member is not None and reader.member.id == item.owner
    whose = "yours" if yours else f"for {reader.name(item.owner)}"
    return Message(
        f"Action item {item.number} of {reader.companies()} is {whose}, by {spoken(item.due)}: {item.title}",
        (
            paragraph(f"Action item {item.number} was decided, for ", Strong(reader.name(item.owner)), "."),
            _facts(item, reader),
            note("The liaison asks again one working day before."),
            _done_button(item),
        ),
    )


def due(notice: ActionItemDue, reader: Reader) -> Message:
    item = notice.item
    if notice.overdue:
        said = f"Action item {item.number} of {reader.companies()} was due on {spoken(item.due)} and is still open"
    else:
        said = f"Action item {item.number} of {reader.companies()} is due on {spoken(item.due)}"
    return Message(f"{said}: {item.title}", (paragraph(f"{said}."), _facts(item, reader), _done_button(item)))


def redrawn(notice: ActionItemRedrawn, reader: Reader) -> Message:
    item = notice.item
    said = f"Action item {item.number} of {reader.companies()} is done"
    return Message(f"{said}: {item.title}", (paragraph(f"{said}. Thank you."), _facts(item, reader)))


def done(notice: ActionItemDone, reader: Reader) -> Message:
    item = notice.item
    said = f"{reader.name(notice.by)} marked action item {item.number} done"
    return Message(f"{said}: {item.title}", (paragraph(f"{said}."), _facts(item, reader)))


# --- replies ----------------------------------------------------------------------------------------


def asked(reply: ActionItemAsked, reader: Reader) -> Shown:
    """The dialog in which to decide one: what, who of either company, by when."""
    people = [member for member in reader.roster.active() if member.tier is not Tier.MEDIATOR]
    people.sort(key=lambda member: member.side != reader.side)
    owners = tuple(Option(member.key, reader.name(member.id)) for member in people[:MOST_OWNERS])
    here = reader.roster.alliance_id
    arguments = (reply.checkpoint_id,) if reply.checkpoint_id else ()
    blocks: tuple[Block, ...] = (
        TextBox("title", "What is to be done?", lines=False, required=True, longest=LONGEST_TITLE),
        Choice("owner", "Who does it?", owners),
        DateBox("due", "By when?", required=True),
    )
    return Shown(form=Form("Decide an action item", blocks, token("action-item.decide", here, *arguments)))


def kept(reply: ActionItemKept, reader: Reader) -> Shown:
    item = reply.item
    said = f"Action item {item.number} is kept, and {reader.name(item.owner)} is told."
    return Shown(message=Message(said, (paragraph(said), _facts(item, reader))))


def finished(reply: ActionItemFinished, reader: Reader) -> Shown:
    item = reply.item
    said = f"Action item {item.number} is done. Thank you."
    return Shown(message=Message(said, (paragraph(said), _facts(item, reader))), replaces=True)


def listed(reply: ActionItemsListed, reader: Reader) -> Shown:
    count = len(reply.items)
    said = f"{counted(count, 'action item is', 'action items are')} open." if count else "Nothing is open."
    if reply.finished is not None:
        said = f"Action item {reply.finished.number} is done. {said}"
    if not count:
        return Shown(message=Message(said, (paragraph(said),)), replaces=reply.finished is not None)
    rows = tuple(_row(found, reader) for found in reply.items[:MOST_LISTED])
    blocks: tuple[Block, ...] = (paragraph(said), Bullets(rows), *_more(count), *_buttons(reply))
    return Shown(message=Message(said, blocks), replaces=reply.finished is not None)


def _row(found: ListedItem, reader: Reader) -> Line:
    item = found.item
    when = f" – {reader.name(item.owner)}, by {spoken(item.due)}{', overdue' if found.overdue else ''}"
    return line(Strong(str(item.number)), " ", Text(item.title), when)


def _more(count: int) -> tuple[Block, ...]:
    left = count - MOST_LISTED
    return (note(f"And {counted(left, 'more item')}, due later."),) if left > 0 else ()


def _buttons(reply: ActionItemsListed) -> tuple[Block, ...]:
    able = [found.item for found in reply.items if found.finishable]
    buttons = tuple(
        Button(f"{item.number} is done", token("action-item.done-listed", item.alliance_id, item.number))
        for item in able[:MOST_BUTTONS]
    )
    hint = (note("For another one, say “done” and its number."),) if len(able) > MOST_BUTTONS else ()
    return (*hint, Actions(buttons)) if buttons else ()


# --- examples ---------------------------------------------------------------------------------------

_ITEM = ActionItem(
    id=ActionItemId("i4"),
    alliance_id=sample.ALLIANCE,
    number=4,
    title="Send the customers the new date",
    owner=MemberId("ana"),
    due=dt.date(2026, 3, 20),
    source="escalation 3",
    decided_at=sample.NOW,
)
_DONE = replace(_ITEM, state=ItemState.DONE, done_at=sample.TOMORROW)


def _subject(notice: ActionItemDecided | ActionItemDue | ActionItemRedrawn) -> str:
    return f"action-item:{notice.item.id}"


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    ActionItemDecided: Template(
        decided, (ActionItemDecided(alliance_id=sample.ALLIANCE, item=_ITEM),), subject=_subject
    ),
    ActionItemDue: Template(
        due,
        tuple(ActionItemDue(alliance_id=sample.ALLIANCE, item=_ITEM, overdue=overdue) for overdue in (False, True)),
        how=How.THREAD,
        subject=_subject,
    ),
    ActionItemRedrawn: Template(
        redrawn, (ActionItemRedrawn(alliance_id=sample.ALLIANCE, item=_DONE),), how=How.REDRAW, subject=_subject
    ),
    ActionItemDone: Template(done, (ActionItemDone(alliance_id=sample.ALLIANCE, item=_DONE, by=MemberId("ana")),)),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    ActionItemAsked: asked,
    ActionItemKept: kept,
    ActionItemFinished: finished,
    ActionItemsListed: listed,
}
