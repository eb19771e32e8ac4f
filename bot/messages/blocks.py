"""The closed vocabulary of everything the liaison can show: one message, two looks.

A template in this folder builds a `Message` (or a `Form`) from these frozen parts; `bot/slack/render.py`,
`bot/teams/render.py` and `plain.py` turn it into what a platform shows. Text is never markup: whatever a
person wrote is carried verbatim and shown literally.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

# --- inline parts -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person by name; `address` is their chat id when the reader is in the same workspace, else None."""

    name: str
    address: str | None = None


class Shows(StrEnum):
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date-time"


@dataclass(frozen=True, slots=True)
class When:
    """An aware UTC instant that the platform shows in each reader's own time zone."""

    at: dt.datetime
    shows: Shows = Shows.DATE_TIME


Inline = Text | Strong | Link | Mention | When
Line = tuple[Inline, ...]

# --- blocks that are read ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    line: Line


@dataclass(frozen=True, slots=True)
class Note:
    """Small print under what it explains: what is anonymous, when the clock resumes."""

    line: Line


@dataclass(frozen=True, slots=True)
class Quote:
    """A person's own words, shown literally; line breaks are kept."""

    text: str
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Facts:
    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """At most 20 columns; every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ChartKind(StrEnum):
    LINE = "line"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Series:
    """One value per label of the chart; None where a figure is withheld or was not measured."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Drawn by the chat platform itself; `as_table` says the same to a reader who has no charts."""

    kind: ChartKind
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    x_title: str = ""
    y_title: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is: `done` of `total`, both counts, 0 <= done <= total."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A dividing line."""


# --- blocks that are answered -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scale:
    """A statement rated from `lowest` to `highest`; the answer's value is the number as a string."""

    name: str
    statement: str
    lowest: int
    highest: int
    lowest_label: str
    highest_label: str
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few options; with more than five it is a drop-down, else all are in sight."""

    name: str
    label: str
    options: tuple[Option, ...]
    chosen: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class TextBox:
    name: str
    label: str
    hint: str = ""
    written: str = ""
    lines: bool = True
    required: bool = False
    longest: int = 2000


@dataclass(frozen=True, slots=True)
class DateBox:
    name: str
    label: str
    chosen: dt.date | None = None
    required: bool = False


Input = Scale | Choice | TextBox | DateBox

# --- buttons ----------------------------------------------------------------------------------------


class Does(StrEnum):
    """What a press of a button carries: itself alone, the message's inputs too, or a wish for a dialog."""

    PRESS = "press"
    SUBMIT = "submit"
    OPEN_FORM = "open-form"


class Tone(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """`token` names an action (see bot/actions.py); it never authorises one."""

    label: str
    token: str
    does: Does = Does.PRESS
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Actions:
    buttons: tuple[Button, ...]


Block = (
    Heading
    | Paragraph
    | Note
    | Quote
    | Facts
    | Bullets
    | Table
    | Chart
    | Progress
    | Rule
    | Scale
    | Choice
    | TextBox
    | DateBox
    | Actions
)


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody sees. `summary` is plain text: the notification line, the screen reader's text, the fallback.

    `refresh` is the token that asks how the message looks by now, for a platform whose messages ask by themselves.
    """

    summary: str
    blocks: tuple[Block, ...]
    refresh: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog: a modal in Slack, a task module in Teams. `errors` maps an input's name to what is wrong with it."""

    title: str
    blocks: tuple[Block, ...]
    token: str
    submit: str = "Send"
    errors: tuple[tuple[str, str], ...] = ()


def line(*parts: str | Inline) -> Line:
    """Make a line of text; a plain string stands for `Text`."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def paragraph(*parts: str | Inline) -> Paragraph:
    return Paragraph(line(*parts))


def note(*parts: str | Inline) -> Note:
    return Note(line(*parts))


def fact(label: str, *parts: str | Inline) -> Fact:
    return Fact(label, line(*parts))


def table_of(chart: Chart) -> Table:
    """The chart's figures as a table: the fallback where no chart can be drawn."""
    return Table(
        title=chart.title,
        columns=(chart.x_title or " ", *(series.name for series in chart.series)),
        rows=tuple(
            (label, *(figure(series.values[index]) for series in chart.series))
            for index, label in enumerate(chart.labels)
        ),
    )


def figure(value: float | None) -> str:
    """One decimal, or "withheld" where there is no figure to show."""
    return "withheld" if value is None else f"{value:.1f}"
