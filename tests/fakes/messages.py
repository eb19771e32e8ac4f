"""Messages of every kind: one example of each block, hostile texts, and hypothesis strategies."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Chart,
    ChartKind,
    Choice,
    DateBox,
    Does,
    Facts,
    Form,
    Heading,
    Inline,
    Line,
    Link,
    Mention,
    Message,
    Note,
    Option,
    Progress,
    Quote,
    Rule,
    Scale,
    Series,
    Shows,
    Strong,
    Table,
    Text,
    TextBox,
    Tone,
    When,
    fact,
    line,
    note,
    paragraph,
)

NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)

EXAMPLES: tuple[Block, ...] = (
    Heading("Pulse of week 3"),
    paragraph("Hello ", Mention("Ann"), ", answer by ", When(NOON), ". ", Link("Why", "https://example.org/why")),
    note("What you write here is ", Strong("anonymous"), "."),
    note("The clock resumes ", When(NOON, Shows.TIME), "."),
    Quote("We wait for the licence.\nSince Monday.", "Bo"),
    Facts((fact("Due", When(NOON, Shows.DATE)), fact("State", "on track"))),
    Bullets((line("one"), line("two, ", Strong("soon")))),
    Table("Figures", ("Week", "DC", "MC"), (("1", "4.2", "withheld"), ("2", "4.0", ""))),
    Chart(
        ChartKind.LINE,
        "Trust",
        ("W1", "W2"),
        (Series("DC", (3.2, 4.13)), Series("MC", (3.0, 3.4))),
        "Week",
        "Score",
    ),
    Chart(ChartKind.BAR, "Answers", ("DC", "MC"), (Series("Share", (80.0, 75.0)),)),
    Chart(ChartKind.BAR, "Sides", ("Q1", "Q2"), (Series("DC", (1.0, 2.0)), Series("MC", (2.0, 1.0)))),
    Progress("Answered", 7, 12),
    Rule(),
    Scale("q1", "We can rely on them", 1, 5, "strongly disagree", "strongly agree", 4),
    Scale("q2", "I would recommend working with them", 0, 10, "never", "always"),
    Choice("state", "State", (Option("ok", "On track"), Option("risk", "At risk")), "ok"),
    Choice("who", "Who", tuple(Option(f"m{n}", f"Member {n}") for n in range(8)), required=False),
    TextBox("comment", "Comment", "Nobody sees your name", "my draft"),
    DateBox("until", "Away until", dt.date(2026, 12, 1)),
    Actions(
        (
            Button("Send", "v1.pulse.answer.P1", Does.SUBMIT, Tone.PRIMARY),
            Button("Away", "v1.away.ask.M1", Does.OPEN_FORM),
            Button("Withdraw", "v1.escalation.withdraw.E1", Does.PRESS, Tone.DANGER),
        )
    ),
)

HOSTILE = (
    "<!channel> and <@U012ABCDE> & <https://evil.example|here>",
    "@everyone @channel @here",
    "*bold* _it_ ~no~ `code` [link](https://evil.example) ![i](x) # h",
    "- list\n1. list\n> quote",
    ":smile: :rotating_light:",
    "<script>alert(1)</script> <b>x</b> &lt;i&gt;",
    "{0} %s %(x)s \\n \\u0041 ${'$'}",
    "'; DROP TABLE members; --",
    "שלום (3 of 5) مرحبا",
    "👩‍👩‍👧‍👦 é 漢字",
)

# What may never reach a reader: controls, direction marks other than our isolates, half surrogates.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066\u2067\ud800-\udfff]")
CALM = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

Json = dict[str, Any]


def strings(part: object) -> Iterator[str]:
    """Yield every text in a rendered structure, keys left out."""
    match part:
        case str():
            yield part
        case dict():
            for value in part.values():
                yield from strings(value)
        case list() | tuple():
            for value in part:
                yield from strings(value)
        case _:
            return


def elements_of(part: object) -> Iterator[Json]:
    """Yield every object in a rendered structure, the outermost first."""
    match part:
        case dict():
            yield part
            for value in part.values():
                yield from elements_of(value)
        case list() | tuple():
            for value in part:
                yield from elements_of(value)
        case _:
            return


def of_type(part: object, kind: str) -> list[Json]:
    return [element for element in elements_of(part) if element.get("type") == kind]


def holding(text: str) -> tuple[Block, ...]:
    """Return blocks that show the text in every place where a person's text can stand."""
    return (
        Heading(text),
        paragraph(text, " ", Strong(text), " ", Mention(text), " ", Link(text, "https://example.org")),
        note(text),
        note(text, When(NOON)),
        Quote(text, text),
        Facts((fact(text, text),)),
        Bullets((line(text),)),
        Table(text, (text, "b"), ((text, "1"),)),
        Table("Second", (text, "b"), ((text, "1"),)),
        Progress(text, 1, 2),
        Scale("scale", text, 1, 5, text, text),
        Choice("choice", text, (Option("a", text), Option("b", "other"))),
        TextBox("box", text, text, text),
        DateBox("day", text),
        Actions((Button(text, "v1.a.b.C1", Does.SUBMIT),)),
    )


def texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Texts with control characters, direction marks and half surrogates among them."""
    anything = st.text(st.characters(exclude_categories=()), max_size=longest)
    return anything | st.text(max_size=longest) | st.sampled_from(HOSTILE) | st.just("{" * 50)


def _instants() -> st.SearchStrategy[When]:
    moments = st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2199, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 hypothesis wants naive bounds
    return st.builds(When, moments, st.sampled_from(Shows))


def _inlines() -> st.SearchStrategy[Inline]:
    long = st.integers(0, 9000).map(lambda size: "Wörter " * (size // 7))
    addresses = st.none() | st.sampled_from(("U012ABC", "29:1abc", "W9", "x y"))
    urls = st.sampled_from(("https://example.org/a?b=c", "javascript:alert(1)", "https://example.org/{{x}}", ""))
    return (
        st.builds(Text, texts() | long)
        | st.builds(Strong, texts())
        | st.builds(Link, texts(), urls)
        | st.builds(Mention, texts(), addresses)
        | _instants()
    )


def _lines() -> st.SearchStrategy[Line]:
    return st.lists(_inlines(), max_size=5).map(tuple)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 20))
    cell = texts(20)
    rows = draw(st.lists(st.tuples(*[cell] * width), max_size=6))
    times = draw(st.sampled_from((1, 1, 40)))
    return Table(draw(texts()), draw(st.tuples(*[cell] * width)), tuple(rows) * times)


@st.composite
def _charts(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(0, 24))
    labels = tuple(f"W{n}" for n in range(count)) if draw(st.booleans()) else draw(st.tuples(*[texts(30)] * count))
    figures = st.floats(allow_nan=True, allow_infinity=True) if draw(st.booleans()) else st.floats(0, 5)
    value = figures | st.none() if draw(st.booleans()) else figures
    series = st.builds(Series, texts(30), st.tuples(*[value] * count))
    return Chart(
        draw(st.sampled_from(ChartKind)),
        draw(texts()),
        labels,
        tuple(draw(st.lists(series, max_size=8))),
        draw(texts()),
        draw(texts()),
    )


def _read() -> st.SearchStrategy[Block]:
    long = st.integers(0, 3000).map(lambda size: "😀" * size)
    counts = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)
    return st.one_of(
        st.builds(Heading, texts()),
        st.builds(paragraph, st.just("we "), _inlines()),
        st.builds(Note, _lines()),
        st.builds(Quote, texts(200) | long, st.none() | texts()),
        st.builds(Facts, st.lists(st.builds(fact, texts(), _inlines()), max_size=8).map(tuple)),
        st.builds(Bullets, st.lists(_lines(), max_size=8).map(tuple)),
        _tables(),
        _charts(),
        st.builds(Progress, texts(), counts.map(lambda pair: pair[0]), st.just(30)),
        st.just(Rule()),
    )


def _asked(number: int) -> st.SearchStrategy[Block]:
    name = st.just(f"input-{number}")
    values = st.lists(texts(), min_size=1, max_size=9).map(
        lambda labels: tuple(Option(f"v{n}", label) for n, label in enumerate(labels))
    )
    return st.one_of(
        st.builds(Scale, name, texts(), st.just(1), st.integers(2, 10), texts(), texts(), st.none() | st.just(2)),
        st.builds(Choice, name, texts(), values, st.none() | st.just("v0"), st.booleans()),
        st.builds(TextBox, name, texts(), texts(), texts(300), st.booleans(), st.booleans(), st.integers(1, 4000)),
        st.builds(DateBox, name, texts(), st.none() | st.dates()),
    )


@st.composite
def _actions(draw: st.DrawFn, place: int) -> Actions:
    count = draw(st.integers(0, 30))
    does, tone = st.sampled_from(Does), st.sampled_from(Tone)
    return Actions(tuple(Button(draw(texts()), f"v1.act.{place}.{n}", draw(does), draw(tone)) for n in range(count)))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message that a template may make: input names and tokens are unique, texts are anything."""
    read = draw(st.lists(_read(), max_size=12)) * draw(st.sampled_from((1, 1, 1, 6)))
    asked = [draw(_asked(number)) for number in range(draw(st.integers(0, 6)))]
    acted = [draw(_actions(place)) for place in range(draw(st.integers(0, 3)))]
    ends = draw(st.lists(_read(), max_size=3))
    return Message(draw(texts(300)), (*read, *asked, *acted, *ends))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any form, its errors for inputs that it has and for one that it has not."""
    read = draw(st.lists(_read(), max_size=5))
    count = draw(st.integers(0, 5))
    asked = [draw(_asked(number)) for number in range(count)]
    names = [f"input-{number}" for number in range(count + 1)]
    errors = draw(st.lists(st.tuples(st.sampled_from(names), texts()), max_size=3))
    return Form(draw(texts()), (*read, *asked), "v1.form.F1", draw(texts()), tuple(errors))
