"""The words of checkpoints: the invitation, the reminder, the dialog, the thanks."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from alliance import in_words
from alliance.charter import Criterion, Direction
from alliance.checkpoint import (
    LONGEST_ANSWER,
    QUESTIONS,
    CriterionRating,
    Standing,
)
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.notices import CheckpointClosed, CheckpointEnded, CheckpointOpened, CheckpointReminder, Notice
from bot.actions.tokens import token
from bot.messages import sample
from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Choice,
    Does,
    Form,
    Heading,
    Message,
    Option,
    Strong,
    TextBox,
    Tone,
    When,
    note,
    paragraph,
)
from bot.messages.decisions import retrospective_subject
from bot.messages.phrases import counted, spoken
from bot.messages.reader import Reader
from bot.messages.replies import said
from bot.messages.retrospective import EXAMPLES, QUESTION_WORDS, STANDING_WORDS, retrospective
from bot.messages.template import How, Shown, Template
from handlers.checkpoints import CheckpointAnswered, CheckpointCalled, CheckpointForm, CheckpointInvitation
from handlers.replies import Reply

CANNOT_SAY = "cannot say"
CROSSES = (
    "When the checkpoint closes, both companies read what was written, side by side: by company, without "
    "names. Where few people answer, colleagues may guess who wrote what."
)


# --- the invitation ---------------------------------------------------------------------------------


def opened(notice: CheckpointOpened, reader: Reader) -> Message:
    return Message(
        summary=f"Checkpoint for {reader.roster.name}: time to look back together.",
        blocks=(
            Heading(f"Checkpoint of {spoken(notice.day)}"),
            paragraph(
                "Time to look back on ",
                Strong(reader.roster.name),
                ". Six questions, of which you answer those you can, and how the agreed success criteria "
                "stand. You can answer, and change your answer, until ",
                When(notice.closes_at),
                ".",
            ),
            note(CROSSES),
            _answer_button("Look back", notice.alliance_id, notice.checkpoint_id),
        ),
    )


def reminder(notice: CheckpointReminder, reader: Reader) -> Message:
    opening = "This is the last reminder: the" if notice.last else "The"
    return Message(
        summary=f"The checkpoint for {reader.roster.name} is still open.",
        blocks=(
            paragraph(
                opening,
                " checkpoint for ",
                Strong(reader.roster.name),
                " is open until ",
                When(notice.closes_at),
                ". One answered question is enough. Away? Say “away until” and a date.",
            ),
            _answer_button("Look back", notice.alliance_id, notice.checkpoint_id),
        ),
    )


def ended(notice: CheckpointEnded, _reader: Reader) -> Message:
    return said(f"The checkpoint of {spoken(notice.day)} has closed. Its retrospective follows.")


def _answer_button(label: str, alliance_id: AllianceId, checkpoint_id: CheckpointId) -> Actions:
    made = token("checkpoint.show", alliance_id, checkpoint_id)
    return Actions((Button(label, made, Does.OPEN_FORM, Tone.PRIMARY),))


def closed(notice: CheckpointClosed, reader: Reader) -> Message:
    return retrospective(notice, reader)


# --- the dialog -------------------------------------------------------------------------------------


def form(reply: CheckpointForm, _reader: Reader) -> Shown:
    checkpoint = reply.checkpoint
    texts = reply.answer.answers if reply.answer else {}
    ratings = {rating.criterion: rating for rating in reply.answer.ratings} if reply.answer else {}
    questions = tuple(
        TextBox(key, QUESTION_WORDS[key], written=texts.get(key, ""), longest=LONGEST_ANSWER) for key in QUESTIONS
    )
    return Shown(
        form=Form(
            title="Look back",
            blocks=(
                paragraph("Please answer at least one of the six questions."),
                note(CROSSES),
                *questions,
                *(block for c in reply.criteria for block in _criterion(c, ratings.get(c.key))),
            ),
            token=token("checkpoint.answer", checkpoint.alliance_id, checkpoint.id),
        )
    )


def _criterion(criterion: Criterion, rating: CriterionRating | None) -> tuple[Block, ...]:
    standing = rating.standing if rating else None
    measured = rating.measured if rating else None
    bound = "at least" if criterion.direction is Direction.HIGHER else "at most"
    target = f"{bound} {in_words.figure(criterion.target)} {criterion.unit} by {spoken(criterion.due)}"
    return (
        Choice(
            f"standing:{criterion.key}",
            f"{criterion.name} ({target}): how does it stand?",
            (
                *(Option(each.value, STANDING_WORDS[each]) for each in Standing),
                Option(CANNOT_SAY, "Cannot say"),
            ),
            chosen=standing.value if standing else CANNOT_SAY,
            required=False,
        ),
        TextBox(
            f"measured:{criterion.key}",
            f"{criterion.name}: measured value, in {criterion.unit}",
            hint="A number such as 12 or 12.5; leave it empty if you do not know it.",
            written="" if measured is None else in_words.figure(measured),
            lines=False,
            longest=30,
        ),
    )


# --- replies ----------------------------------------------------------------------------------------


def called(reply: CheckpointCalled, _reader: Reader) -> Shown:
    people = counted(reply.invited, "invitation")
    sentence = f"The checkpoint is open for both companies: {people} to look back."
    closes = paragraph(sentence, " It closes ", When(reply.closes_at), ".")
    return Shown(message=Message(summary=sentence, blocks=(closes,)))


def invitation(reply: CheckpointInvitation, _reader: Reader) -> Shown:
    checkpoint = reply.checkpoint
    sentence = f"The checkpoint of {spoken(checkpoint.day)} is open."
    done = " You have answered; you can change your answer until " if reply.answered else " Answer it until "
    label = "Change my answer" if reply.answered else "Look back"
    return Shown(
        message=Message(
            summary=sentence,
            blocks=(
                paragraph(sentence, done, When(checkpoint.closes_at), "."),
                _answer_button(label, checkpoint.alliance_id, checkpoint.id),
            ),
        )
    )


def answered(reply: CheckpointAnswered, _reader: Reader) -> Shown:
    checkpoint, answer = reply.checkpoint, reply.answer
    kept = f"{len(answer.answers)} of {len(QUESTIONS)} questions"
    if answer.ratings:
        kept += f" and {len(answer.ratings)} of the criteria"
    return Shown(
        message=Message(
            summary="Thank you, your look back is in.",
            blocks=(
                paragraph(
                    f"Thank you, your look back is in: {kept}. You can change it until ",
                    When(checkpoint.closes_at),
                    ".",
                ),
                note(CROSSES),
                _answer_button("Change my answer", checkpoint.alliance_id, checkpoint.id),
            ),
        ),
        replaces=True,
    )


# --- examples ---------------------------------------------------------------------------------------

_ID = CheckpointId("c1")
_DAY = dt.date(2026, 3, 5)

TEMPLATES: Mapping[type[Notice], Template[Any]] = {
    CheckpointOpened: Template(
        opened,
        (
            CheckpointOpened(
                alliance_id=sample.ALLIANCE,
                checkpoint_id=_ID,
                day=_DAY,
                closes_at=sample.NEXT_WEEK,
                members=(MemberId("ben"), MemberId("katrin")),
            ),
        ),
        subject=lambda notice: f"checkpoint:{notice.checkpoint_id}",
        same_for_side=True,
    ),
    CheckpointReminder: Template(
        reminder,
        tuple(
            CheckpointReminder(
                alliance_id=sample.ALLIANCE,
                checkpoint_id=_ID,
                closes_at=sample.TOMORROW,
                members=(MemberId("ben"),),
                last=last,
            )
            for last in (False, True)
        ),
        same_for_side=True,
    ),
    CheckpointEnded: Template(
        ended,
        (CheckpointEnded(alliance_id=sample.ALLIANCE, checkpoint_id=_ID, day=_DAY, members=(MemberId("ben"),)),),
        how=How.REDRAW,
        subject=lambda notice: f"checkpoint:{notice.checkpoint_id}",
        same_for_side=True,
    ),
    CheckpointClosed: Template(
        closed, EXAMPLES, subject=lambda notice: retrospective_subject(notice.retrospective.checkpoint_id)
    ),
}

REPLIES: Mapping[type[Reply], Callable[[Any, Reader], Shown]] = {
    CheckpointCalled: called,
    CheckpointInvitation: invitation,
    CheckpointForm: form,
    CheckpointAnswered: answered,
}
