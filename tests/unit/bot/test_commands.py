"""What people type becomes what they mean, in any case and with any punctuation."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.errors import NotAMember, NotUnderstood
from alliance.ids import AllianceId
from alliance.roster import Member, Roster, Tier
from bot.commands import (
    COMMANDS,
    LONGEST,
    AwayUntilWhen,
    TooLong,
    WhichAlliance,
    WhichNumber,
    help_for,
    nearest,
    parse,
)
from bot.spoken_dates import UnclearDate, read_date
from handlers import intents as i
from handlers.own_intents import PlaceHome
from handlers.reading_intents import ShowPulseResults, ShowTrail
from tests.fakes.builders import ALLIANCE, make_roster
from tests.fakes.calendars import day
from tests.fakes.messages import HOSTILE

NOW = dt.datetime(2026, 3, 11, 15, 0, tzinfo=dt.UTC)
"""A Wednesday."""
TODAY = NOW.date()
OTHER = AllianceId("al2")


def place(alliance: AllianceId = ALLIANCE, key: str = "dc-op1") -> tuple[Member, Roster]:
    roster = make_roster(alliance)
    return roster.by_key(key if alliance == ALLIANCE else f"{alliance}-{key}"), roster


def said(text: str, memberships: Sequence[tuple[Member, Roster]] | None = None) -> i.PersonIntent:
    return parse(text, [place()] if memberships is None else memberships, NOW)


def intent(kind: type[i.PersonIntent], **fields: object) -> i.PersonIntent:
    return kind(alliance_id=ALLIANCE, **fields)


@pytest.mark.parametrize(
    ("texts", "meant"),
    [
        (("status", "Hi", "hello!", "ME", " status. ", "*status*", "“Status”", "hey, liaison"), i.ShowStatus),
        (("", "   ", "help", "HELP!", "?", "what can you do?"), i.ShowHelp),
        (("checkin", "check-in", "Check in", "CHECK‑IN".replace("‑", "-"), "/checkin"), i.ShowCheckin),
        (("pulse", "survey"), i.ShowPulse),
        (("home", "my home", "Dashboard"), PlaceHome),
        (("blocked", "I'm blocked!", "Issue", "stuck", "we are blocked"), i.AskRaise),
        (("raise", "escalate", "raise an escalation", "raise the late delivery", "Blocker!"), i.AskRaise),
        (("escalations", "escalation", "show escalations"), i.ListEscalations),
        (("actions", "todo", "to-do", "To do", "done", "my tasks"), i.ListActionItems),
        (("open issues", "blockers"), i.ListEscalations),
        (("charter",), i.ShowCharter),
        (("propose",), i.ProposeCharter),
        (("sign", "sign please", "Sign the charter."), i.SignCharter),
        (("checkpoint", "retro"), i.ShowCheckpoint),
        (("checkpoint now", "Checkpoint, now!", "call a checkpoint"), i.CallCheckpoint),
        (("digest",), i.ShowDigest),
        (("results", "Pulse results", "scores?"), ShowPulseResults),
        (("trail", "audit trail", "Audit"), ShowTrail),
        (("who", "who?", "counterparts"), i.ShowCounterparts),
        (("privacy", "What is stored about me?"), i.ShowStored),
        (("delete my data", "forget me", "Please delete my data"), i.ForgetMe),
    ],
)
def test_words_and_what_people_type_for_them(texts: tuple[str, ...], meant: type[i.PersonIntent]) -> None:
    for text in texts:
        assert said(text) == intent(meant), text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("escalation 3", intent(i.ShowEscalation, number=3)),
        ("Escalation #12!", intent(i.ShowEscalation, number=12)),
        ("escalation no. 7", intent(i.ShowEscalation, number=7)),
        ("escalate 4", intent(i.ShowEscalation, number=4)),
        ("done 5", intent(i.FinishActionItem, number=5)),
        ("done with 5, thanks", intent(i.FinishActionItem, number=5)),
        ("sign 2", intent(i.SignCharter, version=2)),
        ("propose version 3", intent(i.ProposeCharter, version=3)),
        ("back", intent(i.SetAway, until=None)),
        ("I’m back", intent(i.SetAway, until=None)),
        ("away until 2026-03-20", intent(i.SetAway, until=day("2026-03-20"))),
        ("AWAY until Friday", intent(i.SetAway, until=day("2026-03-13"))),
        ("ooo until friday", intent(i.SetAway, until=day("2026-03-13"))),
        ("vacation until 12 april", intent(i.SetAway, until=day("2026-04-12"))),
        ("i'm away until tomorrow", intent(i.SetAway, until=day("2026-03-12"))),
        ("away today", intent(i.SetAway, until=TODAY)),
        ("on holiday till the 1st of May", intent(i.SetAway, until=day("2026-05-01"))),
    ],
)
def test_words_that_take_more(text: str, meant: i.PersonIntent) -> None:
    assert said(text) == meant


@pytest.mark.parametrize("text", ["escalation three", "escalation 1 2", "escalation 1.5", "done x", "sign twice"])
def test_a_number_that_is_none_is_asked_for(text: str) -> None:
    with pytest.raises(WhichNumber):
        said(text)


@pytest.mark.parametrize("text", ["away", "away until", "vacation!"])
def test_away_asks_until_when(text: str) -> None:
    with pytest.raises(AwayUntilWhen):
        said(text)


@pytest.mark.parametrize("text", ["away until further notice", "away until 12/3", "away until 31 February"])
def test_a_date_that_is_unclear_is_asked_for(text: str) -> None:
    with pytest.raises(UnclearDate):
        said(text)


@pytest.mark.parametrize(
    "text", ["statsu", "don't sign", "delete", "sign-off", "help with the launch", "status report", "nope 3"]
)
def test_what_is_not_understood_becomes_help_and_nothing_else(text: str) -> None:
    found = said(text)

    assert isinstance(found, i.ShowHelp)
    assert found.unknown == text.casefold()


def test_invisible_and_control_characters_change_nothing() -> None:
    assert said("\u202esta\u200btus\x00") == intent(i.ShowStatus)
    assert said("away\x07until\nfriday") == intent(i.SetAway, until=day("2026-03-13"))
    assert said("ＳＴＡＴＵＳ") == intent(i.ShowStatus)


def test_a_long_text_is_refused_politely() -> None:
    with pytest.raises(TooLong):
        said("x" * (LONGEST + 1))
    with pytest.raises(TooLong):
        said("raise " + "y" * 1_000_000)


def test_an_unknown_text_is_echoed_in_short() -> None:
    found = said("z" * LONGEST)

    assert isinstance(found, i.ShowHelp)
    assert found.unknown is not None
    assert len(found.unknown) < 100


# --- several alliances ------------------------------------------------------------------------------

BOTH = [place(), place(OTHER)]


def test_with_several_alliances_the_key_comes_first() -> None:
    assert said("in key-al2 status", BOTH) == i.ShowStatus(alliance_id=OTHER)
    assert said("In Key-AL1: escalation 3", BOTH) == intent(i.ShowEscalation, number=3)
    assert said("in key-al1", BOTH) == intent(i.ShowHelp)


def test_a_home_is_of_all_alliances_so_no_key_is_needed() -> None:
    assert said("home", BOTH) == intent(PlaceHome)


@pytest.mark.parametrize("text", ["status", "in elsewhere status", "help", "in", ""])
def test_without_a_known_key_both_are_named(text: str) -> None:
    with pytest.raises(WhichAlliance) as refused:
        said(text, BOTH)

    assert "key-al1" in refused.value.sentence
    assert "key-al2" in refused.value.sentence


def test_an_alliance_that_is_not_theirs_is_not_told_apart_from_one_that_does_not_exist() -> None:
    with pytest.raises(WhichAlliance):
        said("in key-al2 status")
    assert said("in key-al1 status") == intent(i.ShowStatus)


def test_who_is_in_no_alliance_is_told_so() -> None:
    with pytest.raises(NotAMember):
        said("status", [])


def test_dates_are_read_where_the_person_works() -> None:
    late = dt.datetime(2026, 3, 12, 2, 0, tzinfo=dt.UTC)  # Thursday in Stuttgart, still Wednesday in Chicago

    chicago = parse("away until tomorrow", [place()], late)
    stuttgart = parse("away until tomorrow", [place(key="mc-op1")], late)
    mediator = parse("away until tomorrow", [place(key="mediator")], late)

    assert chicago == intent(i.SetAway, until=day("2026-03-12"))
    assert stuttgart == mediator == intent(i.SetAway, until=day("2026-03-13"))


# --- help -------------------------------------------------------------------------------------------


def test_help_lists_what_a_tier_may_do() -> None:
    listed = {tier: {command.usage for command in help_for(tier)} for tier in Tier}

    assert "sign" in listed[Tier.EXECUTIVE]
    assert "sign" not in listed[Tier.OPERATIONAL]
    assert "checkin" in listed[Tier.OPERATIONAL]
    assert "checkin" not in listed[Tier.MEDIATOR]
    assert all({"status", "help", "delete my data"} <= usages for usages in listed.values())


@pytest.mark.parametrize(
    ("unknown", "usage"), [("statsu", "status"), ("escalatoins", "escalations"), ("chekpoint now", "checkpoint now")]
)
def test_the_nearest_word_is_found(unknown: str, usage: str) -> None:
    found = nearest(unknown, Tier.ALLIANCE_MANAGER)

    assert found is not None
    assert found.usage == usage


def test_nothing_near_is_nothing() -> None:
    assert nearest("quetzalcoatl", Tier.MANAGER) is None


def test_no_two_commands_share_a_word_and_each_understands_its_own_usage() -> None:
    words = [word for command in COMMANDS for word in command.words]

    assert len(words) == len(set(words))
    for command in COMMANDS:
        assert type(said(command.usage)) in {command.intent, i.ShowEscalation}


# --- any text ---------------------------------------------------------------------------------------

_FRAGMENTS = st.sampled_from([word for command in COMMANDS for word in command.words] + ["until", "in", "3", "²"])


@given(st.one_of(st.text(), st.lists(_FRAGMENTS | st.text(max_size=8), max_size=6).map(" ".join)))
def test_any_text_becomes_an_intent_or_a_sentence(text: str) -> None:
    with suppress(NotUnderstood):
        assert said(text).alliance_id == ALLIANCE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_ask_for_nothing_but_help(text: str) -> None:
    assert isinstance(said(text), i.ShowHelp)


# --- dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("wednesday", "2026-03-18"),
        ("thu", "2026-03-12"),
        ("next friday", "2026-03-20"),
        ("next monday", "2026-03-16"),
        ("end of the week", "2026-03-15"),
        ("for 1 day", "2026-03-11"),
        ("for 2 weeks", "2026-03-24"),
        ("12 march", "2026-03-12"),
        ("march 12th", "2026-03-12"),
        ("10 mar", "2027-03-10"),
        ("10 mar 2027", "2027-03-10"),
        ("20.3.", "2026-03-20"),
        ("20.03.2026", "2026-03-20"),
        ("29 february", "2028-02-29"),
        ("2026-3-9", "2026-03-09"),
    ],
)
def test_dates_as_people_write_them(text: str, meant: str) -> None:
    assert read_date(text.split(), TODAY) == day(meant)


@given(st.lists(st.text(max_size=12), max_size=4), st.dates())
def test_any_words_are_a_date_or_unclear(words: list[str], today: dt.date) -> None:
    with suppress(UnclearDate):
        assert isinstance(read_date(words, today), dt.date)


@given(st.dates(min_value=day("2020-01-01"), max_value=day("2090-01-01")), st.integers(0, 300))
def test_a_date_reads_back_in_every_form(today: dt.date, ahead: int) -> None:
    meant = today + dt.timedelta(days=ahead)
    forms = (f"{meant:%Y-%m-%d}", f"{meant.day} {meant:%B}", f"{meant:%b} {meant.day}", f"{meant.day}.{meant.month}.")

    for form in forms:
        assert read_date(form.casefold().split(), today) == meant
