"""The check-in as the one who answers sees it: the questions, the thanks, and their own answer."""

from collections.abc import Callable, Mapping
from typing import Any

from alliance.checkin import LONGEST_TEXT, CheckinAnswer, Course
from alliance.ids import AllianceId, CheckinId
from bot.actions.tokens import token
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Choice,
    Does,
    Facts,
    Heading,
    Message,
    Option,
    Quote,
    Strong,
    TextBox,
    Tone,
    When,
    fact,
    note,
    paragraph,
)
from bot.messages.phrases import spoken
from bot.messages.reader import Reader
from bot.messages.template import Shown
from handlers.checkins import CheckinAnswered, CheckinShown
from handlers.replies import Reply

MOVED = "What has moved since last time?"
NEXT = "What is next?"
IN_THE_WAY = "What is in the way, or what do you need from the other side?"
COURSES = {Course.ON_TRACK: "On track", Course.AT_RISK: "At risk", Course.BLOCKED: "Blocked"}


def questions(alliance_id: AllianceId, checkin_id: CheckinId, written: CheckinAnswer | None) -> tuple[Block, ...]:
    """The state, the three questions and the one button, with what was written before."""
    given = {"moved": written.moved, "next": written.next, "in": written.in_the_way} if written else {}
    return (
        Choice(
            "course",
            "How is it going?",
            tuple(Option(course.value, label) for course, label in COURSES.items()),
            chosen=written.course.value if written else None,
        ),
        TextBox("moved", MOVED, written=given.get("moved", ""), longest=LONGEST_TEXT),
        TextBox("next", NEXT, written=given.get("next", ""), longest=LONGEST_TEXT),
        TextBox(
            "in_the_way",
            IN_THE_WAY,
            hint="Both companies read this with your name.",
            written=given.get("in", ""),
            longest=LONGEST_TEXT,
        ),
        Actions(
            (
                Button(
                    "Change my answer" if written else "Send my answer",
                    token("checkin.answer", alliance_id, checkin_id),
                    Does.SUBMIT,
                    Tone.PRIMARY,
                ),
            )
        ),
        note(
            "When the check-in closes, both companies read how many are on track, at risk or blocked, and "
            "what is in the way, with your name; it also goes to your counterpart. What moved and what is "
            "next stay between you and the liaison."
        ),
    )


def open_button(label: str, alliance_id: AllianceId, checkin_id: CheckinId, tone: Tone) -> Button:
    """The button that shows the member's own answer, to change it while the round is open."""
    return Button(label, token("checkin.show", alliance_id, checkin_id), tone=tone)


def answered(reply: CheckinAnswered, _reader: Reader) -> Shown:
    return Shown(
        message=Message(
            summary="Thank you, your check-in answer is in.",
            blocks=(
                paragraph("Thank you, your answer is in. You can change it until ", When(reply.closes_at), "."),
                *_written(reply.answer),
                Actions((open_button("Change my answer", reply.alliance_id, reply.checkin_id, Tone.PLAIN),)),
            ),
        ),
        replaces=True,
    )


def shown(reply: CheckinShown, _reader: Reader) -> Shown:
    return Shown(message=_form(reply) if reply.open else _read_only(reply), replaces=True)


def _form(reply: CheckinShown) -> Message:
    return Message(
        summary="Your check-in: three short questions.",
        blocks=(
            Heading("Check-in"),
            paragraph("You can answer, and change your answer, until ", When(reply.closes_at), "."),
            *questions(reply.alliance_id, reply.checkin_id, reply.answer),
        ),
    )


def _read_only(reply: CheckinShown) -> Message:
    sentence = f"The check-in of {spoken(reply.day)} has closed. This is what you answered."
    written = _written(reply.answer) if reply.answer else ()
    return Message(summary=sentence, blocks=(paragraph(sentence), *written))


def _written(answer: CheckinAnswer) -> tuple[Block, ...]:
    texts = ((MOVED, answer.moved), (NEXT, answer.next), (IN_THE_WAY, answer.in_the_way))
    asked = [(paragraph(Strong(label)), Quote(text)) for label, text in texts if text]
    return Facts((fact("State", COURSES[answer.course]),)), *(block for pair in asked for block in pair)


REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    CheckinAnswered: answered,
    CheckinShown: shown,
}
