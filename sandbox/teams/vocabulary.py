"""The words of Adaptive Cards 1.5 and of Teams' charts, as tables: what holds what, and what must be there.

Sources: the Adaptive Cards 1.5 reference (adaptivecards.io/explorer), Microsoft's "Charts in Adaptive Cards".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Holds(StrEnum):
    """How a property's value is looked at."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    WORD = "word"
    NODE = "node"
    NODES = "nodes"
    STRINGS = "strings"


@dataclass(frozen=True, slots=True)
class Kind:
    """What one property may hold: a plain value, one of some words, or nodes of the named types."""

    test: Holds
    of: tuple[str, ...] = ()
    or_else: "Kind | None" = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of node: its properties, and those that cannot be left out."""

    properties: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()


STRING = Kind(Holds.STRING)
NUMBER = Kind(Holds.NUMBER)
BOOLEAN = Kind(Holds.BOOLEAN)
OBJECT = Kind(Holds.OBJECT)
STRINGS = Kind(Holds.STRINGS)
STRING_OR_NUMBER = Kind(Holds.STRING, or_else=NUMBER)


def word(*words: str) -> Kind:
    return Kind(Holds.WORD, words)


def node(*types: str, or_else: Kind | None = None) -> Kind:
    return Kind(Holds.NODE, types, or_else)


def nodes(*types: str) -> Kind:
    return Kind(Holds.NODES, types)


INPUTS = ("Input.Text", "Input.Number", "Input.Date", "Input.Time", "Input.Toggle", "Input.ChoiceSet")
CHARTS = (
    "Chart.Donut",
    "Chart.Pie",
    "Chart.Gauge",
    "Chart.Line",
    "Chart.VerticalBar",
    "Chart.VerticalBar.Grouped",
    "Chart.HorizontalBar",
    "Chart.HorizontalBar.Stacked",
)
ELEMENTS = (
    "TextBlock",
    "RichTextBlock",
    "FactSet",
    "Container",
    "ColumnSet",
    "ActionSet",
    "Image",
    "ImageSet",
    "Table",
    "Media",
    *INPUTS,
)
ACTIONS = ("Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility")
SELECT_ACTIONS = tuple(name for name in ACTIONS if name != "Action.ShowCard")

DROP = word("drop")
COLOR = word("default", "dark", "light", "accent", "good", "warning", "attention")
FONT = word("default", "monospace")
SIZE = word("default", "small", "medium", "large", "extraLarge")
WEIGHT = word("default", "lighter", "bolder")
SIDE = word("left", "center", "right")
LEVEL = word("top", "center", "bottom")
SPACING = word("default", "none", "small", "medium", "large", "extraLarge", "padding")
STYLE = word("default", "emphasis", "good", "attention", "warning", "accent")
IMAGE_SIZE = word("auto", "stretch", "small", "medium", "large")
SELECT = node(*SELECT_ACTIONS)
BACKGROUND = node("BackgroundImage", or_else=STRING)
BODY = nodes(*ELEMENTS, *CHARTS)

ITEM = {"id": STRING, "isVisible": BOOLEAN, "requires": OBJECT, "separator": BOOLEAN, "spacing": SPACING}
ELEMENT = {**ITEM, "fallback": node(*ELEMENTS, or_else=DROP), "height": word("auto", "stretch")}
INPUT = {**ELEMENT, "errorMessage": STRING, "isRequired": BOOLEAN, "label": STRING}
ACTION = {
    "title": STRING,
    "iconUrl": STRING,
    "id": STRING,
    "style": word("default", "positive", "destructive"),
    "fallback": node(*ACTIONS, or_else=DROP),
    "tooltip": STRING,
    "isEnabled": BOOLEAN,
    "mode": word("primary", "secondary"),
    "requires": OBJECT,
}
SENDS = {"data": Kind(Holds.OBJECT, or_else=STRING), "associatedInputs": word("auto", "none")}
BOX = {
    "selectAction": SELECT,
    "style": STYLE,
    "verticalContentAlignment": LEVEL,
    "bleed": BOOLEAN,
    "backgroundImage": BACKGROUND,
    "minHeight": STRING,
    "rtl": BOOLEAN,
}
TEXT = {"color": COLOR, "fontType": FONT, "isSubtle": BOOLEAN, "size": SIZE, "weight": WEIGHT}
CELLS = {"horizontalCellContentAlignment": SIDE, "verticalCellContentAlignment": LEVEL}

_PALETTES = {
    "categorical": ("Red", "Purple", "Lavender", "Blue", "LightBlue", "Teal", "Green", "Lime", "Marigold"),
    "sequential": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "diverging": (
        *("Blue", "LightBlue", "Cyan", "Teal", "Yellow"),
        *("Peach", "LightRed", "Red", "Maroon", "Gray"),
    ),
}
_SHADES = tuple(palette + shade for palette, shades in _PALETTES.items() for shade in shades)
CHART_COLOR = word("good", "warning", "attention", "neutral", *_SHADES)
CHART = {
    **ELEMENT,
    "title": STRING,
    "colorSet": word("categorical", "sequential", "diverging"),
    "horizontalAlignment": SIDE,
    "lang": STRING,
    "targetWidth": STRING,
    "grid.area": STRING,
    "showTitle": BOOLEAN,
    "showLegend": BOOLEAN,
    "maxWidth": STRING,
}
AXES = {
    **CHART,
    "xAxisTitle": STRING,
    "yAxisTitle": STRING,
    "color": CHART_COLOR,
    "yMin": NUMBER,
    "yMax": NUMBER,
}
SLICES = {
    **CHART,
    "data": nodes("Slice"),
    "value": STRING,
    "valueColor": CHART_COLOR,
    "showOutlines": BOOLEAN,
}

SHAPES: Mapping[str, Shape] = {
    "AdaptiveCard": Shape(
        {
            "$schema": STRING,
            "version": STRING,
            "refresh": node("Refresh"),
            "body": BODY,
            "actions": nodes(*ACTIONS),
            "selectAction": SELECT,
            "fallbackText": STRING,
            "backgroundImage": BACKGROUND,
            "minHeight": STRING,
            "rtl": BOOLEAN,
            "speak": STRING,
            "lang": STRING,
            "verticalContentAlignment": LEVEL,
            "msteams": OBJECT,
        }
    ),
    "Refresh": Shape({"action": node("Action.Execute"), "userIds": STRINGS}, ("action",)),
    "BackgroundImage": Shape(
        {
            "url": STRING,
            "fillMode": word("cover", "repeatHorizontally", "repeatVertically", "repeat"),
            "horizontalAlignment": SIDE,
            "verticalAlignment": LEVEL,
        },
        ("url",),
    ),
    "TextBlock": Shape(
        {
            **ELEMENT,
            **TEXT,
            "text": STRING,
            "horizontalAlignment": SIDE,
            "maxLines": NUMBER,
            "wrap": BOOLEAN,
            "style": word("default", "heading"),
        },
        ("text",),
    ),
    "RichTextBlock": Shape({**ELEMENT, "inlines": nodes("TextRun"), "horizontalAlignment": SIDE}, ("inlines",)),
    "TextRun": Shape(
        {
            **TEXT,
            "text": STRING,
            "highlight": BOOLEAN,
            "italic": BOOLEAN,
            "selectAction": SELECT,
            "strikethrough": BOOLEAN,
            "underline": BOOLEAN,
        },
        ("type", "text"),
    ),
    "FactSet": Shape({**ELEMENT, "facts": nodes("Fact")}, ("facts",)),
    "Fact": Shape({"title": STRING, "value": STRING}, ("title", "value")),
    "Container": Shape({**ELEMENT, **BOX, "items": BODY}, ("items",)),
    "ColumnSet": Shape(
        {
            **ELEMENT,
            "columns": nodes("Column"),
            "selectAction": SELECT,
            "style": STYLE,
            "bleed": BOOLEAN,
            "minHeight": STRING,
            "horizontalAlignment": SIDE,
        }
    ),
    "Column": Shape(
        {**ITEM, **BOX, "items": BODY, "fallback": node("Column", or_else=DROP), "width": STRING_OR_NUMBER}
    ),
    "ActionSet": Shape({**ELEMENT, "actions": nodes(*ACTIONS)}, ("actions",)),
    "Image": Shape(
        {
            **ELEMENT,
            "url": STRING,
            "altText": STRING,
            "backgroundColor": STRING,
            "height": STRING,
            "horizontalAlignment": SIDE,
            "selectAction": SELECT,
            "size": IMAGE_SIZE,
            "style": word("default", "person"),
            "width": STRING,
        },
        ("url",),
    ),
    "ImageSet": Shape({**ELEMENT, "images": nodes("Image"), "imageSize": IMAGE_SIZE}, ("images",)),
    "Media": Shape({**ELEMENT, "sources": nodes("MediaSource"), "poster": STRING, "altText": STRING}, ("sources",)),
    "MediaSource": Shape({"mimeType": STRING, "url": STRING}, ("mimeType", "url")),
    "Table": Shape(
        {
            **ELEMENT,
            **CELLS,
            "columns": nodes("TableColumnDefinition"),
            "rows": nodes("TableRow"),
            "firstRowAsHeader": BOOLEAN,
            "showGridLines": BOOLEAN,
            "gridStyle": STYLE,
        }
    ),
    "TableColumnDefinition": Shape({**CELLS, "width": STRING_OR_NUMBER}),
    "TableRow": Shape({**CELLS, "cells": nodes("TableCell"), "style": STYLE}),
    "TableCell": Shape({**BOX, "items": BODY}, ("items",)),
    "Input.Text": Shape(
        {
            **INPUT,
            "isMultiline": BOOLEAN,
            "maxLength": NUMBER,
            "placeholder": STRING,
            "regex": STRING,
            "style": word("text", "tel", "url", "email", "password"),
            "inlineAction": SELECT,
            "value": STRING,
        },
        ("id",),
    ),
    "Input.Number": Shape({**INPUT, "max": NUMBER, "min": NUMBER, "placeholder": STRING, "value": NUMBER}, ("id",)),
    "Input.Date": Shape({**INPUT, "max": STRING, "min": STRING, "placeholder": STRING, "value": STRING}, ("id",)),
    "Input.Time": Shape({**INPUT, "max": STRING, "min": STRING, "placeholder": STRING, "value": STRING}, ("id",)),
    "Input.Toggle": Shape(
        {
            **INPUT,
            "title": STRING,
            "value": STRING,
            "valueOff": STRING,
            "valueOn": STRING,
            "wrap": BOOLEAN,
        },
        ("id", "title"),
    ),
    "Input.ChoiceSet": Shape(
        {
            **INPUT,
            "choices": nodes("Input.Choice"),
            "isMultiSelect": BOOLEAN,
            "style": word("compact", "expanded"),
            "value": STRING,
            "placeholder": STRING,
            "wrap": BOOLEAN,
        },
        ("id", "choices"),
    ),
    "Input.Choice": Shape({"title": STRING, "value": STRING}, ("title", "value")),
    "Action.Execute": Shape({**ACTION, **SENDS, "verb": STRING}),
    "Action.Submit": Shape({**ACTION, **SENDS}),
    "Action.OpenUrl": Shape({**ACTION, "url": STRING}, ("url",)),
    "Action.ShowCard": Shape({**ACTION, "card": node("AdaptiveCard")}, ("card",)),
    "Action.ToggleVisibility": Shape({**ACTION, "targetElements": nodes("TargetElement")}, ("targetElements",)),
    "TargetElement": Shape({"elementId": STRING, "isVisible": BOOLEAN}, ("elementId",)),
    "Chart.Donut": Shape({**SLICES, "thickness": STRING}, ("data",)),
    "Chart.Pie": Shape(SLICES, ("data",)),
    "Chart.Gauge": Shape(
        {
            **CHART,
            "min": NUMBER,
            "max": NUMBER,
            "subLabel": STRING,
            "showMinMax": BOOLEAN,
            "showNeedle": BOOLEAN,
            "showOutlines": BOOLEAN,
            "segments": nodes("Segment"),
            "value": NUMBER,
            "valueFormat": word("percentage", "fraction"),
        },
        ("value",),
    ),
    "Chart.Line": Shape({**AXES, "data": nodes("Series")}, ("data",)),
    "Chart.VerticalBar": Shape({**AXES, "data": nodes("Bar"), "showBarValues": BOOLEAN}, ("data",)),
    "Chart.VerticalBar.Grouped": Shape(
        {**AXES, "data": nodes("Series"), "stacked": BOOLEAN, "showBarValues": BOOLEAN}, ("data",)
    ),
    "Chart.HorizontalBar": Shape(
        {
            **AXES,
            "data": nodes("Bar"),
            "displayMode": word("absoluteWithAxis", "absoluteNoAxis", "partToWhole"),
        },
        ("data",),
    ),
    "Chart.HorizontalBar.Stacked": Shape({**AXES, "data": nodes("Stack")}, ("data",)),
    "Slice": Shape({"legend": STRING, "value": NUMBER, "color": CHART_COLOR}, ("value",)),
    "Segment": Shape({"legend": STRING, "size": NUMBER, "color": CHART_COLOR}, ("size",)),
    "Series": Shape({"legend": STRING, "values": nodes("Point"), "color": CHART_COLOR}, ("values",)),
    "Point": Shape({"x": STRING_OR_NUMBER, "y": NUMBER}, ("x", "y")),
    "Bar": Shape({"x": STRING_OR_NUMBER, "y": NUMBER, "color": CHART_COLOR}, ("x", "y")),
    "Stack": Shape({"title": STRING, "data": nodes("Slice")}, ("title", "data")),
}

TEXT_IS_ENOUGH = frozenset({"TextRun", "TargetElement"})
"""Types that a plain string may stand for."""
