"""How a notice becomes a message: its words, what it is about, and whether it alerts or only redraws."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from alliance.notices import Notice
from bot.messages.blocks import Form, Message
from bot.messages.reader import Reader

N = TypeVar("N", bound=Notice)


class How(StrEnum):
    """NEW starts a message that later ones about its subject refer to; THREAD replies under it; REDRAW replaces it.

    HOME is shown where a person's platform has their home.
    """

    NEW = "new"
    THREAD = "thread"
    REDRAW = "redraw"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Template(Generic[N]):
    """`words` makes the message; `subject` is what it is about ("escalation:…"), None when nothing follows it.

    `same_for_side`: whoever reads it on one side reads the same, so that it is worded and drawn once for all of them.
    `examples` are shown in the docs and kept as golden files; there is at least one, made with `bot.messages.sample`.
    """

    words: Callable[[N, Reader], Message]
    examples: tuple[N, ...]
    how: How = How.NEW
    subject: Callable[[N], str] | None = None
    same_for_side: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What the one who asked sees at once; `replaces` True puts it in place of the message that was pressed."""

    message: Message | None = None
    form: Form | None = None
    replaces: bool = False
