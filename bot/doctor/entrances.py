"""The doctor knocks at the public address, as Slack and Teams do, and looks at who opens."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.addresses import LIVE_PATH, SLACK_PATH, TEAMS_PATH
from bot.doctor.finding import Finding, Health
from bot.settings import PREFIX, Settings
from schedules.clock import SystemClock

WHAT = "public address"
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_CHALLENGE = "liaison doctor"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what the setting says for "on every address", to be asked at this machine


@dataclass(frozen=True, slots=True)
class Knock:
    """What came back: `status` 0 when nothing did, and then `because` says why."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""


async def public_address(settings: Settings) -> list[Finding]:
    """Whether the platforms reach this installation as the settings say; nothing when none of them is set up."""
    by_http = settings.slack_is_on and not settings.slack_app_token.get_secret_value()
    if not (settings.slack_is_on or settings.teams_is_on):
        return []
    if not (by_http or settings.teams_is_on):
        return [Finding(WHAT, Health.FINE, "none is needed: Slack is reached by Socket Mode")]
    if not settings.public_url:
        mend = f"Set {PREFIX}PUBLIC_URL to the https address at which the platforms call; then this is proven too."
        return [Finding(WHAT, Health.LOOK, "not set, so it cannot be called", mend)]
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        live = await _at(session, settings.public_url, LIVE_PATH)
        findings = [await _slack_door(session, settings)] if by_http else []
        findings += [await _teams_door(session, settings)] if settings.teams_is_on else []
        return [await _address(session, settings, live, findings), *findings]


async def _address(session: aiohttp.ClientSession, settings: Settings, live: Knock, doors: list[Finding]) -> Finding:
    if live.status == 200 and live.body.get("status") == "live":
        return Finding(WHAT, Health.FINE, f"{settings.public_url}{LIVE_PATH} answers")
    if any(door.health is Health.FINE for door in doors):
        return Finding(WHAT, Health.FINE, f"{settings.public_url} leads here; {LIVE_PATH} is kept inside")
    host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
    here = f"{host}:{settings.port}"
    inside = await _at(session, f"http://{here}", LIVE_PATH)
    return Finding(
        WHAT,
        Health.MEND,
        f"{settings.public_url}{LIVE_PATH}: {_said(live)}",
        f"At {here} it answers: look at the proxy, its certificate, DNS and the firewall."
        if inside.status == 200
        else f"Nothing answers at {here} either: is `liaison run` running?",
    )


async def _slack_door(session: aiohttp.ClientSession, settings: Settings) -> Finding:
    """Send what Slack sends when an address is entered, signed with our secret: it has to come back."""
    raw = json.dumps({"type": "url_verification", "challenge": _CHALLENGE}).encode()
    stamp = str(int(SystemClock().now().timestamp()))
    secret = settings.slack_signing_secret.get_secret_value().encode()
    proof = hmac.new(secret, f"v0:{stamp}:".encode() + raw, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={proof}",
    }
    knock = await _at(session, settings.public_url, SLACK_PATH, raw, headers)
    fine = knock.status == 200 and knock.body.get("challenge") == _CHALLENGE
    mend = (
        f"The running liaison has another {PREFIX}SLACK_SIGNING_SECRET (restart it), or a proxy changes bodies."
        if knock.status == 401
        else f"Let the proxy pass POST {SLACK_PATH} on, body and headers unchanged."
    )
    seen = f"{SLACK_PATH} takes what is signed with the secret" if fine else f"{SLACK_PATH}: {_said(knock)}"
    return Finding("Slack entrance", Health.FINE if fine else Health.MEND, seen, mend)


async def _teams_door(session: aiohttp.ClientSession, settings: Settings) -> Finding:
    """Send something that nobody signed: our entrance refuses it, in its own words."""
    headers = {"Content-Type": "application/json"}
    knock = await _at(session, settings.public_url, TEAMS_PATH, b"{}", headers)
    fine = knock.status in (400, 401, 403) and isinstance(knock.body.get("error"), str)
    seen = f"{TEAMS_PATH} answers, and refuses what is not signed" if fine else f"{TEAMS_PATH}: {_said(knock)}"
    mend = f"Let the proxy pass POST {TEAMS_PATH} on, body and headers unchanged."
    return Finding("Teams entrance", Health.FINE if fine else Health.MEND, seen, mend)


async def _at(
    session: aiohttp.ClientSession,
    base: str,
    path: str,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Knock:
    """GET the path, or POST the bytes to it. Never raises for what answers there."""
    method = "GET" if raw is None else "POST"
    address = f"{base.rstrip('/')}{path}"
    try:
        async with session.request(method, address, data=raw, headers=headers, allow_redirects=False) as response:
            text = (await response.content.read(10_000)).decode("utf-8", "replace")
            return Knock(response.status, _object(text))
    except TimeoutError:
        return Knock(0, because="no answer in time")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Knock(0, because=str(error) or type(error).__name__)


def _object(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _said(knock: Knock) -> str:
    if not knock.status:
        return knock.because
    error = knock.body.get("error")
    return f"answers {knock.status}" + (f", {error}" if isinstance(error, str) else ", and not as the liaison does")
