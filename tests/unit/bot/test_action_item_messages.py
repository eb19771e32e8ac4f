from dataclasses import replace

import pytest

from alliance.notices import ActionItemDecided, ActionItemDue
from bot.messages.action_items import TEMPLATES
from bot.messages.blocks import Actions, Choice, Message
from bot.messages.catalog import answer, word
from bot.messages.plain import render
from bot.messages.sample import reader
from handlers.action_items import ActionItemAsked, ActionItemFinished, ActionItemsListed, ListedItem

DECIDED = TEMPLATES[ActionItemDecided].examples[0]
assert isinstance(DECIDED, ActionItemDecided)
ITEM = DECIDED.item


def labels(message: Message) -> list[str]:
    return [b.label for block in message.blocks if isinstance(block, Actions) for b in block.buttons]


@pytest.mark.parametrize("key", ["ana", "jonas"])
def test_every_example_names_the_item_and_its_date(key: str) -> None:
    for template in TEMPLATES.values():
        for example in template.examples:
            text = render(word(example, reader(key)))
            assert "ction item 4" in text
            assert "20 March 2026" in text


def test_overdue_says_so_without_blame_and_offers_to_finish_it() -> None:
    message = word(ActionItemDue(alliance_id=ITEM.alliance_id, item=ITEM, overdue=True), reader("ana"))

    said = "Action item 4 of DC and MC was due on 20 March 2026 and is still open: Send the customers the new date"
    assert message.summary == said
    assert labels(message) == ["Mark it done"]


def test_the_pressed_message_becomes_done() -> None:
    shown = answer(ActionItemFinished(ITEM), reader("ana"))

    assert shown.replaces
    assert shown.message is not None
    assert labels(shown.message) == []


def test_the_list_marks_what_is_overdue_and_offers_what_the_asker_can_finish() -> None:
    items = (ListedItem(ITEM, True, True), ListedItem(replace(ITEM, number=5), False, False))

    message = answer(ActionItemsListed(items), reader("ana")).message

    assert message is not None
    assert "by 20 March 2026, overdue" in render(message)
    assert labels(message) == ["4 is done"]


def test_a_long_list_says_how_to_finish_the_others() -> None:
    items = tuple(ListedItem(replace(ITEM, number=n), False, True) for n in range(1, 30))

    message = answer(ActionItemsListed(items), reader("ana")).message

    assert message is not None
    assert len(labels(message)) == 6
    assert "say “done” and its number" in render(message)
    assert "And 9 more items" in render(message)


def test_an_empty_list_says_so() -> None:
    message = answer(ActionItemsListed(()), reader("ana")).message

    assert message is not None
    assert message.summary == "Nothing is open."


def test_the_dialog_offers_the_people_of_both_companies_and_no_mediator() -> None:
    form = answer(ActionItemAsked(None), reader("jonas")).form

    assert form is not None
    (owners,) = [block for block in form.blocks if isinstance(block, Choice)]
    assert [option.value for option in owners.options][:4] == ["jonas", "katrin", "lars", "mara"]
    assert "nia" not in {option.value for option in owners.options}
