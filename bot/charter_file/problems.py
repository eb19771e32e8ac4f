"""What pydantic found wrong, in sentences that say what to write instead."""

import difflib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from alliance.errors import AllianceError
from bot.charter_file.document import Document
from bot.charter_file.reading import Path
from bot.messages.literal import one_line

_PLAIN = {
    "missing": "This field is missing.",
    "string_type": "Write a text here.",
    "list_type": 'Write a list here: one "- …" a line.',
    "dict_type": 'Write fields here: one "name: value" a line.',
    "model_type": 'Write fields here: one "name: value" a line.',
    "int_parsing": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "int_type": "Write a whole number.",
    "float_parsing": "Write a number, with a point for decimals.",
    "float_type": "Write a number, with a point for decimals.",
    "finite_number": "Write a number, with a point for decimals.",
    "int_parsing_size": "This number is too large.",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "This is at least {}."),
    "greater_than": ("gt", "This is more than {}."),
    "less_than_equal": ("le", "This is at most {}."),
    "less_than": ("lt", "This is less than {}."),
}


def path_of(error: ErrorDetails) -> Path:
    """Where the error stands; pydantic marks an error in a mapping's key by a last part "[key]"."""
    path = tuple(error["loc"])
    return path[:-1] if path and path[-1] == "[key]" else path


def sentence_of(error: ErrorDetails) -> str:
    """Say one error of `Document` in a sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if error["input"] is None:
        return "This is left blank."
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _BOUNDS:
        name, sentence = _BOUNDS[kind]
        return sentence.format(f"{context[name]:g}")
    match kind:
        case "extra_forbidden":
            return _unknown(path_of(error))
        case "enum" | "literal_error":
            return _not_among(str(error["input"]), str(context["expected"]))
        case "value_error":
            reason = context["error"]
            return reason.sentence if isinstance(reason, AllianceError) else str(reason)
        case _:
            return _of_size(kind, context, error["input"])


def _of_size(kind: str, context: Mapping[str, Any], written: Any) -> str:
    match kind:
        case "string_too_long":
            return f"This has {len(written):,} characters; at most {context['max_length']:,} fit."
        case "string_too_short":
            return "This is left blank."
        case "too_long":
            return f"This has {len(written):,} entries; at most {context['max_length']:,} fit."
        case "too_short":
            return f"Name at least {context['min_length']} here."
        case _:
            return "This is not what belongs here."


def _unknown(path: Path) -> str:
    known = _fields_at(path[:-1])
    meant = difflib.get_close_matches(str(path[-1]), known, n=1)
    if meant:
        return f'This field is not known here. Did you mean "{meant[0]}"?'
    return f"This field is not known here. Known are: {', '.join(known)}."


def _not_among(written: str, expected: str) -> str:
    allowed = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    meant = difflib.get_close_matches(written.lower(), allowed, n=1)
    hint = f' Did you mean "{meant[0]}"?' if meant else ""
    return f'"{one_line(written, 40)}" is not one of: {", ".join(allowed)}.{hint}'


def _fields_at(path: Path) -> list[str]:
    """The names of the fields that the model at that path knows; for a mapping with free keys, none."""
    kind: Any = Document
    for part in path:
        kind = kind.model_fields[part].annotation if _is_model(kind) else get_args(kind)[-1]
        kind = _without_wrapping(kind)
    return list(kind.model_fields) if _is_model(kind) else []


def _without_wrapping(kind: Any) -> Any:
    """Take `Annotated[…]` and `… | None` off a type; lists and mappings stay."""
    if hasattr(kind, "__metadata__"):
        return _without_wrapping(kind.__origin__)
    if get_origin(kind) not in {None, list, dict}:
        return _without_wrapping(get_args(kind)[0])
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
