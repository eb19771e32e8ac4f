"""Figures in Slack: native tables and charts where Slack takes them, aligned text where it does not."""

import math
from dataclasses import replace

from bot.messages.blocks import Chart, Line, Strong, Table, Text
from bot.messages.literal import literal, one_line, rows_more, shorten
from bot.messages.parts import Json
from bot.messages.plain import grid
from bot.slack import limits
from bot.slack.inline import rich_text, runs, section, styled

_GRID_WIDTH = 90


def can_be_drawn(chart: Chart) -> bool:
    """Whether Slack can draw the chart without leaving anything out.

    Slack wants a number for every label of every series, so a chart with a withheld figure is shown as a
    table: a line drawn past the gap would say something that nobody measured.
    """
    names = [_label(series.name) for series in chart.series]
    labels = [_label(label) for label in chart.labels]
    return (
        0 < len(names) <= limits.CHART_SERIES
        and 0 < len(labels) <= limits.CHART_POINTS
        and len(set(names)) == len(names)
        and len(set(labels)) == len(labels)
        and all(len(series.values) == len(labels) for series in chart.series)
        and all(value is not None and math.isfinite(value) for s in chart.series for value in s.values)
    )


def chart_block(chart: Chart) -> Json:
    """Return a data visualization block; the chart must be one that `can_be_drawn`.

    https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
    """
    labels = [_label(label) for label in chart.labels]
    axis: Json = {"categories": labels}
    if chart.x_title.strip():
        axis["x_label"] = one_line(chart.x_title, limits.CHART_AXIS)
    if chart.y_title.strip():
        axis["y_label"] = one_line(chart.y_title, limits.CHART_AXIS)
    series = [
        {
            "name": _label(series.name),
            "data": [
                {"label": label, "value": round(value, 1)}
                for label, value in zip(labels, series.values, strict=True)
                if value is not None
            ],
        }
        for series in chart.series
    ]
    return {
        "type": "data_visualization",
        "title": one_line(chart.title, limits.CHART_TITLE),
        "chart": {"type": chart.kind.value, "series": series, "axis_config": axis},
    }


def table_blocks(table: Table) -> tuple[Json, ...]:
    """Return the title, a table block, and a line that says how many rows had no room."""
    cell_room = min(limits.TABLE_CELL, limits.TABLE_TEXT // (4 * max(len(table.columns), 1)))
    rows: list[list[Json]] = []
    room = limits.TABLE_TEXT
    for cells in (table.columns, *table.rows[: limits.TABLE_ROWS - 1]):
        row = [_cell(cell, cell_room) for cell in cells[: limits.TABLE_COLUMNS]]
        room -= sum(len(cell["text"]) for cell in row)
        if room < 0:
            break
        rows.append(row)
    settings = [{"is_wrapped": True} for _ in table.columns[: limits.TABLE_COLUMNS]]
    block = {"type": "table", "rows": rows, "column_settings": settings}
    return (*_title(table), *((block,) if table.columns else ()), *_rest(table, len(rows) - 1))


def aligned_blocks(table: Table) -> tuple[Json, ...]:
    """Return the table as aligned text, for places where Slack takes no table block."""
    shown = table.rows[: limits.TABLE_ROWS - 1]
    blocks: list[Json] = []
    rows: list[str] = []
    for row in grid(replace(table, rows=shown), _GRID_WIDTH):
        if sum(map(len, rows)) + len(rows) + len(row) > limits.TEXT:
            blocks.append(_preformatted(rows))
            rows = []
        rows.append(row)
    if rows:
        blocks.append(_preformatted(rows))
    return (*_title(table), *blocks, *_rest(table, len(shown)))


def _label(text: str) -> str:
    return one_line(text, limits.CHART_LABEL)


def _cell(text: str, room: int) -> Json:
    return {"type": "raw_text", "text": shorten(literal(text), room) or " "}


def _title(table: Table) -> tuple[Json, ...]:
    return _said((Strong(table.title),))


def _rest(table: Table, shown: int) -> tuple[Json, ...]:
    left = len(table.rows) - max(shown, 0)
    return _said((Text(rows_more(left)),)) if left > 0 and table.columns else ()


def _said(line: Line) -> tuple[Json, ...]:
    elements = runs(line)
    return (rich_text(section(elements)),) if elements else ()


def _preformatted(rows: list[str]) -> Json:
    return rich_text({"type": "rich_text_preformatted", "elements": [styled("\n".join(rows) or " ")]})
