"""How a message that is too large for one goes out as several, without losing a button."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Chart,
    Choice,
    DateBox,
    Facts,
    Heading,
    Note,
    Paragraph,
    Progress,
    Quote,
    Rule,
    Scale,
    Table,
    TextBox,
)

Json = dict[str, Any]


class Role(StrEnum):
    READ = "read"
    PRESSED = "pressed"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Piece:
    """Rendered elements that stay together; `size` is counted in the platform's own measure."""

    elements: tuple[Json, ...]
    role: Role
    size: int


Pieces = tuple[Piece, ...]


def role_of(block: Block) -> Role:
    match block:
        case Scale() | Choice() | TextBox() | DateBox():
            return Role.FILLED
        case Actions():
            return Role.PRESSED
        case Heading() | Paragraph() | Note() | Quote() | Facts() | Bullets() | Table() | Chart():
            return Role.READ
        case Progress() | Rule():
            return Role.READ
        case _:
            assert_never(block)


def split(pieces: Pieces, fits: Callable[[Pieces], bool]) -> tuple[Pieces, ...]:
    """Cut the pieces, in order, into parts that fit.

    Buttons and inputs stay together in the last part, with the piece before them that says what they are
    about; only when buttons alone are too many for one part are they spread. Inputs are never spread, since
    a button can only send the inputs of its own message: their part may then not fit.
    """
    if fits(pieces):
        return (pieces,)
    begin = _begin_of_last(pieces)
    parts, last = _packed(pieces[:begin], fits), pieces[begin:]
    if parts and fits((*parts[-1], *last)):
        return (*parts[:-1], (*parts[-1], *last))
    if fits(last) or any(piece.role is Role.FILLED for piece in last):
        return (*parts, last)
    return (*parts, *_packed(last, fits))


def _begin_of_last(pieces: Pieces) -> int:
    for index, piece in enumerate(pieces):
        if piece.role is not Role.READ:
            return max(index - 1, 0)
    return len(pieces)


def _packed(pieces: Pieces, fits: Callable[[Pieces], bool]) -> tuple[Pieces, ...]:
    parts: list[Pieces] = []
    for piece in pieces:
        if parts and fits((*parts[-1], piece)):
            parts[-1] = (*parts[-1], piece)
        else:
            parts.append((piece,))
    return tuple(parts)
