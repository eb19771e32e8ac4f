"""What is answered in Teams: inputs named by their question, and sets of buttons."""

from typing import assert_never

from bot.messages.blocks import Actions, Button, Choice, DateBox, Does, Option, Scale, TextBox, Tone
from bot.messages.literal import literal, shorten
from bot.messages.parts import Json
from bot.messages.plain import scale_options
from bot.teams import limits
from bot.teams.inline import has_markdown, title

_CHOOSE = "Please choose one."
_WRITE = "Please write something."
_PICK = "Please pick a day."
_STYLES = {Tone.PRIMARY: "positive", Tone.DANGER: "destructive"}


def input_element(block: Scale | Choice | TextBox | DateBox) -> Json:
    """Return an input whose id is the input's name."""
    match block:
        case Scale(name, statement, chosen=chosen):
            value = None if chosen is None else str(chosen)
            return _input(name, statement, _choices(scale_options(block), value), missing=_CHOOSE)
        case Choice(name, label, options, chosen, required):
            return _input(name, label, _choices(options, chosen), missing=_CHOOSE if required else None)
        case TextBox(name, label):
            return _input(name, label, _text_input(block), missing=_WRITE if block.required else None)
        case DateBox(name, label, chosen, required):
            picker: Json = {"type": "Input.Date"}
            if chosen is not None:
                picker["value"] = chosen.isoformat()
            return _input(name, label, picker, missing=_PICK if required else None)
        case _:
            assert_never(block)


def action_sets(actions: Actions, *, in_form: bool) -> tuple[Json, ...]:
    """Return the buttons in as few sets as Teams shows whole; none is left out.

    A dialog knows no Action.Execute, so there every button is an Action.Submit.
    """
    make = _submit if in_form else _button
    return tuple({"type": "ActionSet", "actions": [make(button) for button in row]} for row in _rows(actions.buttons))


def _rows(buttons: tuple[Button, ...]) -> list[list[Button]]:
    rows: list[list[Button]] = []
    for button in buttons:
        letters = sum(len(other.label) for other in rows[-1]) + len(button.label) if rows else 0
        if not rows or len(rows[-1]) == limits.BUTTONS_IN_SET or letters > limits.LETTERS_IN_SET:
            rows.append([])
        rows[-1].append(button)
    return rows


def _input(name: str, label: str, element: Json, *, missing: str | None) -> Json:
    asked: Json = {"id": name, "label": title(label, limits.LABEL), **element}
    return asked if missing is None else {**asked, "isRequired": True, "errorMessage": missing}


def _choices(options: tuple[Option, ...], chosen: str | None) -> Json:
    """Return a set of choices, all in sight when they are few.

    Choices in sight are drawn as markdown, those of a drop-down are not: whatever would look different in
    markdown goes into a drop-down.
    """
    few = len(options) <= limits.OPTIONS_IN_SIGHT and not any(has_markdown(option.label) for option in options)
    made: Json = {
        "type": "Input.ChoiceSet",
        "style": "expanded" if few else "compact",
        "wrap": True,
        "choices": [{"title": title(option.label, limits.OPTION), "value": option.value} for option in options],
    }
    if any(option.value == chosen for option in options):
        made["value"] = chosen
    return made


def _text_input(box: TextBox) -> Json:
    element: Json = {"type": "Input.Text", "isMultiline": box.lines, "maxLength": box.longest}
    if box.hint.strip():
        element["placeholder"] = title(box.hint, limits.LABEL)
    if box.written:
        element["value"] = shorten(literal(box.written), box.longest)
    return element


def _button(button: Button) -> Json:
    match button.does:
        case Does.PRESS | Does.SUBMIT:
            return {
                **_submit(button),
                "type": "Action.Execute",
                "verb": button.token,
                "fallback": _submit(button),
            }
        case Does.OPEN_FORM:
            asks_for_form = {"token": button.token, "msteams": {"type": "task/fetch"}}
            return {**_submit(button), "data": asks_for_form}
        case _:
            assert_never(button.does)


def _submit(button: Button) -> Json:
    made: Json = {
        "type": "Action.Submit",
        "title": title(button.label, limits.BUTTON),
        "data": {"token": button.token},
        "associatedInputs": "auto" if button.does is Does.SUBMIT else "none",
    }
    style = _STYLES.get(button.tone)
    return made if style is None else {**made, "style": style}
