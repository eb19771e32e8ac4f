"""`liaison doctor` knocks at the public address: at a real liaison, through proxies that err, and at nobody."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app import assembled, listening
from bot.doctor.entrances import public_address
from bot.doctor.finding import Finding, Health
from bot.doctor.platforms import platforms
from bot.settings import Settings
from schedules.clock import SystemClock

APP = "11111111-2222-3333-4444-555555555555"
NOBODY = "http://127.0.0.1:1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def _nothing_else_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIAISON_{name.upper()}", raising=False)


def settings(folder: Path, **more: Any) -> Settings:
    given = {
        "database_url": f"sqlite:///{folder}/liaison.db",
        "secret_key": "a secret key for tests",
        "slack_bot_token": "xoxb-1",
        "slack_signing_secret": "the secret of both",
        "slack_api_url": NOBODY,
        "teams_app_id": APP,
        "teams_app_password": "p",
        "teams_tenant_id": APP,
        "teams_login_url": NOBODY,
        "teams_openid_url": NOBODY,
        "port": 0,
        **more,
    }
    return Settings.model_validate(given)


@asynccontextmanager
async def a_liaison(folder: Path) -> AsyncIterator[str]:
    async with assembled(settings(folder), SystemClock()) as liaison, listening(liaison) as address:
        yield address


@asynccontextmanager
async def a_server(handler: Handler) -> AsyncIterator[str]:
    """Anything else that listens: a proxy, another program."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def passing_on(to: str, only: tuple[str, ...], changed: Callable[[bytes], bytes] = bytes) -> Handler:
    async def pass_on(request: web.Request) -> web.StreamResponse:
        if request.path not in only:
            raise web.HTTPNotFound
        headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, f"{to}{request.path}", data=changed(await request.read()), headers=headers)
            as answer,
        ):  # fmt: skip
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    return pass_on


async def found(folder: Path, **more: Any) -> dict[str, Finding]:
    return {finding.what: finding for finding in await public_address(settings(folder, **more))}


async def test_a_liaison_that_is_reached_is_proven_door_by_door(tmp_path: Path) -> None:
    async with a_liaison(tmp_path) as address:
        seen = await found(tmp_path, public_url=address)

    assert {what: finding.health for what, finding in seen.items()} == {
        "public address": Health.FINE,
        "Slack entrance": Health.FINE,
        "Teams entrance": Health.FINE,
    }
    assert seen["public address"].seen == f"{address}/health/live answers"


async def test_a_proxy_that_keeps_health_inside_is_fine(tmp_path: Path) -> None:
    async with (
        a_liaison(tmp_path) as address,
        a_server(passing_on(address, ("/slack/events", "/api/messages"))) as proxy,
    ):
        seen = await found(tmp_path, public_url=f"{proxy}/")

    assert {finding.health for finding in seen.values()} == {Health.FINE}
    assert seen["public address"].seen.endswith("leads here; /health/live is kept inside")


async def test_a_proxy_that_changes_bodies_is_told_apart(tmp_path: Path) -> None:
    everything = ("/slack/events", "/api/messages", "/health/live")
    async with (
        a_liaison(tmp_path) as address,
        a_server(passing_on(address, everything, lambda body: body + b" ")) as proxy,
    ):
        seen = await found(tmp_path, public_url=proxy)

    assert seen["Slack entrance"].seen == "/slack/events: answers 401, bad signature"
    assert "or a proxy changes bodies" in seen["Slack entrance"].mend


async def test_a_liaison_with_another_secret_is_told_apart(tmp_path: Path) -> None:
    async with a_liaison(tmp_path) as address:
        seen = await found(tmp_path, public_url=address, slack_signing_secret="the secret of before")

    assert seen["Slack entrance"].health is Health.MEND
    assert "restart it" in seen["Slack entrance"].mend


async def test_somebody_else_at_the_address(tmp_path: Path) -> None:
    async def hello(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="It works", status=200)

    async with a_server(hello) as elsewhere:
        seen = await found(tmp_path, public_url=elsewhere)

    assert {finding.health for finding in seen.values()} == {Health.MEND}
    assert seen["public address"].seen.endswith("answers 200, and not as the liaison does")


async def test_a_proxy_without_a_liaison_behind_it_is_told_from_a_wrong_address(tmp_path: Path) -> None:
    async with a_liaison(tmp_path) as address:
        port = int(address.rpartition(":")[2])
        behind = await found(tmp_path, public_url=NOBODY, port=port, host="127.0.0.1")
    nowhere = await found(tmp_path, public_url=NOBODY, port=1)

    assert behind["public address"].mend.startswith(f"At 127.0.0.1:{port} it answers: look at the proxy")
    assert nowhere["public address"].mend == "Nothing answers at 127.0.0.1:1 either: is `liaison run` running?"


async def test_what_needs_no_address_is_not_asked_for_one(tmp_path: Path) -> None:
    no_teams = {"teams_app_id": "", "teams_app_password": "", "teams_tenant_id": ""}

    by_socket = await found(tmp_path, slack_app_token="xapp-1", **no_teams)
    neither = await found(tmp_path, slack_bot_token="", **no_teams)
    unset = await found(tmp_path)

    assert by_socket["public address"].health is Health.FINE
    assert neither == {}
    assert unset["public address"].health is Health.LOOK


# --- scopes, which only Slack's own header tells ------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "health", "says"),
    [
        ("app_mentions:read,chat:write,commands,im:history,im:write,users:read", Health.FINE, "all 6 are granted"),
        ("chat:write,commands,im:write", Health.MEND, "lacks app_mentions:read, im:history, users:read"),
        (
            "app_mentions:read,channels:history,chat:write,commands,im:history,im:write,users:read",
            Health.FINE,
            "all 6 are granted; channels:history could be taken away",
        ),
    ],
)
async def test_scopes_are_compared_with_those_that_are_needed(
    header: str, health: Health, says: str, tmp_path: Path
) -> None:
    async def slack(_request: web.Request) -> web.StreamResponse:
        headers = {"X-OAuth-Scopes": header}
        return web.json_response({"ok": True, "team_id": "T0DC", "team": "DC", "user_id": "U0BOT"}, headers=headers)

    async with a_server(slack) as address:
        listed = await platforms(settings(tmp_path, slack_api_url=f"{address}/api/"), [])

    (scopes,) = [finding for finding in listed if finding.what == "Slack scopes"]
    assert (scopes.health, scopes.seen) == (health, says)
