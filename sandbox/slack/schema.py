"""Small building blocks to say what a JSON value must look like, in Slack's own wording of complaints."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Complaints:
    """Collects what is wrong and where, as Slack words it: `complaint [json-pointer:/blocks/0/text]`."""

    found: list[str] = field(default_factory=list)

    def add(self, complaint: str, where: str) -> None:
        """Note one complaint about the place `where`, a JSON pointer."""
        self.found.append(f"{complaint} [json-pointer:{where}]")


Check = Callable[[Any, str, Complaints], None]


@dataclass(frozen=True, slots=True)
class Need:
    """Marks a field of a shape as required."""

    check: Check


Fields = Mapping[str, Check | Need]


def string(most: int, least: int = 1) -> Check:
    """Accept a string of `least` to `most` characters."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, str):
            complaints.add("must be a string", where)
        elif len(value) > most:
            complaints.add(f"must be less than {most + 1} characters", where)
        elif len(value) < least:
            complaints.add(f"must be more than {least - 1} characters", where)

    return check


def pattern(expression: str, wording: str) -> Check:
    """Accept a string that matches the whole expression."""
    compiled = re.compile(expression)

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            complaints.add(wording, where)

    return check


def web_address(most: int = 3000) -> Check:
    """Accept an absolute http, https or mailto address of at most `most` characters."""
    form = pattern(r"(https?://\S+|mailto:\S+)", "must be a valid URL")
    length = string(most)

    def check(value: Any, where: str, complaints: Complaints) -> None:
        length(value, where, complaints)
        form(value, where, complaints)

    return check


def boolean(value: Any, where: str, complaints: Complaints) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        complaints.add("must be a boolean", where)


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Accept a whole number within both bounds."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            complaints.add("must be an integer", where)
        elif least is not None and value < least:
            complaints.add(f"must be greater than {least - 1}", where)
        elif most is not None and value > most:
            complaints.add(f"must be less than {most + 1}", where)

    return check


def number(*, above: float | None = None) -> Check:
    """Accept any finite number, greater than `above` if given."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            complaints.add("must be a number", where)
        elif above is not None and value <= above:
            complaints.add(f"must be greater than {above:g}", where)

    return check


def choice(*allowed: str | int) -> Check:
    """Accept one of the listed values."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if isinstance(value, bool) or value not in allowed:
            complaints.add(f"must be one of {', '.join(str(one) for one in allowed)}", where)

    return check


def array(item: Check, most: int | None = None, least: int = 1) -> Check:
    """Accept an array of `least` to `most` values that each pass `item`."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, list):
            complaints.add("must be an array", where)
            return
        if most is not None and len(value) > most:
            complaints.add(f"no more than {most} items allowed", where)
        if len(value) < least:
            complaints.add(f"no fewer than {least} items allowed", where)
        for place, one in enumerate(value):
            item(one, f"{where}/{place}", complaints)

    return check


def either_null(check: Check) -> Check:
    """Accept null, or what `check` accepts."""
    return lambda value, where, complaints: None if value is None else check(value, where, complaints)


def shape(fields: Fields, *also: Check) -> Check:
    """Accept an object with these fields and no other; `also` are rules over the whole object."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, dict):
            complaints.add("must be an object", where)
            return
        before = len(complaints.found)
        for name in value:
            if name not in fields:
                complaints.add(f"invalid additional property: {name}", where)
        for name, rule in fields.items():
            _check_field(value, name, rule, where, complaints)
        if len(complaints.found) == before:
            for whole in also:
                whole(value, where, complaints)

    return check


def _check_field(value: dict[str, Any], name: str, rule: Check | Need, where: str, complaints: Complaints) -> None:
    if name in value:
        found = rule.check if isinstance(rule, Need) else rule
        found(value[name], f"{where}/{name}", complaints)
    elif isinstance(rule, Need):
        complaints.add(f"missing required field: {name}", where)


def kinds(shapes: Mapping[str, Check]) -> Check:
    """Accept an object whose `type` names one of these shapes and that passes it."""

    def check(value: Any, where: str, complaints: Complaints) -> None:
        if not isinstance(value, dict):
            complaints.add("must be an object", where)
        elif "type" not in value:
            complaints.add("missing required field: type", where)
        elif not isinstance(value["type"], str) or value["type"] not in shapes:
            complaints.add(f"unsupported type: {value['type']}", f"{where}/type")
        else:
            shapes[value["type"]](value, where, complaints)

    return check


def typed(kind: str, fields: Fields, *also: Check) -> dict[str, Check]:
    """Return one entry for `kinds`: an object of that `type` with these further fields."""
    return {kind: shape({"type": Need(choice(kind)), **fields}, *also)}
