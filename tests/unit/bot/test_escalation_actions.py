import datetime as dt

import pytest

from alliance.errors import InvalidInput
from alliance.ids import AllianceId, CheckinId, CheckpointId, EscalationId, MemberId, WarningId
from alliance.protocol import Urgency
from bot.actions.registry import intent_of
from bot.actions.tokens import OldButton, token
from handlers import intents as i

HERE = AllianceId("al.1")
CASE = EscalationId("e3")
WORDS = {"title": " The pilot slips ", "facts": "facts", "need": "need", "urgency": "urgent"}


def asked(verb: str, *arguments: str | int, **inputs: str) -> i.PersonIntent:
    return intent_of(token(verb, HERE, *arguments), inputs)


def test_raising_for_itself_from_a_blocker_and_from_a_warning() -> None:
    plain = i.RaiseEscalation(
        alliance_id=HERE, title="The pilot slips", facts="facts", need="need", urgency=Urgency.URGENT
    )

    assert asked("escalation.raise", **WORDS) == plain
    blocker = asked("escalation.raise", "c1", "dc-op1", **WORDS)
    warning = asked("escalation.raise-warning", "w1", **WORDS)

    assert isinstance(blocker, i.RaiseEscalation)
    assert (blocker.checkin_id, blocker.author) == ("c1", "dc-op1")
    assert isinstance(warning, i.RaiseEscalation)
    assert warning.warning_id == "w1"


def test_wishing_to_raise() -> None:
    here = {"alliance_id": HERE}
    assert asked("escalation.ask-raise") == i.AskRaise(alliance_id=HERE)
    assert asked("escalation.ask-raise", "c1", "dc-op1") == i.AskRaise(
        alliance_id=HERE, checkin_id=CheckinId("c1"), author=MemberId("dc-op1")
    )
    assert asked("escalation.ask-raise-warning", "w1") == i.AskRaise(
        alliance_id=here["alliance_id"], warning_id=WarningId("w1")
    )


@pytest.mark.parametrize(
    ("made", "inputs", "intent"),
    [
        (
            ("escalation.acknowledge", "e3", 1),
            {},
            i.AcknowledgeEscalation(alliance_id=HERE, escalation_id=CASE, level=1),
        ),
        (
            ("escalation.ask", "e3", "decline", 0),
            {},
            i.AskEscalationForm(alliance_id=HERE, escalation_id=CASE, form="decline", level=0),
        ),
        (
            ("escalation.accept", "e3", "dc-op1", 2),
            {},
            i.AcceptResolution(alliance_id=HERE, escalation_id=CASE, proposed_by=MemberId("dc-op1"), proposal=2),
        ),
        (
            ("escalation.decline", "e3", "dc-op1", 2),
            {"reason": " no "},
            i.DeclineResolution(
                alliance_id=HERE,
                escalation_id=CASE,
                proposed_by=MemberId("dc-op1"),
                proposal=2,
                reason="no",
            ),
        ),
        (
            ("escalation.move-up", "e3", 2),
            {"reason": "stuck"},
            i.MoveEscalationUp(alliance_id=HERE, escalation_id=CASE, reason="stuck", level=2),
        ),
        (
            ("escalation.statement", "e3", 0),
            {"facts": "f", "other_needs": "o"},
            i.GiveStatement(alliance_id=HERE, escalation_id=CASE, facts="f", other_needs="o", level=0),
        ),
        (
            ("escalation.mediator", "e3"),
            {"mediator": "nia"},
            i.NameMediator(alliance_id=HERE, escalation_id=CASE, mediator="nia"),
        ),
        (
            ("escalation.withdraw", "e3"),
            {"reason": "settled"},
            i.WithdrawEscalation(alliance_id=HERE, escalation_id=CASE, reason="settled"),
        ),
        (
            ("escalation.progress", "e3"),
            {"text": "well"},
            i.SayProgress(alliance_id=HERE, escalation_id=CASE, text="well"),
        ),
        (("escalation.show", 7), {}, i.ShowEscalation(alliance_id=HERE, number=7)),
        (("escalation.list",), {}, i.ListEscalations(alliance_id=HERE)),
        (("action-item.done", 4), {}, i.FinishActionItem(alliance_id=HERE, number=4)),
        (("action-item.done-listed", 4), {}, i.FinishActionItem(alliance_id=HERE, number=4, listed=True)),
        (("action-item.list",), {}, i.ListActionItems(alliance_id=HERE)),
        (
            ("action-item.ask", "p1"),
            {},
            i.AskActionItem(alliance_id=HERE, checkpoint_id=CheckpointId("p1")),
        ),
        (
            ("action-item.decide",),
            {"title": "Send it", "owner": "ana", "due": "2026-03-20"},
            i.DecideActionItem(
                alliance_id=HERE, task=i.TaskWords(title="Send it", owner="ana", due=dt.date(2026, 3, 20))
            ),
        ),
    ],
)
def test_a_token_asks_for_its_intent(made: tuple[str, ...], inputs: dict[str, str], intent: i.PersonIntent) -> None:
    assert asked(*made, **inputs) == intent


def test_action_items_keep_the_place_that_they_have_in_the_dialog() -> None:
    intent = asked("escalation.propose", "e3", decision="d", reason="r", title_2="Send it", owner_2="ana", due_2="")

    assert isinstance(intent, i.ProposeResolution)
    assert intent.tasks[0] == intent.tasks[2] == i.TaskWords(title="", owner="", due=None)
    assert intent.tasks[1].title == "Send it"


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("escalation.acknowledge", ("e3",)),
        ("escalation.acknowledge", ("e3", "²")),
        ("escalation.ask", ("e3",)),
        ("escalation.accept", ("e3", "dc-op1")),
        ("escalation.accept", ("e3", "dc-op1", "-1")),
        ("escalation.raise", ("c1",)),
        ("escalation.raise-warning", ()),
        ("escalation.show", ("1e9",)),
        ("escalation.forget", ("e3",)),
        ("action-item.done", ("99999999999",)),
    ],
)
def test_a_forged_or_old_token_is_refused(verb: str, arguments: tuple[str, ...]) -> None:
    with pytest.raises(OldButton):
        asked(verb, *arguments, **WORDS)


def test_a_choice_that_was_never_offered_is_named() -> None:
    with pytest.raises(InvalidInput) as wrong:
        asked("escalation.raise", **{**WORDS, "urgency": "apocalyptic"})
    with pytest.raises(InvalidInput) as no_date:
        asked("escalation.propose", "e3", decision="d", reason="r", due_1="tomorrow")

    assert set(wrong.value.fields) == {"urgency"}
    assert set(no_date.value.fields) == {"due_1"}


def test_a_text_too_long_is_refused_beside_its_field_and_not_cut() -> None:
    with pytest.raises(InvalidInput) as refused:
        asked("escalation.progress", "e3", text="x" * 1_000_000)

    assert refused.value.fields == {"text": "Please keep this to 2,000 characters."}


@pytest.mark.parametrize("unseen", ["\u200b", " \u2060\ufeff ", "\u202e", "\x07"])
def test_letters_that_nobody_sees_are_nothing(unseen: str) -> None:
    raised = asked("escalation.raise", **{**WORDS, "title": unseen})

    assert isinstance(raised, i.RaiseEscalation)
    assert raised.title == ""


@pytest.mark.parametrize("seen", ["\u200bslips", "مرحبا", "\U0001f6e0\ufe0f"])
def test_letters_that_leave_ink_stay_as_they_were_typed(seen: str) -> None:
    raised = asked("escalation.raise", **{**WORDS, "title": seen})

    assert isinstance(raised, i.RaiseEscalation)
    assert raised.title == seen


def test_a_card_that_comes_into_view_asks_for_itself_as_it_is_now() -> None:
    asked = intent_of(token("escalation.redraw", AllianceId("al1"), 3), {})

    assert asked == i.ShowEscalation(alliance_id=AllianceId("al1"), number=3, anew=True)
