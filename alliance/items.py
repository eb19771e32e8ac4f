"""The question bank: thirteen dimensions in our own words, mirrored as "we" and "they", and their rotation.

Wording is constant: a key always stands for the same sentence, so that a trend compares like with like. New
wording gets a new key. Items rotate in blocks that belong together: a "we / they" pair, the friction pair,
advocacy alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from alliance.errors import AllianceError

FEWEST_ITEMS, MOST_ITEMS = 3, 5
"""Items of a round; what fits into a minute."""
ADVOCACY = "advocacy"
CONFLICT_HANDLING = "conflict handling"
TASK_FRICTION = "task friction"
PERSONAL_FRICTION = "low personal friction"


class UnknownDimension(AllianceError, ValueError):
    """The question bank has no such dimension."""


class Voice(StrEnum):
    """Whom an item is about: the answering side itself, or the other one."""

    WE = "we"
    THEY = "they"


@dataclass(frozen=True, slots=True)
class Item:
    """One statement. `dimension` is what its figures are published under.

    `direction` is 1 when a high rating is good, -1 when it is scored in reverse, and 0 when it is never
    scored: arguing about the work is neither good nor bad.
    """

    key: str
    dimension: str
    statement: str
    voice: Voice | None = None
    lowest: int = 1
    highest: int = 5
    lowest_label: str = "strongly disagree"
    highest_label: str = "strongly agree"
    direction: int = 1

    def scored(self, rating: int) -> int:
        """The rating with high as good."""
        return self.lowest + self.highest - rating if self.direction < 0 else rating

    @property
    def favourable(self) -> range:
        """Scored ratings that count as favourable: 4 and 5, or 9 and 10 on the scale from 0."""
        return range(9, 11) if self.highest == 10 else range(4, 6)

    @property
    def unfavourable(self) -> range:
        """Scored ratings that count as unfavourable: 1 and 2, or 0 to 6 on the scale from 0."""
        return range(7) if self.highest == 10 else range(1, 3)

    @property
    def smallest_gap(self) -> Fraction:
        """The difference from which on a gap may be called one: 0.5 on 1 to 5, the same eighth of any other
        scale.
        """
        return Fraction(self.highest - self.lowest, 8)


@dataclass(frozen=True, slots=True)
class Block:
    """Items that are always asked together, and the dimension by which a charter chooses them."""

    dimension: str
    items: tuple[Item, ...]


_PAIRS = (
    ("trust", "We do what we tell them we will do.", "They do what they tell us they will do."),
    (
        "communication",
        "We tell them early about what affects them.",
        "They tell us early about what affects us.",
    ),
    (
        "role clarity",
        "It is clear who on our side decides what.",
        "It is clear who on their side decides what.",
    ),
    (
        "value balance",
        "We get a fair return for what we put in.",
        "They get a fair return for what they put in.",
    ),
    (
        "decision speed",
        "We decide quickly enough to keep the joint work moving.",
        "They decide quickly enough to keep the joint work moving.",
    ),
    (
        "commitment",
        "We give the joint work the people and the time it needs.",
        "They give the joint work the people and the time it needs.",
    ),
    (
        "working-style fit",
        "We meet their way of working halfway.",
        "They meet our way of working halfway.",
    ),
    (
        CONFLICT_HANDLING,
        "We raise disagreements openly and settle them fairly.",
        "They raise disagreements openly and settle them fairly.",
    ),
    (
        "governance",
        "We keep to the rules and meetings that were agreed.",
        "They keep to the rules and meetings that were agreed.",
    ),
    (
        "knowledge sharing",
        "We share what we learn when it helps them.",
        "They share what they learn when it helps us.",
    ),
    (
        "flexibility",
        "We adjust when circumstances change for them.",
        "They adjust when circumstances change for us.",
    ),
    (
        "long-term value",
        "We weigh the long run when we make joint choices.",
        "They weigh the long run when they make joint choices.",
    ),
)

_FRICTION = Block(
    CONFLICT_HANDLING,
    (
        Item(
            key="conflict-handling.task-friction",
            dimension=TASK_FRICTION,
            statement="Our people and theirs argue about how the work should be done.",
            direction=0,
        ),
        Item(
            key="conflict-handling.personal-friction",
            dimension=PERSONAL_FRICTION,
            statement="Between our people and theirs, disagreements turn personal.",
            direction=-1,
        ),
    ),
)

_ADVOCACY = Block(
    ADVOCACY,
    (
        Item(
            key=ADVOCACY,
            dimension=ADVOCACY,
            statement="How likely are you to recommend working with this partner to a colleague?",
            lowest=0,
            highest=10,
            lowest_label="not at all likely",
            highest_label="extremely likely",
        ),
    ),
)


def _pair(dimension: str, we: str, they: str) -> Block:
    slug = dimension.replace(" ", "-")
    items = tuple(
        Item(f"{slug}.{voice}", dimension, statement, voice)
        for voice, statement in ((Voice.WE, we), (Voice.THEY, they))
    )
    return Block(dimension, items)


def _bank() -> Iterator[Block]:
    for dimension, we, they in _PAIRS:
        yield _pair(dimension, we, they)
        if dimension == CONFLICT_HANDLING:
            yield _FRICTION
    yield _ADVOCACY


BLOCKS: tuple[Block, ...] = tuple(_bank())
ITEMS: Mapping[str, Item] = MappingProxyType({item.key: item for block in BLOCKS for item in block.items})
DIMENSIONS: tuple[str, ...] = tuple(dict.fromkeys(block.dimension for block in BLOCKS))
"""What a charter may choose from; an empty choice means all thirteen."""


def blocks_of(dimensions: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks of the chosen dimensions in the bank's order, all when none is chosen.

    Raises UnknownDimension.
    """
    unknown = [name for name in dimensions if name not in DIMENSIONS]
    if unknown:
        raise UnknownDimension(f"The question bank has no dimension “{unknown[0]}”. It has: {', '.join(DIMENSIONS)}.")
    return tuple(block for block in BLOCKS if not dimensions or block.dimension in dimensions)


def items_of_round(number: int, dimensions: Sequence[str], items_per_round: int) -> tuple[str, ...]:
    """Return the keys that the round with this number asks, in order; rounds count from 1.

    Blocks are taken in cyclic order while they fit into `items_per_round` (3 to 5), each once a round, so
    that every chosen dimension comes round in a cycle. A round with fewer than three items is filled with
    advocacy, or with a pair when advocacy is all that was chosen. Raises UnknownDimension; ValueError outside
    of 3 to 5.
    """
    if not FEWEST_ITEMS <= items_per_round <= MOST_ITEMS:
        raise ValueError(f"a pulse asks {FEWEST_ITEMS} to {MOST_ITEMS} items, not {items_per_round}")
    cycle = blocks_of(dimensions)
    start = 0
    taken = _taken(cycle, start, items_per_round)
    for _ in range(number - 1):
        start = (start + len(taken)) % len(cycle)
        taken = _taken(cycle, start, items_per_round)
    return tuple(item.key for block in _filled(taken) for item in block.items)


def _taken(cycle: tuple[Block, ...], start: int, limit: int) -> tuple[Block, ...]:
    taken: list[Block] = []
    for block in (*cycle[start:], *cycle[:start]):
        if _count((*taken, block)) > limit:
            break
        taken.append(block)
    return tuple(taken)


def _filled(taken: tuple[Block, ...]) -> tuple[Block, ...]:
    for filler in (_ADVOCACY, *BLOCKS):
        if _count(taken) >= FEWEST_ITEMS:
            break
        if filler not in taken:
            taken = (*taken, filler)
    return taken


def _count(blocks: Iterable[Block]) -> int:
    return sum(len(block.items) for block in blocks)


def scored_by_dimension(keys: Sequence[str]) -> Mapping[str, tuple[Item, ...]]:
    """Return a round's scored items under the dimension that they are published under, in the round's order.

    Personal friction stands for itself beside "conflict handling": the two blocks may come in different
    rounds, and what a score is made of must not depend on the rotation.
    """
    found: dict[str, tuple[Item, ...]] = {}
    for item in (ITEMS[key] for key in keys):
        if item.direction:
            found[item.dimension] = (*found.get(item.dimension, ()), item)
    return found


def unscored(keys: Sequence[str]) -> tuple[Item, ...]:
    """Return a round's items that are told and never scored."""
    return tuple(item for item in (ITEMS[key] for key in keys) if not item.direction)
