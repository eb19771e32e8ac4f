"""Buttons in Teams stand in rows that a chat can show whole."""

from bot.messages.blocks import Actions, Button
from bot.teams.inputs import action_sets


def test_long_labels_begin_a_new_row_before_they_are_clipped() -> None:
    labels = [f"Raise the blocker of person {n}" for n in range(5)]
    buttons = Actions(tuple(Button(label, f"t{label}") for label in labels))

    rows = [[button["title"] for button in row["actions"]] for row in action_sets(buttons, in_form=False)]

    assert [title for row in rows for title in row] == labels
    assert all(sum(map(len, row)) <= 75 for row in rows)
