"""What a person can press on a card, and what their client then sends: the data with the inputs in it.

Everything is sent as a string and empty inputs are left out, as the Adaptive Cards JavaScript library does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.teams.cards import NOT_DRAWN
from sandbox.teams.errors import PersonCannot

Json = dict[str, Any]
Filled = Mapping[str, str | int | float | bool | Sequence[str]]
"""What a person enters, by input id: text, a number, a toggle, or the chosen values."""


@dataclass(frozen=True, slots=True)
class Button:
    """An action on a card with the inputs in its reach: those of its card and of the cards around it."""

    action: Json
    inputs: tuple[Json, ...]


def buttons(card: object) -> tuple[Button, ...]:
    """Return all that can be pressed on the card, in the order in which it is drawn."""
    return tuple(_buttons(card, ()))


def _buttons(card: object, around: tuple[Json, ...]) -> Iterator[Button]:
    drawn = list(_drawn(card))
    inputs = around + tuple(node for node in drawn if str(node.get("type")).startswith("Input."))
    for node in drawn:
        kind = str(node.get("type"))
        if kind == "Action.ShowCard":
            yield from _buttons(node.get("card"), inputs)
        elif kind.startswith("Action.") and node.get("isEnabled", True):
            yield Button(node, inputs)


def _drawn(node: object) -> Iterator[Json]:
    """Go through the objects of one card without those of the cards inside it; choices are not inputs."""
    if isinstance(node, list):
        for held in node:
            yield from _drawn(held)
    elif isinstance(node, dict):
        yield node
        closed = {*NOT_DRAWN, "refresh", "choices"} | ({"card"} if node.get("type") == "Action.ShowCard" else set())
        for name, held in node.items():
            if name not in closed:
                yield from _drawn(held)


def find_button(card: object, kind: str, wanted: str | Mapping[str, Any]) -> Button:
    """Return the one button of that kind whose verb, id or title is `wanted`, or whose data contains it.

    Raises:
        PersonCannot: the card has no such button, or more than one.
    """
    there = [button for button in buttons(card) if button.action.get("type") == kind]
    found = [button for button in there if _is(button.action, wanted)]
    if len(found) != 1:
        names = [button.action.get("verb") or button.action.get("title") for button in there]
        count = "no" if not found else f"{len(found)}"
        raise PersonCannot(f"the card has {count} {kind} for {wanted!r}; it has {names}")
    return found[0]


def _is(action: Json, wanted: str | Mapping[str, Any]) -> bool:
    if isinstance(wanted, str):
        return wanted in (action.get("verb"), action.get("id"), action.get("title"))
    data = action.get("data")
    return isinstance(data, dict) and all(name in data and data[name] == held for name, held in wanted.items())


def fill(button: Button, filled: Filled, *, force: bool = False) -> Any:
    """Return what pressing the button sends: its data with the inputs over it.

    With `force` the client's own checks are left out, as a forged or outdated client would.

    Raises:
        PersonCannot: an input is not on the card, is required and empty, or cannot hold that value.
    """
    data = button.action.get("data", {})
    inputs = inputs_of(button)
    unknown = set(filled) - {str(node["id"]) for node in inputs}
    if unknown and not force:
        raise PersonCannot(f"the card has no input {', '.join(sorted(unknown))}")
    sent: Json = {}
    for node in inputs:
        value = _entered(node, filled)
        if not force:
            _check(node, value)
        if value:
            sent[str(node["id"])] = value
    if force:
        sent |= {name: _as_text(held) for name, held in filled.items() if name in unknown}
    return {**data, **sent} if isinstance(data, dict) else data


def complaints(button: Button, filled: Filled) -> dict[str, str]:
    """Return what the client would show beside each input of the button that it would not send like this."""
    found: dict[str, str] = {}
    for node in inputs_of(button):
        name = str(node["id"])
        try:
            _check(node, _entered(node, filled))
        except PersonCannot as problem:
            found[name] = str(problem).removeprefix(f"{name}: ")
    return found


def inputs_of(button: Button) -> tuple[Json, ...]:
    """Return the inputs whose values pressing the button sends."""
    return () if str(button.action.get("associatedInputs", "auto")).lower() == "none" else button.inputs


def _entered(node: Json, filled: Filled) -> str:
    is_toggle = node.get("type") == "Input.Toggle"
    on, off = str(node.get("valueOn", "true")), str(node.get("valueOff", "false"))
    if node["id"] not in filled:
        return _as_text(node.get("value", off if is_toggle else ""))
    value = filled[node["id"]]
    if is_toggle and isinstance(value, bool):
        return on if value else off
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


def _check(node: Json, value: str) -> None:
    name = node["id"]
    if not value or (node.get("type") == "Input.Toggle" and value == node.get("valueOff", "false")):
        if node.get("isRequired"):
            raise PersonCannot(f"{name}: {node.get('errorMessage') or 'this input is required'}")
        return
    match node.get("type"):
        case "Input.ChoiceSet":
            _check_choice(node, value)
        case "Input.Text":
            if len(value) > node.get("maxLength", len(value)):
                raise PersonCannot(f"{name}: longer than {node['maxLength']} characters")
            if "regex" in node and not re.search(node["regex"], value):
                raise PersonCannot(f"{name}: does not match {node['regex']}")
        case "Input.Number":
            _check_number(node, value)
        case "Input.Toggle":
            if value not in (node.get("valueOn", "true"), node.get("valueOff", "false")):
                raise PersonCannot(f"{name}: a toggle cannot be {value!r}")
        case "Input.Date":
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise PersonCannot(f"{name}: {value!r} is not a date")


def _check_choice(node: Json, value: str) -> None:
    known = {str(choice["value"]) for choice in node.get("choices", [])}
    chosen = value.split(",") if node.get("isMultiSelect") else [value]
    wrong = [item for item in chosen if item not in known]
    if wrong:
        raise PersonCannot(f"{node['id']}: {wrong[0]!r} is not one of its choices")


def _check_number(node: Json, value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise PersonCannot(f"{node['id']}: {value!r} is not a number") from None
    if not node.get("min", number) <= number <= node.get("max", number):
        raise PersonCannot(f"{node['id']}: {value} is out of range")
