"""Block Kit's composition objects and elements, as rules. Source: docs.slack.dev/reference/block-kit."""

from collections.abc import Mapping
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

action_id = string(255)


def plain_text(most: int) -> Check:
    """Accept a plain_text object of at most `most` characters."""
    return kinds(typed("plain_text", {"text": Need(string(most)), "emoji": boolean}))


def any_text(most: int) -> Check:
    """Accept a plain_text or mrkdwn object of at most `most` characters."""
    return kinds(text_kinds(most))


def text_kinds(most: int) -> dict[str, Check]:
    """Return both text objects as entries for `kinds`."""
    return {
        **typed("plain_text", {"text": Need(string(most)), "emoji": boolean}),
        **typed("mrkdwn", {"text": Need(string(most)), "verbatim": boolean}),
    }


confirm = shape(
    {
        "title": Need(plain_text(100)),
        "text": Need(any_text(300)),
        "confirm": Need(plain_text(30)),
        "deny": Need(plain_text(30)),
        "style": choice("primary", "danger"),
    }
)


def _option(text: Check, **more: Check) -> Check:
    return shape({"text": Need(text), "value": Need(string(150)), "description": any_text(75), **more})


_plain_option = _option(plain_text(75))
_rich_option = _option(any_text(75))
_link_option = _option(plain_text(75), url=web_address())
_groups = array(shape({"label": Need(plain_text(75)), "options": Need(array(_plain_option, 100))}), 100)


def all_options(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the options of an element, those in groups included, in the order shown."""
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return [*element.get("options", ()), *grouped]


def _options_given_once(element: Any, where: str, complaints: Complaints) -> None:
    if ("options" in element) == ("option_groups" in element):
        complaints.add("must define either `options` or `option_groups`", where)


def _initial_is_offered(element: Any, where: str, complaints: Complaints) -> None:
    offered = [option["value"] for option in all_options(element)]
    chosen = element.get("initial_options", [element["initial_option"]] if "initial_option" in element else [])
    for one in chosen:
        if one["value"] not in offered:
            complaints.add("initial option must be one of the options", where)


def _values_differ(element: Any, where: str, complaints: Complaints) -> None:
    values = [option["value"] for option in all_options(element)]
    for value in sorted({one for one in values if values.count(one) > 1}):
        complaints.add(f"option value is used twice: {value}", where)


def _lengths_agree(element: Any, where: str, complaints: Complaints) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if least > most:
        complaints.add("min_length must not exceed max_length", where)
    elif "initial_value" in element and not least <= len(element["initial_value"]) <= most:
        complaints.add("initial_value must keep to min_length and max_length", where)


_chosen = (_initial_is_offered, _values_differ)
_common: dict[str, Check] = {"action_id": action_id, "focus_on_load": boolean}
_with_confirm: dict[str, Check] = {**_common, "confirm": confirm}
_menu: dict[str, Check] = {**_with_confirm, "placeholder": plain_text(150)}
_typing: dict[str, Check | Need] = {
    **_common,
    "placeholder": plain_text(150),
    "dispatch_action_config": shape(
        {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2)}
    ),
}
_day = pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "must be a date in the format YYYY-MM-DD")
_hour = pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be a time in the format HH:mm")
_selected: dict[str, Check] = {"max_selected_items": integer(1)}

image_element = typed("image", {"image_url": Need(web_address()), "alt_text": Need(string(2000))})
button = typed(
    "button",
    {
        "text": Need(plain_text(75)),
        "action_id": action_id,
        "url": web_address(),
        "value": string(2000),
        "style": choice("primary", "danger"),
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
overflow = typed(
    "overflow",
    {"action_id": action_id, "options": Need(array(_link_option, 5)), "confirm": confirm},
    _values_differ,
)
choosing: dict[str, Check] = {
    **typed(
        "static_select",
        {
            **_menu,
            "options": array(_plain_option, 100),
            "option_groups": _groups,
            "initial_option": _plain_option,
        },
        _options_given_once,
        *_chosen,
    ),
    **typed(
        "multi_static_select",
        {
            **_menu,
            **_selected,
            "options": array(_plain_option, 100),
            "option_groups": _groups,
            "initial_options": array(_plain_option, 100),
        },
        _options_given_once,
        *_chosen,
    ),
    **typed(
        "radio_buttons",
        {**_with_confirm, "options": Need(array(_rich_option, 10)), "initial_option": _rich_option},
        *_chosen,
    ),
    **typed(
        "checkboxes",
        {
            **_with_confirm,
            "options": Need(array(_rich_option, 10)),
            "initial_options": array(_rich_option, 10),
        },
        *_chosen,
    ),
    **typed("users_select", {**_menu, "initial_user": string(255)}),
    **typed("multi_users_select", {**_menu, **_selected, "initial_users": array(string(255))}),
    **typed("datepicker", {**_menu, "initial_date": _day}),
    **typed("timepicker", {**_menu, "initial_time": _hour, "timezone": string(255)}),
}
typing: dict[str, Check] = {
    **typed(
        "plain_text_input",
        {
            **_typing,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths_agree,
    ),
    **typed(
        "number_input",
        {
            **_typing,
            "is_decimal_allowed": Need(boolean),
            "initial_value": string(255),
            "min_value": string(255),
            "max_value": string(255),
        },
    ),
}
