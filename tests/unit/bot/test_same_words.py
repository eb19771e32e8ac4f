"""Both companies get the same words: every notice, said to everybody who hears it, differs only where it is meant to.

Names may be mentions for one reader and plain for another, and buttons are those that can work for the reader.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from alliance.audience import Recipient, ToChannel, ToHome, ToMember, audience
from alliance.escalation_notices import EscalationReminder
from alliance.ids import SideKey
from alliance.notices import (
    ActionItemDecided,
    ActionItemDue,
    ActionItemRedrawn,
    CheckinOpened,
    CheckinRedrawn,
    CheckinReminder,
    CheckpointOpened,
    CheckpointReminder,
    DigestReady,
    HomeChanged,
    MemberUnreachable,
    MessagesWait,
    Notice,
    PointPassedOn,
    PulseComments,
    PulseOpened,
    PulseReminder,
)
from bot.messages import sample
from bot.messages.blocks import Actions, Block, Mention, Message, Paragraph, Strong, Text
from bot.messages.catalog import TEMPLATES, word
from bot.messages.reader import Reader

ONE_SIDE = {
    CheckinOpened: "each side is asked at its own hour",
    PulseOpened: "each side is asked at its own hour",
    CheckinRedrawn: "who answered from their home",
    CheckinReminder: "those who have not answered, in their own working hours",
    PulseReminder: "those who have not answered, in their own working hours",
    CheckpointOpened: "those who are invited and here",
    CheckpointReminder: "those who have not answered, in their own working hours",
    DigestReady: "each company's executives at their own hour",
    PulseComments: "comments never cross",
    PointPassedOn: "the author's counterpart",
    ActionItemDecided: "the owner",
    ActionItemDue: "the owner",
    ActionItemRedrawn: "the owner",
    EscalationReminder: "the side that has not acknowledged",
    MemberUnreachable: "the person's own company sees to it",
    MessagesWait: "the person's own company sees to it",
    HomeChanged: "each home shows its own person's matters",
}
"""What one notice tells to people of one side alone, and why. All others go to both sides."""

OWN_VIEW = {PulseOpened: "“we” and “they” are the reader's own company and the other"}
"""What is worded from where the reader stands."""

EXAMPLES = [
    pytest.param(notice, id=f"{kind.__name__}-{number}")
    for kind, template in TEMPLATES.items()
    for number, notice in enumerate(template.examples)
]


def reader_of(to: Recipient) -> Reader:
    match to:
        case ToMember(member_id) | ToHome(member_id):
            member = sample.ROSTER.member(member_id)
            return Reader(sample.ROSTER, member, member.side)
        case ToChannel(side):
            return Reader(sample.ROSTER, None, side)


def plain(value: Any) -> Any:
    """Any part of a message with names as text, however the reader's chat shows them."""
    match value:
        case Mention(name):
            return Text(name)
        case Strong(text):
            return Text(text)
        case tuple():
            return tuple(plain(part) for part in value)
        case Paragraph(line):
            return Paragraph(plain(line))
        case _ if hasattr(value, "__dataclass_fields__"):
            return replace(value, **{name: plain(getattr(value, name)) for name in value.__dataclass_fields__})
        case _:
            return value


def words(message: Message) -> tuple[str, tuple[Block, ...]]:
    return message.summary, tuple(plain(block) for block in message.blocks if not isinstance(block, Actions))


def said(notice: Notice) -> Iterator[tuple[SideKey | None, tuple[str, tuple[Block, ...]]]]:
    for to in audience(notice, sample.ROSTER):
        reader = reader_of(to)
        yield reader.side, words(word(notice, reader))


@pytest.mark.parametrize("notice", EXAMPLES)
def test_everybody_who_hears_a_notice_gets_the_same_words(notice: Notice) -> None:
    heard = list(said(notice))

    assert heard
    by_side: dict[SideKey | None, set[Any]] = {}
    for side, message in heard:
        by_side.setdefault(side, set()).add(message)
    if type(notice) in OWN_VIEW:
        assert all(len(messages) == 1 for messages in by_side.values())
    else:
        assert len(set().union(*by_side.values())) == 1


@pytest.mark.parametrize("notice", EXAMPLES)
def test_everything_goes_to_both_sides_but_what_is_meant_for_one(notice: Notice) -> None:
    sides = {side for side, _ in said(notice)} - {None}

    if type(notice) not in ONE_SIDE and getattr(notice, "members", None) is None:
        assert sides == {sample.DC, sample.MC}


def test_the_exceptions_are_notices_that_exist() -> None:
    assert set(ONE_SIDE) | set(OWN_VIEW) <= set(TEMPLATES)


def test_a_pulse_is_asked_in_the_same_words_but_for_who_is_who() -> None:
    (notice, *_) = TEMPLATES[PulseOpened].examples

    summaries, blocks = zip(*(words(word(notice, sample.reader(key))) for key in ("ana", "jonas")), strict=True)

    assert len(set(summaries)) == 1
    assert sum(first != second for first, second in zip(*blocks, strict=True)) == 1


def test_a_difference_would_be_seen() -> None:
    dana, mara = sample.reader("dana"), sample.reader("mara")

    assert plain(dana.person(dana.member.id if dana.member else None)) == plain(
        mara.person(dana.member.id if dana.member else None)
    )
    assert plain(Paragraph((Text("DC"),))) != plain(Paragraph((Text("MC"),)))
