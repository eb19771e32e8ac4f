"""The plain look says everything, in lines of at most a hundred columns."""

import datetime as dt
import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.blocks import (
    Actions,
    Block,
    Button,
    Chart,
    ChartKind,
    Choice,
    DateBox,
    Facts,
    Heading,
    Link,
    Message,
    Option,
    Progress,
    Quote,
    Scale,
    Series,
    Shows,
    Table,
    TextBox,
    When,
    fact,
    paragraph,
)
from bot.messages.literal import HEAVIEST, isolated, literal, one_line, rows_more, shorten
from bot.messages.plain import WIDTH, instant, progress_bar, render
from bot.teams.inline import weight
from tests.fakes.messages import CALM, EXAMPLES, HOSTILE, INVISIBLE, NOON, holding, messages


def show(*blocks: Block) -> str:
    return render(Message("", blocks)).removesuffix("\n")


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: type(block).__name__)
def test_every_block_is_said(block: Block) -> None:
    assert show(block).strip()


@CALM
@given(messages())
def test_any_message_is_said_within_its_width(message: Message) -> None:
    text = render(message)

    assert text.encode()
    assert not INVISIBLE.search(text)
    rows = re.sub("[\u2068\u2069]", "", text).split("\n")
    assert max(len(row) for row in rows) <= WIDTH


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_literally(text: str) -> None:
    shown = re.sub("[\u2068\u2069]", "", render(Message("Summary", holding(text))))

    assert " ".join(shown.split()).count(" ".join(text.split())) >= 10


def test_a_message_reads_like_a_letter() -> None:
    message = Message(
        "Escalation E1 was raised",
        (
            Heading("Escalation E1"),
            paragraph("Due ", When(NOON), ". ", Link("Charter", "https://example.org")),
            Quote("We wait.\nSince Monday.", "Bo"),
            Facts((fact("Level", "1 of 3"),)),
            Progress("Answered", 3, 4),
            Table("Sides", ("Side", "State"), (("DC", "blocked"),)),
            Scale("q", "Trust", 1, 3, "low", "high", 2),
            TextBox("c", "Comment", "optional"),
            DateBox("d", "Until"),
            Actions((Button("Acknowledge", "t1"), Button("Withdraw", "t2"))),
        ),
    )

    assert render(message) == textwrap.dedent("""\
        Escalation E1 was raised

        Escalation E1
        =============

        Due 24 November 2026, 12:00 UTC. Charter <https://example.org>

        > We wait.
        > Since Monday.
          — Bo

        Level: 1 of 3

        Answered: #######--- 3 of 4

        Sides
        Side  State
        ----  -------
        DC    blocked

        Trust:
          ( ) 1 · low
          (x) 2
          ( ) 3 · high

        Comment (optional)
            ____________

        Until: YYYY-MM-DD

        [Acknowledge]  [Withdraw]
        """)


@pytest.mark.parametrize(
    ("shows", "text"),
    [(Shows.DATE, "24 November 2026"), (Shows.TIME, "12:00 UTC"), (Shows.DATE_TIME, "24 November 2026, 12:00 UTC")],
)
def test_an_instant_is_in_utc(shows: Shows, text: str) -> None:
    assert instant(When(NOON.astimezone(dt.timezone(dt.timedelta(hours=-7))), shows)) == text


def test_a_withheld_figure_is_said_in_words() -> None:
    chart = Chart(ChartKind.LINE, "Trust", ("W1",), (Series("DC", (None,)), Series("MC", (4.0,))), "Week")

    assert show(chart) == "Trust\nWeek  DC        MC\n----  --------  ---\nW1    withheld  4.0"


def test_a_wide_table_is_narrowed_visibly() -> None:
    shown = show(Table("T", tuple("abcdefghij"), (tuple("x" * 30 for _ in range(10)),)))

    assert max(map(len, shown.split("\n"))) <= WIDTH
    assert "…" in shown


def test_a_choice_marks_what_is_chosen() -> None:
    options = (Option("a", "On track"), Option("b", "Blocked"))

    assert show(Choice("s", "State", options, "b")) == "State:\n  ( ) On track\n  (x) Blocked"


@pytest.mark.parametrize(
    ("done", "total", "bar"),
    [(0, 0, "---------- 0 of 0"), (1, 30, "---------- 1 of 30"), (5, 5, "########## 5 of 5")],
)
def test_progress_says_both_counts(done: int, total: int, bar: str) -> None:
    assert progress_bar(Progress("x", done, total), "#", "-") == bar


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\x00b\x07\x1b[31mc\x7f\x9f", "ab[31mc"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("invoice\u202efdp.exe", "invoice[RLO]fdp.exe"),
        ("\u2066a\u2069\u200f", "[LRI]a[PDI][RLM]"),
        ("half \ud83d", "half \ufffd"),
        ("whole \U0001f600", "whole \U0001f600"),
    ],
)
def test_control_characters_and_direction_marks_lose_their_power(typed: str, shown: str) -> None:
    assert literal(typed) == shown


def test_only_lines_with_right_to_left_letters_are_isolated() -> None:
    assert isolated("plain\nשלום") == "plain\n\u2068שלום\u2069"


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [
        ("short", 5, "short"),
        ("x" * 100, 60, "x" * 39 + "… 61 characters more"),
        ("Far too long for a title", 10, "Far too l…"),
        ("", 0, ""),
    ],
)
def test_shortening_is_visible(text: str, longest: int, short: str) -> None:
    assert shorten(text, longest).rstrip() == short
    assert len(shorten(text, longest)) <= longest


def test_shortening_counts_in_the_platforms_measure() -> None:
    short = shorten("é" * 100, 120, lambda letter: len(letter.encode()))

    assert len(short.encode()) <= 120
    assert re.fullmatch(r"é+… \d+ characters more", short)
    assert short.count("é") + int(re.sub(r"\D", "", short)) == 100


def test_a_title_is_one_line_and_never_empty() -> None:
    assert one_line("two\nlines\tlong", 50) == "two lines long"
    assert one_line(" \n ", 50) == "…"


def test_missing_rows_are_counted() -> None:
    assert (rows_more(1), rows_more(2)) == ("… 1 more row", "… 2 more rows")


def test_a_summary_that_the_first_paragraph_repeats_is_said_once() -> None:
    alike = Message("It is done.", (paragraph("It is done. Thank you."),))
    other = Message("It is done.", (paragraph("Thank you."),))

    assert render(alike) == "It is done. Thank you.\n"
    assert render(other) == "It is done.\n\nThank you.\n"


def test_a_question_is_followed_by_no_colon() -> None:
    shown = render(Message("s", (TextBox("a", "What is next?"), TextBox("b", "Comment"))))

    assert "What is next?\n" in shown
    assert "Comment:\n" in shown


@given(st.characters())
def test_no_letter_weighs_more_in_a_card_than_is_reckoned_with(letter: str) -> None:
    backslash = 2

    assert all(weight(shown) + backslash <= HEAVIEST for shown in literal(letter))
