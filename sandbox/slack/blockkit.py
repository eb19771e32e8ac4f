"""Checks whole messages and views against Block Kit and fills in what Slack fills in.

Limits: docs.slack.dev/reference/block-kit and slack_sdk's models, whose own validators run as well.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any, cast

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SdkView

from sandbox.slack.composition import (
    any_text,
    button,
    choosing,
    image_element,
    overflow,
    plain_text,
    text_kinds,
    typing,
)
from sandbox.slack.figures import data_visualization, table
from sandbox.slack.rich_text import rich_text
from sandbox.slack.schema import (
    Check,
    Complaints,
    Need,
    array,
    boolean,
    choice,
    kinds,
    shape,
    string,
    typed,
    web_address,
)

Json = dict[str, Any]

_MOST_IN_MESSAGE = 50
_MOST_IN_VIEW = 100
_MOST_CHARTS = 2
_block_id: dict[str, Check] = {"block_id": string(255)}


def _has_text_or_fields(section: Any, where: str, complaints: Complaints) -> None:
    if "text" not in section and "fields" not in section:
        complaints.add("must define either `text` or `fields`", where)


_everywhere: dict[str, Check] = {
    **typed(
        "section",
        {
            **_block_id,
            "text": any_text(3000),
            "fields": array(any_text(2000), 10),
            "accessory": kinds({**button, **overflow, **choosing, **image_element}),
            "expand": boolean,
        },
        _has_text_or_fields,
    ),
    **typed("header", {**_block_id, "text": Need(plain_text(150))}),
    **typed("divider", _block_id),
    **typed("context", {**_block_id, "elements": Need(array(kinds({**text_kinds(3000), **image_element}), 10))}),
    **typed("actions", {**_block_id, "elements": Need(array(kinds({**button, **overflow, **choosing}), 25))}),
    **typed(
        "input",
        {
            **_block_id,
            "label": Need(plain_text(2000)),
            "element": Need(kinds({**choosing, **typing})),
            "hint": plain_text(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
    ),
    **typed(
        "image",
        {
            **_block_id,
            "image_url": Need(web_address()),
            "alt_text": Need(string(2000)),
            "title": plain_text(2000),
        },
    ),
    **rich_text,
}
_in_messages = array(kinds({**_everywhere, **table, **data_visualization}), _MOST_IN_MESSAGE, least=0)
_in_views = array(kinds(_everywhere), _MOST_IN_VIEW, least=0)
_kept = {"private_metadata": string(3000, 0), "callback_id": string(255, 0), "external_id": string(255, 0)}
_view = kinds(
    {
        **typed(
            "modal",
            {
                **_kept,
                "title": Need(plain_text(24)),
                "submit": plain_text(24),
                "close": plain_text(24),
                "blocks": Need(_in_views),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
        **typed("home", {**_kept, "blocks": Need(_in_views)}),
    }
)
_metadata = shape({"event_type": Need(string(255)), "event_payload": Need(lambda *_: None)})
_not_in_sdk = frozenset({"data_visualization"})


def complaints_about_blocks(blocks: Any) -> list[str]:
    """Return what Slack would refuse in the blocks of a message, empty when nothing."""
    complaints = Complaints()
    _in_messages(blocks, "/blocks", complaints)
    if not complaints.found:
        _check_together(blocks, "/blocks", complaints)
        charts = [place for place, block in enumerate(blocks) if block["type"] == "data_visualization"]
        for place in charts[_MOST_CHARTS:]:
            complaints.add(f"no more than {_MOST_CHARTS} data_visualization blocks allowed", f"/blocks/{place}")
        _ask_sdk(blocks, "/blocks", complaints)
    return complaints.found


def tables_in(blocks: list[Json]) -> int:
    """Count the table blocks, of which Slack takes one a message."""
    return sum(block["type"] == "table" for block in blocks)


def complaints_about_view(view: Any, kind: str) -> list[str]:
    """Return what Slack would refuse in a view that must be of this kind, `modal` or `home`."""
    complaints = Complaints()
    _view(view, "/view", complaints)
    if complaints.found:
        return complaints.found
    choice(kind)(view["type"], "/view/type", complaints)
    _check_together(view["blocks"], "/view/blocks", complaints)
    if kind == "modal" and "submit" not in view:
        for place, block in enumerate(view["blocks"]):
            if block["type"] == "input":
                complaints.add("must define `submit` to use an `input` block in modals", f"/view/blocks/{place}/input")
    _ask_sdk(view["blocks"], "/view/blocks", complaints)
    _run_sdk(lambda: SdkView(**view).validate_json(), "/view", complaints)
    return complaints.found


def complaints_about_metadata(metadata: Any) -> list[str]:
    """Return what Slack would refuse in a message's metadata."""
    complaints = Complaints()
    _metadata(metadata, "/metadata", complaints)
    if not complaints.found and not isinstance(metadata["event_payload"], dict):
        complaints.add("must be an object", "/metadata/event_payload")
    return complaints.found


def interactive_elements(block: Json) -> Iterator[tuple[str, Json]]:
    """Give the elements of a block that a person can act on, each with its place inside the block."""
    match block["type"]:
        case "section":
            accessory = block.get("accessory")
            if accessory is not None and accessory["type"] != "image":
                yield "accessory", accessory
        case "actions":
            for place, element in enumerate(block["elements"]):
                yield f"elements/{place}", element
        case "input":
            yield "element", block["element"]


def filled_in(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Return a copy with the identifiers and text flags that Slack adds to what it takes."""
    taken = copy.deepcopy(blocks)
    for block in taken:
        if "block_id" not in block:
            block["block_id"] = new_id()
        for _, element in interactive_elements(block):
            if "action_id" not in element:
                element["action_id"] = new_id()
        _flag_texts(block)
    return taken


def _flag_texts(value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _flag_texts(one)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for one in value.values():
            _flag_texts(one)


def _check_together(blocks: list[Json], where: str, complaints: Complaints) -> None:
    block_ids: set[str] = set()
    for place, block in enumerate(blocks):
        name = block.get("block_id")
        if name is not None and name in block_ids:
            complaints.add(f"block_id already exists: {name}", f"{where}/{place}/block_id")
        block_ids.add(cast(str, name))
        action_ids: set[str] = set()
        for inside, element in interactive_elements(block):
            action = element.get("action_id")
            if action is not None and action in action_ids:
                complaints.add(f"action_id already exists: {action}", f"{where}/{place}/{inside}/action_id")
            action_ids.add(cast(str, action))
    if sum(element.get("focus_on_load", False) for block in blocks for _, element in interactive_elements(block)) > 1:
        complaints.add("only one element may have focus_on_load", where)


def _ask_sdk(blocks: list[Json], where: str, complaints: Complaints) -> None:
    for place, block in enumerate(blocks):
        if block["type"] not in _not_in_sdk:
            _run_sdk(lambda block=block: _parse(block), f"{where}/{place}", complaints)  # type: ignore[misc]


def _parse(block: Json) -> None:
    parsed = Block.parse(block)
    if parsed is None:
        raise SlackObjectFormationError("failed to match all allowed schemas")
    parsed.to_dict()


def _run_sdk(validate: Callable[[], object], where: str, complaints: Complaints) -> None:
    try:
        validate()
    except SlackObjectFormationError as refusal:
        complaints.add(str(refusal), where)
