"""A person's home: what waits for them in each of their alliances, what comes next, and the buttons for each.

Shown as Slack's Home tab, and in Teams as a card that is drawn anew in its place. Its buttons never replace it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from alliance.action_item import ActionItem
from alliance.charter import CharterState
from alliance.ids import ActionItemId, CheckinId, MemberId, PulseId
from alliance.notices import HomeChanged, Notice
from alliance.permissions import TIERS, Right
from alliance.roster import Platform
from alliance.standing import CharterStanding, Coming, OpenRound, Standing, WaitingMatter
from bot.actions.tokens import read, token
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Does,
    Facts,
    Heading,
    Line,
    Message,
    Paragraph,
    Rule,
    Strong,
    Tone,
    When,
    fact,
    line,
    note,
    paragraph,
)
from bot.messages.escalation_card import due_line, step_buttons
from bot.messages.escalation_examples import NEW
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader
from bot.messages.status import MOST_LISTED, WANTED
from bot.messages.template import How, Shown, Template
from handlers.replies import Reply
from handlers.status import HomeShown
from storage.homes import HOME

MOST_IN_FULL = 3
"""Alliances shown in full; of further ones the home says how much waits. Slack's Home tab has room for 100 blocks."""


def redrawn(notice: HomeChanged, _reader: Reader) -> Message:
    return home(notice.homes)


def shown(reply: HomeShown, reader: Reader) -> Shown:
    """In Teams the home that was asked for comes as a message of its own, so the answer says nothing more."""
    if reply.placed and reader.member is not None and reader.member.platform is Platform.TEAMS:
        return Shown()
    return Shown(message=home(reply.homes), replaces=not reply.placed)


def home(homes: tuple[Standing, ...]) -> Message:
    """Say where things stand in each alliance of one person."""
    if not homes:
        said = "You are in no alliance here at the moment."
        return Message(summary=said, blocks=(Heading("Your home"), paragraph(said)))
    blocks = [block for place, found in enumerate(homes) for block in _alliance(found, in_full=place < MOST_IN_FULL)]
    return Message(summary=_summary(homes), blocks=tuple(blocks), refresh=token("home.show", homes[0].alliance_id))


def _summary(homes: tuple[Standing, ...]) -> str:
    where = _name(homes[0]) if len(homes) == 1 else f"your {len(homes)} alliances"
    return f"Your home: {_waits(sum(found.count for found in homes))} in {where}."


def _waits(count: int) -> str:
    return f"{counted(count, 'thing waits', 'things wait')} for you" if count else "nothing waits for you"


def _name(found: Standing) -> str:
    return found.roster.name if found.roster else "this alliance"


def _alliance(found: Standing, *, in_full: bool) -> Iterator[Block]:
    waits = _waits(found.count)
    yield Heading(_name(found))
    yield paragraph(f"{waits[0].upper()}{waits[1:]}.")
    if not in_full:
        yield Actions((_does("Where things stand", found, "status.show"),))
        return
    yield from _away(found)
    yield from _charter(found)
    yield from _rounds(found)
    for matter in found.waiting[:MOST_LISTED]:
        yield from _matter(found, matter)
    if (more := len(found.waiting) - MOST_LISTED) > 0:
        yield note(f"And {counted(more, 'more escalation waits', 'more escalations wait')} for you.")
    yield from _items(found)
    yield from _coming(found)
    yield Rule()
    yield Actions(tuple(_everyday(found)))


def _away(found: Standing) -> Iterator[Block]:
    until = found.member.away_until
    if until is not None and found.member.is_away(found.today):
        yield paragraph(Strong("Away"), f" up to and including {spoken(until)}: no reminders reach you until then.")
        yield Actions((_does("I am back", found, "status.back"),))


def _charter(found: Standing) -> Iterator[Block]:
    charter = found.charter
    if found.waits_for_signature and charter.pending is not None:
        yield paragraph(Strong("Charter"), f" – version {charter.pending} waits for your company’s signature.")
        yield Actions(
            (
                _does(f"Sign version {charter.pending}", found, "charter.sign", charter.pending, tone=Tone.PRIMARY),
                _does("Read it first", found, "charter.show", charter.pending),
            )
        )
    elif charter.in_force is None:
        yield paragraph(Strong("Charter"), " – not in force yet. Check-ins and pulses begin when both have signed.")


def _rounds(found: Standing) -> Iterator[Block]:
    rounds = (
        ("Check-in", "checkin.show", found.checkin),
        ("Pulse", "pulse.show", found.pulse),
        ("Checkpoint", "checkpoint.show", found.checkpoint),
    )
    for label, action, one in rounds:
        if one is not None:
            said = "you have answered, and can change it until " if one.answered else "open for your answer until "
            yield paragraph(Strong(label), f" – {said}", When(one.closes_at), ".")
            asked = f"Change my {label.lower()} answer" if one.answered else f"Answer the {label.lower()}"
            tone = Tone.PLAIN if one.answered else Tone.PRIMARY
            yield Actions((_asks(asked, found, action, one.id, tone=tone),))


def _matter(found: Standing, matter: WaitingMatter) -> Iterator[Block]:
    until = due_line(matter.case) if matter.case else ()
    yield paragraph(Strong(f"Escalation {matter.number}"), f": {matter.title} – {WANTED[matter.state]}", *until, ".")
    buttons: list[Button] = []
    if matter.case is not None and found.roster is not None:
        reader = Reader(found.roster, found.member, found.member.side)
        buttons += [_here(button) for button in step_buttons(matter.case, reader, asked_for=True)]
    buttons.append(_does(f"Show escalation {matter.number}", found, "escalation.show", matter.number))
    yield Actions(tuple(buttons))


def _items(found: Standing) -> Iterator[Block]:
    if not found.items:
        return
    listed = found.items[:MOST_LISTED]
    yield paragraph(Strong("Your action items"))
    yield Bullets(tuple(_item(item, found.today) for item in listed))
    if (more := len(found.items) - MOST_LISTED) > 0:
        yield note(f"And {counted(more, 'more action item')} of yours.")
    made = [_does(f"{item.number} is done", found, "action-item.done", item.number) for item in listed]
    yield Actions((*made, _does("All action items", found, "action-item.list")))


def _item(item: ActionItem, today: dt.date) -> Line:
    overdue = ", overdue" if item.is_overdue(today) else ""
    return line(Strong(str(item.number)), f" {item.title}, due {spoken(item.due)}{overdue}")


def _coming(found: Standing) -> Iterator[Block]:
    if found.coming:
        yield Paragraph(line(Strong("What comes next")))
        yield Facts(tuple(fact(f"Next {coming.what}", When(coming.at)) for coming in found.coming))


def _everyday(found: Standing) -> Iterator[Button]:
    """What anybody may want at any time, as far as their tier can ask it."""

    def may(right: Right) -> bool:
        return found.member.tier in TIERS[right]

    if may(Right.RAISE_ESCALATION) and found.charter.in_force is not None:
        yield _asks("Raise an escalation", found, "escalation.ask-raise")
    yield _does("Open escalations", found, "escalation.list")
    yield _does("Charter", found, "status.charter")
    if may(Right.READ_DIGEST):
        yield _does("Digest", found, "status.digest")
    yield _does("Who is who", found, "status.who")
    yield _does("What can I ask?", found, "status.help")


# --- buttons that leave the home where it is ---------------------------------------------------------


def _does(label: str, found: Standing, action: str, *arguments: str | int, tone: Tone = Tone.PLAIN) -> Button:
    return Button(label, token("home.do", found.alliance_id, action, *arguments), tone=tone)


def _asks(label: str, found: Standing, action: str, *arguments: str | int, tone: Tone = Tone.PLAIN) -> Button:
    """A button that opens a dialog, also for what elsewhere is a message with inputs."""
    return Button(label, token("home.ask", found.alliance_id, action, *arguments), Does.OPEN_FORM, tone)


def _here(button: Button) -> Button:
    """The same button of another message, as it stands in a home."""
    pressed = read(button.token)
    verb = "home.ask" if button.does is Does.OPEN_FORM else "home.do"
    return replace(button, token=token(verb, pressed.alliance_id, pressed.action, *pressed.arguments))


# --- catalog ----------------------------------------------------------------------------------------


def _standing(key: str, **more: Any) -> Standing:
    quiet: dict[str, Any] = {
        "charter": CharterStanding(1, None, None, ()),
        "checkin": None,
        "pulse": None,
        "checkpoint": None,
        "open_escalations": 0,
        "waiting": (),
        "items": (),
        "coming": (Coming("check-in", sample.NEXT_WEEK),),
    }
    return Standing(
        alliance_id=sample.ALLIANCE,
        member=sample.ROSTER.by_key(key),
        today=sample.NOW.date(),
        roster=sample.ROSTER,
        **{**quiet, **more},
    )


def _item_of(number: int, title: str, due: dt.date) -> ActionItem:
    return ActionItem(
        id=ActionItemId(f"i{number}"),
        alliance_id=sample.ALLIANCE,
        number=number,
        title=title,
        owner=MemberId("ana"),
        due=due,
        source="escalation 3",
        decided_at=sample.NOW,
    )


_BUSY = _standing(
    "ana",
    checkin=OpenRound(CheckinId("c1"), sample.TOMORROW, answered=False),
    pulse=OpenRound(PulseId("u1"), sample.NEXT_WEEK, answered=True),
    open_escalations=2,
    waiting=(WaitingMatter(NEW.number, NEW.title, NEW.state, NEW),),
    items=(
        _item_of(4, "Send the customers the new date", dt.date(2026, 3, 6)),
        _item_of(7, "Check the delivery terms", dt.date(2026, 3, 27)),
    ),
    coming=(Coming("check-in", sample.NEXT_WEEK), Coming("checkpoint", sample.NEXT_WEEK + dt.timedelta(days=14))),
)
_TO_SIGN = _standing("mara", charter=CharterStanding(None, 1, CharterState.PROPOSED, (sample.DC, sample.MC)), coming=())


def _example(*homes: Standing) -> HomeChanged:
    return HomeChanged(alliance_id=sample.ALLIANCE, members=tuple(one.member.id for one in homes), homes=homes)


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    HomeChanged: Template(
        redrawn,
        (_example(_BUSY), _example(_standing("cleo")), _example(_TO_SIGN)),
        how=How.HOME,
        subject=lambda _notice: HOME,
    )
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {HomeShown: shown}
