"""Modals in Slack: opened, mended, taken once."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.desk import Answer
from bot.messages.blocks import Form
from bot.messages.replies import said
from sandbox.slack import Message as Shown
from sandbox.slack import View
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, TEAM
from tests.fakes.slack_room import (
    ASK,
    DONE,
    EXPLAIN,
    FILL_IN,
    FORM,
    FORM_TYPE,
    IN_PLACE,
    QUESTIONS,
    WHO,
    RoomStage,
    interaction_body,
    room_stage,
)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def opened_form(stage: RoomStage, address: str = ANN) -> Shown:
    """Press the button that opens the form; returns the message it stands in."""
    stage.desk.answers[EXPLAIN] = ASK
    shown = await stage.post(address=address)
    await stage.slack.press(TEAM, ANN, shown, EXPLAIN)
    return shown


async def test_a_form_carries_its_token_and_closes_when_it_was_taken(stage: RoomStage) -> None:
    shown = await opened_form(stage)

    delivered = await stage.slack.submit(TEAM, ANN, values={"comment": "Late", "color": "red", "due": "2026-04-01"})

    assert (delivered.status, delivered.body, delivered.problem) == (200, "", None)
    assert stage.desk.heard[-1] == (WHO, FILL_IN, {"comment": "Late", "color": "red", "due": "2026-04-01"})
    assert stage.slack.views(TEAM, ANN) == []
    assert stage.whispers(shown.channel_id) == ["Done."]


async def test_mistakes_are_shown_beside_their_fields_and_the_form_stays(stage: RoomStage) -> None:
    await opened_form(stage)
    wrong = Answer(
        message=said("Please look again."),
        refused=True,
        field_errors={"due": "That day is gone.", "elsewhere": "Not on this form."},
    )
    stage.desk.answers[FILL_IN] = wrong

    delivered = await stage.slack.submit(TEAM, ANN, values={"color": "red"})
    stage.desk.answers[FILL_IN] = Answer(message=DONE)
    corrected = await stage.slack.submit(TEAM, ANN, values={"color": "red", "due": "2026-04-01"})

    assert delivered.problem is None
    assert delivered.json() == {"response_action": "errors", "errors": {"due": "That day is gone."}}
    assert (corrected.body, stage.slack.views(TEAM, ANN)) == ("", [])


async def test_mistakes_that_no_field_can_show_are_told(stage: RoomStage) -> None:
    shown = await opened_form(stage)
    stage.desk.answers[FILL_IN] = Answer(
        message=said("Please look again."), refused=True, field_errors={"elsewhere": "The round is closed."}
    )

    delivered = await stage.slack.submit(TEAM, ANN, values={"color": "red"})

    assert delivered.body == ""
    assert stage.whispers(shown.channel_id) == ["Please look again. The round is closed."]


async def test_a_form_can_change_the_message_that_opened_it(stage: RoomStage) -> None:
    stage.desk.answers[FILL_IN] = IN_PLACE
    shown = await opened_form(stage)

    await stage.slack.submit(TEAM, ANN, values={"color": "red"})

    [now] = stage.slack.inbox(TEAM, ANN)
    assert (now.ts, now.text) == (shown.ts, "Acknowledged by Ann.")


async def test_a_form_can_lead_to_another_form(stage: RoomStage) -> None:
    await opened_form(stage)
    stage.desk.answers[FILL_IN] = Answer(form=replace(FORM, title="And then", token="v1.case.more.al1.7"))

    delivered = await stage.slack.submit(TEAM, ANN, values={"color": "red"})

    assert delivered.problem is None
    [view] = stage.slack.views(TEAM, ANN)
    assert (view.body["title"]["text"], view.body["callback_id"]) == ("And then", "v1.case.more.al1.7")


async def test_two_submits_of_one_form_have_one_effect(stage: RoomStage) -> None:
    await opened_form(stage)
    [view] = stage.slack.views(TEAM, ANN)
    values = {"color": {"color": {"type": "radio_buttons", "selected_option": {"value": "red"}}}}
    payload = {
        "type": "view_submission",
        "user": {"id": ANN, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": view.to_json(values),
    }

    await stage.send(interaction_body(payload), content_type=FORM_TYPE)
    await stage.send(interaction_body({**payload, "trigger_id": "another"}), content_type=FORM_TYPE)

    assert stage.desk.effects[FILL_IN] == 1


async def test_a_form_that_comes_too_late_comes_as_a_message(stage: RoomStage) -> None:
    stage.desk.answers[EXPLAIN] = ASK
    shown = await stage.post()
    stage.slack.fail_next("views.open", error="expired_trigger_id")

    await stage.slack.press(TEAM, ANN, shown, EXPLAIN)

    assert stage.whispers(shown.channel_id) == [FORM.title]


async def test_a_modal_of_somebody_else_gets_the_desks_refusal(stage: RoomStage) -> None:
    stage.desk.answers["mystery"] = Answer(message=said("This button is not known here."), refused=True)
    payload = {
        "type": "view_submission",
        "user": {"id": ANN, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {
            "id": "V9",
            "type": "modal",
            "callback_id": "mystery",
            "private_metadata": "",
            "state": {"values": {}},
        },
    }

    assert await stage.send(interaction_body(payload), content_type=FORM_TYPE) == (200, "")
    assert [one.text for one in stage.slack.inbox(TEAM, ANN)] == ["This button is not known here."]


async def test_a_broken_desk_keeps_the_form_open_with_what_was_written(stage: RoomStage) -> None:
    await opened_form(stage)
    stage.desk.breaks = 1

    delivered = await stage.slack.submit(TEAM, ANN, values={"color": "red"})

    assert delivered.problem is None
    assert "Something broke" in delivered.json()["errors"]["comment"]
    assert len(stage.slack.views(TEAM, ANN)) == 1


# --- drafts -----------------------------------------------------------------------------------------------

SAY = "v1.escalation.progress.al1.e1"


async def opened_draft(stage: RoomStage) -> View:
    stage.desk.answers[EXPLAIN] = Answer(form=Form("How it goes", QUESTIONS, SAY))
    await stage.slack.press(TEAM, ANN, await stage.post(), EXPLAIN)
    return stage.slack.views(TEAM, ANN)[-1]


async def test_what_stands_in_a_form_when_it_is_closed_is_kept(stage: RoomStage) -> None:
    view = await opened_draft(stage)

    await stage.slack.press(TEAM, ANN, view, "comment", value="It is late")
    await stage.slack.press(TEAM, ANN, view, "comment", value="It is late again", values={"color": "red"})
    before = [inputs for _, _, inputs in stage.desk.drafts]
    closed = await stage.slack.close_view(TEAM, ANN, view)

    assert before == [{"comment": "It is late"}]
    assert closed is not None
    assert closed.status == 200
    assert stage.desk.drafts[-1] == (WHO, SAY, {"comment": "It is late again", "color": "red"})


async def test_what_was_typed_last_is_heard_before_the_close(stage: RoomStage) -> None:
    view = await opened_draft(stage)

    await stage.slack.close_view(TEAM, ANN, view, values={"comment": "Half a sent", "color": "red"})

    assert [inputs for _, _, inputs in stage.desk.drafts] == [{"comment": "Half a sent", "color": "red"}]


async def test_a_form_that_was_sent_leaves_no_draft_and_a_refused_one_goes_on(stage: RoomStage) -> None:
    view = await opened_draft(stage)
    stage.desk.answers[SAY] = Answer(message=said("No."), refused=True, field_errors={"comment": "Too short."})
    await stage.slack.submit(TEAM, ANN, values={"comment": "x", "color": "red"})
    await stage.slack.press(TEAM, ANN, view, "comment", value="Longer")
    stage.desk.answers[SAY] = Answer(message=DONE)

    await stage.slack.submit(TEAM, ANN, values={"comment": "Longer", "color": "red"})

    assert [inputs for _, _, inputs in stage.desk.drafts] == [{"comment": "Longer"}]
    assert stage.slack.views(TEAM, ANN) == []


async def test_of_a_form_that_keeps_no_draft_slack_tells_nothing(stage: RoomStage) -> None:
    await opened_form(stage)

    assert await stage.slack.close_view(TEAM, ANN) is None
    assert stage.desk.drafts == []
