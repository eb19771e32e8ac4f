"""The words of pulses: the statements and what is anonymous about them, the reminder, the thanks, the close.

How results are said is in `bot.messages.pulse_results`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alliance.ids import AllianceId, MemberId, PulseId
from alliance.items import ITEMS, Item, items_of_round
from alliance.notices import Notice, PulseClosed, PulseComments, PulseEnded, PulseOpened, PulseReminder
from alliance.pulse import COMMENT, LONGEST_COMMENT, PulseAnswer
from bot.actions.tokens import token
from bot.messages import pulse_examples, pulse_results, sample
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Does,
    Heading,
    Line,
    Message,
    Scale,
    Strong,
    TextBox,
    Tone,
    When,
    line,
    note,
    paragraph,
)
from bot.messages.reader import Reader
from bot.messages.template import How, Shown, Template
from handlers.pulses import PulseAnswered, PulseShown
from handlers.replies import Reply


@dataclass(frozen=True, slots=True)
class Asked:
    """What a round asks of one person, with what they answered before, if anything."""

    alliance_id: AllianceId
    pulse_id: PulseId
    items: tuple[str, ...]
    closes_at: dt.datetime
    minimum_answers: int
    minimum_comments: int
    answer: PulseAnswer | None = None


# --- the statements ---------------------------------------------------------------------------------


def opened(notice: PulseOpened, reader: Reader) -> Message:
    asked = Asked(
        notice.alliance_id,
        notice.pulse_id,
        notice.items,
        notice.closes_at,
        notice.minimum_answers,
        notice.minimum_comments,
    )
    summary = f"A pulse is open for {reader.roster.name}: {len(notice.items)} statements, about a minute, anonymous."
    return Message(summary=summary, blocks=_questions(asked, reader))


def shown(reply: PulseShown, reader: Reader) -> Shown:
    asked = Asked(
        reply.alliance_id,
        reply.pulse_id,
        reply.items,
        reply.closes_at,
        reply.minimum_answers,
        reply.minimum_comments,
        reply.answer,
    )
    summary = f"The pulse that is open for {reader.roster.name}: {len(reply.items)} statements."
    return Shown(message=Message(summary=summary, blocks=_questions(asked, reader)), replaces=True)


def _questions(asked: Asked, reader: Reader) -> tuple[Block, ...]:
    given = asked.answer
    return (
        Heading("Pulse"),
        paragraph(*_opening(asked, reader)),
        note(*_anonymous(asked)),
        *(_scale(ITEMS[key], given.ratings.get(key) if given else None) for key in asked.items),
        TextBox(
            COMMENT,
            "Anything you would like to add?",
            hint="Optional. Your own company's managers may read it word for word, without your name.",
            written=given.comment if given else "",
            longest=LONGEST_COMMENT,
        ),
        Actions(
            (
                Button(
                    "Change my answer" if given else "Send my answer",
                    token("pulse.answer", asked.alliance_id, asked.pulse_id),
                    Does.SUBMIT,
                    Tone.PRIMARY,
                ),
            )
        ),
        note(
            Strong("Not anonymous: "),
            "that you were invited, and how many people of each company answered. Until the close the "
            "liaison notes who has answered, only so that reminders go to the others; nobody is shown it, "
            "and it is deleted then.",
        ),
    )


def _opening(asked: Asked, reader: Reader) -> Line:
    start = line(
        "How is ",
        Strong(reader.roster.name),
        f" going for you? {len(asked.items)} statements, about a minute. You can answer, and change your "
        "answer, until ",
        When(asked.closes_at),
        ".",
    )
    if reader.side is None:
        return start
    other = reader.roster.other(reader.side).company
    return (*start, *line(f" “We” is {reader.company(reader.side)}, “they” is {other}."))


def _anonymous(asked: Asked) -> Line:
    return line(
        Strong("Anonymous: "),
        "your ratings and your comment. They are kept without your name; until the close only the liaison "
        "can find them, so that you can change them, and after that nobody can tell whose they were. A score "
        f"is shown only when at least {asked.minimum_answers} people of that company answered. Comments are "
        "shown only to the alliance managers and managers of your own company, word for word and in no "
        f"order, when at least {asked.minimum_comments} of you answered; the other company never reads them.",
    )


def _scale(item: Item, chosen: int | None) -> Scale:
    return Scale(
        name=item.key,
        statement=item.statement,
        lowest=item.lowest,
        highest=item.highest,
        lowest_label=item.lowest_label,
        highest_label=item.highest_label,
        chosen=chosen,
    )


# --- reminded, answered, over -----------------------------------------------------------------------


def reminder(notice: PulseReminder, reader: Reader) -> Message:
    opening = "This is the last reminder: the" if notice.last else "The"
    return Message(
        summary=f"The pulse for {reader.roster.name} is still open for your answer.",
        blocks=(
            paragraph(
                opening,
                " pulse for ",
                Strong(reader.roster.name),
                " is open until ",
                When(notice.closes_at),
                ". It takes about a minute, and your answer is anonymous. Away? Say “away until” and a date.",
            ),
            _open_button("Answer now", notice.alliance_id, notice.pulse_id, Tone.PRIMARY),
        ),
    )


def answered(reply: PulseAnswered, _reader: Reader) -> Shown:
    message = Message(
        summary="Thank you, your answer is in.",
        blocks=(
            paragraph(
                "Thank you, your answer is in, without your name. You can change it until ",
                When(reply.closes_at),
                ".",
            ),
            _open_button("Change my answer", reply.alliance_id, reply.pulse_id, Tone.PLAIN),
        ),
    )
    return Shown(message=message, replaces=True)


def ended(notice: PulseEnded, _reader: Reader) -> Message:
    """The same for everybody who was invited, so that it does not show who answered."""
    said = f"Pulse {notice.number} has closed."
    return Message(
        summary=said,
        blocks=(
            paragraph(
                f"{said} Thank you to everybody who answered. The managers of both companies have the "
                "results, without any names; the next one will ask you again."
            ),
        ),
    )


def _open_button(label: str, alliance_id: AllianceId, pulse_id: PulseId, tone: Tone) -> Actions:
    return Actions((Button(label, token("pulse.show", alliance_id, pulse_id), Does.PRESS, tone),))


# --- catalog ----------------------------------------------------------------------------------------

_PULSE = PulseId("5e1f")
_ANA = (MemberId("ana"), MemberId("ben"))


def _subject(notice: PulseOpened | PulseReminder | PulseEnded) -> str:
    return f"pulse:{notice.pulse_id}"


def _example_opened(*items: str) -> PulseOpened:
    return PulseOpened(
        alliance_id=sample.ALLIANCE,
        pulse_id=_PULSE,
        side=sample.DC,
        items=items,
        closes_at=sample.NEXT_WEEK,
        minimum_answers=5,
        minimum_comments=10,
        members=_ANA,
    )


def _example_reminder(*, last: bool) -> PulseReminder:
    return PulseReminder(
        alliance_id=sample.ALLIANCE,
        pulse_id=_PULSE,
        closes_at=sample.TOMORROW,
        members=_ANA,
        last=last,
    )


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    PulseOpened: Template(
        opened,
        (_example_opened(*items_of_round(1, (), 4)), _example_opened(*items_of_round(1, (), 3))),
        subject=_subject,
        same_for_side=True,
    ),
    PulseReminder: Template(
        reminder,
        (_example_reminder(last=False), _example_reminder(last=True)),
        how=How.THREAD,
        subject=_subject,
        same_for_side=True,
    ),
    PulseEnded: Template(
        ended,
        (PulseEnded(alliance_id=sample.ALLIANCE, pulse_id=_PULSE, number=3, members=_ANA),),
        how=How.REDRAW,
        subject=_subject,
        same_for_side=True,
    ),
    PulseClosed: Template(pulse_results.closed, pulse_examples.CLOSED),
    PulseComments: Template(pulse_results.comments, pulse_examples.COMMENTS),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    PulseShown: shown,
    PulseAnswered: answered,
}
