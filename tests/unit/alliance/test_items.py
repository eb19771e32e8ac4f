import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.items import (
    BLOCKS,
    DIMENSIONS,
    ITEMS,
    UnknownDimension,
    Voice,
    blocks_of,
    items_of_round,
    scored_by_dimension,
    unscored,
)

CHOICES = st.lists(st.sampled_from(DIMENSIONS), unique=True).map(tuple)
LIMITS = st.integers(3, 5)


def dimensions_of(keys: tuple[str, ...]) -> set[str]:
    return {block.dimension for block in BLOCKS for item in block.items if item.key in keys}


def test_the_bank_has_the_thirteen_agreed_dimensions() -> None:
    assert set(DIMENSIONS) == {
        "trust", "communication", "role clarity", "value balance", "decision speed", "commitment",
        "working-style fit", "conflict handling", "governance", "knowledge sharing", "flexibility",
        "long-term value", "advocacy",
    }  # fmt: skip


def test_every_dimension_but_advocacy_is_asked_about_both_sides() -> None:
    for dimension in set(DIMENSIONS) - {"advocacy"}:
        voices = [item.voice for item in ITEMS.values() if item.dimension == dimension]

        assert voices == [Voice.WE, Voice.THEY]


def test_keys_and_statements_are_unique() -> None:
    statements = {item.statement for item in ITEMS.values()}

    assert len(ITEMS) == sum(len(block.items) for block in BLOCKS) == len(statements)


def test_advocacy_is_one_item_from_0_to_10() -> None:
    item = ITEMS["advocacy"]

    assert (item.lowest, item.highest) == (0, 10)
    assert [r for r in range(11) if r in item.favourable] == [9, 10]
    assert [r for r in range(11) if r in item.unfavourable] == list(range(7))


def test_arguing_about_the_work_is_never_scored_and_personal_friction_is_scored_in_reverse() -> None:
    keys = ("conflict-handling.task-friction", "conflict-handling.personal-friction")

    assert [item.dimension for item in unscored(keys)] == ["task friction"]
    assert list(scored_by_dimension(keys)) == ["low personal friction"]
    assert [ITEMS[keys[1]].scored(rating) for rating in range(1, 6)] == [5, 4, 3, 2, 1]


@given(CHOICES, LIMITS)
def test_every_chosen_dimension_comes_round_in_a_cycle(chosen: tuple[str, ...], limit: int) -> None:
    blocks = blocks_of(chosen)

    for first in (1, 8):
        cycle = [items_of_round(n, chosen, limit) for n in range(first, first + len(blocks))]
        asked = {key for keys in cycle for key in keys}
        assert {item.key for block in blocks for item in block.items} <= asked


@given(CHOICES, LIMITS, st.integers(1, 60))
def test_a_round_asks_three_items_to_the_limit_each_once_and_whole_blocks(
    chosen: tuple[str, ...], limit: int, number: int
) -> None:
    keys = items_of_round(number, chosen, limit)

    assert 3 <= len(keys) <= limit
    assert len(set(keys)) == len(keys)
    for block in BLOCKS:
        assert len({item.key for item in block.items} & set(keys)) in (0, len(block.items))


def test_a_round_of_three_is_a_pair_and_advocacy() -> None:
    assert items_of_round(1, (), 3) == ("trust.we", "trust.they", "advocacy")
    assert items_of_round(2, (), 3) == ("communication.we", "communication.they", "advocacy")


def test_a_single_chosen_dimension_is_asked_every_time() -> None:
    rounds = [dimensions_of(items_of_round(number, ("governance",), 4)) for number in (1, 2, 3)]

    assert rounds == [{"governance", "advocacy"}] * 3


def test_an_unknown_dimension_is_refused_by_name() -> None:
    with pytest.raises(UnknownDimension, match="loyalty"):
        blocks_of(("trust", "loyalty"))


@pytest.mark.parametrize("limit", [2, 6])
def test_fewer_than_three_or_more_than_five_items_are_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="3 to 5"):
        items_of_round(1, (), limit)
