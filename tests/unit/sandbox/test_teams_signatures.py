import datetime as dt
from collections.abc import AsyncIterator

import pytest

from sandbox.teams import KeyRole, TokenOverrides
from tests.fakes.teams_bot import MIA, MONDAY, TENANT, Stage, teams_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with teams_stage() as there:
        yield there


FORGERIES: tuple[tuple[str, TokenOverrides], ...] = (
    ("DecodeError", {"token": None}),
    ("DecodeError", {"token": "garbage"}),
    ("InvalidAudienceError", {"audience": "another-bot"}),
    ("InvalidIssuerError", {"issuer": "https://sts.example.com"}),
    ("MissingRequiredClaimError", {"service_url": "https://evil.example.com/"}),
    ("MissingRequiredClaimError", {"service_url": None}),
    ("MissingRequiredClaimError", {"expires_at": None}),
    ("ExpiredSignatureError", {"expires_at": MONDAY - dt.timedelta(minutes=10)}),
    ("ExpiredSignatureError", {"not_before": MONDAY + dt.timedelta(minutes=10)}),
    ("InvalidKeyError", {"key": KeyRole.UNENDORSED}),
    ("InvalidKeyError", {"key": KeyRole.UNKNOWN}),
    ("InvalidKeyError", {"key": KeyRole.RETIRED}),
    ("InvalidKeyError", {"kid": None}),
    ("InvalidSignatureError", {"key": KeyRole.UNKNOWN, "kid": "current-0"}),
    ("InvalidAlgorithmError", {"algorithm": "RS512"}),
    ("InvalidAlgorithmError", {"algorithm": "none"}),
    ("InvalidAlgorithmError", {"algorithm": "HS256"}),
)


@pytest.mark.parametrize(("why", "overrides"), FORGERIES)
async def test_forged_activities_can_be_told_from_signed_ones(
    stage: Stage, why: str, overrides: TokenOverrides
) -> None:
    activity = {"type": "message", "text": "hello", "id": "1"}

    forged = await stage.teams.send_activity(TENANT, activity, **overrides)
    honest = await stage.teams.send_activity(TENANT, activity)

    assert (forged.status, forged.body) == (401, {"why": why})
    assert honest.status == 200
    assert len(stage.bot.received) == 1


async def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_gone(stage: Stage) -> None:
    before = await stage.bot.keys()

    stage.teams.rotate_keys()

    after = await stage.bot.keys()
    assert set(after) - set(before) == {"current-1"}
    assert set(before) - set(after) == {"current-0"}
    assert (await stage.teams.say(TENANT, MIA, "hello")).status == 200
    old = await stage.teams.send_activity(TENANT, {"type": "message"}, key=KeyRole.RETIRED)
    assert old.status == 401


async def test_tokens_live_on_the_given_clock(stage: Stage) -> None:
    stage.clock.move_by(dt.timedelta(weeks=8))

    assert (await stage.teams.say(TENANT, MIA, "hello")).status == 200


async def test_a_bot_that_cannot_be_reached_is_a_502(stage: Stage) -> None:
    stage.teams.connect_bot("http://127.0.0.1:9/api/messages")

    answer = await stage.teams.say(TENANT, MIA, "hello")

    assert answer.status == 502
    assert stage.teams.deliveries[-1].answer is answer


async def test_raw_bytes_reach_the_bot_unsigned(stage: Stage) -> None:
    answer = await stage.teams.send_raw(b"[]", token="x")

    assert answer.status == 401
