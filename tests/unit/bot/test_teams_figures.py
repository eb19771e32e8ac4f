"""Figures in Teams are native tables and charts, and said in words where a chart would not be honest."""

import json
from collections.abc import Iterable

import pytest

from bot.messages.blocks import Block, Chart, ChartKind, Message, Series, Table
from bot.teams import limits
from bot.teams.render import render
from tests.fakes.messages import Json, elements_of, of_type, strings

CHARTS = {"Chart.Line", "Chart.VerticalBar", "Chart.VerticalBar.Grouped"}


def show(*blocks: Block) -> list[Json]:
    (only,) = render(Message("Summary", blocks))
    body: list[Json] = only.card["body"]
    return body


def test_a_long_table_is_cut_into_tables_with_the_same_columns_and_says_what_is_missing() -> None:
    parts = render(Message("T", (Table("T", ("n", "square"), tuple((str(n), str(n * n)) for n in range(150))),)))

    tables = [table for part in parts for table in of_type(part.card, "Table")]
    headers = {json.dumps(table["rows"][0]) for table in tables}
    assert len(tables) > 1
    assert len(headers) == 1
    assert sum(len(table["rows"]) - 1 for table in tables) == limits.TABLE_ROWS
    assert any("… 51 more rows" in text for part in parts for text in strings(part.card))


def chart(kind: ChartKind, *series: Series) -> Chart:
    return Chart(kind, "Trust", ("W1", "W2"), series, "Week", "Score")


DC, MC = Series("DC", (3.2, 4.13)), Series("MC", (3.0, 3.4))


@pytest.mark.parametrize(
    ("drawn", "kind", "points"),
    [
        (chart(ChartKind.LINE, DC, MC), "Chart.Line", [{"x": "W1", "y": 3.2}, {"x": "W2", "y": 4.1}]),
        (
            chart(ChartKind.BAR, DC, MC),
            "Chart.VerticalBar.Grouped",
            [{"x": "W1", "y": 3.2}, {"x": "W2", "y": 4.1}],
        ),
    ],
)
def test_a_chart_is_drawn_by_teams_and_falls_back_to_its_table(drawn: Chart, kind: str, points: Iterable[Json]) -> None:
    heading, made = show(drawn)

    assert heading["inlines"][0]["text"] == "Trust"
    assert made["type"] == kind
    assert made["data"][0] == {"legend": "DC", "values": points}
    assert made["fallback"]["type"] == "Table"
    assert "4.1" in list(strings(made["fallback"]))


def test_bars_of_one_series_stand_alone() -> None:
    _, made = show(chart(ChartKind.BAR, DC))

    assert made["type"] == "Chart.VerticalBar"
    assert made["data"] == [{"x": "W1", "y": 3.2}, {"x": "W2", "y": 4.1}]


@pytest.mark.parametrize(
    "undrawable",
    [
        chart(ChartKind.LINE, DC, Series("MC", (None, 3.4))),
        chart(ChartKind.LINE, Series("DC", (float("inf"), 1.0))),
        chart(ChartKind.BAR),
        Chart(ChartKind.LINE, "Long", tuple(f"W{n}" for n in range(60)), (Series("DC", (1.0,) * 60),) * 4),
    ],
    ids=("withheld", "not finite", "empty", "too large"),
)
def test_a_chart_that_cannot_be_drawn_honestly_is_a_table(undrawable: Chart) -> None:
    parts = render(Message("s", (undrawable,)))

    kinds = {element.get("type", "") for part in parts for element in elements_of(part.card)}
    assert "Table" in kinds
    assert not kinds & CHARTS


def test_a_withheld_figure_is_said_in_words() -> None:
    _, table = show(chart(ChartKind.LINE, DC, Series("MC", (None, 3.4))))

    assert "withheld" in list(strings(table))


def test_a_column_is_as_wide_as_its_words_so_that_none_runs_into_the_next() -> None:
    rows = (("communication", "DC", "4.4"), ("trust", "MC", "2.8"))
    _, table = show(Table("T", ("Dimension", "Side", "Score"), rows))

    first, *others = (column["width"] for column in table["columns"])
    assert first >= len("communication")
    assert all(0 < width < first for width in others)


def test_one_long_cell_does_not_take_the_room_of_the_others() -> None:
    _, table = show(Table("T", ("Why", "Side"), (("a long reason " * 20, "DC"),)))

    widths = [column["width"] for column in table["columns"]]
    assert widths[0] <= 6 * widths[1]
