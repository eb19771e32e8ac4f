"""Reading YAML without its surprises: scalars stay text, every part keeps its line, nothing can explode.

The stream of events is walked without recursion, so that depth and size are limited before anything
is built. Anchors, aliases, tags and merge keys are refused: a charter says what it says in one place.
"""

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.messages.literal import one_line

LARGEST = 1_000_000
"""Bytes; a charter of 24 people has about 15,000."""
DEEPEST = 12
MOST_PARTS = 20_000
_BLANK = frozenset({"", "~", "null", "Null", "NULL"})
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Tree = dict[str, Any] | list[Any] | str | None
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong where.

    `line` counts from 1, `path` is the field ("charter.criteria.2.due"), "" for the file as a whole.
    """

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.line}: {self.path}: {self.sentence}" if self.path else f"{self.line}: {self.sentence}"


@dataclass(slots=True)
class Source:
    """What was read: texts in dicts and lists, the line of each part by its path, and what was wrong already.

    `broken` holds the paths whose content says nothing, since a problem took its place; `whole` is False when
    reading stopped before the end.
    """

    tree: Tree = None
    lines: dict[Path, int] = field(default_factory=lambda: {(): 1})
    problems: list[Problem] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)
    whole: bool = True

    def line_of(self, path: Path) -> int:
        """The line of that part, or of the nearest one around it that is written."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def complain(self, path: Path, sentence: str, line: int | None = None) -> None:
        self.problems.append(Problem(line or self.line_of(path), spelled(path), sentence))


class _Stop(Exception):
    """Reading on would make no sense; the problem is noted."""


def spelled(path: Path) -> str:
    """Write a path as people read it; list items count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else one_line(part, 60) for part in path)


def read(content: bytes) -> Source:
    """Read a file's bytes. Never raises for what they hold: look at `problems`."""
    source = Source()
    try:
        _Walk(source).over(_events(source, _decoded(source, content)))
    except _Stop:
        source.whole = False
    return source


def _decoded(source: Source, content: bytes) -> str:
    if len(content) > LARGEST:
        source.complain((), f"The file is larger than {LARGEST:,} bytes, which is more than a charter needs.")
        raise _Stop
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        source.complain((), "This is not UTF-8 text. Save the file in that encoding.", line)
        raise _Stop from None
    if not text.strip():
        source.complain((), "The file is empty.")
        raise _Stop
    unreadable = [(n, letter) for n, letter in enumerate(text) if _is_unreadable(letter)]
    for number, letter in unreadable[:20]:
        source.complain((), _of_letter(letter), text.count("\n", 0, number) + 1)
    if unreadable:
        raise _Stop
    return text


def _is_unreadable(letter: str) -> bool:
    return letter in _DIRECTION_MARKS or (letter not in "\n\r\t" and unicodedata.category(letter) in {"Cc", "Cs"})


def _of_letter(letter: str) -> str:
    name = f"U+{ord(letter):04X}"
    if letter in _DIRECTION_MARKS:
        return f"An invisible direction mark ({name}) could make this read differently. Take it out."
    return f"A control character ({name}) has no place in this file. Take it out."


def _events(source: Source, text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        said = ", ".join(part for part in (problem.context, problem.problem) if part)
        source.complain((), f"This is not YAML: {said}.", mark.line + 1 if mark else 1)
        raise _Stop from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML lets chr() fail on an escape such as "\UFFFFFFFF".
        source.complain((), "This is not YAML: it holds a character that does not exist.")
        raise _Stop from None


@dataclass(slots=True)
class _Open:
    """A mapping or list being filled; `key` is the mapping's key that waits for its value."""

    path: Path
    filled: dict[str, Any] | list[Any]
    key: str | None = None


class _Walk:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[_Open] = []
        self._parts = 0
        self._documents = 0

    def over(self, events: Iterator[Any]) -> None:
        for event in events:
            self._count()
            match event:
                case yaml.DocumentStartEvent():
                    self._begin_document(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._open.pop()
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.AliasEvent():
                    self._refuse(event, f"References (*{event.anchor}) are not read. Write the value itself.")
                case _:
                    pass

    def _count(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            self._source.complain((), f"The file has more than {MOST_PARTS:,} parts.")
            raise _Stop

    def _begin_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._source.complain((), "A second document begins here; one file holds one alliance.", _line(event))
            raise _Stop

    def _begin(self, event: Any) -> None:
        if len(self._open) >= DEEPEST:
            self._source.complain((), "This is nested too deeply to be a charter.", _line(event))
            raise _Stop
        if self._wants_key():
            self._source.complain(self._open[-1].path, "A field's name must be a plain word.", _line(event))
            raise _Stop
        filled: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._place(event, filled)
        self._look_at_properties(event, path)
        self._open.append(_Open(path, filled))

    def _scalar(self, event: Any) -> None:
        if self._wants_key():
            self._take_key(event)
            return
        blank = event.value in _BLANK and event.style is None
        path = self._place(event, None if blank else event.value)
        self._look_at_properties(event, path)
        self._look_at_letters(event, path)

    def _refuse(self, event: Any, sentence: str) -> None:
        if self._wants_key():
            self._source.complain(self._open[-1].path, sentence, _line(event))
            raise _Stop
        path = self._place(event, None)
        self._source.complain(path, sentence, _line(event))
        self._source.broken.add(path)

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].filled, dict) and self._open[-1].key is None

    def _take_key(self, event: Any) -> None:
        inner = self._open[-1]
        path = (*inner.path, event.value)
        inner.key = event.value
        if event.value in inner.filled:
            first = self._source.lines[path]
            self._source.complain(path, f"This is written twice; line {first} has it already.", _line(event))
            self._source.broken.add(path)
        if event.value == "<<" and event.style is None:
            self._source.complain(path, "Merge keys are not read. Write the fields themselves.", _line(event))
            self._source.broken.add(path)
        self._look_at_properties(event, path)
        self._look_at_letters(event, path)
        self._source.lines.setdefault(path, _line(event))

    def _place(self, event: Any, value: Tree) -> Path:
        """Put a value where it belongs and return its path; a key written twice keeps its first value."""
        if not self._open:
            self._source.tree = value
            self._source.lines[()] = _line(event)
            return ()
        inner = self._open[-1]
        if isinstance(inner.filled, list):
            path: Path = (*inner.path, len(inner.filled))
            inner.filled.append(value)
            self._source.lines[path] = _line(event)
            return path
        key, inner.key = str(inner.key), None
        inner.filled.setdefault(key, value)
        return (*inner.path, key)

    def _look_at_properties(self, event: Any, path: Path) -> None:
        if event.anchor is not None:
            self._source.complain(path, f"Anchors (&{event.anchor}) are not read. Take it out.", _line(event))
        if event.tag is not None:
            self._source.complain(path, "Tags (!) are not read. Take it out.", _line(event))
            self._source.broken.add(path)

    def _look_at_letters(self, event: Any, path: Path) -> None:
        """Escapes in double quotes can bring back what the file itself may not hold."""
        for letter in sorted(set(event.value)):
            if _is_unreadable(letter):
                self._source.complain(path, _of_letter(letter), _line(event))
                self._source.broken.add(path)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def under(path: Path, roots: set[Path]) -> bool:
    """Whether the path is one of the roots or inside of one."""
    return any(path[: len(root)] == root for root in roots)
