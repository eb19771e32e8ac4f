import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.teams import BotMisbehaved, PersonCannot
from tests.fakes.teams_bot import (
    APP_ID,
    CHANNEL,
    MIA,
    TEAM,
    TENANT,
    TOM,
    Json,
    Stage,
    make_card,
    make_card_message,
    teams_stage,
)

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
SCORE = {
    "type": "Input.ChoiceSet",
    "id": "score",
    "choices": [{"title": "Low", "value": "1"}, {"title": "High", "value": "5"}],
    "isRequired": True,
}
ACTIONS: list[Json] = [
    {"type": "Action.Execute", "title": "Send", "verb": "send", "data": {"token": "v1.a"}},
    {"type": "Action.Submit", "title": "Old", "data": {"token": "v1.b"}},
    {
        "type": "Action.Submit",
        "title": "Open",
        "data": {"token": "v1.c", "msteams": {"type": "task/fetch"}},
        "associatedInputs": "none",
    },
]
CARD = make_card(SCORE, actions=ACTIONS)
DONE = make_card({"type": "TextBlock", "text": "Thank you"})


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with teams_stage() as there:
        yield there


def answer_card(card: Any) -> Json:
    return {"statusCode": 200, "type": ADAPTIVE, "value": card}


# --- words ------------------------------------------------------------------------------------


async def test_a_line_in_the_personal_chat_arrives_as_teams_sends_it(stage: Stage) -> None:
    answer = await stage.teams.say(TENANT, MIA, "help & <b>more</b>")

    (activity,) = stage.bot.received
    mia = stage.teams.directory.person(TENANT, MIA)
    assert answer.status == 200
    assert activity["type"] == "message"
    assert activity["text"] == "help & <b>more</b>"
    assert activity["channelId"] == "msteams"
    assert activity["serviceUrl"] == stage.teams.service_url
    assert activity["from"] == {"id": mia.id, "name": "Mia Maier", "aadObjectId": MIA}
    assert activity["recipient"]["id"] == f"28:{APP_ID}"
    assert activity["conversation"]["conversationType"] == "personal"
    assert activity["conversation"]["tenantId"] == activity["channelData"]["tenant"]["id"] == TENANT
    assert activity["timestamp"] == "2026-03-02T09:00:00.000Z"
    assert activity["localTimestamp"] == "2026-03-02T10:00:00.000+01:00"
    assert activity["entities"][0]["type"] == "clientInfo"
    assert activity["entities"][0]["timezone"] == "Europe/Berlin"
    assert [message.text for message in stage.teams.messages(activity["conversation"]["id"])] == [activity["text"]]
    assert stage.teams.inbox(TENANT, MIA) == []


async def test_the_bot_can_answer_where_it_was_spoken_to(stage: Stage) -> None:
    await stage.teams.say(TENANT, MIA, "hello")
    spoken = stage.bot.received[0]

    answered = await stage.bot.call(
        "POST",
        f"/{spoken['conversation']['id']}/activities/{spoken['id']}",
        {"type": "message", "text": "Hello Mia"},
    )

    assert answered.status == 201
    assert [message.text for message in stage.teams.inbox(TENANT, MIA)] == ["Hello Mia"]


async def test_a_mention_in_a_channel_names_bot_team_channel_and_thread(stage: Stage) -> None:
    await stage.teams.channel_say(TENANT, CHANNEL, MIA, "status")
    first = stage.bot.received[0]
    await stage.teams.channel_say(TENANT, CHANNEL, TOM, "and now", thread=first["id"])
    second = stage.bot.received[1]

    assert first["text"] == "<at>Liaison</at> status"
    assert first["entities"][0] == {
        "type": "mention",
        "mentioned": {"id": f"28:{APP_ID}", "name": "Liaison"},
        "text": "<at>Liaison</at>",
    }
    assert first["conversation"]["id"] == f"{CHANNEL};messageid={first['id']}" == second["conversation"]["id"]
    assert first["conversation"]["isGroup"] is True
    assert first["channelData"]["team"] == {"id": TEAM}
    assert first["channelData"]["channel"] == {"id": CHANNEL}
    assert (await stage.bot.post(first["conversation"]["id"], {"type": "message", "text": "All well"})).status == 201


async def test_people_without_the_app_cannot_write(stage: Stage) -> None:
    with pytest.raises(PersonCannot, match="does not have the app"):
        await stage.teams.say(TENANT, TOM, "hello")
    with pytest.raises(LookupError):
        await stage.teams.say(TENANT, "nobody", "hello")
    assert stage.bot.received == []


# --- buttons ----------------------------------------------------------------------------------


async def test_execute_sends_an_invoke_and_its_card_becomes_that_persons_view(stage: Stage) -> None:
    stage.bot.answer = lambda _activity: answer_card(DONE)
    message_id = await stage.send_card(CARD)

    answer = await stage.teams.execute(TENANT, MIA, message_id, "send", {"score": "5"})

    activity = stage.bot.received[-1]
    assert (activity["type"], activity["name"], activity["replyToId"]) == (
        "invoke",
        "adaptiveCard/action",
        message_id,
    )
    assert activity["value"] == {
        "action": {
            "type": "Action.Execute",
            "title": "Send",
            "verb": "send",
            "data": {"token": "v1.a", "score": "5"},
        },
        "trigger": "manual",
    }
    (message,) = stage.teams.inbox(TENANT, MIA)
    assert answer.ok
    assert answer.card == message.card_for(MIA) == DONE
    assert message.card == CARD
    with pytest.raises(PersonCannot):
        await stage.teams.execute(TENANT, MIA, message, "send", {"score": "5"})


async def test_an_update_takes_the_place_of_single_views(stage: Stage) -> None:
    stage.bot.answer = lambda _activity: answer_card(DONE)
    message_id = await stage.send_card(CARD)
    await stage.teams.execute(TENANT, MIA, message_id, "send", {"score": "5"})
    closed = make_card({"type": "TextBlock", "text": "Closed"})

    path = f"/{await stage.bot.open_chat()}/activities/{message_id}"
    await stage.bot.call("PUT", path, make_card_message(closed))

    assert stage.teams.inbox(TENANT, MIA)[0].card_for(MIA) == closed


async def test_two_presses_have_two_ids_and_one_reply_to_id(stage: Stage) -> None:
    stage.bot.answer = lambda _activity: {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Noted",
    }
    message_id = await stage.send_card(CARD)

    answers = [await stage.teams.execute(TENANT, MIA, message_id, {"token": "v1.a"}, {"score": "1"}) for _ in "ab"]

    one, two = stage.bot.received
    assert [answer.text for answer in answers] == ["Noted", "Noted"]
    assert one["id"] != two["id"]
    assert one["replyToId"] == two["replyToId"] == message_id


async def test_two_people_press_a_card_in_a_channel_at_once_each_with_an_id_and_a_view(stage: Stage) -> None:
    def name_it(activity: Json) -> Json:
        return answer_card(make_card({"type": "TextBlock", "text": activity["from"]["name"]}))

    stage.bot.answer = name_it
    body = {"channelData": {"channel": {"id": CHANNEL}}, "activity": make_card_message(CARD)}
    thread = (await stage.bot.call("POST", "", body)).body["id"]
    (message,) = stage.teams.messages(CHANNEL)

    await asyncio.gather(
        *(stage.teams.execute(TENANT, person, message, "send", {"score": "1"}) for person in (MIA, TOM))
    )

    one, two = stage.bot.received
    assert one["id"] != two["id"]
    assert one["conversation"]["id"] == two["conversation"]["id"] == thread
    assert [(message.card_for(person) or {})["body"][1]["text"] for person in (MIA, TOM)] == [
        "Mia Maier",
        "Tom Thaler",
    ]


async def test_an_error_in_the_answer_is_understood_and_the_card_stays(stage: Stage) -> None:
    error = {"code": "BadRequest", "message": "This round is closed."}
    stage.bot.answer = lambda _activity: {
        "statusCode": 400,
        "type": "application/vnd.microsoft.error",
        "value": error,
    }
    message_id = await stage.send_card(CARD)

    answer = await stage.teams.execute(TENANT, MIA, message_id, "send", {"score": "1"})

    assert (answer.ok, answer.http_status, answer.status_code, answer.error) == (False, 200, 400, error)
    assert stage.teams.inbox(TENANT, MIA)[0].card_for(MIA) == CARD


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"status": "ok"},
        answer_card(make_card({"type": "TextBlock"})),
        answer_card({**DONE, "version": "1.6"}),
        {"statusCode": 418, "type": ADAPTIVE, "value": DONE},
    ],
)
async def test_an_answer_no_client_can_show_is_an_error(stage: Stage, answer: Any) -> None:
    stage.bot.answer = lambda _activity: answer
    message_id = await stage.send_card(CARD)

    with pytest.raises(BotMisbehaved):
        await stage.teams.execute(TENANT, MIA, message_id, "send", {"score": "1"})


async def test_the_client_refuses_what_the_card_does_not_hold(stage: Stage) -> None:
    message_id = await stage.send_card(CARD)

    with pytest.raises(PersonCannot, match=r"no Action\.Execute"):
        await stage.teams.execute(TENANT, MIA, message_id, "delete")
    with pytest.raises(PersonCannot, match="required"):
        await stage.teams.execute(TENANT, MIA, message_id, "send")
    with pytest.raises(PersonCannot, match="sees no message"):
        await stage.teams.execute(TENANT, TOM, message_id, "send", {"score": "1"})
    assert stage.bot.received == []

    stage.bot.answer = lambda _activity: answer_card(DONE)
    assert (await stage.teams.execute(TENANT, MIA, message_id, "send", force=True)).ok
    assert stage.bot.received[0]["value"]["action"]["data"] == {"token": "v1.a"}


async def test_submit_arrives_as_a_message_with_a_value(stage: Stage) -> None:
    message_id = await stage.send_card(CARD)

    answer = await stage.teams.press_submit(TENANT, MIA, message_id, "Old", {"score": "1"})

    (activity,) = stage.bot.received
    assert answer.status == 200
    assert (activity["type"], activity["replyToId"]) == ("message", message_id)
    assert activity["value"] == {"token": "v1.b", "score": "1"}
    assert "text" not in activity
    with pytest.raises(PersonCannot, match="fetch_task"):
        await stage.teams.press_submit(TENANT, MIA, message_id, "Open")


async def test_message_back_brings_its_words(stage: Stage) -> None:
    teams = {"type": "messageBack", "text": "help", "displayText": "Help", "value": {"k": 1}}
    message_id = await stage.send_card(
        make_card(actions=[{"type": "Action.Submit", "title": "Help", "data": {"msteams": teams}}])
    )

    await stage.teams.press_submit(TENANT, MIA, message_id, "Help")

    assert (stage.bot.received[0]["text"], stage.bot.received[0]["value"]) == ("help", {"k": 1})


async def test_a_dialog_opens_is_filled_in_and_closes_with_words(stage: Stage) -> None:
    form = make_card(
        {"type": "Input.Text", "id": "why", "isRequired": True},
        actions=[{"type": "Action.Submit", "title": "Send", "data": {"token": "v1.d"}}],
    )
    opened = {
        "task": {
            "type": "continue",
            "value": {"title": "Why", "card": {"contentType": ADAPTIVE, "content": form}},
        }
    }
    closed = {"task": {"type": "message", "value": "Thank you"}}
    stage.bot.answer = lambda activity: opened if activity["name"] == "task/fetch" else closed
    message_id = await stage.send_card(CARD)

    dialog = await stage.teams.fetch_task(TENANT, MIA, message_id, "Open")
    with pytest.raises(PersonCannot, match="required"):
        await stage.teams.submit_task(TENANT, MIA, dialog)
    after = await stage.teams.submit_task(TENANT, MIA, dialog, inputs={"why": "late parts"})

    fetch, submit = stage.bot.received
    assert (dialog.is_open, dialog.title, dialog.card) == (True, "Why", form)
    assert fetch["value"] == {
        "data": {"token": "v1.c", "msteams": {"type": "task/fetch"}},
        "context": {"theme": "default"},
    }
    assert submit["name"] == "task/submit"
    assert submit["value"]["data"] == {"token": "v1.d", "why": "late parts"}
    assert (after.is_open, after.text) == (False, "Thank you")
    with pytest.raises(PersonCannot, match="closed"):
        await stage.teams.submit_task(TENANT, MIA, after)


async def test_a_dialog_with_a_broken_card_is_an_error(stage: Stage) -> None:
    card = {"contentType": ADAPTIVE, "content": {"type": "AdaptiveCard", "version": "1.5", "body": "x"}}
    stage.bot.answer = lambda _activity: {"task": {"type": "continue", "value": {"card": card}}}
    message_id = await stage.send_card(CARD)

    with pytest.raises(BotMisbehaved, match="body"):
        await stage.teams.fetch_task(TENANT, MIA, message_id, "Open")


async def test_a_card_is_refreshed_for_the_people_it_names(stage: Stage) -> None:
    mia = stage.teams.directory.person(TENANT, MIA)
    refresh = {"action": {"type": "Action.Execute", "verb": "show"}, "userIds": [mia.id]}
    stage.bot.answer = lambda _activity: answer_card(DONE)
    named = await stage.send_card(make_card(refresh=refresh))
    unnamed = await stage.send_card(make_card(refresh={**refresh, "userIds": []}))
    plain = await stage.send_card(make_card())

    answer = await stage.teams.refresh_card(TENANT, MIA, named)

    assert answer.card == DONE
    assert stage.bot.received[0]["value"]["trigger"] == "automatic"
    assert stage.bot.received[0]["value"]["action"] == {"type": "Action.Execute", "verb": "show", "data": {}}
    for message_id in (unnamed, plain):
        with pytest.raises(PersonCannot):
            await stage.teams.refresh_card(TENANT, MIA, message_id)


# --- coming and going -------------------------------------------------------------------------


async def test_installing_sends_both_events_and_opens_the_chat(stage: Stage) -> None:
    await stage.teams.install(TENANT, TOM)

    members, installed = stage.bot.received
    assert (members["type"], members["membersAdded"]) == ("conversationUpdate", [{"id": f"28:{APP_ID}"}])
    assert (installed["type"], installed["action"]) == ("installationUpdate", "add")
    assert installed["from"]["aadObjectId"] == TOM
    assert await stage.bot.open_chat(TOM) == installed["conversation"]["id"]


async def test_uninstalling_sends_remove(stage: Stage) -> None:
    message_id = await stage.send_card(CARD)

    await stage.teams.uninstall(TENANT, MIA)

    assert (stage.bot.received[0]["type"], stage.bot.received[0]["action"]) == (
        "installationUpdate",
        "remove",
    )
    with pytest.raises(PersonCannot):
        await stage.teams.say(TENANT, MIA, "hello")
    with pytest.raises(PersonCannot):
        await stage.teams.execute(TENANT, MIA, message_id, "send", {"score": "1"})
