"""The buttons of check-ins and of the everyday answers: tokens to intents, and what hostile inputs become."""

import pytest

from alliance.checkin import LONGEST_TEXT, Course
from alliance.errors import InvalidInput
from alliance.ids import AllianceId, CheckinId, CheckpointId, PulseId
from bot.actions import people
from bot.actions.registry import intent_of
from bot.actions.tokens import OldButton, token
from handlers import intents as i
from handlers.own_intents import ShowHome
from tests.fakes.messages import HOSTILE

HERE = AllianceId("al1")
ANSWER = token("checkin.answer", HERE, "c1")
GOOD = {"course": "at risk", "moved": " One. ", "next": "", "in_the_way": ""}


def test_a_submit_becomes_an_answer() -> None:
    assert intent_of(ANSWER, GOOD) == i.AnswerCheckin(
        alliance_id=HERE,
        checkin_id=CheckinId("c1"),
        course=Course.AT_RISK,
        moved="One.",
        next="",
        in_the_way="",
    )


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ({}, {"course", "moved"}),
        ({**GOOD, "course": ""}, {"course"}),
        ({**GOOD, "course": "BLOCKED; DROP TABLE"}, {"course"}),
        ({**GOOD, "moved": "  "}, {"moved"}),
        ({"course": "blocked", "moved": ""}, {"moved", "in_the_way"}),
        ({**GOOD, "next": "x" * 1_000_000}, {"next"}),
    ],
)
def test_everything_that_is_wrong_is_said_at_once(inputs: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        intent_of(ANSWER, inputs)

    assert set(refused.value.fields) == wrong


def test_the_longest_text_is_taken_whole() -> None:
    asked = intent_of(ANSWER, {**GOOD, "moved": "x" * LONGEST_TEXT})

    assert isinstance(asked, i.AnswerCheckin)
    assert len(asked.moved) == LONGEST_TEXT


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_carried_as_they_are(text: str) -> None:
    asked = intent_of(ANSWER, {**GOOD, "in_the_way": text})

    assert isinstance(asked, i.AnswerCheckin)
    assert asked.in_the_way == text.strip()


@pytest.mark.parametrize(
    "action", ["checkin.answer", "checkin.show", "status.pulse", "status.escalation", "home.do", "home.ask"]
)
def test_a_token_without_its_argument_is_an_old_button(action: str) -> None:
    with pytest.raises(OldButton):
        intent_of(token(action, HERE), GOOD)


@pytest.mark.parametrize("number", ["three", "-1", "9" * 12, "٣"])
def test_a_number_that_is_none_is_an_old_button(number: str) -> None:
    with pytest.raises(OldButton):
        intent_of(token("status.escalation", HERE, number), {})


@pytest.mark.parametrize(
    ("made", "meant"),
    [
        (token("checkin.show", HERE, "c1"), i.ShowCheckin(alliance_id=HERE, checkin_id=CheckinId("c1"))),
        (token("status.show", HERE), i.ShowStatus(alliance_id=HERE)),
        (token("status.who", HERE), i.ShowCounterparts(alliance_id=HERE)),
        (token("status.help", HERE), i.ShowHelp(alliance_id=HERE)),
        (token("status.back", HERE), i.SetAway(alliance_id=HERE, until=None)),
        (token("status.pulse", HERE, "p"), i.ShowPulse(alliance_id=HERE, pulse_id=PulseId("p"))),
        (
            token("status.checkpoint", HERE, "k"),
            i.ShowCheckpoint(alliance_id=HERE, checkpoint_id=CheckpointId("k")),
        ),
        (token("status.escalation", HERE, 3), i.ShowEscalation(alliance_id=HERE, number=3)),
        (token("status.actions", HERE), i.ListActionItems(alliance_id=HERE)),
        (token("status.charter", HERE), i.ShowCharter(alliance_id=HERE)),
        (token("status.digest", HERE), i.ShowDigest(alliance_id=HERE)),
        (token("home.show", HERE), ShowHome(alliance_id=HERE)),
        (token("home.do", HERE, "status.escalation", 3), i.ShowEscalation(alliance_id=HERE, number=3)),
        (token("home.ask", HERE, "checkin.show", "c1"), i.ShowCheckin(alliance_id=HERE, checkin_id=CheckinId("c1"))),
        (token("privacy.show", HERE), i.ShowStored(alliance_id=HERE)),
        (token("privacy.ask-forget", HERE), i.ForgetMe(alliance_id=HERE, confirmed=False)),
        (token("privacy.forget", HERE), i.ForgetMe(alliance_id=HERE, confirmed=True)),
    ],
)
def test_each_button_asks_for_one_thing(made: str, meant: i.PersonIntent) -> None:
    assert intent_of(made, {}) == meant


def test_every_action_is_tried_here() -> None:
    assert len(people.ACTIONS) == 14
