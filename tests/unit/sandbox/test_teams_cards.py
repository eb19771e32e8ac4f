import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sandbox.teams import card_problems, without_charts
from tests.fakes.teams_bot import Json, make_card

CHOICES = [{"title": "Yes", "value": "y"}, {"title": "No", "value": "n"}]
TABLE: Json = {
    "type": "Table",
    "columns": [{"width": 1}, {"width": "2"}],
    "firstRowAsHeader": True,
    "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [{"type": "TextBlock", "text": "a"}]}]}],
}
EVERYTHING: Json = {
    "type": "AdaptiveCard",
    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
    "version": "1.5",
    "refresh": {"action": {"type": "Action.Execute", "verb": "refresh"}, "userIds": ["29:1"]},
    "body": [
        {
            "type": "TextBlock",
            "text": "Title",
            "size": "Large",
            "weight": "Bolder",
            "style": "heading",
            "wrap": True,
        },
        {
            "type": "RichTextBlock",
            "inlines": [
                "plain",
                {"type": "TextRun", "text": "bold", "weight": "bolder", "italic": True},
                {
                    "type": "TextRun",
                    "text": "link",
                    "selectAction": {"type": "Action.OpenUrl", "url": "https://example.com"},
                },
            ],
        },
        {"type": "FactSet", "facts": [{"title": "Due", "value": "Friday"}]},
        {
            "type": "Container",
            "style": "emphasis",
            "bleed": True,
            "items": [{"type": "Image", "url": "https://example.com/a.png", "altText": "A", "size": "small"}],
        },
        {
            "type": "ColumnSet",
            "columns": [
                {"type": "Column", "width": "stretch", "items": [{"type": "TextBlock", "text": "x"}]},
                {"type": "Column", "width": 2, "items": []},
            ],
        },
        TABLE,
        {
            "type": "Input.Text",
            "id": "why",
            "label": "Why",
            "isMultiline": True,
            "isRequired": True,
            "maxLength": 9,
        },
        {"type": "Input.Number", "id": "n", "min": 1, "max": 5, "value": 3},
        {"type": "Input.Date", "id": "d", "value": "2026-03-02"},
        {"type": "Input.Time", "id": "t"},
        {"type": "Input.Toggle", "id": "ok", "title": "Agreed", "valueOn": "yes", "valueOff": "no"},
        {
            "type": "Input.ChoiceSet",
            "id": "c",
            "choices": CHOICES,
            "style": "expanded",
            "isMultiSelect": False,
        },
        {
            "type": "ActionSet",
            "id": "buttons",
            "actions": [
                {"type": "Action.Submit", "title": "Later", "data": {"msteams": {"type": "task/fetch"}}},
                {"type": "Action.ToggleVisibility", "targetElements": ["buttons", {"elementId": "why"}]},
            ],
        },
    ],
    "actions": [
        {
            "type": "Action.Execute",
            "title": "Send",
            "verb": "send",
            "data": {"token": "v1"},
            "fallback": {"type": "Action.Submit", "title": "Send"},
        },
        {
            "type": "Action.ShowCard",
            "title": "More",
            "card": {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "deep"}]},
        },
    ],
}
POINTS = [{"x": "2026-03-02", "y": 3.5}, {"x": "2026-03-09", "y": 4}]
CHARTS: tuple[Json, ...] = (
    {
        "type": "Chart.Line",
        "data": [{"legend": "DC", "values": POINTS, "color": "good"}],
        "yMin": 1,
        "yMax": 5,
    },
    {"type": "Chart.VerticalBar", "title": "Done", "data": [{"x": "DC", "y": 4, "color": "categoricalBlue"}]},
    {"type": "Chart.VerticalBar.Grouped", "data": [{"legend": "DC", "values": POINTS}], "stacked": True},
    {"type": "Chart.HorizontalBar", "data": [{"x": "DC", "y": 4}], "displayMode": "PartToWhole"},
    {"type": "Chart.HorizontalBar.Stacked", "data": [{"title": "DC", "data": [{"legend": "a", "value": 1}]}]},
    {"type": "Chart.Donut", "data": [{"legend": "Done", "value": 3}]},
    {"type": "Chart.Pie", "data": [{"legend": "Done", "value": 3, "color": "sequential3"}]},
    {"type": "Chart.Gauge", "value": 3, "segments": [{"legend": "Low", "size": 3, "color": "warning"}]},
)


def with_fallback(chart: Json, fallback: Any = None) -> Json:
    return {**chart, "fallback": fallback or TABLE}


def paths(card: object) -> list[str]:
    return [problem.path for problem in card_problems(card)]


def test_a_card_with_every_element_is_accepted() -> None:
    assert card_problems(EVERYTHING) == ()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: str(chart["type"]))
def test_a_chart_is_accepted_with_a_fallback_that_is_valid_itself(chart: Json) -> None:
    broken = {"type": "TextBlock", "txt": "no text"}

    assert card_problems(make_card(with_fallback(chart))) == ()
    assert paths(make_card(chart)) == ["$.body[1].fallback"]
    assert paths(make_card(with_fallback(chart, broken))) == [
        "$.body[1].fallback.text",
        "$.body[1].fallback.txt",
    ]
    assert paths(make_card({**chart, "fallback": "drop"})) == ["$.body[1].fallback"]


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        ({"type": "Chart.Donut", "data": [{"legend": "Done"}]}, "data[0].value"),
        ({"type": "Chart.Line", "data": [{"values": [{"x": 1, "y": "high"}]}]}, "data[0].values[0].y"),
        ({"type": "Chart.VerticalBar", "data": [{"x": "a", "y": 1, "color": "pink"}]}, "data[0].color"),
        ({"type": "Chart.VerticalBar"}, "data"),
        ({"type": "Chart.Gauge", "value": 1, "segments": [{"size": True}]}, "segments[0].size"),
        ({"type": "Chart.Radar"}, "type"),
    ],
)
def test_a_chart_with_wrong_data_is_refused_at_its_path(chart: Json, path: str) -> None:
    assert f"$.body[1].{path}" in paths(make_card(with_fallback(chart)))


NESTED = {"type": "Container", "items": [{"type": "FactSet", "facts": [{"title": "Due"}]}]}
TEXT_INPUT = {"type": "Input.Text", "id": "same"}
BROKEN: tuple[tuple[Json, str], ...] = (
    (make_card({"type": "TextBlock"}), "$.body[1].text"),
    (make_card({"type": "TextBlock", "text": 5}), "$.body[1].text"),
    (make_card({"type": "TextBlock", "text": "a", "wrap": "yes"}), "$.body[1].wrap"),
    (make_card({"type": "TextBlock", "text": "a", "colour": "good"}), "$.body[1].colour"),
    (make_card({"type": "TextBlock", "text": "a", "color": "pink"}), "$.body[1].color"),
    (make_card({"type": "RichTextBlock", "inlines": [{"type": "TextRun"}]}), "$.body[1].inlines[0].text"),
    (make_card({"type": "RichTextBlock", "inlines": [{"text": "a"}]}), "$.body[1].inlines[0].type"),
    (make_card({"type": "Badge", "text": "new"}), "$.body[1].type"),
    (make_card({"text": "typeless"}), "$.body[1].type"),
    (make_card(NESTED), "$.body[1].items[0].facts[0].value"),
    (make_card({"type": "Input.Text"}), "$.body[1].id"),
    (make_card({"type": "Input.Toggle", "id": "a"}), "$.body[1].title"),
    (
        make_card({"type": "Input.ChoiceSet", "id": "a", "choices": [{"title": "A"}]}),
        "$.body[1].choices[0].value",
    ),
    (make_card({"type": "Input.ChoiceSet", "id": "a", "choices": "A"}), "$.body[1].choices"),
    (make_card(actions=[{"type": "Action.OpenUrl", "title": "Go"}]), "$.actions[0].url"),
    (make_card(actions=[{"type": "TextBlock", "text": "a"}]), "$.actions[0].type"),
    (make_card(selectAction={"type": "Action.ShowCard", "card": {}}), "$.selectAction.type"),
    (make_card(refresh={"action": {"type": "Action.Submit"}}), "$.refresh.action.type"),
)
STRICTER: tuple[tuple[Json, str], ...] = (
    ({"type": "AdaptiveCard", "version": "1.6", "body": []}, "$.version"),
    ({"type": "AdaptiveCard", "body": []}, "$.version"),
    ({"type": "HeroCard", "version": "1.5"}, "$.type"),
    (make_card(version="1.3", actions=[{"type": "Action.Execute"}]), "$.actions[0]"),
    (make_card(version="1.3", refresh={"action": {"type": "Action.Execute"}}), "$.refresh"),
    (make_card(refresh={"userIds": []}), "$.refresh.action"),
    (
        make_card(refresh={"action": {"type": "Action.Execute"}, "userIds": [f"29:{n}" for n in range(61)]}),
        "$.refresh.userIds",
    ),
    (make_card(TEXT_INPUT, {"type": "Container", "items": [TEXT_INPUT]}), "$.body[2].items[0].id"),
    (make_card({"type": "Input.ChoiceSet", "id": "a"}), "$.body[1].choices"),
    (make_card({"type": "Image", "url": "/local.png"}), "$.body[1].url"),
)


@pytest.mark.parametrize(("card", "path"), [*BROKEN, *STRICTER], ids=lambda held: held if isinstance(held, str) else "")
def test_a_broken_card_is_refused_at_its_path(card: Json, path: str) -> None:
    assert path in paths(card)


def test_sixty_people_may_be_named_for_a_refresh() -> None:
    refresh = {"action": {"type": "Action.Execute"}, "userIds": [f"29:{n}" for n in range(60)]}

    assert card_problems(make_card(refresh=refresh)) == ()


def test_the_input_of_a_fallback_may_share_its_id_with_the_one_it_replaces() -> None:
    fallback = {"type": "Input.Text", "id": "when"}
    card = make_card({"type": "Input.Date", "id": "when", "fallback": fallback})

    assert card_problems(card) == ()


def test_a_card_that_is_no_object_is_refused() -> None:
    assert paths([]) == ["$"]


def test_charts_give_way_to_their_fallback_and_teams_own_properties_go() -> None:
    card = make_card(with_fallback(CHARTS[0]), msteams={"width": "Full"})

    plain = without_charts(card)

    assert plain["body"][1] == TABLE
    assert "msteams" not in plain
    assert card["body"][1]["type"] == "Chart.Line"


@pytest.fixture(scope="module")
def published() -> jsonschema.Draft6Validator:
    folder = os.environ.get("LIAISON_SCHEMAS")
    if not folder:
        pytest.skip("LIAISON_SCHEMAS names no folder with the published schemas")
    return jsonschema.Draft6Validator(json.loads((Path(folder) / "adaptive-card-1.5.0.json").read_text()))


def test_what_is_accepted_here_is_accepted_by_the_published_schema(
    published: jsonschema.Draft6Validator,
) -> None:
    for card in (EVERYTHING, make_card(*(with_fallback(chart) for chart in CHARTS))):
        published.validate(without_charts(card))


@pytest.mark.parametrize(("card", "path"), BROKEN, ids=lambda held: held if isinstance(held, str) else "")
def test_what_the_published_schema_refuses_is_refused_here(
    published: jsonschema.Draft6Validator, card: Json, path: str
) -> None:
    assert not published.is_valid(card)
    assert path in paths(card)
