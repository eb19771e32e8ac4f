"""What readers see of the payloads that both stand-ins accepted: words with markup undone, and what would act."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.stage import Stage

Json = dict[str, Any]
_ESCAPED = re.compile(r"\\([\\`*_\[\]~#<>|&+.)-])")
_OWN_DATE = re.compile(r"\{\{(?:DATE\(20[0-9T:Z-]+, SHORT\)|TIME\(20[0-9T:Z-]+\))\}\}")
_SHORT = ("text", "title", "label", "value")
_WORDS = (
    "text",
    "title",
    "label",
    "placeholder",
    "errorMessage",
    "altText",
    "name",
    "fallbackText",
    "value",
    "summary",
)


def nodes(part: object) -> Iterator[Json]:
    """Every object of a payload, from the outside in."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from nodes(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from nodes(value)


def strings(part: object) -> Iterator[str]:
    """Every text of a payload, keys left out."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from strings(value)


# --- Slack ------------------------------------------------------------------------------------------


def slack_payloads(stage: Stage) -> list[Json]:
    """All that the bot put before somebody's eyes in Slack: messages, ephemeral ones, modals and home tabs."""
    shows = ("chat.", "views.", "response_url")
    sent = [made.payload for made in stage.slack.requests if made.method.startswith(shows) and made.answer.get("ok")]
    in_answers = [delivered.json() for delivered in stage.slack.delivery.log]
    return [*sent, *(body for body in in_answers if isinstance(body, dict))]


def read_on_slack(payload: Json) -> str:
    """What a person reads: every text as Slack draws it."""
    top = payload.get("text")
    shown = [_unescaped(top)] if isinstance(top, str) else []
    for node in nodes(payload.get("blocks") or payload.get("view") or payload):
        match node:
            case {"type": "text" | "plain_text" | "raw_text", "text": str(words)}:
                shown.append(words)
            case {"initial_value": str(words)}:
                shown.append(words)
    return "\n".join(shown)


def acting_on_slack(payload: Json, people: frozenset[str]) -> list[str]:
    """What would do something: markup outside of verbatim text, mentions of anybody who is not one of `people`."""
    acts = []
    top = payload.get("text")
    if isinstance(top, str) and re.search(r"<[!@#]|<https?:", top):
        acts.append(top)
    for node in nodes(payload):
        match node:
            case {"type": "mrkdwn", "text": str(words)}:
                acts.append(words)
            case {"type": "broadcast" | "usergroup" | "channel"}:
                acts.append(str(node))
            case {"type": "user", "user_id": str(user)} if user not in people:
                acts.append(str(node))
            case {"type": "plain_text", "emoji": True}:
                acts.append(str(node))
    return acts


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# --- Teams ------------------------------------------------------------------------------------------


def teams_payloads(stage: Stage) -> list[Json]:
    """All that the bot put before somebody's eyes in Teams: messages with their earlier states, and answers."""
    sent = [made.body for made in stage.teams.requests if made.status < 300 and isinstance(made.body, dict)]
    answered = [delivery.answer.body for delivery in stage.teams.deliveries if isinstance(delivery.answer.body, dict)]
    return [body for body in (*sent, *answered) if body.get("type") or body.get("task")]


def read_on_teams(payload: Json) -> str:
    """What a person reads: spaces of no width gone, and markdown's backslashes where markdown is read."""
    shown = []
    for node in nodes(payload):
        for name in _WORDS:
            if isinstance(words := node.get(name), str):
                plain = words.replace("\u200b", "")
                shown.append(_ESCAPED.sub(r"\1", plain) if node.get("type") == "TextBlock" else plain)
    return "\n".join(shown)


def acting_on_teams(payload: Json) -> list[str]:
    """What would do something: template syntax that is not our own, and mentions or markdown in what reads them.

    An activity's summary is a notification's plain text, which reads nothing into it.
    """
    acts = []
    payload = {name: held for name, held in payload.items() if name != "summary"}
    for shown in strings(payload):
        rest = _OWN_DATE.sub("", shown)
        if "{{" in rest or "${" in rest:
            acts.append(shown)
    tags = {node["text"] for node in nodes(payload) if node.get("type") == "mention"}
    for node in nodes(payload):
        if node.get("type") == "TextBlock" and isinstance(words := node.get("text"), str):
            rest = words
            for tag in tags:
                rest = rest.replace(str(tag), "")
            if "<at>" in rest or re.search(r"(?<!\\)[*_`\[]", rest):
                acts.append(words)
        elif node.get("type") != "mention" and any("<at>" in str(node.get(name, "")) for name in _SHORT):
            acts.append(str(node)[:200])
    return acts
