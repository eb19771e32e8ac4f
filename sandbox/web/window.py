"""A person's chat window as the page shows it: what stands in it, and what a person can do there."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Json = dict[str, Any]
PlaceName = Literal["dm", "channel", "home"]
Given = str | bool | Sequence[str] | None
"""What was filled into one input; None and "" are empty."""
Inputs = Mapping[str, Given]

LIAISON = "liaison"
LIAISON_NAME = "Liaison"


class Impossible(Exception):
    """What the page asked for cannot be done; the text is for people, `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as one person sees it; `author` is "liaison" or a person's key."""

    id: str
    at: dt.datetime
    edited_at: dt.datetime | None
    author: str
    name: str
    text: str
    is_private: bool = False
    thread: str | None = None
    slack: Json | None = None
    teams: Json | None = None


@dataclass(frozen=True, slots=True)
class ShownDialog:
    """A dialog that a person has open; `errors` stand beside its fields."""

    id: str
    title: str
    slack: Json | None = None
    teams: Json | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person sees at once after acting; `text` is what the platform shows to them alone."""

    ok: bool = True
    text: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    dialog: ShownDialog | None = None


class Window(Protocol):
    """Everything that acts raises Impossible for what is not there."""

    def messages(self, place: PlaceName) -> list[ShownMessage]:
        """What stands in a place, oldest first."""
        ...

    def dialogs(self) -> list[ShownDialog]:
        """The dialogs that are open, the topmost last."""
        ...

    async def open(self, place: PlaceName) -> Outcome: ...

    async def press(self, place: PlaceName, message: str, token: str, inputs: Inputs) -> Outcome: ...

    async def press_in_dialog(self, dialog: str, token: str, inputs: Inputs) -> Outcome: ...

    async def say(self, place: PlaceName, text: str, thread: str | None) -> Outcome: ...

    async def submit(self, dialog: str, token: str | None, inputs: Inputs) -> Outcome: ...

    async def close(self, dialog: str) -> Outcome: ...


def button_gone() -> Impossible:
    return Impossible(404, "That button is no longer there: the message has changed. Nothing was sent.")


def message_gone() -> Impossible:
    return Impossible(404, "That message is no longer there. Nothing was sent.")


def dialog_gone() -> Impossible:
    return Impossible(404, "That dialog is no longer open. Nothing was sent.")


def no_such_input(name: str) -> Impossible:
    return Impossible(400, f"There is no input “{name[:60]}” here. Nothing was sent.")
