"""What is answered in Slack: input blocks named by their question, and rows of buttons."""

from typing import assert_never

from bot.messages.blocks import Actions, Button, Choice, DateBox, Option, Scale, TextBox, Tone
from bot.messages.literal import literal, shorten
from bot.messages.parts import Json
from bot.messages.plain import scale_options
from bot.slack import limits
from bot.slack.inline import plain_text

# All in sight, one press each, as long as they do not push the rest of the message away.
_IN_SIGHT = 5


def input_block(block: Scale | Choice | TextBox | DateBox) -> Json:
    """Return an input block whose block_id and action_id are the input's name."""
    match block:
        case Scale(name, statement, chosen=chosen):
            element = _picker(scale_options(block), None if chosen is None else str(chosen))
            return _input(name, statement, element, required=True)
        case Choice(name, label, options, chosen, required):
            return _input(name, label, _picker(options, chosen), required=required)
        case TextBox(name, label):
            return _input(name, label, _text_input(block), required=block.required)
        case DateBox(name, label, chosen, required):
            picker: Json = {"type": "datepicker"}
            if chosen is not None:
                picker["initial_date"] = chosen.isoformat()
            return _input(name, label, picker, required=required)
        case _:
            assert_never(block)


def action_blocks(actions: Actions) -> tuple[Json, ...]:
    """Return the buttons in as few rows as Slack allows; none is left out."""
    most = limits.BUTTONS_IN_BLOCK
    rows = (actions.buttons[begin : begin + most] for begin in range(0, len(actions.buttons), most))
    return tuple({"type": "actions", "elements": [_button(button) for button in row]} for row in rows)


def _input(name: str, label: str, element: Json, *, required: bool) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain_text(label, limits.LABEL),
        "optional": not required,
        "element": {**element, "action_id": name},
    }


def _picker(options: tuple[Option, ...], chosen: str | None) -> Json:
    made = [{"text": plain_text(option.label, limits.OPTION), "value": option.value} for option in options]
    picked = next((option for option in made if option["value"] == chosen), None)
    initial: Json = {} if picked is None else {"initial_option": picked}
    if len(made) <= _IN_SIGHT:
        return {"type": "radio_buttons", "options": made, **initial}
    return {"type": "static_select", **_listed(made), **initial}


def _listed(options: list[Json]) -> Json:
    most = limits.OPTIONS_IN_SELECT
    if len(options) <= most:
        return {"options": options}
    return {
        "option_groups": [
            {
                "label": plain_text(f"{begin + 1}–{min(begin + most, len(options))}", limits.OPTION),
                "options": options[begin : begin + most],
            }
            for begin in range(0, len(options), most)
        ]
    }


def _text_input(box: TextBox) -> Json:
    longest = min(box.longest, limits.INPUT)
    element: Json = {"type": "plain_text_input", "multiline": box.lines, "max_length": longest}
    if box.hint.strip():
        element["placeholder"] = plain_text(box.hint, limits.PLACEHOLDER)
    if written := shorten(literal(box.written), longest):  # Slack refuses an empty one
        element["initial_value"] = written
    return element


def _button(button: Button) -> Json:
    made: Json = {
        "type": "button",
        "action_id": button.token,
        "value": button.token,
        "text": plain_text(button.label, limits.BUTTON),
    }
    match button.tone:
        case Tone.PLAIN:
            return made
        case Tone.PRIMARY | Tone.DANGER:
            return {**made, "style": button.tone.value}
        case _:
            assert_never(button.tone)
