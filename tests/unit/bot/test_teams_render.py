"""Teams output is a valid Adaptive Card 1.5 within its budget, loses no button, shows text literally."""

import datetime as dt
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft6Validator
from microsoft_teams.cards import GroupedVerticalBarChart, LineChart, VerticalBarChart
from pydantic import BaseModel

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Choice,
    DateBox,
    Does,
    Facts,
    Form,
    Heading,
    Link,
    Mention,
    Message,
    Note,
    Option,
    Quote,
    Rule,
    Scale,
    Shows,
    TextBox,
    Tone,
    When,
    fact,
    line,
    note,
    paragraph,
)
from bot.teams import limits
from bot.teams.inline import inert
from bot.teams.render import Rendered, render, render_form
from tests.fakes.messages import (
    CALM,
    EXAMPLES,
    HOSTILE,
    INVISIBLE,
    NOON,
    Json,
    elements_of,
    forms,
    holding,
    messages,
    of_type,
    strings,
)

# The published schema tries every element for every other: a card takes it a quarter of a second.
BRIEF = settings(CALM, max_examples=12)
CHARTS: dict[str, type[BaseModel]] = {
    "Chart.Line": LineChart,
    "Chart.VerticalBar": VerticalBarChart,
    "Chart.VerticalBar.Grouped": GroupedVerticalBarChart,
}


@pytest.fixture(scope="module")
def schema() -> Draft6Validator:
    folder = os.environ.get("LIAISON_SCHEMAS")
    if not folder:
        pytest.skip("LIAISON_SCHEMAS names no folder with the published schemas")
    return Draft6Validator(json.loads((Path(folder) / "adaptive-card-1.5.0.json").read_text()))


def show(*blocks: Block) -> list[Json]:
    (only,) = render(Message("Summary", blocks))
    body: list[Json] = only.card["body"]
    return body


def without_extensions(part: Any) -> Any:
    """Return the card as a client without Teams' extensions shows it: charts as their fallback."""
    match part:
        case {"type": str(kind), "fallback": fallback} if kind in CHARTS:
            return without_extensions(fallback)
        case dict():
            return {key: without_extensions(value) for key, value in part.items() if key != "msteams"}
        case list():
            return [without_extensions(item) for item in part]
        case _:
            return part


def check_card(card: Json, schema: Draft6Validator) -> None:
    problems = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in schema.iter_errors(without_extensions(card))]
    assert problems == []
    for element in elements_of(card):
        if element.get("type") in CHARTS:
            made = {key: value for key, value in element.items() if key != "fallback"}
            CHARTS[element["type"]].model_validate(made, extra="forbid")
    json.dumps(card, allow_nan=False)


def check_limits(part: Rendered) -> None:
    if not any(element.get("type", "").startswith("Input.") for element in elements_of(part.card)):
        assert len(json.dumps(part.card)) <= limits.CARD
    for actions in of_type(part.card, "ActionSet"):
        assert 0 < len(actions["actions"]) <= limits.BUTTONS_IN_SET
    for text in strings(part.card):
        assert not INVISIBLE.search(text)


def code_in(card: Json) -> list[str]:
    """Return every piece of template or mention syntax that Teams would act on."""
    texts = strings(without_drafts(card))
    return [found for text in texts for found in re.findall(r"(?i)\{\{[^}]*\}\}|\$\{|</?at\b", text)]


def without_drafts(part: Any) -> Any:
    """Leave out what people find in their inputs, which is theirs to edit and goes back as it came."""
    match part:
        case dict():
            return {key: without_drafts(value) for key, value in part.items() if key != "value"}
        case list():
            return [without_drafts(item) for item in part]
        case _:
            return part


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: type(block).__name__)
def test_every_block_is_valid(block: Block, schema: Draft6Validator) -> None:
    (part,) = render(Message("Summary", (Heading("First"), block, paragraph("after"))))

    check_card(part.card, schema)
    assert len(part.card["body"]) >= 2


@BRIEF
@given(message=messages())
def test_any_message_is_valid(message: Message, schema: Draft6Validator) -> None:
    for part in render(message):
        check_card(part.card, schema)


@CALM
@given(messages())
def test_any_message_is_within_its_limits_and_loses_no_button(message: Message) -> None:
    tokens = [b.token for block in message.blocks if isinstance(block, Actions) for b in block.buttons]
    names = [b.name for b in message.blocks if isinstance(b, Scale | Choice | TextBox | DateBox)]

    parts = render(message)

    for part in parts:
        check_limits(part)
    pressed = [a["data"]["token"] for p in parts for s in of_type(p.card, "ActionSet") for a in s["actions"]]
    assert pressed == tokens
    asked = [e["id"] for e in elements_of(parts[-1].card) if e.get("type", "").startswith("Input.")]
    assert asked == names


@BRIEF
@given(form=forms())
def test_any_form_is_valid(form: Form, schema: Draft6Validator) -> None:
    card = render_form(form)

    check_card(card, schema)
    assert card["actions"][0]["data"] == {"token": form.token}
    said = [e for e in elements_of(card) if e.get("color") == "Attention"]
    assert len(said) == len(form.errors)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_literally_everywhere(text: str) -> None:
    (part,) = render(Message("Summary", holding(text)))

    shown = "\n".join(re.sub("[\u2068\u2069]", "", found) for found in strings(part.card["body"]))
    assert shown.count(inert(text.replace("\n", " "))) >= 15
    assert not of_type(part.card, "TextBlock")
    assert not of_type(part.card, "FactSet")
    choices = {made["id"]: made for made in of_type(part.card, "Input.ChoiceSet")}
    assert choices["choice"]["style"] == ("compact" if re.search(r"[\\`*_\[\]~#<>|&]", text) else "expanded")


@pytest.mark.parametrize(
    "text",
    [
        "{{DATE(2020-01-01T00:00:00Z)}}",
        "{{{TIME(2020-01-01T00:00:00Z)}}}",
        "${name}",
        "<at>Ann</at>",
        "<AT id='0'>x</AT>",
    ],
)
def test_template_and_mention_syntax_of_a_person_does_nothing(text: str) -> None:
    mention = paragraph(Mention("Ann", "29:ann"), text)

    (part,) = render(Message(text, holding(text)))
    (mentioning,) = render(Message(text, (mention,)))

    assert code_in({key: value for key, value in part.card.items() if key != "msteams"}) == [
        "{{DATE(2026-11-24T12:00:00Z, SHORT)}}",
        "{{TIME(2026-11-24T12:00:00Z)}}",
    ]
    assert code_in(mentioning.card["body"]) == ["<at", "</at"]
    shown = [found.replace("\u200b", "") for found in strings(part.card["body"])]
    assert text in shown


@pytest.mark.parametrize(
    ("shows", "text"),
    [
        (Shows.DATE, "{{DATE(2026-11-24T12:00:00Z, SHORT)}}"),
        (Shows.TIME, "{{TIME(2026-11-24T12:00:00Z)}}"),
        (Shows.DATE_TIME, "{{DATE(2026-11-24T12:00:00Z, SHORT)}} {{TIME(2026-11-24T12:00:00Z)}}"),
    ],
)
def test_an_instant_is_shown_in_each_readers_zone_by_a_run_of_its_own(shows: Shows, text: str) -> None:
    (element,) = show(paragraph("by ", When(NOON.astimezone(dt.timezone(dt.timedelta(hours=9))), shows), "."))

    assert [run["text"] for run in element["inlines"]] == ["by ", text, "."]


def test_the_summary_is_the_notification_and_the_fallback() -> None:
    (part,) = render(Message("Pulse\nis open {{x}}", (Heading("x"),)))

    assert part.summary == "Pulse is open {{x}}"
    assert part.card["fallbackText"] == "Pulse is open {\u200b{x}}"
    assert (part.card["version"], part.card["msteams"]) == ("1.5", {"width": "Full"})


def test_a_person_with_an_address_is_mentioned_and_any_other_is_named() -> None:
    (part,) = render(Message("s", (paragraph(Mention("Ann", "29:ann"), " *and* ", Mention("Bo")),)))

    (element,) = part.card["body"]
    assert element == {"type": "TextBlock", "text": r"<at>Ann</at> \*and\* Bo", "wrap": True}
    assert part.card["msteams"]["entities"] == [
        {"type": "mention", "text": "<at>Ann</at>", "mentioned": {"id": "29:ann", "name": "Ann"}}
    ]


def test_of_two_people_with_one_name_only_one_is_mentioned() -> None:
    both = (paragraph(Mention("Ann", "29:a")), Note(line(Mention("Ann", "29:b"))))

    (part,) = render(Message("s", both))

    assert [element["type"] for element in part.card["body"]] == ["TextBlock", "RichTextBlock"]
    assert [entity["mentioned"]["id"] for entity in part.card["msteams"]["entities"]] == ["29:a"]


def test_a_link_opens_a_web_address_and_anything_else_is_text() -> None:
    (element,) = show(paragraph(Link("here", "https://example.org"), Link("there", "javascript:alert(1)")))

    good, bad = element["inlines"]
    assert good["selectAction"] == {"type": "Action.OpenUrl", "url": "https://example.org"}
    assert bad == {"type": "TextRun", "text": "there (javascript:alert(1))"}


def test_what_a_button_carries_is_what_it_does() -> None:
    press_it = Button("Acknowledge", "t.press", Does.PRESS, Tone.PRIMARY)
    others = (Button("Send", "t.submit", Does.SUBMIT), Button("Away", "t.form", Does.OPEN_FORM))

    (actions,) = show(Actions((press_it, *others)))

    press, submit, form = actions["actions"]
    assert (press["type"], press["verb"], press["data"]) == (
        "Action.Execute",
        "t.press",
        {"token": "t.press"},
    )
    assert (press["associatedInputs"], press["style"]) == ("none", "positive")
    assert press["fallback"]["type"] == "Action.Submit"
    assert press["fallback"]["data"] == press["data"]
    assert (submit["verb"], submit["associatedInputs"]) == ("t.submit", "auto")
    assert form == {
        "type": "Action.Submit",
        "title": "Away",
        "data": {"token": "t.form", "msteams": {"type": "task/fetch"}},
        "associatedInputs": "none",
    }


def test_inputs_say_what_is_missing() -> None:
    rated, written, day = show(
        Scale("q", "Trust", 1, 5, "low", "high", 4),
        TextBox("why", "Why", "Say more", "draft", required=True, longest=300),
        DateBox("day", "Until", dt.date(2026, 12, 1)),
    )

    assert (rated["type"], rated["style"], rated["value"]) == ("Input.ChoiceSet", "expanded", "4")
    assert [choice["title"] for choice in rated["choices"]] == ["1 · low", "2", "3", "4", "5 · high"]
    assert written == {
        "id": "why",
        "label": "Why",
        "type": "Input.Text",
        "isMultiline": True,
        "maxLength": 300,
        "placeholder": "Say more",
        "value": "draft",
        "isRequired": True,
        "errorMessage": "Please write something.",
    }
    assert (day["value"], day.get("isRequired")) == ("2026-12-01", None)


def test_many_choices_and_those_that_markdown_would_change_are_a_drop_down() -> None:
    many, marked = show(
        Scale("q", "Recommend", 0, 10, "never", "always"),
        Choice("c", "Which", (Option("a", "*all*"), Option("b", "none"))),
    )

    assert (many["style"], len(many["choices"])) == ("compact", 11)
    assert (marked["style"], marked["choices"][0]["title"]) == ("compact", "*all*")


def test_a_rule_is_the_separator_of_what_follows() -> None:
    first, second = show(paragraph("a"), Rule(), paragraph("b"), Rule())

    assert ("separator" in first, second["separator"]) == (False, True)


def test_facts_and_bullets_are_lines() -> None:
    body = show(Facts((fact("Due", "today"),)), Bullets((line("one"), line("two"))), note("small"))

    assert ["".join(run["text"] for run in element["inlines"]) for element in body] == [
        "Due: today",
        "•  one",
        "•  two",
        "small",
    ]
    assert body[3]["inlines"][0]["isSubtle"] is True


def test_many_buttons_stand_in_several_sets() -> None:
    sets = show(Actions(tuple(Button(f"B{n}", f"v1.x.y.{n}") for n in range(14))))

    assert [len(row["actions"]) for row in sets] == [6, 6, 2]


def test_a_long_message_is_cut_and_its_buttons_stay_in_the_last_part() -> None:
    words = tuple(Quote("word " * 400, "Bo") for _ in range(30))

    parts = render(Message("Long", (*words, Actions((Button("Acknowledge", "v1.a.b.C"),)))))

    assert len(parts) > 2
    assert [bool(of_type(part.card, "ActionSet")) for part in parts] == [False] * (len(parts) - 1) + [True]
    for part in parts:
        check_limits(part)


def test_inputs_are_never_parted_from_their_button() -> None:
    asked = tuple(TextBox(f"t{n}", "Say " * 200) for n in range(40))

    parts = render(Message("Ask", (Quote("x" * 5000), *asked, Actions((Button("Send", "v1.a.b.C", Does.SUBMIT),)))))

    assert len(of_type(parts[-1].card, "Input.Text")) == 40
    assert of_type(parts[-1].card, "ActionSet")


@pytest.mark.parametrize("letter", ["x", "漢", "😀", "{", "$", "\n", "\u202e"])
def test_a_one_megabyte_text_is_shortened_visibly_and_fits(letter: str) -> None:
    blocks = (Quote(letter * 1_000_000), paragraph(letter * 1_000_000), Heading(letter * 1_000_000))

    parts = render(Message(letter * 1_000_000, blocks))

    for part in parts:
        check_limits(part)
    assert any("characters more" in text for part in parts for text in strings(part.card["body"]))


def test_what_is_wrong_stands_directly_under_its_field() -> None:
    form = Form(
        "Raise",
        (TextBox("why", "Why", written="x"), TextBox("need", "Need")),
        "v1.a.b.C",
        "Raise it",
        (("why", "Please say more."), ("gone", "This round has closed.")),
    )

    card = render_form(form)

    body = card["body"]
    shown = [element.get("id") or element["inlines"][0]["text"] for element in body]
    assert shown == ["This round has closed.", "why", "Please say more.", "need"]
    assert body[2]["inlines"][0]["color"] == "Attention"
    assert card["actions"] == [{"type": "Action.Submit", "title": "Raise it", "data": {"token": "v1.a.b.C"}}]


def test_a_dialog_has_no_button_that_it_does_not_know() -> None:
    card = render_form(Form("T", (Actions((Button("Check", "t.check", Does.SUBMIT),)),), "t"))

    assert not of_type(card, "Action.Execute")
    assert of_type(card, "ActionSet")[0]["actions"][0]["data"] == {"token": "t.check"}
