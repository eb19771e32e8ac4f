"""Slack's app manifest: only the scopes that our calls need, and every address from the public one.

https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Mapping

import yaml

from bot.addresses import SLACK_PATH
from bot.messages.parts import Json

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "being mentioned in a channel",
    "chat:write": "posting, updating, answers that only one person sees",
    "commands": "`/alliance`",
    "im:history": "what people write to the liaison; finding out after a crash whether a message arrived",
    "im:write": "opening a direct conversation with a member",
    "users:read": "hearing that an account was closed",
}
"""Every scope of the bot token, and what it is for."""

CALLS: Mapping[str, str | None] = {
    "apps.connections.open": "connections:write",
    "auth.test": None,
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.replies": "im:history",
    "conversations.open": "im:write",
    "views.open": None,
    "views.publish": None,
    "views.push": None,
    "views.update": None,
}
"""The scope that each method of the Web API needs (platforms.md 1.6, the methods' own pages); None: none.

`connections:write` belongs to the app-level token of Socket Mode, which no manifest can ask for.
"""
APP_LEVEL = frozenset({"connections:write"})

EVENTS: Mapping[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "message.im": "im:history",
    "tokens_revoked": None,
    "user_change": "users:read",
}
"""The events that are listened for, and the scope that each needs."""


def manifest(public_url: str, *, socket_mode: bool = False) -> Json:
    """Return the manifest as nested fields. By Socket Mode it holds no address, else `public_url` is needed."""
    address = {} if socket_mode else {"request_url": f"{public_url.rstrip('/')}{SLACK_PATH}"}
    command = {
        "command": "/alliance",
        **({"url": address["request_url"]} if address else {}),
        "description": "Ask the liaison of your alliance.",
        "usage_hint": "status, help, raise, away until Friday",
    }
    return {
        "display_information": {
            "name": "Alliance liaison",
            "description": "A neutral colleague for two companies that share an alliance.",
            "background_color": "#2f5d62",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "liaison", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(fields: Json) -> str:
    """Write it as Slack's own page takes it."""
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)
