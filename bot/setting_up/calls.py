"""Asking Slack and Microsoft whether they take a token, while it can still be pasted anew."""

import asyncio
from dataclasses import dataclass

import aiohttp

from bot.platform import NotConnected, PlatformError
from bot.settings import SLACK_API_URL, TEAMS_LOGIN_URL, written
from bot.slack.api import SlackApi
from bot.slack.platform import SlackPlatform
from bot.teams.login import AppIdentity, OutboundToken
from schedules.clock import SystemClock

PATIENCE = 10.0
"""Seconds, in the computer's own time."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of asking: taken, refused, or (neither) nobody could be asked; `words` say it."""

    words: str
    refused: bool = False
    team_id: str = ""


def slack_says(token: str) -> Said:
    """Ask Slack whose bot token it is."""
    return asyncio.run(_slack_says(token))


def microsoft_says(app_id: str, password: str, tenant: str) -> Said:
    """Ask Microsoft whether the app can log in."""
    return asyncio.run(_microsoft_says(app_id, password, tenant))


async def _slack_says(token: str) -> Said:
    api = SlackApi(written("slack_api_url") or SLACK_API_URL, SystemClock())
    try:
        async with asyncio.timeout(PATIENCE):
            found = await SlackPlatform(api).identify(token)
    except NotConnected as refusal:
        return Said(f"Slack does not take this token: {refusal}.", refused=True)
    except (PlatformError, TimeoutError) as error:
        return _nobody("Slack", error)
    finally:
        await api.stop()
    return Said(f"Slack says: this token belongs to {found.name} ({found.team_id}).", team_id=found.team_id)


async def _microsoft_says(app_id: str, password: str, tenant: str) -> Said:
    identity = AppIdentity(app_id, password, tenant, written("teams_login_url") or TEAMS_LOGIN_URL)
    try:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            await OutboundToken(identity, session, SystemClock()).get()
    except NotConnected as refusal:
        words = f"Microsoft does not let the app log in: {refusal}. Is it the secret's value, and not its id?"
        return Said(words, refused=True)
    except (PlatformError, TimeoutError) as error:
        return _nobody("Microsoft", error)
    return Said("Microsoft says: the app can log in.")


def _nobody(who: str, error: Exception) -> Said:
    return Said(f"{who} could not be asked now ({str(error) or 'no answer in time'}). Later: liaison doctor.")
