"""The token of a button or a dialog: `v1.<feature>.<verb>.<alliance>.<arguments…>`, the same on both platforms."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from alliance.errors import InvalidInput, NotUnderstood
from alliance.ids import AllianceId

VERSION = "v1"
LONGEST = 255
"""Characters; Slack's limit of an action_id (platforms.md 1.4), the tighter of the two platforms."""


_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


class OldButton(NotUnderstood):
    """This button is not known here. The message may be an old one: say "status" to see where things stand."""


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed or submitted: the token's parts and, for a submit, the inputs by name, as text.

    `at_home`: in a home, so that the message about the same is not the one that was pressed.
    """

    action: str
    alliance_id: AllianceId
    arguments: tuple[str, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    at_home: bool = False

    def argument(self, position: int) -> str:
        """The argument at that position; OldButton when the token has fewer."""
        if position >= len(self.arguments):
            raise OldButton
        return self.arguments[position]

    def number(self, position: int) -> int:
        """The argument as a whole number; OldButton when it is none."""
        text = self.argument(position)
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise OldButton
        return int(text)

    def text(self, name: str, longest: int = 2000) -> str:
        """What was typed into an input, without outer blanks, at most `longest` characters; "" when nothing was.

        Letters that nobody sees, such as a space of no width, are nothing.
        """
        typed = self.inputs.get(name, "").strip()
        return typed[:longest] if any(_is_seen(letter) for letter in typed) else ""

    def at_most(self, name: str, longest: int = 2000) -> str:
        """What was typed into an input, without outer blanks; InvalidInput beside it when it is longer than that."""
        typed = self.text(name, longest + 1)
        if len(typed) > longest:
            raise InvalidInput({name: f"Please keep this to {longest:,} characters."})
        return typed


def _is_seen(letter: str) -> bool:
    """Whether a letter leaves ink: it is no separator, no control character and none that only formats."""
    return unicodedata.category(letter) not in _UNSEEN


def token(action: str, alliance_id: AllianceId, *arguments: str | int) -> str:
    """Make the token of an action, named "<feature>.<verb>"."""
    parts = [VERSION, action, _safe(alliance_id), *(_safe(str(argument)) for argument in arguments)]
    made = ".".join(parts)
    if len(made) > LONGEST:
        raise ValueError(f"a token has at most {LONGEST} characters: {made}")
    return made


def read(made: str, inputs: Mapping[str, str] | None = None) -> Press:
    """Take a token apart; OldButton for anything that `token` did not make."""
    parts = made.split(".")
    if len(made) > LONGEST or len(parts) < 4 or parts[0] != VERSION or not all(parts[1:4]) or "%00" in made:
        raise OldButton
    return Press(
        action=f"{parts[1]}.{parts[2]}",
        alliance_id=AllianceId(unquote(parts[3])),
        arguments=tuple(unquote(part) for part in parts[4:]),
        inputs=dict(inputs or {}),
    )


def _safe(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")
