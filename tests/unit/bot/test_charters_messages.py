from collections.abc import Iterator
from dataclasses import replace

import pytest

from alliance.charter import CharterState, diff
from alliance.notices import (
    CharterDrafted,
    CharterDraftRedrawn,
    CharterInForce,
    CharterLapsed,
    CharterProposed,
    CharterRedrawn,
    Notice,
)
from bot.actions.registry import intent_of
from bot.messages import catalog, charters, plain, sample
from bot.messages.blocks import Actions, Button, Message
from bot.messages.charter_samples import AMENDED, CHARTER
from bot.messages.template import How
from handlers.charters import CharterShown, DeclineAsked, NoCharterYet
from handlers.intents import DeclineCharter
from tests.fakes.builders import MONDAY, make_charter_version
from tests.fakes.messages import HOSTILE

EXAMPLES = [
    pytest.param(notice, id=f"{kind.__name__}-{n}")
    for kind, template in charters.TEMPLATES.items()
    for n, notice in enumerate(template.examples)
]
READERS = [member.key for member in sample.ROSTER.members]


def said(notice: Notice, key: str) -> str:
    return plain.render(catalog.word(notice, sample.reader(key)))


def buttons(message: Message) -> Iterator[Button]:
    for block in message.blocks:
        if isinstance(block, Actions):
            yield from block.buttons


def pressed(message: Message) -> list[str]:
    return [type(intent_of(button.token, {"reason": "x"})).__name__ for button in buttons(message)]


def example(kind: type[Notice], position: int = -1) -> Notice:
    found: Notice = charters.TEMPLATES[kind].examples[position]
    return found


@pytest.mark.parametrize("key", READERS)
@pytest.mark.parametrize("notice", EXAMPLES)
def test_every_example_can_be_read_by_everybody(notice: Notice, key: str) -> None:
    message = catalog.word(notice, sample.reader(key))

    assert message.summary
    assert "!" not in plain.render(message)
    assert all(len(button.token) < 255 for button in buttons(message))


@pytest.mark.parametrize("notice", EXAMPLES)
def test_both_companies_read_the_same_words(notice: Notice) -> None:
    assert said(notice, "dana") == said(notice, "mara") or isinstance(notice, CharterRedrawn)
    assert said(notice, "cleo") == said(notice, "lars")


def test_only_executives_are_offered_a_signature() -> None:
    proposed = example(CharterProposed)

    assert pressed(catalog.word(proposed, sample.reader("mara"))) == ["SignCharter", "AskDeclineCharter", "ShowCharter"]
    assert pressed(catalog.word(proposed, sample.reader("lars"))) == ["ShowCharter"]


def test_who_has_signed_is_not_asked_again() -> None:
    card = example(CharterRedrawn, 0)

    assert "SignCharter" not in pressed(catalog.word(card, sample.reader("dana")))
    assert "SignCharter" in pressed(catalog.word(card, sample.reader("mara")))
    assert "DC: signed by Dana Whitfield (DC)" in said(card, "mara")
    assert "MC: not signed yet" in said(card, "mara")


@pytest.mark.parametrize(
    "state", [CharterState.IN_FORCE, CharterState.LAPSED, CharterState.DECLINED, CharterState.SUPERSEDED]
)
def test_buttons_vanish_when_they_can_no_longer_work(state: CharterState) -> None:
    card = example(CharterRedrawn, 0)
    assert isinstance(card, CharterRedrawn)

    closed = catalog.word(replace(card, card=replace(card.card, state=state)), sample.reader("mara"))
    draft = example(CharterDraftRedrawn)

    assert pressed(closed) == ["ShowCharter"]
    assert pressed(catalog.word(draft, sample.reader("cleo"))) == ["ShowCharter"]


def test_a_first_charter_shows_its_main_terms_and_an_amendment_what_changes() -> None:
    first, amendment = said(example(CharterProposed, 0), "dana"), said(example(CharterProposed, 1), "dana")

    assert "Joint goals: Ten pilot customers" in first
    assert "check-in" in first.lower()
    said_once = " ".join(amendment.split())
    assert "Protocol, counterparts, time to resolve: 3 joint working days (so far 5 joint working days)" in said_once
    assert "Check-in, cadence: every 2 weeks on Tuesday" in said_once
    assert "on 7 April 2026 and 30 June 2026 at 09:00" in " ".join(first.split())
    assert "17 March 2026, 15:00 UTC" in amendment
    assert "silence is no" in amendment


def test_a_long_list_of_changes_is_cut_and_says_so() -> None:
    goals = tuple(f"Goal {n}" for n in range(100))
    many = diff(CHARTER, replace(CHARTER, joint_goals=goals))
    notice = example(CharterDrafted)
    assert isinstance(notice, CharterDrafted)

    shown = said(replace(notice, changes=many), "cleo")

    assert "… and 71 more changes." in shown


def test_the_alliance_manager_is_offered_to_propose() -> None:
    assert pressed(catalog.word(example(CharterDrafted), sample.reader("cleo"))) == ["ProposeCharter", "ShowCharter"]


def test_a_lapse_blames_nobody_and_says_what_holds() -> None:
    lapsed = example(CharterLapsed)
    assert isinstance(lapsed, CharterLapsed)

    assert "No charter is in force, so no round begins." in said(lapsed, "dana")
    assert "Version 1 stays in force." in said(replace(lapsed, in_force=1, version=2), "dana")


def test_in_force_says_what_begins_or_that_running_rounds_keep_their_version() -> None:
    amendment = example(CharterInForce)
    assert isinstance(amendment, CharterInForce)

    assert "keep the version they began under" in " ".join(said(amendment, "ana").split())
    assert "asks both companies how it is going" in said(replace(amendment, replaces=None), "ana")
    assert "Next check-in: Tuesday, 17 March 2026" in said(amendment, "ana")


def test_later_states_follow_the_message_that_people_have() -> None:
    redrawn, signed = charters.TEMPLATES[CharterRedrawn], charters.TEMPLATES[CharterProposed]
    card, proposed = example(CharterRedrawn), replace(example(CharterProposed), alliance_id=sample.ALLIANCE)

    assert redrawn.how is How.REDRAW
    assert redrawn.subject is not None
    assert signed.subject is not None
    assert redrawn.subject(card) == signed.subject(proposed) == "charter:sample:2"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_shown_as_they_wrote_it(hostile: str) -> None:
    notice = example(CharterProposed)
    assert isinstance(notice, CharterProposed)

    message = catalog.word(replace(notice, purpose=hostile), sample.reader("dana"))

    assert hostile in str(message) or repr(hostile)[1:-1] in str(message)


def test_the_whole_charter_names_everything_with_people_by_name() -> None:
    version = replace(make_charter_version(CHARTER), alliance_id=sample.ALLIANCE)

    shown = catalog.answer(CharterShown(version, waiting=2), sample.reader("ana"))

    assert shown.message is not None
    text = plain.render(shown.message)
    for expected in (
        "in force",
        "Version 2 waits for signatures.",
        "Why it matters to MC",
        "at least 10 customers",
        "Ben Okafor",
        "Price of the service packages",
        "1 joint working day",
        "A score is shown from 5 answers a side",
        "go-live",
        "60 days' notice",
        "as a back-up email to the alliance manager",
    ):
        assert expected in text


def test_an_executive_can_sign_under_the_whole_charter_and_a_manager_propose_a_draft() -> None:
    proposed = replace(
        make_charter_version(AMENDED, state=CharterState.PROPOSED), alliance_id=sample.ALLIANCE, lapses_at=MONDAY
    )
    draft = replace(proposed, state=CharterState.DRAFT)

    to_sign = catalog.answer(CharterShown(proposed), sample.reader("dana")).message
    to_propose = catalog.answer(CharterShown(draft), sample.reader("cleo")).message
    to_read = catalog.answer(CharterShown(proposed), sample.reader("ana")).message

    assert to_sign is not None
    assert to_propose is not None
    assert to_read is not None
    assert pressed(to_sign) == ["SignCharter", "AskDeclineCharter"]
    assert pressed(to_propose) == ["ProposeCharter"]
    assert pressed(to_read) == []


def test_somebody_who_left_is_shown_without_a_name() -> None:
    criteria = (replace(CHARTER.criteria[0], owners={sample.DC: "gone", sample.MC: "katrin"}),)
    version = make_charter_version(replace(CHARTER, criteria=criteria))

    shown = catalog.answer(CharterShown(version), sample.reader("ana"))

    assert shown.message is not None
    assert "a former member" in plain.render(shown.message)


def test_declining_opens_a_dialog_whose_submit_declines() -> None:
    shown = catalog.answer(DeclineAsked(2), sample.reader("dana"))

    assert shown.form is not None
    intent = intent_of(shown.form.token, {"reason": "Too long."})
    assert intent == DeclineCharter(alliance_id=sample.ALLIANCE, version=2, reason="Too long.")


def test_without_a_charter_the_answer_says_who_can_help() -> None:
    shown = catalog.answer(NoCharterYet(), sample.reader("ana"))

    assert shown.message is not None
    assert "Your operator can import one." in shown.message.summary
