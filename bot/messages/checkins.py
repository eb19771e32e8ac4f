"""The words of check-ins: the invitation, the reminder, and the summary that both companies get."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from alliance.checkin import CheckinSummary, Course, Point, SideSummary
from alliance.ids import CheckinId, MemberId, SideKey
from alliance.notices import (
    CheckinClosed,
    CheckinEnded,
    CheckinOpened,
    CheckinRedrawn,
    CheckinReminder,
    Notice,
    PointPassedOn,
)
from bot.actions.tokens import token
from bot.messages import checkin_answers, sample
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Does,
    Heading,
    Message,
    Quote,
    Strong,
    Table,
    Tone,
    When,
    note,
    paragraph,
)
from bot.messages.checkin_answers import COURSES, open_button, questions
from bot.messages.phrases import spoken
from bot.messages.reader import Reader
from bot.messages.template import How, Shown, Template
from handlers.replies import Reply

MOST_BUTTONS = 5
"""Buttons under one summary; for further blockers the word "raise" does the same."""


def counted(number: int, thing: str) -> str:
    """Return "1 blocker", "3 blockers"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


# --- while it is open -------------------------------------------------------------------------------


def opened(notice: CheckinOpened, reader: Reader) -> Message:
    asked = questions(notice.alliance_id, notice.checkin_id, None)
    return Message(
        summary=f"A new check-in is open for {reader.roster.name}: three short questions.",
        blocks=(
            Heading("Check-in"),
            paragraph(
                "How is ",
                Strong(reader.roster.name),
                " going? Three questions, about two minutes. You can answer, and change your answer, until ",
                When(notice.closes_at),
                ".",
            ),
            *asked,
        ),
    )


def reminder(notice: CheckinReminder, reader: Reader) -> Message:
    opening = "This is the last reminder: the" if notice.last else "The"
    return Message(
        summary=f"Your check-in for {reader.roster.name} is still open.",
        blocks=(
            paragraph(
                opening,
                " check-in for ",
                Strong(reader.roster.name),
                " is open until ",
                When(notice.closes_at),
                ", and your answer would help both companies. Away? Say “away until” and a date.",
            ),
            Actions((open_button("Answer now", notice.alliance_id, notice.checkin_id, Tone.PRIMARY),)),
        ),
    )


def redrawn(notice: CheckinRedrawn, reader: Reader) -> Message:
    button = open_button("Change my answer", notice.alliance_id, notice.checkin_id, Tone.PLAIN)
    return Message(
        summary=f"Thank you, your check-in answer for {reader.roster.name} is in.",
        blocks=(
            paragraph("Thank you, your check-in answer is in. You can change it until ", When(notice.closes_at), "."),
            Actions((button,)),
        ),
    )


def ended(notice: CheckinEnded, reader: Reader) -> Message:
    answered = reader.member is not None and reader.member.id in notice.answered
    button = open_button("What I answered", notice.alliance_id, notice.checkin_id, Tone.PLAIN)
    return Message(
        summary=f"The check-in of {spoken(notice.day)} has closed.",
        blocks=(
            paragraph(
                f"The check-in of {spoken(notice.day)} has closed. Both companies have its summary; the next "
                "one will ask you again."
            ),
            *((Actions((button,)),) if answered else ()),
        ),
    )


# --- the summary ------------------------------------------------------------------------------------


def closed(notice: CheckinClosed, reader: Reader) -> Message:
    """The same words for everybody on both sides."""
    summary = notice.summary
    return Message(
        summary=_headline(summary, reader),
        blocks=(
            Heading(f"Check-in of {spoken(summary.day)}"),
            paragraph(_findings(summary)),
            _states(summary, reader),
            *(block for point in summary.points for block in _point(point, reader)),
            *_raising(notice, reader),
        ),
    )


def _headline(summary: CheckinSummary, reader: Reader) -> str:
    rates = ", ".join(f"{reader.company(side.side)} {_rate(side)}" for side in summary.sides)
    return f"Check-in of {spoken(summary.day)}, answers: {rates}. {_findings(summary)}"


def _rate(side: SideSummary) -> str:
    return f"{side.answered} of {side.invited}"


def _findings(summary: CheckinSummary) -> str:
    if not any(side.answered for side in summary.sides):
        return "Nobody answered this time, so there is nothing to report on either side."
    blockers = sum(point.blocks for point in summary.points)
    needs = len(summary.points) - blockers
    found = [counted(blockers, "blocker")] * bool(blockers) + [counted(needs, "need")] * bool(needs)
    return f"{' and '.join(found)} named." if found else "Nobody named anything in the way."


def _states(summary: CheckinSummary, reader: Reader) -> Table:
    return Table(
        title="How each side stands",
        columns=("Company", "Answered", *COURSES.values()),
        rows=tuple(
            (
                reader.company(side.side),
                _rate(side),
                *(str(side.courses.get(course, 0)) for course in COURSES),
            )
            for side in summary.sides
        ),
    )


def _point(point: Point, reader: Reader) -> tuple[Block, ...]:
    said = " is blocked" if point.blocks else " needs something"
    return paragraph(Strong(reader.name(point.author)), said, _standing(point), ":"), Quote(point.text)


def _standing(point: Point) -> str:
    if point.rounds < 2:
        return ""
    return f", with no change for {point.rounds} check-ins in a row"


def _raising(notice: CheckinClosed, reader: Reader) -> tuple[Block, ...]:
    blockers = [point for point in notice.summary.points if point.blocks]
    if not blockers:
        return ()
    buttons = Actions(
        tuple(
            _raise_button(
                f"Raise {reader.roster.name_of(point.author)}’s blocker",
                notice,
                notice.summary.checkin_id,
                point,
            )
            for point in blockers[:MOST_BUTTONS]
        )
    )
    more = len(blockers) - MOST_BUTTONS
    if more <= 0:
        return (buttons,)
    return buttons, note(f"{counted(more, 'more blocker')} without a button here: say “raise” to bring one up.")


def _raise_button(label: str, notice: Notice, checkin_id: CheckinId, point: Point) -> Button:
    made = token("escalation.ask-raise", notice.alliance_id, checkin_id, point.author)
    return Button(label, made, Does.OPEN_FORM)


def passed_on(notice: PointPassedOn, reader: Reader) -> Message:
    point = notice.point
    who = reader.name(point.author)
    what = "is blocked" if point.blocks else "needs something from the other side"
    return Message(
        summary=f"{who} {what}, and you are their counterpart.",
        blocks=(
            paragraph(Strong(who), f" {what}{_standing(point)}. You are their counterpart."),
            Quote(point.text),
            note("A word between the two of you often settles it. If not, it can be raised with both sides."),
            Actions((_raise_button("Raise an escalation", notice, notice.checkin_id, point),)),
        ),
    )


# --- examples ---------------------------------------------------------------------------------------

_ID = CheckinId("c1")
_DAY = dt.date(2026, 3, 10)
_BLOCKER = Point(
    MemberId("ana"), sample.DC, "We still wait for the pilot customers' contact list.", blocks=True, rounds=3
)
_SIDES = (sample.DC, sample.MC)
_MANY = {
    **dict.fromkeys(("ana", "ben", "cleo", "dana"), sample.DC),
    **dict.fromkeys(("jonas", "katrin", "lars"), sample.MC),
}
_NEED = Point(MemberId("jonas"), sample.MC, "One date for the launch that holds.", blocks=False)


def _sample_summary(*points: Point, answered: tuple[int, int] = (5, 6)) -> CheckinClosed:
    sides = tuple(_sample_side(side, count, points) for side, count in zip(_SIDES, answered, strict=True))
    summary = CheckinSummary(_ID, _DAY, sides, points)
    return CheckinClosed(alliance_id=sample.ALLIANCE, summary=summary)


def _sample_side(side: SideKey, answered: int, points: tuple[Point, ...]) -> SideSummary:
    blocked = sum(point.blocks for point in points if point.side == side)
    return SideSummary(side, 7, answered, {Course.ON_TRACK: answered - blocked, Course.BLOCKED: blocked})


TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    CheckinOpened: Template(
        opened,
        (
            CheckinOpened(
                alliance_id=sample.ALLIANCE,
                checkin_id=_ID,
                side=sample.DC,
                closes_at=sample.TOMORROW,
                members=(MemberId("ana"),),
            ),
        ),
        subject=lambda notice: f"checkin:{notice.checkin_id}",
        same_for_side=True,
    ),
    CheckinReminder: Template(
        reminder,
        tuple(
            CheckinReminder(
                alliance_id=sample.ALLIANCE,
                checkin_id=_ID,
                closes_at=sample.TOMORROW,
                members=(MemberId("ana"),),
                last=last,
            )
            for last in (False, True)
        ),
        same_for_side=True,
    ),
    CheckinRedrawn: Template(
        redrawn,
        (
            CheckinRedrawn(
                alliance_id=sample.ALLIANCE, checkin_id=_ID, closes_at=sample.TOMORROW, members=(MemberId("ana"),)
            ),
        ),
        how=How.REDRAW,
        subject=lambda notice: f"checkin:{notice.checkin_id}",
    ),
    CheckinEnded: Template(
        ended,
        tuple(
            CheckinEnded(
                alliance_id=sample.ALLIANCE,
                checkin_id=_ID,
                day=_DAY,
                members=(MemberId("ana"),),
                answered=answered,
            )
            for answered in ((), (MemberId("ana"),))
        ),
        how=How.REDRAW,
        subject=lambda notice: f"checkin:{notice.checkin_id}",
    ),
    CheckinClosed: Template(
        closed,
        (
            _sample_summary(_BLOCKER, _NEED),
            _sample_summary(),
            _sample_summary(answered=(0, 0)),
            _sample_summary(*(replace(_BLOCKER, author=MemberId(key), side=side) for key, side in _MANY.items())),
        ),
    ),
    PointPassedOn: Template(
        passed_on,
        tuple(
            PointPassedOn(alliance_id=sample.ALLIANCE, checkin_id=_ID, point=point, counterpart=across)
            for point, across in ((_BLOCKER, MemberId("jonas")), (_NEED, MemberId("ana")))
        ),
    ),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = checkin_answers.REPLIES
