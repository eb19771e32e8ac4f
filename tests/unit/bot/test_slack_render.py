"""Slack output is what Slack accepts, loses no button, and shows people's text literally."""

import datetime as dt
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View

from bot.messages.blocks import (
    Actions,
    Block,
    Bullets,
    Button,
    Choice,
    Facts,
    Form,
    Heading,
    Link,
    Mention,
    Message,
    Option,
    Quote,
    Rule,
    Scale,
    Shows,
    TextBox,
    When,
    fact,
    line,
    note,
    paragraph,
)
from bot.slack import limits
from bot.slack.render import Rendered, TooLarge, form_errors, render, render_form
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


def show(*blocks: Block) -> tuple[Json, ...]:
    (only,) = render(Message("Summary", (Heading("First"), *blocks)))
    return only.blocks[1:]


def check_chart(block: Json) -> None:
    chart = block["chart"]
    categories = chart["axis_config"]["categories"]
    assert 0 < len(block["title"]) <= 50
    assert 0 < len(chart["series"]) <= 6
    assert 0 < len(categories) <= 20
    assert len({series["name"] for series in chart["series"]}) == len(chart["series"])
    for series in chart["series"]:
        assert 0 < len(series["name"]) <= 20
        assert [point["label"] for point in series["data"]] == categories
        assert all(isinstance(point["value"], float) for point in series["data"])
    assert all(0 < len(label) <= 20 for label in categories)
    assert len(set(categories)) == len(categories)


def check_table(block: Json) -> None:
    assert 0 < len(block["rows"]) <= 100
    assert all(0 < len(row) <= 20 for row in block["rows"])
    cells = [cell["text"] for row in block["rows"] for cell in row]
    assert all(cells)
    assert sum(map(len, cells)) <= 10_000


def check_blocks(blocks: Iterable[Json]) -> None:
    """Check what slack_sdk's own models check, and what its models do not know."""
    for block in blocks:
        if block["type"] == "data_visualization":
            check_chart(block)
            continue
        parsed = SlackBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        if block["type"] == "table":
            check_table(block)
    for element in elements_of(list(blocks)):
        match element.get("type"):
            case "plain_text":
                assert 0 < len(element["text"]) <= limits.TEXT
            case "text" | "link":
                assert element["text"]
            case "rich_text_section" | "rich_text_quote" | "rich_text_list" | "rich_text_preformatted":
                assert element["elements"]
            case "radio_buttons":
                assert 0 < len(element["options"]) <= limits.RADIO_BUTTONS
            case "plain_text_input":
                assert len(element.get("initial_value", "")) <= element["max_length"] <= limits.INPUT
            case "mrkdwn":
                pytest.fail("people's text could become markup")
            case _:
                pass


def check_message(part: Rendered) -> None:
    check_blocks(part.blocks)
    named = [block["block_id"] for block in part.blocks if "block_id" in block]
    kinds = Counter(block["type"] for block in part.blocks)
    assert len(named) == len(set(named))
    assert len(part.blocks) <= limits.BLOCKS_IN_MESSAGE
    assert kinds["table"] <= limits.TABLES_IN_MESSAGE
    assert kinds["data_visualization"] <= limits.CHARTS_IN_MESSAGE
    assert 0 < len(part.text) <= limits.TOP_TEXT
    if not kinds["input"]:
        measured = [block for block in part.blocks if block["type"] != "table"]
        assert len(json.dumps(measured, ensure_ascii=False)) <= 13_200
    for text in strings(part.blocks):
        assert not INVISIBLE.search(text)


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: type(block).__name__)
def test_every_block_is_accepted(block: Block, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_blocks(show(block))

    assert not caplog.records
    assert show(block)


@CALM
@given(messages())
def test_any_message_is_accepted(message: Message) -> None:
    parts = render(message)

    for part in parts:
        check_message(part)


@CALM
@given(messages())
def test_no_button_and_no_input_is_lost(message: Message) -> None:
    tokens = [b.token for block in message.blocks if isinstance(block, Actions) for b in block.buttons]
    names = [block.name for block in message.blocks if isinstance(block, Scale | Choice | TextBox)]

    parts = render(message)

    blocks = [block for part in parts for block in part.blocks]
    assert [button["value"] for button in of_type(blocks, "button")] == tokens
    assert all(button["action_id"] == button["value"] for button in of_type(blocks, "button"))
    asked = [block["block_id"] for block in of_type(parts[-1].blocks, "input")]
    assert set(names) <= set(asked)


@CALM
@given(forms())
def test_any_form_is_accepted(form: Form) -> None:
    view = render_form(form)

    View(**view).validate_json()
    check_blocks(view["blocks"])
    assert not {"table", "data_visualization"} & {block["type"] for block in view["blocks"]}
    assert all(0 < len(view[key]["text"]) <= 24 for key in ("title", "submit", "close"))
    assert set(form_errors(form)) <= {block.get("block_id") for block in view["blocks"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_literally_everywhere(text: str) -> None:
    (part,) = render(Message("Summary", holding(text)))

    shown = "\n".join(re.sub("[\u2068\u2069]", "", found) for found in strings(part.blocks))
    one_line = text.replace("\n", " ")
    assert shown.count(one_line) >= 15
    assert not of_type(part.blocks, "mrkdwn")
    assert not of_type(part.blocks, "broadcast")
    assert all(element["emoji"] is False for element in of_type(part.blocks, "plain_text"))


def test_the_notification_text_is_the_summary_with_its_markup_escaped() -> None:
    (part,) = render(Message("<!channel> R&D needs you", (Heading("x"),)))

    assert part.text == "&lt;!channel&gt; R&amp;D needs you"


def test_an_overlong_summary_is_cut_between_letters_not_within_an_escape() -> None:
    (part,) = render(Message("&" * 5000, (Heading("x"),)))

    assert len(part.text) <= limits.TOP_TEXT
    assert re.fullmatch(r"(&amp;)+… \d+ characters more", part.text)


def test_control_characters_are_gone_and_direction_marks_are_named() -> None:
    (block,) = show(Quote("a\x00\x1b[31mb\u202egnp.exe\r\nend"))

    assert block["elements"][0]["elements"][0]["text"] == "a[31mb[RLO]gnp.exe\nend"


def test_right_to_left_letters_cannot_reorder_the_words_around_them() -> None:
    (block,) = show(paragraph("שלום", " 3 of 5"))

    texts = [element["text"] for element in block["elements"][0]["elements"]]
    assert texts == ["\u2068שלום\u2069", " 3 of 5"]


def test_a_one_megabyte_text_is_shortened_visibly() -> None:
    (block,) = show(Quote("x" * 1_000_000))

    text = block["elements"][0]["elements"][0]["text"]
    kept = len(text) - len(text[text.index("…") :])
    assert len(text) <= limits.TEXT
    assert text.endswith(f"… {1_000_000 - kept} characters more")


@pytest.mark.parametrize(
    ("shows", "pattern", "fallback"),
    [
        (Shows.DATE, "{date_long}", "24 November 2026"),
        (Shows.TIME, "{time}", "12:00 UTC"),
        (Shows.DATE_TIME, "{date_long}, {time}", "24 November 2026, 12:00 UTC"),
    ],
)
def test_an_instant_is_shown_in_each_readers_zone(shows: Shows, pattern: str, fallback: str) -> None:
    (block,) = show(paragraph(When(NOON.astimezone(dt.timezone(dt.timedelta(hours=9))), shows)))

    (date,) = block["elements"][0]["elements"]
    assert date == {
        "type": "date",
        "timestamp": int(NOON.timestamp()),
        "format": pattern,
        "fallback": fallback,
    }


def test_a_person_of_this_workspace_is_mentioned_and_any_other_is_named() -> None:
    (block,) = show(paragraph(Mention("Ann", "U012ABC"), Mention("Bo"), Mention("Cy", "29:teams")))

    here, *others = block["elements"][0]["elements"]
    assert here == {"type": "user", "user_id": "U012ABC"}
    assert [other["text"] for other in others] == ["Bo", "Cy"]


def test_a_link_that_is_not_a_web_address_is_only_text() -> None:
    (block,) = show(paragraph(Link("here", "javascript:alert(1)")))

    assert block["elements"][0]["elements"] == [{"type": "text", "text": "here (javascript:alert(1))"}]


def test_small_print_is_a_context_block_unless_it_holds_a_date() -> None:
    assert [block["type"] for block in show(note("Anonymous."))] == ["context"]
    (dated,) = show(note("Resumes ", When(NOON)))
    assert all(element["style"] == {"italic": True} for element in dated["elements"][0]["elements"])


def test_facts_stand_on_lines_with_bold_labels() -> None:
    (block,) = show(Facts((fact("Due", "today"), fact("State", "blocked"))))

    elements = block["elements"][0]["elements"]
    assert "".join(element["text"] for element in elements) == "Due: today\nState: blocked"
    assert [element["text"] for element in elements if "style" in element] == ["Due:", "State:"]


def test_a_message_that_begins_with_no_words_of_its_own_begins_with_its_summary() -> None:
    (part,) = render(Message("Two questions for you", (Rule(), Heading("x"))))

    assert [block["type"] for block in part.blocks] == ["rich_text", "divider", "header"]
    assert list(strings(part.blocks[0]))[-1] == "Two questions for you"


def test_a_scale_to_five_is_in_sight_and_one_to_ten_is_a_drop_down() -> None:
    low, high = show(
        Scale("q1", "Trust", 1, 5, "strongly disagree", "strongly agree", 4),
        Scale("q2", "Recommend", 0, 10, "never", "always"),
    )

    assert low["block_id"] == low["element"]["action_id"] == "q1"
    assert low["element"]["type"] == "radio_buttons"
    labels = [option["text"]["text"] for option in low["element"]["options"]]
    assert labels == ["1 · strongly disagree", "2", "3", "4", "5 · strongly agree"]
    assert low["element"]["initial_option"]["value"] == "4"
    assert high["element"]["type"] == "static_select"
    assert [option["value"] for option in high["element"]["options"]] == [str(n) for n in range(11)]


def test_more_than_a_hundred_options_are_grouped() -> None:
    (block,) = show(Choice("who", "Who", tuple(Option(f"m{n}", f"Member {n}") for n in range(230))))

    groups = block["element"]["option_groups"]
    assert [len(group["options"]) for group in groups] == [100, 100, 30]
    check_blocks([block])


def test_only_what_must_be_answered_is_required() -> None:
    optional, required = show(TextBox("a", "A"), TextBox("b", "B", required=True))

    assert (optional["optional"], required["optional"]) == (True, False)


def test_many_buttons_stand_in_several_rows() -> None:
    rows = show(Actions(tuple(Button(f"B{n}", f"v1.x.y.{n}") for n in range(60))))

    assert [len(row["elements"]) for row in rows] == [25, 25, 10]


def test_a_long_message_is_cut_and_its_buttons_stay_in_the_last_part() -> None:
    words = tuple(paragraph(f"Line {n}") for n in range(120))
    button = Actions((Button("Acknowledge", "v1.escalation.acknowledge.E1"),))

    parts = render(Message("Long", (*words, button)))

    assert [len(part.blocks) for part in parts] == [50, 50, 21]
    assert [bool(of_type(part.blocks, "button")) for part in parts] == [False, False, True]
    assert {part.text for part in parts} == {"Long"}


def test_a_button_is_never_parted_from_what_it_is_about() -> None:
    words = tuple(paragraph(f"Line {n}") for n in range(50))

    parts = render(Message("Long", (*words, Actions((Button("Yes", "v1.a.b.C"),)))))

    assert [block["type"] for block in parts[-1].blocks] == ["rich_text", "actions"]


def test_a_message_of_much_text_is_cut_before_slack_refuses_it() -> None:
    parts = render(Message("Long", tuple(Quote("word " * 590) for _ in range(10))))

    assert len(parts) > 1
    for part in parts:
        check_message(part)


def test_inputs_are_never_parted_from_their_button() -> None:
    asked = tuple(TextBox(f"t{n}", "Say") for n in range(48))
    words = tuple(paragraph(f"Line {n}") for n in range(30))

    parts = render(Message("Ask", (*words, *asked, Actions((Button("Send", "v1.a.b.C"),)))))

    assert len(of_type(parts[-1].blocks, "input")) == 48
    assert len(of_type(parts[-1].blocks, "button")) == 1


def test_more_inputs_than_fit_are_refused() -> None:
    asked = tuple(TextBox(f"t{n}", "Say") for n in range(51))

    with pytest.raises(TooLarge):
        render(Message("Ask", asked))


def test_a_form_is_a_modal_that_carries_its_token() -> None:
    form = Form("A title that is far too long for Slack", (TextBox("why", "Why"),), "v1.a.b.C", "Raise it")

    view = render_form(form)

    assert view["callback_id"] == view["private_metadata"] == "v1.a.b.C"
    assert view["title"]["text"] == "A title that is far too…"
    assert view["submit"]["text"] == "Raise it"
    assert view["blocks"][0]["block_id"] == "why"


def test_a_form_with_too_many_blocks_is_refused() -> None:
    with pytest.raises(TooLarge):
        render_form(Form("T", tuple(Rule() for _ in range(101)), "v1.a.b.C"))


def test_errors_are_named_by_their_field_and_none_is_lost() -> None:
    form = Form("T", (TextBox("why", "Why"),), "t", errors=(("why", "Say more."), ("gone", "Too late.")))

    assert form_errors(form) == {"why": "Say more. Too late."}


def test_bullets_are_a_list() -> None:
    (block,) = show(Bullets((line("one"), line("two"))))

    (bullets,) = block["elements"]
    assert (bullets["type"], bullets["style"], len(bullets["elements"])) == ("rich_text_list", "bullet", 2)


def test_a_token_fits_into_an_action_id() -> None:
    check_blocks(show(Actions((Button("x", "t" * limits.ACTION_ID),))))


def test_what_holds_nothing_is_left_out() -> None:
    assert show(paragraph(""), note(""), Facts(()), Bullets(()), Actions(())) == ()
