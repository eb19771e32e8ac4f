"""What a person fills in: plain choices turned into the state Slack sends, by the elements shown."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.slack.blockkit import interactive_elements
from sandbox.slack.composition import all_options
from sandbox.slack.state import Json, NotThere

Chosen = str | Sequence[str] | None
"""What a person chose: an option's value or label, a text, a date, a person; several; None for cleared."""

_ONE_OPTION = frozenset({"static_select", "radio_buttons"})
_SEVERAL_OPTIONS = frozenset({"multi_static_select", "checkboxes"})
_PLAIN = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "users_select": ("selected_user", "initial_user"),
}


class CannotFillIn(ValueError):
    """Slack's client would not let a person fill this in."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An element that a person can act on, with the block around it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def has_state(self) -> bool:
        return self.kind not in {"button", "overflow"}

    @property
    def sends_actions(self) -> bool:
        """Whether acting on it is told to the app at once, rather than with the form."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action", False))

    def is_named(self, name: str) -> bool:
        return name in {self.action_id, self.block_id, f"{self.block_id}/{self.action_id}"}


def slots(blocks: Sequence[Json] | None) -> Iterator[Slot]:
    """Give every element a person can act on, in the order shown."""
    for block in blocks or ():
        for _, element in interactive_elements(block):
            yield Slot(block, element)


def find_slot(blocks: Sequence[Json] | None, name: str, value: str | None = None) -> Slot:
    """Return the element with this action_id (or block_id, or `block_id/action_id`); NotThere otherwise.

    Of buttons, only one with this `value` if that is given.
    """
    named = [slot for slot in slots(blocks) if slot.is_named(name)]
    if value is not None:
        named = [slot for slot in named if slot.kind != "button" or slot.element.get("value") == value]
    if len(named) != 1:
        shown = ", ".join(f"{slot.block_id}/{slot.action_id}" for slot in slots(blocks)) or "nothing"
        raise NotThere(f"{len(named)} elements are called {name!r}; shown are {shown}")
    return named[0]


def state_values(blocks: Sequence[Json] | None, chosen: Mapping[str, Chosen]) -> Json:
    """Return `state.values` as Slack sends it: what was chosen, and what the elements began with."""
    by_place = {(slot.block_id, slot.action_id): slot for slot in slots(blocks) if slot.has_state}
    filled = {place: beginning(slot.element) for place, slot in by_place.items()}
    for name, choice in chosen.items():
        slot = find_slot([one.block for one in by_place.values()], name)
        filled[slot.block_id, slot.action_id] = filled_in_state(slot.element, choice)
    values: Json = {}
    for (block_id, action_id), state in filled.items():
        values.setdefault(block_id, {})[action_id] = state
    return values


def complain_about_gaps(blocks: Sequence[Json], values: Json) -> None:
    """Raise CannotFillIn when an input that is not optional was left empty."""
    for slot in slots(blocks):
        if slot.block["type"] == "input" and not slot.block.get("optional", False):
            state = values[slot.block_id][slot.action_id]
            if not any(value for key, value in state.items() if key != "type"):
                raise CannotFillIn(f"{slot.block_id}/{slot.action_id} must be filled in")


def complaints(blocks: Sequence[Json], chosen: Mapping[str, Chosen], *, needed: bool = True) -> dict[str, str]:
    """Return what the client would show beside each input block that it would not send like this.

    `needed`: whether inputs that are not optional must be filled in, as in a modal.
    """
    found: dict[str, str] = {}
    for slot in slots(blocks):
        if slot.block["type"] != "input":
            continue
        given = [choice for name, choice in chosen.items() if slot.is_named(name)]
        try:
            state = filled_in_state(slot.element, given[0]) if given else beginning(slot.element)
        except CannotFillIn as problem:
            found[slot.block_id] = f"Please change this: {problem}."
            continue
        except ValueError:
            found[slot.block_id] = "Please enter a valid value."
            continue
        is_empty = not any(value for key, value in state.items() if key != "type")
        if needed and is_empty and not slot.block.get("optional", False):
            found[slot.block_id] = "Please complete this required field."
    return found


def beginning(element: Json) -> Json:
    """Return the state of an element that nobody touched."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _SEVERAL_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind == "multi_users_select":
        return {"type": kind, "selected_users": element.get("initial_users", [])}
    now, before = _PLAIN[kind]
    return {"type": kind, now: element.get(before)}


def filled_in_state(element: Json, chosen: Chosen) -> Json:
    """Return the state of an element after a person chose this; CannotFillIn when the client refuses it."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": None if chosen is None else option_of(element, _one(chosen))}
    if kind in _SEVERAL_OPTIONS:
        return {
            "type": kind,
            "selected_options": [option_of(element, one) for one in _several(element, chosen)],
        }
    if kind == "multi_users_select":
        return {"type": kind, "selected_users": _several(element, chosen)}
    text = None if chosen is None else _one(chosen)
    if text is not None:
        _check_text(element, text)
    return {"type": kind, _PLAIN[kind][0]: text or None}


def option_of(element: Json, wanted: str) -> Json:
    """Return the option with this value or, failing that, this label, as Slack sends it."""
    options = all_options(element)
    found = [one for one in options if one["value"] == wanted] or [
        one for one in options if one["text"]["text"] == wanted
    ]
    if not found:
        raise CannotFillIn(f"{wanted!r} is not among {[one['value'] for one in options]}")
    return found[0]


def _one(chosen: str | Sequence[str]) -> str:
    if not isinstance(chosen, str):
        raise CannotFillIn(f"one choice, not {list(chosen)}")
    return chosen


def _several(element: Json, chosen: Chosen) -> list[str]:
    several = [] if chosen is None else [chosen] if isinstance(chosen, str) else list(chosen)
    if len(several) > element.get("max_selected_items", len(several)):
        raise CannotFillIn(f"at most {element['max_selected_items']} choices, not {several}")
    return several


def _check_text(element: Json, text: str) -> None:
    match element["type"]:
        case "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if not least <= len(text) <= most:
                raise CannotFillIn(f"between {least} and {most} characters, not {len(text)}")
        case "number_input":
            float(text)
        case "datepicker":
            dt.date.fromisoformat(text)
        case "timepicker":
            dt.time.fromisoformat(text)
