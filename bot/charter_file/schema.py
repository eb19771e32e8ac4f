"""The published shape of alliance.yaml: as a JSON Schema, and as the reference page in docs."""

from collections.abc import Iterator
from typing import Any

from bot.charter_file.document import Document

Json = dict[str, Any]

_INTRODUCTION = """# alliance.yaml

What two companies agree, and who they are, in one file. `liaison alliance check FILE` names every
problem with its line; `liaison alliance import FILE` shows what would change and asks before it changes
anything. Companies and people change at once; a changed charter becomes a draft, which takes effect only
when an executive of each company has signed it in chat. The shape is published as a JSON Schema too:
`liaison alliance schema`.

Times are local to each company ("09:30"), dates are written as in "2026-03-31", windows count joint
working time ("5d", "4h", "90m"). Rules of recurrence are a small part of RRULE:
`FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`, `FREQ=MONTHLY;BYDAY=2WE`, `FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15`.
Anchors, aliases, tags and merge keys are not read, and neither are files above 1,000,000 bytes. A
working example is `sandbox/alliance.yaml`.

This page is made from the same models that check a file: `liaison alliance schema --markdown`.
"""


def json_schema() -> Json:
    """The JSON Schema (2020-12) of a file.

    What only several fields together can tell is checked beyond it.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_closed({**Document.model_json_schema(), "title": "alliance.yaml"}),
    }


def _closed(part: Any) -> Any:
    """Refuse keys that do not fit the pattern of a mapping's keys, as the models do."""
    match part:
        case dict():
            closing = {"additionalProperties": False} if "patternProperties" in part else {}
            return {**{name: _closed(value) for name, value in part.items()}, **closing}
        case list():
            return [_closed(value) for value in part]
        case _:
            return part


def reference() -> str:
    """The reference page, in Markdown: a table of fields for every part of the file."""
    schema = json_schema()
    return "\n".join([_INTRODUCTION, *_section("The file", schema, schema), ""]).rstrip() + "\n"


def _section(title: str, part: Json, schema: Json) -> Iterator[str]:
    yield f"## {title}\n"
    if part.get("description"):
        yield f"{part['description']}\n"
    yield "| field | what is written there | when absent |\n|---|---|---|"
    required = part.get("required", [])
    for name, field in part["properties"].items():
        absent = "must be written" if name in required else _absent(field.get("default"))
        yield f"| `{name}` | {_cell(field, schema)} | {absent} |"
    yield ""
    for name, field in part["properties"].items():
        inner = _inner(field, schema)
        if inner is not None and "properties" in inner:
            yield from _section(_title(title, name, field), inner, schema)


def _title(title: str, name: str, field: Json) -> str:
    own = f"{name}.KEY" if "patternProperties" in field else name
    return own if title == "The file" else f"{title}.{own}"


def _inner(field: Json, schema: Json) -> Json | None:
    """The model behind a field: itself, each entry of a list, or each value of a mapping."""
    for kind in (field, field.get("items", {}), *field.get("patternProperties", {}).values()):
        if "$ref" in kind:
            found: Json = schema["$defs"][kind["$ref"].rpartition("/")[2]]
            return found
    return None


def _cell(field: Json, schema: Json) -> str:
    said = field.get("description") or (_inner(field, schema) or {}).get("description", "")
    return " ".join(part for part in (said, _limits(field, schema)) if part).replace("|", "\\|")


def _limits(field: Json, schema: Json) -> str:
    kind = next((k for k in field.get("anyOf", []) if k.get("type") != "null"), field)
    inner = _inner(kind, schema) or {}
    choices = kind.get("enum") or inner.get("enum") or _choices_of_entries(kind, schema)
    if choices:
        return f"One of: {', '.join(choices)}."
    bounds = [f"{word} {kind[key]:g}" for key, word in _BOUNDS.items() if abs(kind.get(key, FAR)) < FAR]
    if bounds:
        return f"A number, {' and '.join(bounds)}."
    if "examples" in kind:
        return f"As in `{kind['examples'][0]}`."
    return f"At most {kind['maxLength']:,} characters." if "maxLength" in kind else ""


def _choices_of_entries(kind: Json, schema: Json) -> list[str]:
    entry = kind.get("items", {})
    found: list[str] = entry.get("enum") or (_inner(kind, schema) or {}).get("enum") or []
    return found


FAR = 1e12
"""A bound this far away is there for the computer only."""
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


def _absent(default: Any) -> str:
    match default:
        case dict():
            return "the defaults below"
        case None | "" | []:
            return "nothing"
        case list() if default and isinstance(default[0], dict):
            return ", ".join(str(entry["who"]) for entry in default)
        case list():
            return ", ".join(map(str, default))
        case _:
            return f"`{default}`"
