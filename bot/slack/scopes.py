"""What a Slack token may do, as Slack itself says it."""

from bot.slack.api import SlackApi

_HEADER = "x-oauth-scopes"


async def granted(api: SlackApi, token: str) -> frozenset[str] | None:
    """The scopes that a bot token was granted; None when Slack does not say. Ask `identify` first: it may refuse."""
    said = (await api.asked(token, "auth.test")).headers.get(_HEADER)
    return None if said is None else frozenset(scope.strip() for scope in said.split(",") if scope.strip())


async def connects(api: SlackApi, app_token: str) -> None:
    """Ask for a Socket Mode connection and use none, to see whether the app token is good; raises as calls do."""
    await api.call_with(app_token, "apps.connections.open")
