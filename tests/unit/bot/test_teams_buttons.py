"""Buttons and dialogs in Teams: a press reaches the desk once, and the card or dialog says what came of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from alliance.roster import Platform
from bot.desk import Answer
from bot.messages.blocks import Message, Quote, paragraph
from bot.messages.replies import said
from bot.teams.connector import Place
from handlers.dispatch import ChatIdentity
from sandbox.teams import PersonCannot
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.teams_bot import CHANNEL, MIA, TENANT, make_card, make_card_message
from tests.fakes.teams_room import BUTTONS, FORM, WITH_INPUT, RoomStage, room_stage

TAKE, SEND, EXPLAIN = "v1.case.take.al1.7", "v1.pulse.send.al1.3", "v1.case.form.al1.7"
MIA_ON_TEAMS = ChatIdentity(Platform.TEAMS, TENANT, MIA)
TAKEN = Message("You have taken it", (paragraph("You have taken it."), paragraph("The clock runs.")))


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


def text_inputs(card: dict[str, Any]) -> dict[str, str]:
    return {node["id"]: node.get("value", "") for node in card["body"] if node.get("type") == "Input.Text"}


# --- buttons ------------------------------------------------------------------------------------------


async def test_a_button_names_its_token_and_who_pressed(stage: RoomStage) -> None:
    shown = await stage.post()

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert stage.desk.heard == [(MIA_ON_TEAMS, TAKE, {})]
    assert answer.ok
    assert answer.text == "Done."


async def test_a_submit_brings_the_inputs(stage: RoomStage) -> None:
    shown = await stage.post(WITH_INPUT)

    await stage.teams.execute(TENANT, MIA, shown, SEND, {"comment": "<at>all</at> {{x}}"})

    assert stage.desk.heard == [(MIA_ON_TEAMS, SEND, {"comment": "<at>all</at> {{x}}"})]


async def test_an_answer_that_replaces_draws_the_card_anew_for_good(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.desk.answers[TAKE] = Answer(message=TAKEN, replaces=True)

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)
    await stage.room.idle()

    (message,) = stage.teams.inbox(TENANT, MIA)
    assert answer.card == message.card
    assert message.summary == "You have taken it"


async def test_in_a_channel_a_card_is_drawn_anew_for_the_one_who_pressed_alone(stage: RoomStage) -> None:
    shown = await stage.post_in_channel()
    stage.desk.answers[TAKE] = Answer(message=TAKEN, replaces=True)

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    (message,) = stage.teams.messages(CHANNEL)
    assert answer.card is not None
    assert answer.card != message.card
    assert message.summary == BUTTONS.summary


async def test_an_answer_longer_than_a_line_comes_as_a_message_too(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.desk.answers[TAKE] = Answer(message=TAKEN)

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert answer.text == "You have taken it"
    assert stage.summaries() == [BUTTONS.summary, "You have taken it"]


async def test_what_somebody_asked_for_in_a_channel_is_told_to_them_alone(stage: RoomStage) -> None:
    shown = await stage.post_in_channel()
    stage.desk.answers[TAKE] = Answer(message=TAKEN)

    await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert stage.summaries() == ["You have taken it"]
    assert len(stage.teams.messages(CHANNEL)) == 1


async def test_an_answer_too_large_for_one_card_is_lost_nowhere(stage: RoomStage) -> None:
    shown = await stage.post()
    long = Message("The whole story", tuple(Quote("word " * 1_400) for _ in range(6)))
    stage.desk.answers[TAKE] = Answer(message=long, replaces=True)

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert answer.text == "The whole story"
    told = [message for message in stage.teams.inbox(TENANT, MIA) if message.summary == "The whole story"]
    assert sum(str(message.card).count("'emphasis'") for message in told) == 6


async def test_a_refusal_says_why_and_leaves_the_card_as_it_is(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.desk.answers[TAKE] = Answer(message=said("Only a manager can take it."), refused=True)

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert answer.text == "Only a manager can take it."
    assert stage.summaries() == [BUTTONS.summary]


async def test_mistakes_in_a_card_are_named_and_what_was_typed_stays(stage: RoomStage) -> None:
    shown = await stage.post(WITH_INPUT)
    stage.desk.answers[SEND] = Answer(
        message=said("Please look again."), refused=True, field_errors={"comment": "Too long by far."}
    )

    answer = await stage.teams.execute(TENANT, MIA, shown, SEND, {"comment": "x"})

    assert answer.card is None
    assert answer.text == "Please look again. Too long by far."


async def test_nothing_to_say_is_still_an_answer(stage: RoomStage) -> None:
    shown = await stage.post()
    stage.desk.answers[TAKE] = Answer()

    answer = await stage.teams.execute(TENANT, MIA, shown, TAKE)

    assert answer.text == "Noted."


async def test_a_double_click_has_one_effect(stage: RoomStage) -> None:
    shown = await stage.post(WITH_INPUT)

    for _ in range(2):
        await stage.teams.execute(TENANT, MIA, shown, SEND, {"comment": "x"})

    first, second = (delivery.activity for delivery in stage.teams.deliveries)
    assert first["id"] != second["id"]
    assert stage.desk.effects == {SEND: 1}


async def test_other_words_or_another_message_are_another_press(stage: RoomStage) -> None:
    first, second = await stage.post(WITH_INPUT), await stage.post(WITH_INPUT, marker="delivery-2")

    for shown, comment in ((first, "x"), (first, "y"), (second, "x")):
        await stage.teams.execute(TENANT, MIA, shown, SEND, {"comment": comment})

    assert stage.desk.effects == {SEND: 3}


async def test_a_card_that_was_sent_twice_answers_as_one_card(stage: RoomStage) -> None:
    """After a crash in the wrong second; the second card stands under another id."""
    first, again = await stage.post(WITH_INPUT), await stage.post(WITH_INPUT)

    answers = [await stage.teams.execute(TENANT, MIA, shown, SEND, {"comment": "x"}) for shown in (first, again)]

    assert first != again
    assert stage.desk.heard == [(MIA_ON_TEAMS, SEND, {"comment": "x"})] * 2
    assert stage.desk.effects == {SEND: 1}
    assert [answer.text for answer in answers] == ["Done.", "That was already done."]


async def test_an_old_client_presses_by_message(stage: RoomStage) -> None:
    """Action.Submit is the fallback of Action.Execute; it comes as a message with a value."""
    chat = await stage.room.platform.open_conversation(stage.workspace, MIA)
    submit = {"type": "Action.Submit", "title": "Take", "data": {"token": TAKE}}
    card = make_card({"type": "Input.Text", "id": "comment", "label": "Comment"}, actions=[submit])
    shown = await stage.room._connector.send(_place(stage, chat.id), make_card_message(card))
    stage.desk.answers[TAKE] = Answer(message=TAKEN, replaces=True)

    answer = await stage.teams.press_submit(TENANT, MIA, shown, "Take", {"comment": "x"})
    await stage.room.idle()

    assert answer.status == 200
    assert stage.desk.heard == [(MIA_ON_TEAMS, TAKE, {"comment": "x"})]
    assert stage.summaries() == ["You have taken it"]


async def test_an_invoke_without_token_is_a_bad_request(stage: RoomStage) -> None:
    chat = await stage.room.platform.open_conversation(stage.workspace, MIA)
    card = make_card(actions=[{"type": "Action.Execute", "title": "Odd", "data": {"x": "y"}}])
    shown = await stage.room._connector.send(_place(stage, chat.id), make_card_message(card))

    answer = await stage.teams.execute(TENANT, MIA, shown, "Odd")

    assert answer.http_status == 400
    assert stage.desk.heard == []


@pytest.mark.parametrize("name", ["composeExtension/query", "fileConsent/invoke", "", "signin/verifyState"])
@pytest.mark.parametrize("value", [None, "x", {"a": 1}, []])
async def test_an_invoke_that_we_do_not_offer_is_said_to_be_none(stage: RoomStage, name: str, value: object) -> None:
    answer = await stage.teams.send_activity(TENANT, _invoke(name, value))

    assert answer.status == 501
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["adaptiveCard/action", "task/fetch", "task/submit"])
@pytest.mark.parametrize("value", [None, "x", 7, [], {"action": "x"}, {"data": {"token": ["v1"]}}])
async def test_a_broken_invoke_is_a_bad_request(stage: RoomStage, name: str, value: object) -> None:
    answer = await stage.teams.send_activity(TENANT, _invoke(name, value))

    assert answer.status == 400
    assert stage.desk.heard == []


# --- cards that refresh -------------------------------------------------------------------------------


async def test_a_card_that_comes_into_view_is_drawn_as_it_is_by_now(stage: RoomStage) -> None:
    action = {"type": "Action.Execute", "verb": TAKE, "data": {"token": TAKE}}
    refresh = {"action": action, "userIds": [stage.teams.directory.person(TENANT, MIA).id]}
    chat = await stage.room.platform.open_conversation(stage.workspace, MIA)
    card = make_card(refresh=refresh)
    shown = await stage.room._connector.send(_place(stage, chat.id), make_card_message(card))
    stage.desk.answers[TAKE] = Answer(message=TAKEN, replaces=True)

    views = [await stage.teams.refresh_card(TENANT, MIA, shown)]
    stage.teams.inbox(TENANT, MIA)[0].views.clear()
    views.append(await stage.teams.refresh_card(TENANT, MIA, shown))

    assert all(view.card is not None for view in views)
    assert stage.desk.effects == {TAKE: 2}
    assert stage.teams.counts["update"] == 0


# --- dialogs ------------------------------------------------------------------------------------------


@pytest.fixture
def form_desk(stage: RoomStage) -> RoomStage:
    stage.desk.answers[EXPLAIN] = Answer(form=FORM)
    return stage


async def test_a_dialog_opens_with_the_form(form_desk: RoomStage) -> None:
    shown = await form_desk.post()

    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    assert dialog.title == "Explain the concern"
    assert dialog.card is not None
    assert text_inputs(dialog.card) == {"what": "", "since": ""}


async def test_a_dialog_opens_as_often_as_it_is_asked_for(form_desk: RoomStage) -> None:
    shown = await form_desk.post()

    dialogs = [await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain") for _ in range(2)]

    assert all(dialog.is_open for dialog in dialogs)


async def test_what_is_sent_in_a_dialog_reaches_the_desk_once(form_desk: RoomStage) -> None:
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    sent = {"what": "No licence"}
    first, second = [await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs=sent) for _ in range(2)]

    assert form_desk.desk.heard[1] == (MIA_ON_TEAMS, FORM.token, {"what": "No licence"})
    assert form_desk.desk.effects[FORM.token] == 1
    assert (first.text, second.text) == ("Done.", "That was already done.")


async def test_a_mistake_keeps_what_was_typed_and_stands_beside_its_input(form_desk: RoomStage) -> None:
    mistakes = {"since": "Please write a day."}
    form_desk.desk.answers[FORM.token] = Answer(message=said("Look again."), refused=True, field_errors=mistakes)
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    again = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": 'No "licence"', "since": "a while"})

    assert again.card is not None
    assert text_inputs(again.card) == {"what": 'No "licence"', "since": "a while"}
    after = [node["type"] for node in again.card["body"]]
    assert after == ["Input.Text", "Input.Text", "RichTextBlock"]
    assert "Please write a day." in str(again.card["body"][-1])


async def test_a_mended_form_is_taken_after_any_number_of_mistakes(form_desk: RoomStage) -> None:
    wrong = Answer(message=said("Look again."), refused=True, field_errors={"what": "Say more."})
    form_desk.desk.answers[FORM.token] = wrong
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")
    for words in ("a", "b"):
        dialog = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": words})
    form_desk.desk.answers[FORM.token] = Answer(message=said("Thank you."))

    closed = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": "c"})

    assert closed.text == "Thank you."
    assert form_desk.desk.heard[-1] == (MIA_ON_TEAMS, FORM.token, {"what": "c"})


async def test_when_the_form_cannot_be_made_again_the_mistakes_are_said(form_desk: RoomStage) -> None:
    form_desk.desk.answers[FORM.token] = Answer(
        message=said("Look again."), refused=True, field_errors={"what": "Say more."}
    )
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")
    form_desk.desk.answers[EXPLAIN] = Answer(message=said("It has closed."), refused=True)

    closed = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": "x"})

    assert closed.text == "Look again. Say more."


async def test_a_dialog_may_lead_to_the_next(form_desk: RoomStage) -> None:
    form_desk.desk.answers[FORM.token] = Answer(form=FORM)
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    following = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": "x"})

    assert following.is_open


async def test_a_dialog_that_cannot_open_says_why(stage: RoomStage) -> None:
    stage.desk.answers[EXPLAIN] = Answer(message=said("It has closed."), refused=True)
    shown = await stage.post()

    dialog = await stage.teams.fetch_task(TENANT, MIA, shown, "Explain")

    assert (dialog.is_open, dialog.text) == (False, "It has closed.")


async def test_after_a_dialog_the_message_below_is_drawn_anew(form_desk: RoomStage) -> None:
    form_desk.desk.answers[FORM.token] = Answer(message=TAKEN, replaces=True)
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    closed = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": "x"})
    await form_desk.room.idle()

    assert closed.text == "You have taken it"
    assert form_desk.summaries() == ["You have taken it"]


async def test_a_dialog_with_nothing_to_say_just_closes(form_desk: RoomStage) -> None:
    form_desk.desk.answers[FORM.token] = Answer()
    shown = await form_desk.post()
    dialog = await form_desk.teams.fetch_task(TENANT, MIA, shown, "Explain")

    closed = await form_desk.teams.submit_task(TENANT, MIA, dialog, inputs={"what": "x"})

    assert (closed.http_status, closed.is_open, closed.text) == (200, False, None)


async def test_only_somebody_who_sees_the_message_can_press(stage: RoomStage) -> None:
    shown = await stage.post()

    with pytest.raises(PersonCannot):
        await stage.teams.execute(TENANT, MIA, f"{shown}0", TAKE)


def _place(stage: RoomStage, conversation: str) -> Place:
    return Place(stage.teams.service_url, TENANT, conversation)


def _invoke(name: str, value: object) -> dict[str, Any]:
    return {
        "type": "invoke",
        "id": "f:1",
        "name": name,
        "value": value,
        "from": {"id": "29:mia", "aadObjectId": MIA},
        "conversation": {"id": "a:1chat", "conversationType": "personal"},
    }
