"""The text of `.env`: what was answered, with everything else that stands there left as it is."""

import re
from collections.abc import Mapping

from bot.settings import PREFIX

_HEAD = """\
# The liaison's settings, written by liaison init. Whoever reads this file can speak as the liaison: keep it safe.
# Every other setting has a default; liaison settings shows what is in force, liaison doctor proves it.
"""
_SAID = {
    "DATABASE_URL": "Where everything is remembered.",
    "SECRET_KEY": "Seals stored tokens. To replace it: new,old here, then liaison keys rotate, then the new one alone.",
    "PUBLIC_URL": "The https address at which Slack and Teams call.",
    "SLACK_BOT_TOKEN": "Slack: OAuth & Permissions, Bot User OAuth Token (xoxb-…).",
    "SLACK_SIGNING_SECRET": "Slack: Basic Information, Signing Secret.",
    "SLACK_APP_TOKEN": "Slack, for Socket Mode alone: Basic Information, App-Level Tokens (xapp-…).",
    "TEAMS_APP_ID": "Teams: the application (client) id of the registration in Entra.",
    "TEAMS_APP_PASSWORD": "Teams: the value of its client secret.",
    "TEAMS_TENANT_ID": "Teams: the directory (tenant) id of that registration.",
}
_PLAIN = re.compile(r"[A-Za-z0-9_.,:/@%+=?&~-]*")


def text(values: Mapping[str, str], before: str = "") -> str:
    """The file with these values, by variable; lines of `before` that set another variable, or none, stay."""
    if not before:
        return _HEAD + "".join(f"\n# {_SAID[_short(name)]}\n{_line(name, values[name])}\n" for name in values)
    left = dict(values)
    rows = [_replaced(row, left) for row in before.splitlines()]
    return "\n".join([*rows, *(_line(name, value) for name, value in left.items())]) + "\n"


def _replaced(row: str, left: dict[str, str]) -> str:
    """The row, or, for the first that sets one of the values, its new line."""
    found = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", row)
    if found is None or found[1].upper() not in left:
        return row
    return _line(found[1].upper(), left.pop(found[1].upper()))


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{quoted}'"


def _short(name: str) -> str:
    return name.removeprefix(PREFIX)
