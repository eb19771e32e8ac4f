"""The two icons of the Teams app, drawn here in PNG: two speech bubbles that share a middle.

A shape says how far a point lies outside of its edge (inside: below 0), so that edges are smooth without a library.
"""

import struct
import zlib
from collections.abc import Callable
from math import hypot

Shape = Callable[[float, float], float]
"""How far a point lies outside; the icon is a square from 0 to 1, and y counts downwards."""
Colour = tuple[int, int, int]

ACCENT: Colour = (0x2F, 0x5D, 0x62)
WHITE: Colour = (255, 255, 255)
COLOR_SIZE, OUTLINE_SIZE = 192, 32
"""Pixels that Teams asks for (https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package)."""
_LEFT, _LEVEL, _RADIUS = 0.37, 0.46, 0.24
_LINE = 0.075
_TAIL = ((0.2, 0.58), (0.19, 0.8), (0.4, 0.68))


def color_icon() -> bytes:
    """192 by 192: two white bubbles on our colour; what they share is left open."""
    return _png(COLOR_SIZE, lambda covered: (*_between(ACCENT, WHITE, covered), 255), _bubbles)


def outline_icon() -> bytes:
    """32 by 32: the same as white lines on nothing, as Teams wants it."""
    return _png(OUTLINE_SIZE, lambda covered: (*WHITE, round(255 * covered)), _lines)


def _between(low: Colour, high: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _bubbles(x: float, y: float) -> float:
    left, right = _bubble(x, y), _bubble(1 - x, y)
    return max(min(left, right), -max(left, right))


def _lines(x: float, y: float) -> float:
    return min(abs(_bubble(side, y)) - _LINE / 2 for side in (x, 1 - x))


def _bubble(x: float, y: float) -> float:
    """The left one; the right one is its mirror image."""
    return min(hypot(x - _LEFT, y - _LEVEL) - _RADIUS, _within(_TAIL, x, y))


def _within(corners: tuple[tuple[float, float], ...], x: float, y: float) -> float:
    """A polygon without dents, its corners against the clock as seen on the icon."""
    edges = zip(corners, (*corners[1:], corners[0]), strict=True)
    return max(((y - b) * (c - a) - (x - a) * (d - b)) / hypot(c - a, d - b) for (a, b), (c, d) in edges)


def _png(size: int, colour: Callable[[float], tuple[int, int, int, int]], shape: Shape) -> bytes:
    def pixel(x: int, y: int) -> bytes:
        outside = shape((x + 0.5) / size, (y + 0.5) / size) * size
        return bytes(colour(min(max(0.5 - outside, 0.0), 1.0)))

    rows = (b"\0" + b"".join(pixel(x, y) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
