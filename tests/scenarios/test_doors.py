"""What is not proven to come from a platform, or cannot be read, goes no further than the doors."""

import datetime as dt
import json
from urllib.parse import urlencode

import aiohttp
import pytest

from sandbox.seats import TeamsSeat
from sandbox.slack.sign import signature_headers
from sandbox.stage import SIGNING_SECRET
from sandbox.teams.keys import KeyRole
from tests.fakes.bad_days import tables
from tests.scenarios.conftest import Scene

TEAM = "T0DC"


async def counted(scene: Scene, platform: str) -> dict[str, int]:
    return dict(scene.liaison.metrics.requests().get(platform, {}))


async def test_forged_tokens_of_microsoft_are_refused_counted_and_leave_nothing(scene: Scene) -> None:
    mara = scene.person("mc-mara").seat
    assert isinstance(mara, TeamsSeat)
    await scene.press("dc-cleo", "charter.propose")
    await mara.say("status")
    sent = scene.stage.teams.deliveries[-1].activity
    before = await tables(scene.liaison.database.engine)
    now = scene.stage.clock.now()
    hours = dt.timedelta(hours=2)
    forged: list[dict[str, object]] = [
        {"token": None},
        {"token": "garbage"},
        {"token": "a.b.c"},
        {"issuer": "https://evil.example"},
        {"audience": "another-app"},
        {"service_url": "https://smba.evil.example/teams/"},
        {"expires_at": now - hours},
        {"not_before": now + hours, "expires_at": now + 2 * hours},
        {"key": KeyRole.UNKNOWN},
        {"key": KeyRole.UNENDORSED},
        {"algorithm": "none"},
    ]
    for number, overrides in enumerate(forged):
        activity = {**sent, "id": f"forged {number}", "text": "sign"}
        answer = await scene.stage.teams.send_activity(scene.stage.tenant, activity, **overrides)  # type: ignore[arg-type]
        assert answer.status in (401, 403), overrides
        assert "Traceback" not in answer.text
    await scene.timeline.settle()

    refused = {reason: n for reason, n in (await counted(scene, "teams")).items() if reason != "taken"}
    assert sum(refused.values()) == len(forged)
    assert await tables(scene.liaison.database.engine) == before
    async with aiohttp.ClientSession() as session:
        metrics = await (await session.get(f"{scene.address}/metrics")).text()
    assert 'liaison_requests_total{platform="teams",result="wrong issuer"} 1.0' in metrics


async def test_an_activity_for_another_service_address_or_channel_is_refused(scene: Scene) -> None:
    mara = scene.person("mc-mara").seat
    await mara.say("status")
    sent = scene.stage.teams.deliveries[-1].activity
    before = await tables(scene.liaison.database.engine)
    for changed in ({"serviceUrl": "https://evil.example/teams/"}, {"channelId": "webchat"}, {"serviceUrl": 7}):
        answer = await scene.stage.teams.send_activity(scene.stage.tenant, {**sent, **changed, "id": str(changed)})
        assert answer.status == 403
    await scene.timeline.settle()

    assert await tables(scene.liaison.database.engine) == before


async def test_unsigned_stale_and_replayed_requests_of_slack_are_refused_counted_and_leave_nothing(
    scene: Scene,
) -> None:
    now = int(scene.stage.clock.now().timestamp())
    command = {"command": "/alliance", "team_id": TEAM, "user_id": "U0DCDANA", "trigger_id": "1.1", "text": "status"}
    body = urlencode(command)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    good = {**signature_headers(SIGNING_SECRET, now, body), **form}
    async with aiohttp.ClientSession() as session:

        async def send(headers: dict[str, str], data: str = body) -> int:
            async with session.post(f"{scene.address}/slack/events", data=data, headers=headers) as answer:
                assert "Traceback" not in await answer.text()
                return answer.status

        first = await send(good)
        before = await tables(scene.liaison.database.engine)
        answers = [
            await send(form),
            await send({**good, "X-Slack-Signature": "v0=" + "0" * 64}),
            await send({**signature_headers("another secret", now, body), **form}),
            await send({**signature_headers(SIGNING_SECRET, now - 301, body), **form}),
            await send({**signature_headers(SIGNING_SECRET, now + 301, body), **form}),
            await send(good, body.replace("status", "sign")),
            await send(good),
        ]
    assert (first, set(answers)) == (200, {401})
    reasons = await counted(scene, "slack")
    assert {reason: reasons[reason] for reason in ("unsigned", "bad signature", "stale", "replayed")} == {
        "unsigned": 1, "bad signature": 3, "stale": 2, "replayed": 1,
    }  # fmt: skip
    assert await tables(scene.liaison.database.engine) == before


BODIES = [
    b"", b"null", b"[]", b"{}", b"{", b"\xff\xfe", b'{"type": 1}', b'{"type": "message"}', b'"x"', b"[" * 50_000,
    b'{"a":' * 20_000, b'{"type":"event_callback"}', b"payload=%7B%7D", b"payload=%00", b"&&&===", b"1e999",
    json.dumps({"type": "message", "conversation": [], "from": "x", "channelId": "msteams"}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
async def test_malformed_bodies_signed_or_not_are_refused_and_leave_nothing(scene: Scene, content_type: str) -> None:
    before = await tables(scene.liaison.database.engine)
    now = int(scene.stage.clock.now().timestamp())
    async with aiohttp.ClientSession() as session:
        for body in BODIES:
            signed = signature_headers(SIGNING_SECRET, now, body.decode("latin-1")) if body.isascii() else {}
            for path in ("/slack/events", "/api/messages"):
                headers = {**signed, "Content-Type": content_type}
                async with session.post(f"{scene.address}{path}", data=body, headers=headers) as answer:
                    assert answer.status in (400, 401, 403), (path, body[:60])
                    assert "Traceback" not in await answer.text()
    assert await tables(scene.liaison.database.engine) == before
