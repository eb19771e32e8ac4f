import re

import pytest

from alliance.ids import PulseId
from alliance.notices import Notice, PulseClosed, PulseComments, PulseEnded, PulseOpened, PulseReminder
from alliance.pulse import PulseAnswer
from bot.messages import plain, sample
from bot.messages.blocks import Actions, Chart, Does, Message, Quote, Scale, TextBox
from bot.messages.catalog import word
from bot.messages.pulse_examples import CLOSED, COMMENTS
from bot.messages.pulses import REPLIES, TEMPLATES
from bot.messages.template import How
from handlers.pulses import PulseAnswered, PulseShown

EXAMPLES = [example for template in TEMPLATES.values() for example in template.examples]
SECOND, FIRST, SHORT, FRICTION = CLOSED
ITEMS = ("trust.we", "trust.they")


def text_of(message: Message) -> str:
    return re.sub(r"\s+", " ", plain.render(message))


def opened() -> PulseOpened:
    (example, *_) = TEMPLATES[PulseOpened].examples
    assert isinstance(example, PulseOpened)
    return example


def shown(answer: PulseAnswer | None) -> Message:
    reply = PulseShown(sample.ALLIANCE, PulseId("p"), ITEMS, sample.NEXT_WEEK, 5, 10, answer)
    said = REPLIES[PulseShown](reply, sample.reader("ana"))
    assert said.replaces
    assert said.message is not None
    return said.message


@pytest.mark.parametrize("reader", ["ana", "katrin"])
@pytest.mark.parametrize("notice", EXAMPLES, ids=lambda notice: type(notice).__name__)
def test_every_example_reads_well_in_plain_text(notice: Notice, reader: str) -> None:
    message = word(notice, sample.reader(reader))

    assert message.summary
    assert "!" not in text_of(message).replace("<a lot>", "")


def test_the_invitation_says_what_is_anonymous_and_what_is_not() -> None:
    said = text_of(word(opened(), sample.reader("ana")))

    assert "Anonymous: your ratings and your comment." in said
    assert "after that nobody can tell whose they were" in said
    assert "only when at least 5 people of that company answered" in said
    assert "when at least 10 of you answered; the other company never reads them" in said
    assert "Not anonymous: that you were invited, and how many people of each company answered" in said
    assert "only so that reminders go to the others" in said


def test_the_invitation_is_one_message_with_one_submit() -> None:
    message = word(opened(), sample.reader("ana"))

    buttons = [button for block in message.blocks if isinstance(block, Actions) for button in block.buttons]
    assert [block.name for block in message.blocks if isinstance(block, Scale)] == list(opened().items)
    assert [block.name for block in message.blocks if isinstance(block, TextBox)] == ["comment"]
    assert [button.does for button in buttons] == [Does.SUBMIT]


def test_we_and_they_are_named_for_each_reader_and_the_statements_stay_the_same() -> None:
    dc, mc = (word(opened(), sample.reader(key)) for key in ("ana", "jonas"))

    assert "“We” is DC, “they” is MC." in text_of(dc)
    assert "“We” is MC, “they” is DC." in text_of(mc)
    assert [b for b in dc.blocks if isinstance(b, Scale)] == [b for b in mc.blocks if isinstance(b, Scale)]


def test_a_person_who_answered_sees_what_they_chose() -> None:
    message = shown(PulseAnswer(sample.DC, {"trust.we": 4, "trust.they": 2}, "Mine."))

    assert [block.chosen for block in message.blocks if isinstance(block, Scale)] == [4, 2]
    assert [block.written for block in message.blocks if isinstance(block, TextBox)] == ["Mine."]
    assert "Change my answer" in text_of(message)


def test_a_person_who_has_not_answered_sees_nothing_chosen() -> None:
    assert [block.chosen for block in shown(None).blocks if isinstance(block, Scale)] == [None, None]


def test_the_thanks_replace_the_questions_and_offer_a_change() -> None:
    said = REPLIES[PulseAnswered](PulseAnswered(sample.ALLIANCE, PulseId("p"), sample.NEXT_WEEK), sample.reader("ana"))

    assert said.replaces
    assert said.message is not None
    assert "You can change it until 17 March 2026, 15:00 UTC." in text_of(said.message)
    assert "[Change my answer]" in text_of(said.message)


def test_the_message_that_a_pulse_is_over_is_the_same_for_all_and_has_no_button() -> None:
    (notice,) = TEMPLATES[PulseEnded].examples

    messages = [word(notice, sample.reader(key)) for key in ("ana", "jonas")]

    assert messages[0] == messages[1]
    assert not [block for block in messages[0].blocks if isinstance(block, Actions)]
    assert TEMPLATES[PulseEnded].how is How.REDRAW


def test_a_reminder_stands_under_the_invitation() -> None:
    (notice, last) = TEMPLATES[PulseReminder].examples

    assert TEMPLATES[PulseReminder].how is How.THREAD
    assert TEMPLATES[PulseReminder].subject is not None
    assert "last reminder" not in text_of(word(notice, sample.reader("ana")))
    assert "last reminder" in text_of(word(last, sample.reader("ana")))


# --- results ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", CLOSED, ids=lambda notice: f"pulse {notice.results.number}")
def test_both_companies_read_the_same_words(notice: PulseClosed) -> None:
    readers = [sample.reader(key) for key in ("ben", "cleo", "katrin", "lars")]

    assert len({word(notice, reader) for reader in readers}) == 1


def test_a_gap_is_named_with_both_bands() -> None:
    said = text_of(word(SECOND, sample.reader("ben")))

    assert "Trust: DC 4.3 ± 0.2, MC 2.8 ± 0.3; the difference is 1.5 ± 0.4, a gap." in said
    assert "Trust: DC sees itself 2.6 ± 0.6 higher than MC sees DC, a gap" in said
    assert "the difference is 0.3 ± 0.5, which does not count as a gap." in text_of(word(FIRST, sample.reader("ben")))


def test_what_is_withheld_is_said_with_its_reason() -> None:
    message = word(SHORT, sample.reader("ben"))
    said = text_of(message)

    assert "some figures are withheld" in message.summary
    assert "Withheld for MC: trust and communication. Reason: too few answers on that side." in said
    assert "Withheld between the two: trust and communication. Reason: too few answers on one" in said


def test_a_withheld_score_is_no_number_in_the_chart() -> None:
    charts = [b for b in word(SHORT, sample.reader("ben")).blocks if isinstance(b, Chart)]

    assert [(series.name, series.values) for chart in charts for series in chart.series] == [
        ("DC", (4.1, 4.3)),
        ("MC", (None, None)),
    ]


def test_response_rates_are_said_for_both() -> None:
    assert "5 of 12 answered at DC, 4 of 12 answered at MC" in word(SHORT, sample.reader("ben")).summary


def test_advocacy_stands_apart_from_the_scale_to_5() -> None:
    message = word(FRICTION, sample.reader("ben"))

    (chart,) = [block for block in message.blocks if isinstance(block, Chart)]
    assert chart.labels == ("conflict handling", "low personal friction")
    assert "advocacy (0 to 10)" in text_of(message)


def test_task_friction_is_told_and_not_judged() -> None:
    said = text_of(word(FRICTION, sample.reader("ben")))

    assert "Task friction, which is neither good nor bad" in said
    assert "5 means that nothing turns personal" in said


# --- comments ---------------------------------------------------------------------------------------


def test_comments_are_shown_word_for_word() -> None:
    message = word(COMMENTS[0], sample.reader("ben"))

    assert [block.text for block in message.blocks if isinstance(block, Quote)] == list(COMMENTS[0].comments or ())
    assert message.summary == "Comments of pulse 2, from people at DC."
    assert "in no order" in text_of(message)


def test_too_few_answers_leave_comments_unread_and_say_so() -> None:
    said = text_of(word(COMMENTS[2], sample.reader("ben")))

    assert "Fewer than 10 people at DC answered pulse 2" in said
    assert isinstance(COMMENTS[2], PulseComments)
