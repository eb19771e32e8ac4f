"""The front door for Slack: what is not proven, current, new and well formed goes no further."""

import datetime as dt
import json
from collections.abc import AsyncIterator
from urllib.parse import quote, quote_plus, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import limits
from bot.slack.front_door import unquoted
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.slack_bot import ANN, TEAM
from tests.fakes.slack_room import FORM_TYPE, RoomStage, command_body, interaction_body, room_stage


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


def event_body(event_id: str = "Ev1", text: str = "status", **more: object) -> str:
    event = {"type": "message", "channel_type": "im", "user": ANN, "channel": "D1ANN", "ts": "1.1", "text": text}
    return json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": {**event, **more}})


def nothing_happened(stage: RoomStage) -> bool:
    return not stage.desk.heard and not stage.slack.requests


# --- signatures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"X-Slack-Signature": None}, "unsigned"),
        ({"X-Slack-Signature": ""}, "unsigned"),
        ({"X-Slack-Request-Timestamp": None}, "unsigned"),
        ({"X-Slack-Signature": "v0=" + "0" * 64}, "bad signature"),
        ({"X-Slack-Signature": "v1=nonsense"}, "bad signature"),
        ({"X-Slack-Signature": "v0=é"}, "bad signature"),
        ({"X-Slack-Request-Timestamp": "yesterday"}, "bad signature"),
        ({"X-Slack-Request-Timestamp": "-5"}, "bad signature"),
        ({"X-Slack-Request-Timestamp": "9" * 400}, "bad signature"),
        ({"X-Slack-Request-Timestamp": "1772460001"}, "bad signature"),
    ],
)
async def test_what_is_not_signed_by_slack_is_refused(
    stage: RoomStage, headers: dict[str, str | None], reason: str
) -> None:
    status, _ = await stage.send(command_body(), content_type=FORM_TYPE, headers=headers)

    assert status == 401
    assert stage.counted == {reason: 1}
    assert nothing_happened(stage)


async def test_another_secret_is_refused(stage: RoomStage) -> None:
    status, _ = await stage.send(command_body(), content_type=FORM_TYPE, secret="somebody else's")

    assert (status, stage.counted["bad signature"]) == (401, 1)
    assert nothing_happened(stage)


async def test_without_a_signing_secret_nobody_is_let_in_by_http(open_uow: OpenUnitOfWork) -> None:
    async with room_stage(open_uow, slack_signing_secret="", slack_app_token="xapp-dc") as stage:
        status, _ = await stage.send(command_body(), content_type=FORM_TYPE, secret="")

        assert (status, stage.counted["unsigned"]) == (401, 1)
        assert nothing_happened(stage)


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 200), (299, 200), (300, 200), (301, 401)])
async def test_a_signature_holds_five_minutes_either_way(stage: RoomStage, seconds: int, status: int) -> None:
    stamp = int(stage.clock.now().timestamp()) + seconds

    answered, _ = await stage.send(command_body(), content_type=FORM_TYPE, at=stamp)

    assert answered == status
    assert stage.counted["stale"] == (status == 401)
    assert len(stage.desk.heard) == (status == 200)


async def test_a_replay_is_refused_for_as_long_as_its_signature_holds(stage: RoomStage) -> None:
    ahead = int(stage.clock.now().timestamp()) + 300
    first, _ = await stage.send(command_body(), content_type=FORM_TYPE, at=ahead)
    second, _ = await stage.send(command_body(), content_type=FORM_TYPE, at=ahead)
    stage.clock.move_by(dt.timedelta(seconds=600))
    third, _ = await stage.send(command_body(), content_type=FORM_TYPE, at=ahead)
    stage.clock.move_by(dt.timedelta(seconds=1))
    fourth, _ = await stage.send(command_body(), content_type=FORM_TYPE, at=ahead)

    assert (first, second, third, fourth) == (200, 401, 401, 401)
    assert stage.counted == {"taken": 1, "replayed": 2, "stale": 1}
    assert len(stage.desk.heard) == 1


async def test_a_retry_header_opens_no_door_to_a_replayed_press(stage: RoomStage) -> None:
    await stage.send(command_body(), content_type=FORM_TYPE)

    status, _ = await stage.send(command_body(), content_type=FORM_TYPE, headers={"X-Slack-Retry-Num": "1"})

    assert (status, stage.counted["replayed"]) == (401, 1)


async def test_the_same_event_again_is_taken_and_has_one_effect(stage: RoomStage) -> None:
    answers = [(await stage.send(event_body()))[0] for _ in range(3)]

    assert answers == [200, 200, 200]
    assert stage.desk.effects == {"status": 1}
    assert len(stage.slack.inbox(TEAM, ANN)) == 1


# --- bodies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "application/json"),
        ("", FORM_TYPE),
        ("{", "application/json"),
        ("[1, 2]", "application/json"),
        ("null", "application/json"),
        ("{}", "application/json"),
        ("[" * 100_000, "application/json"),
        ('{"type": "event_callback"}', "application/json"),
        (json.dumps({"type": "event_callback", "team_id": TEAM, "event": {"type": "message"}}), "application/json"),
        (
            json.dumps({"type": "event_callback", "team_id": 1, "event_id": "E", "event": {"type": "m"}}),
            "application/json",
        ),
        (json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": "E", "event": "m"}), "application/json"),
        ('{"type": "url_verification"}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"\xff\xfe", FORM_TYPE),
        ("payload={", FORM_TYPE),
        ("payload=", FORM_TYPE),
        ("payload=%7B%7D", FORM_TYPE),
        ("payload=[]", FORM_TYPE),
        ("hello", FORM_TYPE),
        ("command=/alliance&text=status", FORM_TYPE),
        ("a=1&" * 1000, FORM_TYPE),
        (interaction_body({"type": "block_actions", "user": "U1"}), FORM_TYPE),
        (interaction_body({"type": "block_actions", "user": {"id": ANN}, "team": {"id": TEAM}}), FORM_TYPE),
        (interaction_body({"type": "block_actions", "user": {"id": ANN}, "actions": [1]}), FORM_TYPE),
        (interaction_body({"type": "view_submission", "user": {"id": ANN}, "view": []}), FORM_TYPE),
        (
            interaction_body(
                {
                    "type": "view_submission",
                    "user": {"id": ANN},
                    "team": {"id": TEAM},
                    "view": {"id": "V1", "callback_id": "x"},
                }
            ),
            FORM_TYPE,
        ),
        (interaction_body({"type": "view_submission", "user": {"id": ANN}, "view": {"id": "V1"}}), FORM_TYPE),
        (
            interaction_body(
                {
                    "type": "block_actions",
                    "user": {"id": ANN},
                    "actions": [{"action_id": "a"}],
                    "state": {"values": {"a": 1}},
                }
            ),
            FORM_TYPE,
        ),
    ],
)
async def test_malformed_bodies_are_answered_400_without_a_trace(
    stage: RoomStage, body: str | bytes, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, said = await stage.send(body, content_type=content_type)

    assert status == 400
    assert json.loads(said) == {"error": "malformed"}
    assert stage.counted == {"malformed": 1}
    assert nothing_happened(stage)
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_unknown_charset_is_malformed(stage: RoomStage) -> None:
    status, _ = await stage.send(event_body(), content_type="application/json; charset=klingon")

    assert (status, stage.counted["malformed"]) == (400, 1)


async def test_what_slack_bolt_stumbles_over_is_malformed(stage: RoomStage) -> None:
    body = json.loads(event_body()) | {"authorizations": [7]}

    status, _ = await stage.send(json.dumps(body))

    assert (status, stage.counted["malformed"]) == (400, 1)


async def test_a_body_over_the_limit_is_refused_before_it_is_read(stage: RoomStage) -> None:
    status, _ = await stage.send("x" * (limits.BODY + 1))

    assert (status, stage.counted) == (413, {"too large": 1})
    assert nothing_happened(stage)


async def test_a_megabyte_of_text_without_a_length_is_refused(stage: RoomStage) -> None:
    import aiohttp

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65_536

    async with aiohttp.ClientSession() as session, session.post(stage.url, data=chunks()) as answer:
        assert answer.status == 413
    assert stage.counted == {"too large": 1}


# --- Slack's own checks ---------------------------------------------------------------------------------


async def test_slack_can_check_the_address_again_and_again(stage: RoomStage) -> None:
    assert await stage.slack.delivery.verify_url()
    assert await stage.slack.delivery.verify_url()


async def test_slack_can_check_the_certificate(stage: RoomStage) -> None:
    assert await stage.send("ssl_check=1&token=x", content_type=FORM_TYPE) == (200, "")
    assert nothing_happened(stage)


async def test_an_unsigned_check_of_the_address_is_refused(stage: RoomStage) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"})

    status, said = await stage.send(body, headers={"X-Slack-Signature": None})

    assert status == 401
    assert "abc" not in said


# --- what nobody here asked for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"type": "app_rate_limited", "team_id": TEAM}), "application/json"),
        (event_body("Ev7").replace('"message"', '"reaction_added"'), "application/json"),
        (
            interaction_body(
                {"type": "shortcut", "user": {"id": ANN}, "team": {"id": TEAM}, "callback_id": "x", "trigger_id": "t"}
            ),
            FORM_TYPE,
        ),
        (
            interaction_body(
                {
                    "type": "view_closed",
                    "user": {"id": ANN},
                    "team": {"id": TEAM},
                    "view": {"id": "V1", "callback_id": "x"},
                }
            ),
            FORM_TYPE,
        ),
        (interaction_body({"type": "something_new", "user": {"id": ANN}, "team": {"id": TEAM}}), FORM_TYPE),
    ],
)
async def test_what_is_unknown_is_taken_and_left(stage: RoomStage, body: str, content_type: str) -> None:
    status, said = await stage.send(body, content_type=content_type)

    assert (status, said) == (200, "")
    assert nothing_happened(stage)


async def test_an_unknown_workspace_is_told_so_without_a_trace(
    stage: RoomStage, caplog: pytest.LogCaptureFixture
) -> None:
    status, said = await stage.send(command_body(team_id="T9NOBODY"), content_type=FORM_TYPE)

    assert status == 200
    assert "not connected" in json.loads(said)["text"]
    assert stage.counted["unknown workspace"] == 1
    assert nothing_happened(stage)
    assert not [record for record in caplog.records if record.exc_info]


# --- quoting ------------------------------------------------------------------------------------------


@given(st.text())
def test_what_is_quoted_as_browsers_do_is_read_as_urllib_reads_it(text: str) -> None:
    for quoted in (quote(text, safe=""), quote_plus(text)):
        read = unquoted(quoted.encode())

        assert read is not None
        assert read.decode() == text


@given(st.text(alphabet="%=&+_ \n\r0aFz"))
def test_whatever_came_is_read_as_urllib_reads_it_or_left_to_it(text: str) -> None:
    read = unquoted(text.encode())

    assert read in (None, unquote_to_bytes(text.replace("+", " ")))


@pytest.mark.parametrize("value", ["a%2", "a%zz", "%", "a=b", "a&b=c", "a\nb", "a%\nb"])
def test_what_is_no_plain_value_is_left_to_urllib(value: str) -> None:
    assert unquoted(value.encode()) is None
