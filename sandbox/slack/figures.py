"""Tables and charts, as rules.

Sources: docs.slack.dev/reference/block-kit/blocks/table-block and .../data-visualization-block.
"""

from typing import Any

from sandbox.slack.rich_text import characters, rich_text
from sandbox.slack.schema import (
    Check,
    Complaints,
    Need,
    array,
    boolean,
    choice,
    either_null,
    kinds,
    number,
    shape,
    string,
    typed,
)

_MOST_TABLE_CHARACTERS = 10_000
_cell = kinds({**typed("raw_text", {"text": Need(string(_MOST_TABLE_CHARACTERS))}), **rich_text})
_column = either_null(shape({"align": choice("left", "center", "right"), "is_wrapped": boolean}))


def _table_fits(table: Any, where: str, complaints: Complaints) -> None:
    cells = [cell for row in table["rows"] for cell in row]
    if sum(characters(cell) for cell in cells) > _MOST_TABLE_CHARACTERS:
        complaints.add(f"must be less than {_MOST_TABLE_CHARACTERS + 1} characters", f"{where}/rows")
    if len({len(row) for row in table["rows"]}) > 1:
        complaints.add("all rows must have the same number of cells", f"{where}/rows")


table: dict[str, Check] = typed(
    "table",
    {
        "block_id": string(255),
        "rows": Need(array(array(_cell, 20), 100)),
        "column_settings": array(_column, 20),
    },
    _table_fits,
)


def _labels_match(chart: Any, where: str, complaints: Complaints) -> None:
    categories = chart["axis_config"]["categories"]
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) < len(names):
        complaints.add("series names must be unique", f"{where}/series")
    if len(set(categories)) < len(categories):
        complaints.add("categories must be unique", f"{where}/axis_config/categories")
    for place, series in enumerate(chart["series"]):
        if [point["label"] for point in series["data"]] != categories:
            complaints.add("data labels must match the axis categories", f"{where}/series/{place}/data")


_point = shape({"label": Need(string(20)), "value": Need(number())})
_segment = shape({"label": Need(string(20)), "value": Need(number(above=0))})
_series = shape({"name": Need(string(20)), "data": Need(array(_point, 20))})
_axes = shape({"categories": Need(array(string(20), 20)), "x_label": string(50), "y_label": string(50)})


def _axis_chart(kind: str) -> dict[str, Check]:
    return typed(kind, {"series": Need(array(_series, 6)), "axis_config": Need(_axes)}, _labels_match)


_chart = kinds(
    {
        **_axis_chart("line"),
        **_axis_chart("bar"),
        **_axis_chart("area"),
        **typed("pie", {"segments": Need(array(_segment, 6))}),
    }
)
data_visualization: dict[str, Check] = typed(
    "data_visualization", {"block_id": string(255), "title": Need(string(50)), "chart": Need(_chart)}
)
