"""Figures in Slack are native where Slack takes them whole, and said in words where it does not."""

import json

import pytest

from bot.messages.blocks import Block, Chart, ChartKind, Heading, Message, Series, Table
from bot.slack.render import render
from tests.fakes.messages import Json, of_type


def show(*blocks: Block) -> tuple[Json, ...]:
    (only,) = render(Message("Summary", (Heading("First"), *blocks)))
    return only.blocks[1:]


def test_a_table_has_a_header_row_and_no_empty_cell() -> None:
    title, table = show(Table("Figures", ("Week", "DC"), (("1", "4.2"), ("2", ""))))

    assert title["elements"][0]["elements"][0]["text"] == "Figures"
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["Week", "DC"],
        ["1", "4.2"],
        ["2", " "],
    ]
    assert all(cell["type"] == "raw_text" for row in table["rows"] for cell in row)


def test_a_long_table_says_how_many_rows_are_missing() -> None:
    _, table, rest = show(Table("T", ("n",), tuple((str(n),) for n in range(150))))

    assert len(table["rows"]) == 100
    assert rest["elements"][0]["elements"][0]["text"] == "… 51 more rows"


def test_a_second_table_is_aligned_text() -> None:
    table = Table("T", ("Week", "DC"), (("1", "4.2"),))

    blocks = show(table, table)

    assert len(of_type(blocks, "table")) == 1
    (aligned,) = of_type(blocks, "rich_text_preformatted")
    assert aligned["elements"][0]["text"] == "Week  DC\n----  ---\n1     4.2"


def chart(*values: float | None, kind: ChartKind = ChartKind.LINE, title: str = "Trust") -> Chart:
    labels = tuple(f"W{n}" for n in range(len(values)))
    return Chart(kind, title, labels, (Series("DC", values),), "Week", "Score")


def test_a_chart_is_drawn_by_slack() -> None:
    (block,) = show(chart(1.0, 2.25))

    assert block == {
        "type": "data_visualization",
        "title": "Trust",
        "chart": {
            "type": "line",
            "series": [{"name": "DC", "data": [{"label": "W0", "value": 1.0}, {"label": "W1", "value": 2.2}]}],
            "axis_config": {"categories": ["W0", "W1"], "x_label": "Week", "y_label": "Score"},
        },
    }


def test_a_third_chart_is_a_table() -> None:
    blocks = show(chart(1.0), chart(2.0), chart(3.0))

    assert [b["type"] for b in blocks] == ["data_visualization", "data_visualization", "rich_text", "table"]


@pytest.mark.parametrize(
    "undrawable",
    [
        chart(1.0, None, 3.0),
        chart(*[1.0] * 21),
        chart(float("nan")),
        chart(),
        Chart(ChartKind.BAR, "Seven", ("a",), tuple(Series(f"S{n}", (1.0,)) for n in range(7))),
        Chart(ChartKind.BAR, "Twins", ("a",), (Series("S", (1.0,)), Series("S", (2.0,)))),
        Chart(ChartKind.BAR, "Twins", ("a", "a"), (Series("S", (1.0, 2.0)),)),
    ],
    ids=("withheld", "many labels", "not a number", "empty", "many series", "same series", "same labels"),
)
def test_a_chart_that_slack_cannot_draw_honestly_is_a_table(undrawable: Chart) -> None:
    blocks = show(undrawable)

    assert [block["type"] for block in blocks] == ["rich_text", "table"]


def test_a_withheld_figure_is_said_in_words() -> None:
    _, table = show(chart(1.0, None))

    assert [row[1]["text"] for row in table["rows"]] == ["DC", "1.0", "withheld"]


def test_a_table_of_its_own_goes_before_the_figures_of_a_chart_that_cannot_be_drawn() -> None:
    blocks = show(chart(1.0, None), Table("T", ("Week", "DC"), (("1", "4.2"),)))

    (table,) = of_type(blocks, "table")
    assert [cell["text"] for cell in table["rows"][0]] == ["Week", "DC"]
    assert "withheld" in json.dumps(of_type(blocks, "rich_text_preformatted"))
