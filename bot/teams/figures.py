"""Figures in Teams: native tables, and native charts with the table as their fallback."""

import math
from collections.abc import Iterator
from typing import assert_never

from bot.messages.blocks import Chart, ChartKind, Series, Table, Text, table_of
from bot.messages.literal import literal, rows_more, shorten
from bot.messages.parts import Json
from bot.teams import limits
from bot.teams.inline import inert, rich_text, runs, size_of, text_run, title, weight

_NARROWEST, _ROOMY, _WIDEST, _PADDING = 4, 16, 24, 2
"""Letters of a column: at least, what a text may ask for that can be wrapped, at most, and around it."""


def chart_elements(chart: Chart) -> tuple[tuple[Json, ...], ...]:
    """Return the chart under its title, or its table where drawing it would leave something out.

    A chart with a withheld figure is shown as a table: a line drawn past the gap would say something that
    nobody measured, and both companies are to see the same.
    """
    table = table_of(chart)
    tables = tuple(_tables(table))
    if not _can_be_drawn(chart) or len(tables) != 1:
        return table_elements(table)
    drawn = {**_chart(chart), "fallback": tables[0]}
    if size_of(drawn) > 2 * limits.TABLE:
        return table_elements(table)
    return ((*_title(table), drawn),)


def table_elements(table: Table) -> tuple[tuple[Json, ...], ...]:
    """Return the table under its title, as several tables with the same columns when it is long."""
    left = len(table.rows) - limits.TABLE_ROWS
    more = runs((Text(rows_more(left)),), isSubtle=True) if left > 0 and table.columns else []
    tables = tuple(_tables(table))
    titled = (*_title(table), *tables[:1])
    rest = (*tables[1:], *((rich_text(more),) if more else ()))
    return ((titled,) if titled else ()) + tuple((made,) for made in rest)


def _can_be_drawn(chart: Chart) -> bool:
    values = [value for series in chart.series for value in series.values]
    return (
        bool(values)
        and all(len(series.values) == len(chart.labels) for series in chart.series)
        and all(value is not None and math.isfinite(value) for value in values)
    )


def _chart(chart: Chart) -> Json:
    titles = {"title": chart.title, "xAxisTitle": chart.x_title, "yAxisTitle": chart.y_title}
    frame: Json = {name: title(text, limits.TITLE) for name, text in titles.items() if text.strip()}
    match chart.kind:
        case ChartKind.LINE:
            return {"type": "Chart.Line", **frame, "data": _grouped(chart)}
        case ChartKind.BAR if len(chart.series) == 1:
            points = _points(chart, chart.series[0])
            return {"type": "Chart.VerticalBar", **frame, "showBarValues": True, "data": points}
        case ChartKind.BAR:
            grouped = _grouped(chart)
            return {"type": "Chart.VerticalBar.Grouped", **frame, "showBarValues": True, "data": grouped}
        case _:
            assert_never(chart.kind)


def _grouped(chart: Chart) -> list[Json]:
    return [{"legend": title(series.name, limits.TITLE), "values": _points(chart, series)} for series in chart.series]


def _points(chart: Chart, series: Series) -> list[Json]:
    return [
        {"x": title(label, limits.TITLE), "y": round(value, 1)}
        for label, value in zip(chart.labels, series.values, strict=True)
        if value is not None
    ]


def _tables(table: Table) -> Iterator[Json]:
    if not table.columns:
        return
    widths = _widths(table)
    header = _row(table.columns, weight="Bolder")
    rows, size = [header], size_of(header)
    for cells in table.rows[: limits.TABLE_ROWS]:
        row = _row(cells)
        if len(rows) > 1 and size + size_of(row) > limits.TABLE:
            yield _table(rows, widths)
            rows, size = [header], size_of(header)
        rows.append(row)
        size += size_of(row)
    yield _table(rows, widths)


def _widths(table: Table) -> list[int]:
    """Shares of the card's width: a column needs its longest word, and gets more for longer texts up to a line."""
    rows = (table.columns, *table.rows[: limits.TABLE_ROWS])
    widths: list[int] = []
    for index in range(min(len(table.columns), limits.TABLE_COLUMNS)):
        cells = [row[index] for row in rows if index < len(row)]
        word = max((len(word) for cell in cells for word in cell.split()), default=1)
        longest = max((len(cell) for cell in cells), default=1)
        widths.append(min(max(word, min(longest, _ROOMY), _NARROWEST) + _PADDING, _WIDEST))
    return widths


def _table(rows: list[Json], widths: list[int]) -> Json:
    columns = [{"width": width} for width in widths]
    return {"type": "Table", "firstRowAsHeader": True, "columns": columns, "rows": rows}


def _row(cells: tuple[str, ...], **look: object) -> Json:
    return {"type": "TableRow", "cells": [_cell(cell, look) for cell in cells[: limits.TABLE_COLUMNS]]}


def _cell(text: str, look: Json) -> Json:
    shown = inert(shorten(literal(text), limits.TABLE_CELL, weight)) or " "
    return {"type": "TableCell", "items": [rich_text([text_run(shown, **look)])]}


def _title(table: Table) -> tuple[Json, ...]:
    if not table.title.strip():
        return ()
    return (rich_text([text_run(title(table.title, limits.TITLE), weight="Bolder")]),)
