import datetime as dt
import json
from collections.abc import AsyncIterator

import pytest

from sandbox.teams import NO_LIMITS, size_of
from tests.fakes.teams_bot import (
    CHANNEL,
    HOME,
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

HELLO: Json = {"type": "message", "text": "Hello"}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with teams_stage(NO_LIMITS) as there:
        yield there


# --- the login --------------------------------------------------------------------------------


async def test_the_home_tenant_gives_a_token_for_an_hour(stage: Stage) -> None:
    called = await stage.bot.login()

    assert called.status == 200
    assert called.body["expires_in"] == 3599
    assert called.body["token_type"] == "Bearer"
    stage.clock.move_by(dt.timedelta(seconds=3598))
    assert (await stage.bot.post("a:none", HELLO)).status == 404
    stage.clock.move_by(dt.timedelta(seconds=3599))
    assert (await stage.bot.post("a:none", HELLO)).status == 401


@pytest.mark.parametrize(
    ("tenant", "fields", "refusal"),
    [
        (TENANT, {}, (400, "unauthorized_client", 700016)),
        ("nowhere", {}, (400, "invalid_request", 90002)),
        (HOME, {"client_id": "other"}, (400, "unauthorized_client", 700016)),
        (HOME, {"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        (HOME, {"scope": "https://graph.microsoft.com/.default"}, (400, "invalid_scope", 70011)),
        (HOME, {"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ],
)
async def test_the_login_refuses_as_entra_does(
    stage: Stage, tenant: str, fields: dict[str, str], refusal: tuple[int, str, int]
) -> None:
    called = await stage.bot.login(tenant, **fields)

    assert (called.status, called.body["error"], *called.body["error_codes"]) == refusal
    assert called.body["error_description"].startswith(f"AADSTS{refusal[2]}: ")


async def test_a_token_outage_is_a_503_and_revoked_tokens_are_refused(stage: Stage) -> None:
    chat = await stage.bot.open_chat()

    stage.teams.token_outage = True
    outage = await stage.bot.login()
    stage.teams.revoke_tokens()
    revoked = await stage.bot.post(chat, HELLO)

    assert (outage.status, revoked.status) == (503, 401)
    assert revoked.body == {"message": "Authorization has been denied for this request."}


@pytest.mark.parametrize("header", ["", "Bearer forged", "Basic abc"])
async def test_nothing_is_done_without_a_token(stage: Stage, header: str) -> None:
    called = await stage.bot.call("POST", "", {"members": [{"id": MIA}]}, Authorization=header)

    assert called.status == 401
    assert stage.teams.requests[-1].code == "Unauthorized"


# --- conversations ----------------------------------------------------------------------------


async def test_a_person_is_reached_by_either_id_in_one_and_the_same_chat(stage: Stage) -> None:
    bot_wide_id = stage.teams.directory.person(TENANT, MIA).id
    body = {"channelData": {"tenant": {"id": TENANT}}, "members": [{"id": bot_wide_id}], "isGroup": False}

    first = await stage.bot.open_chat(MIA)
    second = (await stage.bot.call("POST", "", body)).body["id"]

    assert first == second
    assert first.startswith("a:")
    assert bot_wide_id.startswith("29:")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"members": [{"id": MIA}]}, 400, "BadArgument"),
        ({"tenantId": TENANT, "members": [{"id": MIA}, {"id": TOM}]}, 400, "BadArgument"),
        ({"tenantId": TENANT, "members": [{"id": MIA}], "isGroup": True}, 400, "BadArgument"),
        ({"tenantId": TENANT, "members": [{"id": "29:another-bots-id"}]}, 400, "BadArgument"),
        ({"tenantId": "nowhere", "members": [{"id": MIA}]}, 400, "BadArgument"),
        (
            {"tenantId": TENANT, "channelData": {"tenant": {"id": HOME}}, "members": [{"id": MIA}]},
            400,
            "BadArgument",
        ),
        ({"tenantId": TENANT, "bot": {"id": "28:other"}, "members": [{"id": MIA}]}, 400, "BadArgument"),
        ({"tenantId": TENANT, "members": [{"id": TOM}]}, 403, "ForbiddenOperationException"),
        (
            {"channelData": {"channel": {"id": "19:none@thread.tacv2"}}, "activity": HELLO},
            404,
            "ConversationNotFound",
        ),
        ({"channelData": {"channel": {"id": CHANNEL}}}, 400, "BadArgument"),
        (
            {"tenantId": HOME, "channelData": {"channel": {"id": CHANNEL}}, "activity": HELLO},
            403,
            "BotNotInConversationRoster",
        ),
    ],
)
async def test_a_conversation_that_cannot_be_opened(stage: Stage, body: Json, status: int, code: str) -> None:
    called = await stage.bot.call("POST", "", body)

    assert (called.status, called.body["error"]["code"]) == (status, code)


async def test_a_person_of_another_tenant_is_not_reached(stage: Stage) -> None:
    stage.teams.add_tenant("other", "Other")

    called = await stage.bot.call("POST", "", {"tenantId": "other", "members": [{"id": MIA}]})

    assert called.status == 403


async def test_a_thread_in_a_channel_takes_replies(stage: Stage) -> None:
    body = {"isGroup": True, "channelData": {"channel": {"id": CHANNEL}}, "activity": HELLO}

    opened = (await stage.bot.call("POST", "", body)).body
    answered = await stage.bot.post(opened["id"], {"type": "message", "text": "A reply"})

    assert opened["id"] == f"{CHANNEL};messageid={opened['activityId']}"
    assert answered.status == 201
    first, second = stage.teams.messages(CHANNEL)
    assert (first.text, first.reply_to) == ("Hello", None)
    assert (second.text, second.reply_to) == ("A reply", opened["activityId"])


# --- messages ---------------------------------------------------------------------------------


async def test_a_card_is_posted_updated_and_deleted(stage: Stage) -> None:
    heard: list[tuple[str, str]] = []
    stage.teams.on_message(lambda message, change: heard.append((change, message.summary)))
    chat = await stage.bot.open_chat()

    posted = await stage.bot.post(chat, make_card_message(make_card(), "Old"))
    path = f"/{chat}/activities/{posted.body['id']}"
    updated = await stage.bot.call("PUT", path, make_card_message(make_card(), "New"))
    message = stage.teams.inbox(TENANT, MIA)[0]

    assert (posted.status, updated.status) == (201, 200)
    assert updated.body == {"id": message.id}
    assert (message.summary, message.card) == ("New", make_card())
    assert [old["summary"] for old in message.history] == ["Old"]
    assert (await stage.bot.call("DELETE", path)).status == 200
    assert message.deleted
    assert heard == [("posted", "Old"), ("updated", "New"), ("deleted", "New")]
    gone = await stage.bot.call("PUT", path, HELLO)
    assert (gone.status, gone.body["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_a_reply_needs_the_message_it_answers(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    first = (await stage.bot.post(chat, HELLO)).body["id"]

    answered = await stage.bot.call("POST", f"/{chat}/activities/{first}", HELLO)
    lost = await stage.bot.call("POST", f"/{chat}/activities/1", HELLO)

    assert answered.status == 201
    assert stage.teams.inbox(TENANT, MIA)[1].reply_to == first
    assert (lost.status, lost.body["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_a_bot_does_not_change_what_a_person_wrote(stage: Stage) -> None:
    await stage.teams.say(TENANT, MIA, "mine")
    chat = await stage.bot.open_chat()
    (mine,) = stage.teams.messages(chat)

    called = await stage.bot.call("PUT", f"/{chat}/activities/{mine.id}", HELLO)

    assert called.status == 404
    assert mine.text == "mine"


async def test_typing_leaves_no_message(stage: Stage) -> None:
    chat = await stage.bot.open_chat()

    called = await stage.bot.post(chat, {"type": "typing"})

    assert called.status == 201
    assert stage.teams.inbox(TENANT, MIA) == []


CARD_MESSAGE = make_card_message(make_card())


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        ({"type": "message"}, "$.text is missing"),
        ({"type": "event", "name": "x"}, "$.type 'event'"),
        ({**CARD_MESSAGE, "text": "and text"}, "$.text cannot stand beside $.attachments"),
        ({**CARD_MESSAGE, "summary": ""}, "$.summary is missing"),
        ({**CARD_MESSAGE, "attachments": CARD_MESSAGE["attachments"] * 2}, "$.attachments holds 2"),
        ({**HELLO, "textFormat": "html"}, "$.textFormat"),
        ({"type": "message", "attachments": [{"contentType": "text/html"}]}, "$.attachments[0].contentType"),
        ({**HELLO, "entities": {"type": "mention"}}, "$.entities is not a list"),
        (
            make_card_message(make_card({"type": "TextBlock"})),
            "$.attachments[0].content.body[1].text is missing",
        ),
    ],
)
async def test_a_message_that_teams_cannot_show_is_refused_with_its_path(
    stage: Stage, activity: Json, words: str
) -> None:
    called = await stage.bot.post(await stage.bot.open_chat(), activity)

    assert (called.status, called.body["error"]["code"]) == (400, "BadArgument")
    assert words in called.body["error"]["message"]
    assert stage.teams.inbox(TENANT, MIA) == []


async def test_a_mention_must_say_exactly_what_the_text_says(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    mention = {"type": "mention", "mentioned": {"id": MIA, "name": "Mia"}, "text": "<at>Mia</at>"}
    good = {"type": "message", "text": "Hello <at>Mia</at>", "entities": [mention]}
    in_card = make_card({"type": "TextBlock", "text": "Over to <at>Mia</at>"}, msteams={"entities": [mention]})
    stranger = {**mention, "mentioned": {"id": "29:nobody", "name": "Mia"}}

    refused = await stage.bot.post(chat, {**good, "text": "Hello <at>Mia Maier</at>"})
    unknown = await stage.bot.post(chat, {**good, "entities": [stranger]})
    card_refused = await stage.bot.post(chat, make_card_message({**in_card, "body": []}))

    assert (await stage.bot.post(chat, good)).status == 201
    assert (await stage.bot.post(chat, make_card_message(in_card))).status == 201
    assert "$.entities[0].text" in refused.body["error"]["message"]
    assert "$.entities[0].mentioned.id" in unknown.body["error"]["message"]
    assert "$.attachments[0].content.msteams.entities[0].text" in card_refused.body["error"]["message"]


async def test_size_is_counted_as_utf_16_remarked_above_28_kb_and_refused_above_100_kb(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    room = 100 * 1024 - size_of({"type": "message", "text": ""})

    fits = await stage.bot.post(chat, {"type": "message", "text": "x" * (room // 2)})
    too_big = await stage.bot.post(chat, {"type": "message", "text": "x" * (room // 2 + 1)})
    emoji = await stage.bot.post(chat, {"type": "message", "text": "🎉" * (room // 4 + 1)})

    assert fits.status == 201
    assert [called.status for called in (too_big, emoji)] == [413, 413]
    assert too_big.body["error"]["code"] == "MessageSizeTooBig"
    (message,) = stage.teams.inbox(TENANT, MIA)
    assert "more than the 28672 advised" in message.warnings[0]


async def test_a_body_that_is_no_json_is_refused(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    url = f"{stage.teams.service_url}v3/conversations/{chat}/activities"
    headers = {"Authorization": f"Bearer {stage.bot.token}"}

    async with stage.bot.session.post(url, data=b"{", headers=headers) as response:
        body = await response.json()

    assert (response.status, body["error"]["code"]) == (400, "BadArgument")


async def test_people_who_blocked_or_left_are_told_apart(stage: Stage) -> None:
    chat = await stage.bot.open_chat()
    stage.teams.block(TENANT, MIA)

    blocked = await stage.bot.post(chat, HELLO)
    await stage.teams.uninstall(TENANT, MIA)
    left = await stage.bot.post(chat, HELLO)
    anew = await stage.bot.call("POST", "", {"tenantId": TENANT, "members": [{"id": MIA}]})
    unknown = await stage.bot.post("a:unknown", HELLO)

    assert blocked.status == 403
    assert blocked.body["errorCode"] == 209
    assert json.loads(blocked.body["message"])["subCode"] == "MessageWritesBlocked"
    assert (left.status, left.body["error"]["code"]) == (403, "BotNotInConversationRoster")
    assert (anew.status, anew.body["error"]["code"]) == (403, "ForbiddenOperationException")
    assert (unknown.status, unknown.body["error"]["code"]) == (404, "ConversationNotFound")


# --- members ----------------------------------------------------------------------------------


async def test_members_are_listed_one_by_one_and_by_page(stage: Stage) -> None:
    for number in range(60):
        stage.teams.add_person(TENANT, f"p{number}", f"Person {number}", email=f"p{number}@mc.example")
    stage.teams.add_channel(TENANT, TEAM, CHANNEL, "Alliance")
    chat = await stage.bot.open_chat()

    alone = (await stage.bot.call("GET", f"/{chat}/members")).body
    mia = (await stage.bot.call("GET", f"/{chat}/members/{MIA}")).body
    nobody = await stage.bot.call("GET", f"/{chat}/members/{TOM}")
    first = (await stage.bot.call("GET", f"/{TEAM}/pagedmembers?pageSize=50")).body
    token = first["continuationToken"]
    rest = (await stage.bot.call("GET", f"/{CHANNEL}/pagedmembers?pageSize=50&continuationToken={token}")).body

    assert alone == [mia]
    assert (mia["aadObjectId"], mia["email"], mia["tenantId"]) == (MIA, "mia@mc.example", TENANT)
    assert (nobody.status, nobody.body["error"]["code"]) == (404, "MemberNotFoundInConversation")
    assert (len(first["members"]), len(rest["members"])) == (50, 12)
    assert "continuationToken" not in rest
