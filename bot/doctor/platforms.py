"""The doctor asks the platforms: tokens, what they may do, Microsoft's keys, and what time it is there."""

import datetime as dt
from collections.abc import Sequence

import aiohttp

from alliance.roster import Platform
from bot.doctor.finding import Finding, Health, health
from bot.manifest.slack import SCOPES
from bot.platform import PlatformError
from bot.settings import PREFIX, Settings
from bot.slack.api import SlackApi
from bot.slack.platform import SlackPlatform
from bot.slack.scopes import connects, granted
from bot.teams.keys import PublishedKeys
from bot.teams.room import TeamsRoom
from schedules.clock import SystemClock
from storage.workspaces import Workspace

SKEW = dt.timedelta(minutes=2)
"""Platforms refuse signatures that are 5 minutes off (platforms.md 1.1); half of that is worth mending."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)


async def platforms(settings: Settings, workspaces: Sequence[Workspace]) -> list[Finding]:
    """Ask Slack about every token, Microsoft about ours and theirs, and compare the clocks."""
    findings = await _slack(settings, workspaces)
    if settings.teams_is_on and not settings.teams_allow_unsigned:
        findings += await _teams(settings)
    if not findings and not settings.teams_is_on:
        mend = f"Set {PREFIX}SLACK_… or {PREFIX}TEAMS_…: liaison init asks for them."
        findings.append(Finding("platforms", Health.MEND, "neither Slack nor Teams is set up", mend))
    findings.append(await _clock(settings))
    return findings


async def _slack(settings: Settings, workspaces: Sequence[Workspace]) -> list[Finding]:
    """Ask Slack about every token: that of the settings, and those of workspaces added by hand."""
    first = settings.slack_bot_token.get_secret_value()
    stored = [w for w in workspaces if w.platform is Platform.SLACK and not w.locked]
    app_token = settings.slack_app_token.get_secret_value()
    api = SlackApi(settings.slack_api_url, SystemClock())
    findings: list[Finding] = []
    try:
        if first:
            findings += await _slack_token(api, "Slack", first, f"Check {PREFIX}SLACK_BOT_TOKEN.")
        for workspace in stored:
            token = workspace.tokens.get("bot", "")
            mend = f"Give it a new one: liaison workspace add slack {workspace.external_id}"
            if token != first or not token:
                findings += await _slack_token(api, f"Slack {workspace.external_id}", token, mend)
        if app_token:
            findings.append(await _socket_mode(api, app_token))
    finally:
        await api.stop()
    return findings


async def _slack_token(api: SlackApi, what: str, token: str, mend: str) -> list[Finding]:
    if not token:
        return [Finding(what, Health.MEND, "has no bot token", mend)]
    try:
        found = await SlackPlatform(api).identify(token)
    except PlatformError as error:
        return [Finding(what, Health.MEND, str(error), f"{mend} Or is {PREFIX}SLACK_API_URL wrong?")]
    seen = f"the token belongs to {found.name} ({found.team_id})"
    return [Finding(what, Health.FINE, seen), await _scopes(api, f"{what} scopes", token)]


async def _scopes(api: SlackApi, what: str, token: str) -> Finding:
    try:
        held = await granted(api, token)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Finding(what, Health.LOOK, f"Slack did not answer ({type(error).__name__})", "Ask again: liaison doctor")
    if held is None:
        return Finding(what, Health.LOOK, "Slack did not say which it granted", "Compare them: liaison manifest slack")
    lacking = sorted(set(SCOPES) - held)
    spare = sorted(held - set(SCOPES))
    more = f"; {', '.join(spare)} could be taken away" if spare else ""
    return Finding(
        what,
        health(not lacking),
        f"lacks {', '.join(lacking)}" if lacking else f"all {len(SCOPES)} are granted{more}",
        "Put the manifest of liaison manifest slack into the app's settings, and install the app again.",
    )


async def _socket_mode(api: SlackApi, app_token: str) -> Finding:
    try:
        await connects(api, app_token)
    except PlatformError as error:
        mend = f"Check {PREFIX}SLACK_APP_TOKEN: it begins with xapp- and has the scope connections:write."
        return Finding("Slack Socket Mode", Health.MEND, str(error), mend)
    return Finding("Slack Socket Mode", Health.FINE, "the app token gets a connection")


async def _teams(settings: Settings) -> list[Finding]:
    async with aiohttp.ClientSession() as session:
        room = TeamsRoom(settings, session, SystemClock())
        try:
            await room.log_in()
            seen = f"the app {settings.teams_app_id} can log in to tenant {settings.teams_tenant_id}"
            login = Finding("Teams", Health.FINE, seen)
        except PlatformError as error:
            mend = f"Check {PREFIX}TEAMS_APP_ID, …_APP_PASSWORD, …_TENANT_ID and …_LOGIN_URL."
            login = Finding("Teams", Health.MEND, str(error), mend)
        finally:
            await room.stop()
        return [login, await _keys(settings, session)]


async def _keys(settings: Settings, session: aiohttp.ClientSession) -> Finding:
    """Whether the keys are there with which Microsoft signs what Teams sends; without them all of it is refused."""
    keys = PublishedKeys(settings.teams_openid_url, session, SystemClock())
    await keys.find("any")
    return Finding(
        "Teams keys",
        health(keys.readings > 0),
        "Microsoft's signing keys are there" if keys.readings else "Microsoft's signing keys cannot be read",
        f"Let this machine reach {settings.teams_openid_url}, or check {PREFIX}TEAMS_OPENID_URL.",
    )


async def _clock(settings: Settings) -> Finding:
    """Compare this machine's clock with what a platform says in its Date header."""
    address = settings.slack_api_url if settings.slack_is_on else settings.teams_openid_url
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(address) as response:
            said = dt.datetime.strptime(response.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        mend = "Once a platform answers: liaison doctor"
        return Finding("clock", Health.LOOK, "could not be compared: no platform answered", mend)
    off = abs(SystemClock().now() - said)
    return Finding(
        "clock",
        health(off < SKEW),
        f"{off.total_seconds():.0f} s off the platform's",
        "Synchronise this machine's clock (NTP).",
    )
