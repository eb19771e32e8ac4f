import copy
from typing import Any

import pytest

from sandbox.slack.blockkit import complaints_about_blocks, complaints_about_view, filled_in
from tests.fakes.slack_bot import asking, button, modal, options, plain

Json = dict[str, Any]


def _rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def _line(*inline: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(inline)}


def _table(rows: int = 2, columns: int = 2, text: str = "x", **more: Any) -> Json:
    cells = [[{"type": "raw_text", "text": text} for _ in range(columns)] for _ in range(rows)]
    return {"type": "table", "rows": cells, **more}


def _chart(kind: str = "line", series: int = 1, title: str = "Trust", **more: Any) -> Json:
    lines = [
        {"name": f"s{n}", "data": [{"label": "W1", "value": 3}, {"label": "W2", "value": -4.5}]} for n in range(series)
    ]
    chart = {"type": kind, "series": lines, "axis_config": {"categories": ["W1", "W2"], "y_label": "Score"}}
    return {"type": "data_visualization", "title": title, "chart": chart | more}


def _section(length: int = 5, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}, **more}


DATE = {
    "type": "date",
    "timestamp": 1772460000,
    "format": "{date_short_pretty} at {time}",
    "fallback": "Monday",
}
CHOICES: Json = {"options": options("a", "b")}

EVERY_KIND = [
    _section(3000, accessory=button("go"), block_id="s"),
    {"type": "section", "fields": [plain("x" * 2000)] * 10},
    {"type": "header", "text": plain("h" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [plain("a"), {"type": "mrkdwn", "text": "*b*"}]},
    {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A", "title": plain("T")},
    {"type": "actions", "elements": [button("a"), button("b"), {"type": "overflow", **CHOICES}]},
    asking("q1", {"type": "plain_text_input", "multiline": True, "max_length": 500}, optional=True),
    asking("q2", {"type": "static_select", **CHOICES, "initial_option": options("b")[0]}, dispatch_action=True),
    asking("q3", {"type": "radio_buttons", **CHOICES}),
    asking("q4", {"type": "checkboxes", **CHOICES}),
    asking("q5", {"type": "datepicker", "initial_date": "2026-03-02"}),
    asking("q6", {"type": "users_select", "placeholder": plain("Who")}),
    asking("q7", {"type": "multi_static_select", "option_groups": [{"label": plain("G"), **CHOICES}]}),
    asking("q8", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
    _rich(
        _line(
            {"type": "text", "text": "bold", "style": {"bold": True, "italic": False}},
            {"type": "link", "url": "https://example.org", "text": "there"},
            {"type": "user", "user_id": "U1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "emoji", "name": "wave"},
            {"type": "broadcast", "range": "here"},
            DATE,
        ),
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [_line(DATE)]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "q"}], "border": 1},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ),
    _table(100, 20, column_settings=[{"align": "right", "is_wrapped": True}, None]),
    _table(text="y", rows=1) | {"rows": [[_rich(_line({"type": "text", "text": "cell"}))]]},
    _chart("line"),
    _chart("bar", series=6),
    _chart("area"),
    {
        "type": "data_visualization",
        "title": "t" * 50,
        "chart": {"type": "pie", "segments": [{"label": "yes", "value": 1}]},
    },
]


@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: str(block["type"]))
def test_a_block_within_its_limits_is_taken(block: Json) -> None:
    assert complaints_about_blocks([block]) == []


REFUSED: list[tuple[Json, str]] = [
    (_section(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (_section(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0]"),
    (
        {"type": "section", "fields": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (_section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    (_section(block_id="b" * 256), "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ({"type": "sections"}, "unsupported type: sections [json-pointer:/blocks/0/type]"),
    ({"text": "x"}, "missing required field: type [json-pointer:/blocks/0]"),
    ({"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"),
    (
        {"type": "header", "text": plain("h" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    ({"type": "context", "elements": []}, "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    (
        {"type": "context", "elements": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        {"type": "actions", "elements": [button(f"a{n}") for n in range(26)]},
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        {"type": "actions", "elements": [{"type": "plain_text_input"}]},
        "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        {"type": "actions", "elements": [button("a") | {"value": "v" * 2001}]},
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        {"type": "actions", "elements": [button("a") | {"text": plain("t" * 76)}]},
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        {"type": "actions", "elements": [button("a") | {"style": "loud"}]},
        "must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        {"type": "actions", "elements": [button("a"), button("a")]},
        "action_id already exists: a [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        asking("q", {"type": "static_select", "options": options(*(f"o{n}" for n in range(101)))}),
        "no more than 100 items allowed [json-pointer:/blocks/0/element/options]",
    ),
    (
        asking("q", {"type": "static_select", "options": options("v" * 151)}),
        "must be less than 151 characters [json-pointer:/blocks/0/element/options/0/value]",
    ),
    (
        asking("q", {"type": "static_select"}),
        "must define either `options` or `option_groups` [json-pointer:/blocks/0/element]",
    ),
    (
        asking("q", {"type": "static_select", **CHOICES, "initial_option": options("z")[0]}),
        "initial option must be one of the options [json-pointer:/blocks/0/element]",
    ),
    (
        asking("q", {"type": "radio_buttons", "options": options(*"abcdefghijk")}),
        "no more than 10 items allowed [json-pointer:/blocks/0/element/options]",
    ),
    (
        asking("q", {"type": "plain_text_input", "max_length": 3001}),
        "must be less than 3001 [json-pointer:/blocks/0/element/max_length]",
    ),
    (
        asking("q", {"type": "datepicker", "initial_date": "02.03.2026"}),
        "must be a date in the format YYYY-MM-DD [json-pointer:/blocks/0/element/initial_date]",
    ),
    (
        _rich(_line({"type": "text", "text": ""})),
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
    ),
    (
        _rich(_line({"type": "text", "text": "x", "style": {"loud": True}})),
        "invalid additional property: loud [json-pointer:/blocks/0/elements/0/elements/0/style]",
    ),
    (
        _rich(_line({"type": "date", "timestamp": 1, "format": "{clock}"})),
        "unknown date token: clock [json-pointer:/blocks/0/elements/0/elements/0/format]",
    ),
    (
        _rich(_line({"type": "date", "timestamp": 1.5, "format": "{date}"})),
        "must be an integer [json-pointer:/blocks/0/elements/0/elements/0/timestamp]",
    ),
    (
        _rich({"type": "rich_text_list", "style": "bullet", "elements": [{"type": "text", "text": "x"}]}),
        "unsupported type: text [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    (_table(101, 1), "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    (_table(1, 21), "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    (_table(text="x" * 2501), "must be less than 10001 characters [json-pointer:/blocks/0/rows]"),
    (_table(text=""), "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"),
    (_chart(series=7), "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]"),
    (_chart(title="t" * 51), "must be less than 51 characters [json-pointer:/blocks/0/title]"),
    (_chart("radar"), "unsupported type: radar [json-pointer:/blocks/0/chart/type]"),
    (
        _chart(axis_config={"categories": ["W1", "W3"]}),
        "data labels must match the axis categories [json-pointer:/blocks/0/chart/series/0/data]",
    ),
]


@pytest.mark.parametrize(("block", "complaint"), REFUSED, ids=[complaint for _, complaint in REFUSED])
def test_a_block_beyond_its_limits_is_refused_by_name_and_place(block: Json, complaint: str) -> None:
    assert complaint in complaints_about_blocks([block])


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    divider = {"type": "divider"}

    assert complaints_about_blocks([divider] * 50) == []
    assert complaints_about_blocks([divider] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert complaints_about_view(modal(*[divider] * 100), "modal") == []
    assert complaints_about_view(modal(*[divider] * 101), "modal") == [
        "no more than 100 items allowed [json-pointer:/view/blocks]"
    ]


def test_a_message_holds_two_charts() -> None:
    assert complaints_about_blocks([_chart(), _chart()]) == []
    assert complaints_about_blocks([_chart(), _chart(), _chart()]) == [
        "no more than 2 data_visualization blocks allowed [json-pointer:/blocks/2]"
    ]


def test_a_block_id_is_used_once() -> None:
    complaints = complaints_about_blocks([_section(block_id="same"), _section(block_id="same")])

    assert complaints == ["block_id already exists: same [json-pointer:/blocks/1/block_id]"]


def test_every_complaint_comes_at_once() -> None:
    assert len(complaints_about_blocks([_section(3001), {"type": "header"}, {"type": "nothing"}])) == 3


@pytest.mark.parametrize("junk", [None, 7, "text", [], {"type": []}, {"type": "section", "text": 4}])
def test_junk_is_refused_without_breaking(junk: Any) -> None:
    assert complaints_about_blocks([junk])


VIEWS: list[tuple[Json, str, str]] = [
    (
        modal(title=plain("t" * 25)),
        "modal",
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    (
        modal(private_metadata="p" * 3001),
        "modal",
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    (modal(), "home", "must be one of home [json-pointer:/view/type]"),
    (modal(_table()), "modal", "unsupported type: table [json-pointer:/view/blocks/0/type]"),
    (
        {"type": "home", "blocks": [_chart()]},
        "home",
        "unsupported type: data_visualization [json-pointer:/view/blocks/0/type]",
    ),
    (
        {"type": "home", "title": plain("t"), "blocks": []},
        "home",
        "invalid additional property: title [json-pointer:/view]",
    ),
]


@pytest.mark.parametrize(("view", "kind", "complaint"), VIEWS, ids=[complaint for *_, complaint in VIEWS])
def test_a_view_beyond_its_limits_is_refused(view: Json, kind: str, complaint: str) -> None:
    assert complaint in complaints_about_view(view, kind)


def test_a_modal_that_asks_needs_a_submit_button() -> None:
    view = modal(asking("q", {"type": "plain_text_input"}))
    del view["submit"]

    assert complaints_about_view(view, "modal") == [
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"
    ]


def test_what_the_app_left_unnamed_is_named_and_its_own_blocks_stay_as_they_are() -> None:
    sent = [
        {"type": "actions", "elements": [button("a") | {"action_id": "kept"}, {**button("x")}]},
        _section(),
    ]
    del sent[0]["elements"][1]["action_id"]
    before = copy.deepcopy(sent)
    names = iter(["one", "two", "three"])

    taken = filled_in(sent, lambda: next(names))

    assert [taken[0]["block_id"], taken[1]["block_id"]] == ["one", "three"]
    assert [element["action_id"] for element in taken[0]["elements"]] == ["kept", "two"]
    assert taken[0]["elements"][0]["text"]["emoji"] is True
    assert sent == before
