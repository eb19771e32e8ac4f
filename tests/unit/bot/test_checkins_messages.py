"""The words of check-ins: what people are asked, what they are told will cross, and the one summary for both."""

import datetime as dt

import pytest

from alliance.checkin import CheckinAnswer, CheckinSummary, Course, Point, SideSummary
from alliance.ids import CheckinId, MemberId
from alliance.notices import CheckinClosed, CheckinEnded, CheckinOpened, CheckinReminder, PointPassedOn
from bot.actions.registry import intent_of
from bot.messages import sample
from bot.messages.blocks import Actions, Button, Choice, Does, Message, Quote, TextBox
from bot.messages.checkins import MOST_BUTTONS, REPLIES, TEMPLATES
from bot.messages.plain import render
from bot.messages.reader import Reader
from bot.messages.template import How
from handlers.checkins import CheckinAnswered, CheckinShown
from handlers.intents import AnswerCheckin, ShowCheckin
from tests.fakes.messages import HOSTILE

ID = CheckinId("c1")
ANSWER = CheckinAnswer(MemberId("ana"), sample.DC, Course.BLOCKED, "Moved it.", "", "No access.")


def flat(message: Message) -> str:
    return " ".join(render(message).split())


def buttons(message: Message) -> list[Button]:
    return [b for block in message.blocks if isinstance(block, Actions) for b in block.buttons]


def closed(*points: Point) -> CheckinClosed:
    sides = tuple(SideSummary(side, 12, 3, {Course.BLOCKED: 3}) for side in (sample.DC, sample.MC))
    summary = CheckinSummary(ID, dt.date(2026, 3, 10), sides, points)
    return CheckinClosed(alliance_id=sample.ALLIANCE, summary=summary)


def blocker(key: str, text: str = "No access.", rounds: int = 1) -> Point:
    side = sample.ROSTER.by_key(key).side
    assert side is not None
    return Point(MemberId(key), side, text, blocks=True, rounds=rounds)


def every_reader() -> list[Reader]:
    people = [sample.reader(member.key) for member in sample.ROSTER.members]
    return [*people, *(Reader(sample.ROSTER, None, side.key) for side in sample.ROSTER.sides)]


@pytest.mark.parametrize("kind", TEMPLATES, ids=lambda kind: kind.__name__)
def test_every_example_reads_well_to_everybody(kind: type) -> None:
    for example in TEMPLATES[kind].examples:
        for reader in every_reader():
            shown = TEMPLATES[kind].words(example, reader)
            assert shown.summary
            assert "!" not in render(shown)


def test_the_question_is_one_message_with_three_texts_one_state_and_one_submit() -> None:
    (example,) = TEMPLATES[CheckinOpened].examples
    message = TEMPLATES[CheckinOpened].words(example, sample.reader("ana"))

    inputs = [block.name for block in message.blocks if isinstance(block, Choice | TextBox)]
    assert inputs == ["course", "moved", "next", "in_the_way"]
    assert [b.does for b in buttons(message)] == [Does.SUBMIT]
    assert "What moved and what is next stay between you and the liaison" in flat(message)
    assert "with your name" in flat(message)


def test_the_submit_asks_for_what_was_written() -> None:
    (example,) = TEMPLATES[CheckinOpened].examples
    (send,) = buttons(TEMPLATES[CheckinOpened].words(example, sample.reader("ana")))

    asked = intent_of(send.token, {"course": "on track", "moved": "a", "next": "b", "in_the_way": ""})

    assert isinstance(asked, AnswerCheckin)
    assert (asked.checkin_id, asked.course, asked.moved, asked.next) == (ID, Course.ON_TRACK, "a", "b")


def test_the_reminder_leads_to_the_questions() -> None:
    first, last = TEMPLATES[CheckinReminder].examples

    (now,) = buttons(TEMPLATES[CheckinReminder].words(first, sample.reader("ana")))
    assert intent_of(now.token, {}) == ShowCheckin(alliance_id=sample.ALLIANCE, checkin_id=ID)
    assert "last reminder" in flat(TEMPLATES[CheckinReminder].words(last, sample.reader("ana")))
    assert "last reminder" not in flat(TEMPLATES[CheckinReminder].words(first, sample.reader("ana")))


def test_the_questions_are_redrawn_without_their_inputs_when_the_round_has_closed() -> None:
    opened, ended = TEMPLATES[CheckinOpened], TEMPLATES[CheckinEnded]
    silent, answered = ended.examples

    assert ended.how is How.REDRAW
    assert opened.subject is not None
    assert ended.subject is not None
    assert opened.subject(opened.examples[0]) == ended.subject(silent)
    assert buttons(ended.words(silent, sample.reader("ana"))) == []
    assert len(buttons(ended.words(answered, sample.reader("ana")))) == 1
    assert buttons(ended.words(answered, sample.reader("jonas"))) == []


def test_everybody_reads_the_same_summary() -> None:
    notice = closed(blocker("ana", rounds=3), Point(MemberId("jonas"), sample.MC, "A date.", blocks=False))

    words = {render(TEMPLATES[CheckinClosed].words(notice, reader)) for reader in every_reader()}

    assert len(words) == 1
    (text,) = words
    assert "Ana Ruiz (DC) is blocked, with no change for 3 check-ins in a row:" in text
    assert "Jonas Weber (MC) needs something:" in text
    assert "DC 3 of 12, MC 3 of 12. 1 blocker and 1 need named." in " ".join(text.split())


def test_every_blocker_is_in_the_summary_and_the_first_five_have_a_button() -> None:
    keys = [member.key for member in sample.ROSTER.members if member.side][: MOST_BUTTONS + 2]
    message = TEMPLATES[CheckinClosed].words(closed(*(blocker(key) for key in keys)), sample.reader("ana"))

    assert sum(isinstance(block, Quote) for block in message.blocks) == MOST_BUTTONS + 2
    assert len(buttons(message)) == MOST_BUTTONS
    assert {b.does for b in buttons(message)} == {Does.OPEN_FORM}
    assert [b.token for b in buttons(message)] == [
        f"v1.escalation.ask-raise.sample.c1.{key}" for key in keys[:MOST_BUTTONS]
    ]
    assert "2 more blockers without a button" in flat(message)


def test_needs_alone_have_no_button() -> None:
    message = TEMPLATES[CheckinClosed].words(
        closed(Point(MemberId("jonas"), sample.MC, "A date.", blocks=False)), sample.reader("ana")
    )

    assert buttons(message) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_people_are_quoted_and_never_anything_else(text: str) -> None:
    point = blocker("ana", text)
    notice = PointPassedOn(alliance_id=sample.ALLIANCE, checkin_id=ID, point=point, counterpart=MemberId("jonas"))

    for message in (
        TEMPLATES[PointPassedOn].words(notice, sample.reader("jonas")),
        TEMPLATES[CheckinClosed].words(closed(point), sample.reader("jonas")),
    ):
        assert [block.text for block in message.blocks if isinstance(block, Quote)] == [text]
        assert text not in message.summary


def test_a_blocker_of_somebody_who_was_forgotten_still_reads_well() -> None:
    gone = Point(MemberId("nobody"), sample.DC, "(removed)", blocks=True)

    assert "a former member is blocked" in flat(TEMPLATES[CheckinClosed].words(closed(gone), sample.reader("ana")))


def test_after_the_submit_the_message_shows_what_was_written_and_how_to_change_it() -> None:
    reply = CheckinAnswered(sample.ALLIANCE, ID, sample.TOMORROW, ANSWER)

    shown = REPLIES[CheckinAnswered](reply, sample.reader("ana"))

    assert shown.replaces
    assert shown.message is not None
    assert "Blocked" in flat(shown.message)
    assert [b.text for b in shown.message.blocks if isinstance(b, Quote)] == ["Moved it.", "No access."]
    (change,) = buttons(shown.message)
    assert intent_of(change.token, {}) == ShowCheckin(alliance_id=sample.ALLIANCE, checkin_id=ID)


def test_an_open_round_shows_the_form_with_the_answer_and_a_closed_one_shows_it_to_read() -> None:
    shown = {
        is_open: REPLIES[CheckinShown](
            CheckinShown(sample.ALLIANCE, ID, dt.date(2026, 3, 10), sample.TOMORROW, is_open, ANSWER),
            sample.reader("ana"),
        ).message
        for is_open in (True, False)
    }

    form, read_only = shown[True], shown[False]
    assert form is not None
    assert read_only is not None
    assert [b.written for b in form.blocks if isinstance(b, TextBox)] == ["Moved it.", "", "No access."]
    assert [b.chosen for b in form.blocks if isinstance(b, Choice)] == ["blocked"]
    assert buttons(read_only) == []
    assert "No access." in flat(read_only)
