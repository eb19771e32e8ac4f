"""What is read again is worded as it was told, and alike for both companies."""

import datetime as dt

import pytest

from alliance.audit import AuditEntry, AuditFact, BrokenLink, link
from alliance.ids import MemberId
from alliance.notices import PulseClosed
from bot.messages import sample
from bot.messages.blocks import Message
from bot.messages.catalog import TEMPLATES, answer, word
from bot.messages.plain import render
from handlers.readings import PulseResultsShown, TrailShown

FACTS = (
    AuditFact("charter signed", "charter 1", actor=MemberId("dana"), facts={"side": "dc"}),
    AuditFact("administrative read", "alliance", facts={"what": "the charter"}),
)


def entries() -> tuple[AuditEntry, ...]:
    chain: list[AuditEntry] = []
    for number, fact in enumerate(FACTS):
        at = sample.NOW + dt.timedelta(hours=number)
        previous = chain[-1] if chain else None
        chain.append(link(fact, alliance_id=sample.ALLIANCE, previous=previous, at=at, salt=""))
    return tuple(chain)


def said(reply: TrailShown | PulseResultsShown, key: str) -> str:
    message = answer(reply, sample.reader(key)).message
    assert isinstance(message, Message)
    return " ".join(render(message).split())


@pytest.mark.parametrize(
    "trail",
    [
        TrailShown(entries(), 2, None),
        TrailShown(entries(), 40, BrokenLink(7, "its content was changed")),
        TrailShown((), 0, None),
    ],
)
def test_both_companies_read_the_trail_in_the_same_words(trail: TrailShown) -> None:
    assert said(trail, "dana") == said(trail, "mara")


def test_the_trail_says_who_did_what_for_which_company_and_that_it_holds() -> None:
    text = said(TrailShown(entries(), 2, None), "mara")

    assert "2 entries. Its chain holds" in text
    assert "charter signed, charter 1, by Dana" in text
    assert "(side: DC)" in text
    assert "administrative read, alliance (what: the charter)" in text


def test_a_broken_trail_says_where_and_what_to_do() -> None:
    text = said(TrailShown(entries(), 40, BrokenLink(7, "its content was changed")), "dana")

    assert "does not hold: at entry 7, its content was changed. Both alliance managers should ask" in text
    assert "the newest 2 of them" in text


def test_results_are_read_again_in_the_words_in_which_they_were_told() -> None:
    for told in TEMPLATES[PulseClosed].examples:
        reader = sample.reader("lars")
        assert answer(PulseResultsShown(told.results), reader).message == word(told, reader)
