"""The rich_text block, whole, as rules. Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

import re
from typing import Any

from sandbox.slack.schema import (
    Check,
    Complaints,
    Need,
    array,
    boolean,
    choice,
    integer,
    kinds,
    pattern,
    shape,
    string,
    typed,
    web_address,
)

DATE_TOKENS = frozenset(
    {
        "ago",
        "date",
        "date_long",
        "date_long_full",
        "date_long_pretty",
        "date_num",
        "date_pretty",
        "date_short",
        "date_short_pretty",
        "date_slash",
        "day_divider_pretty",
        "time",
        "time_secs",
    }
)
"""What may stand between braces in the format of a date element."""

_LONGEST_TEXT = 12_000

_style = shape(
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean)
)
_id = string(255)


def _tokens_are_known(value: Any, where: str, complaints: Complaints) -> None:
    tokens = re.findall(r"\{([^{}]*)\}", value) if isinstance(value, str) else []
    for token in tokens:
        if token not in DATE_TOKENS:
            complaints.add(f"unknown date token: {token}", where)
    if not tokens:
        complaints.add("must hold a date token", where)


_text = typed("text", {"text": Need(string(_LONGEST_TEXT)), "style": _style})
_link = typed(
    "link",
    {"url": Need(web_address()), "text": string(_LONGEST_TEXT), "unsafe": boolean, "style": _style},
)
_inline = kinds(
    {
        **_text,
        **_link,
        **typed("user", {"user_id": Need(_id), "style": _style}),
        **typed("usergroup", {"usergroup_id": Need(_id), "style": _style}),
        **typed("channel", {"channel_id": Need(_id), "style": _style}),
        **typed("team", {"team_id": Need(_id), "style": _style}),
        **typed(
            "emoji",
            {"name": Need(string(255)), "unicode": string(255), "skin_tone": integer(1, 6), "style": _style},
        ),
        **typed("broadcast", {"range": Need(choice("here", "channel", "everyone")), "style": _style}),
        **typed("color", {"value": Need(pattern(r"#[0-9A-Fa-f]{6}", "must be a hex color")), "style": _style}),
        **typed(
            "date",
            {
                "timestamp": Need(integer(0)),
                "format": Need(_tokens_are_known),
                "url": web_address(),
                "fallback": string(_LONGEST_TEXT),
                "style": _style,
            },
        ),
    }
)
_border = choice(0, 1)
_section = typed("rich_text_section", {"elements": Need(array(_inline))})
_parts = kinds(
    {
        **_section,
        **typed(
            "rich_text_list",
            {
                "style": Need(choice("bullet", "ordered")),
                "elements": Need(array(kinds(_section))),
                "indent": integer(0, 8),
                "offset": integer(0),
                "border": _border,
            },
        ),
        **typed("rich_text_quote", {"elements": Need(array(_inline)), "border": _border}),
        **typed(
            "rich_text_preformatted",
            {"elements": Need(array(kinds({**_text, **_link}))), "border": _border, "language": string(255)},
        ),
    }
)
rich_text: dict[str, Check] = typed("rich_text", {"block_id": string(255), "elements": Need(array(_parts))})


def characters(value: Any) -> int:
    """Count the characters a checked rich_text value shows."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(characters(one) for one in value.get("elements", ()))
    return 0
