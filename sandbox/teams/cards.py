"""Whether Teams would take an Adaptive Card from a bot, and if not, where and why."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.teams.vocabulary import CHARTS, INPUTS, SHAPES, TEXT_IS_ENOUGH, Holds, Kind, Shape

ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
ADDRESS = re.compile(r"(https?|data|mailto|msteams|tel):", re.IGNORECASE)
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
"""Bots may send up to 1.5 (Microsoft's cards reference)."""
REFRESHED_PEOPLE = 60
"""Most user ids in `refresh.userIds` (Microsoft's universal actions for search and refresh)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal, at a JSON path such as `$.body[0].text`."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path} {self.text}"


def card_problems(card: object, path: str = "$") -> tuple[Problem, ...]:
    """Return everything that keeps Teams from showing the card; nothing when it is fine."""
    check = _Check()
    if not isinstance(card, dict):
        return (Problem(path, "is not an object"),)
    if card.get("type") != "AdaptiveCard":
        check.say(f"{path}.type", "must be AdaptiveCard")
    if card.get("version") not in VERSIONS:
        check.say(f"{path}.version", f"must be one of {', '.join(VERSIONS)}, not {card.get('version')!r}")
    check.node(("AdaptiveCard",), card, path)
    if card.get("version") in VERSIONS[:4]:
        check.old_version(card, path)
    return tuple(check.problems)


@dataclass(slots=True)
class _Check:
    """One walk over a card. Ids of inputs count only where they are drawn, not inside a fallback."""

    problems: list[Problem] = field(default_factory=list)
    input_ids: set[str] = field(default_factory=set)
    in_fallback: bool = False

    def say(self, path: str, text: str) -> None:
        self.problems.append(Problem(path, text))

    def node(self, allowed: tuple[str, ...], value: object, path: str) -> None:
        if isinstance(value, str) and TEXT_IS_ENOUGH.intersection(allowed):
            return
        if not isinstance(value, dict):
            self.say(path, "is not an object")
            return
        name = value.get("type", allowed[0] if len(allowed) == 1 else None)
        if name is None:
            self.say(f"{path}.type", "is missing")
        elif name not in allowed:
            self.say(f"{path}.type", f"{name!r} cannot stand here")
        else:
            self._properties(SHAPES[name], value, path)
            self._rules_of(name, value, path)

    def _properties(self, shape: Shape, value: dict[str, Any], path: str) -> None:
        for missing in (name for name in shape.required if name not in value):
            self.say(f"{path}.{missing}", "is missing")
        for name, held in value.items():
            kind = shape.properties.get(name)
            if kind is not None:
                outside = self.in_fallback
                self.in_fallback = outside or name == "fallback"
                self._value(kind, held, f"{path}.{name}")
                self.in_fallback = outside
            elif name != "type":
                self.say(f"{path}.{name}", "is not a property of this type")

    def _value(self, kind: Kind, value: object, path: str) -> None:
        if kind.or_else is not None and not _looks_like(kind, value):
            kind = kind.or_else
        match kind.test:
            case Holds.NODE:
                self.node(kind.of, value, path)
            case Holds.NODES if isinstance(value, list):
                for index, held in enumerate(value):
                    self.node(kind.of, held, f"{path}[{index}]")
            case Holds.WORD if isinstance(value, str):
                if value.lower() not in {word.lower() for word in kind.of}:
                    self.say(path, f"{value!r} is not one of {', '.join(kind.of)}")
            case _ if not _looks_like(kind, value):
                self.say(path, f"is not {_NAMES[kind.test]}")

    def _rules_of(self, name: str, value: dict[str, Any], path: str) -> None:
        if name in CHARTS:
            self._chart(value, path)
        elif name in INPUTS:
            self._input(value, path)
        elif name == "Refresh":
            users = value.get("userIds")
            if isinstance(users, list) and len(users) > REFRESHED_PEOPLE:
                self.say(f"{path}.userIds", f"holds {len(users)} people, at most {REFRESHED_PEOPLE} are allowed")
        elif name in {"Action.OpenUrl", "Image"} and not ADDRESS.match(str(value.get("url", ""))):
            self.say(f"{path}.url", "is not an absolute address")

    def _chart(self, value: dict[str, Any], path: str) -> None:
        fallback = value.get("fallback")
        if not isinstance(fallback, dict):
            self.say(f"{path}.fallback", "is missing: a chart needs an element for clients that cannot draw it")

    def _input(self, value: dict[str, Any], path: str) -> None:
        name = value.get("id")
        if self.in_fallback or not isinstance(name, str):
            return
        if name in self.input_ids:
            self.say(f"{path}.id", f"{name!r} is used by another input")
        if name == "":
            self.say(f"{path}.id", "is empty")
        self.input_ids.add(name)

    def old_version(self, card: dict[str, Any], path: str) -> None:
        """Universal actions need 1.4, tables 1.5; only the first four versions come here."""
        if "refresh" in card:
            self.say(f"{path}.refresh", "needs version 1.4 or later")
        for where, held in walk(card, path):
            if held.get("type") == "Action.Execute":
                self.say(where, "Action.Execute needs version 1.4 or later")


_NAMES = {
    Holds.STRING: "a string",
    Holds.NUMBER: "a number",
    Holds.BOOLEAN: "true or false",
    Holds.OBJECT: "an object",
    Holds.WORD: "a string",
    Holds.NODE: "an object",
    Holds.NODES: "a list",
    Holds.STRINGS: "a list of strings",
}


def _looks_like(kind: Kind, value: object) -> bool:
    match kind.test:
        case Holds.STRING | Holds.WORD:
            return isinstance(value, str)
        case Holds.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Holds.BOOLEAN:
            return isinstance(value, bool)
        case Holds.OBJECT | Holds.NODE:
            return isinstance(value, dict)
        case Holds.NODES:
            return isinstance(value, list)
        case Holds.STRINGS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)


NOT_DRAWN = frozenset({"fallback", "data", "msteams", "requires"})
"""Properties whose content is not part of what a client draws."""


def walk(node: object, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through every object a client draws, outside in, with its JSON path; not into the data of charts."""
    if isinstance(node, list):
        for index, held in enumerate(node):
            yield from walk(held, f"{path}[{index}]")
    elif isinstance(node, dict):
        yield path, node
        for name, held in node.items():
            if name not in NOT_DRAWN:
                yield from walk(held, f"{path}.{name}")


def without_charts(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card without `msteams` and with the fallback of each chart, for the published schema."""
    plain: dict[str, Any] = {name: _plain(held) for name, held in card.items() if name != "msteams"}
    return plain


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(held) for held in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in CHARTS:
        return _plain(node["fallback"])
    return {name: held if name == "data" else _plain(held) for name, held in node.items()}
