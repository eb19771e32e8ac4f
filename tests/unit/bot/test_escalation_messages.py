import datetime as dt
from dataclasses import replace

import pytest

from alliance.escalation import Entry, Escalation, Happened, Resolution, State
from alliance.escalation_changes import Common
from alliance.escalation_notices import EscalationRaised, EscalationRedrawn
from alliance.ids import MemberId
from alliance.notices import Notice
from alliance.roster import Roster
from bot.actions.registry import intent_of
from bot.messages import escalation_examples as examples
from bot.messages import sample
from bot.messages.blocks import Actions, Button, Form, Message, TextBox
from bot.messages.catalog import answer, word
from bot.messages.escalations import TEMPLATES
from bot.messages.plain import render
from bot.messages.reader import Reader
from bot.messages.sample import ROSTER, TOMORROW, reader
from bot.messages.template import How
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.escalation_forms import EscalationFormAsked, FormName, RaiseAsked, WasRaised
from handlers.escalations import EscalationShown, EscalationsListed

READERS = ("ana", "katrin", "mara", "nia")
EXAMPLES = [
    pytest.param(example, id=f"{kind.__name__}-{number}")
    for kind, template in TEMPLATES.items()
    for number, example in enumerate(template.examples, start=1)
]


def notice_with(case: Escalation, **more: dt.datetime) -> Common:
    return Common(alliance_id=sample.ALLIANCE, escalation=case, at=sample.NOW, paused_until=more.get("paused_until"))


def redrawn(case: Escalation, key: str) -> Message:
    return word(EscalationRedrawn(**notice_with(case)), reader(key))


def labels(message: Message) -> list[str]:
    return [button.label for button in buttons(message)]


def buttons(message: Message) -> list[Button]:
    return [button for block in message.blocks if isinstance(block, Actions) for button in block.buttons]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("key", READERS)
def test_every_example_reads_well_for_everybody(example: Notice, key: str) -> None:
    message = word(example, reader(key))

    assert "escalation 3" in message.summary.lower()
    assert "!" not in render(message)
    for button in buttons(message):
        assert intent_of(button.token, {"urgency": "routine"}).alliance_id == sample.ALLIANCE


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_companies_read_the_same_words(example: Notice) -> None:
    ours, theirs = (
        [block for block in word(example, reader(key)).blocks if not isinstance(block, Actions)]
        for key in ("ben", "katrin")
    )

    assert ours == theirs


def test_a_channel_reads_the_card_without_buttons() -> None:
    message = word(examples.RAISED[0], Reader(ROSTER, None, sample.DC))

    assert buttons(message) == []


def test_the_card_names_the_counterpart_the_clock_and_what_happens_at_its_end() -> None:
    text = render(redrawn(examples.ONE_ACKNOWLEDGED, "ana"))

    assert "MC: Jonas Weber – acknowledged by Jonas Weber" in text
    assert "DC: Ana Ruiz – not acknowledged yet" in text
    assert "If not by 11 March 2026, 15:30 UTC, the managers of both companies join." in text


def test_it_says_when_a_paused_clock_resumes() -> None:
    notice = EscalationRaised(**notice_with(examples.NEW, paused_until=TOMORROW))

    shown = " ".join(render(word(notice, reader("ana"))).split())
    assert "The clock is paused and resumes 11 March 2026, 15:30 UTC." in shown


def test_buttons_are_those_that_can_work_for_the_reader() -> None:
    assert labels(redrawn(examples.PROPOSED_CASE, "ana"))[:2] == ["Accept", "Decline"]
    assert "Accept" not in labels(redrawn(examples.PROPOSED_CASE, "jonas"))
    assert labels(redrawn(examples.NAMED, "dana"))[0] == "Propose a resolution"
    assert "Name a mediator" in labels(redrawn(examples.NAMED, "dana"))
    assert "Name a mediator" not in labels(redrawn(examples.NAMED, "cleo"))
    assert labels(redrawn(examples.SETTLED, "ana")) == []


def test_a_proposal_says_that_the_clock_goes_on() -> None:
    assert "moves up to the managers of both companies all the" in render(redrawn(examples.PROPOSED_CASE, "ana"))


def test_a_statement_given_alone_shows_no_word() -> None:
    text = render(redrawn(examples.ONE_STATED, "ana"))

    assert "Waiting for the statement of DC." in text
    assert "Statement of MC" not in text


def test_long_words_are_shortened_visibly_on_the_card_and_whole_when_asked_for() -> None:
    case = replace(examples.NEW, facts="x" * 1500)

    asked = answer(EscalationShown(case, None), reader("ana")).message

    assert asked is not None
    assert "characters more" in render(redrawn(case, "ana"))
    assert "characters more" not in render(asked)


def test_hostile_words_stay_words() -> None:
    hostile = "<!channel> *bold* @everyone {{DATE()}}"
    case = replace(examples.NEW, title=hostile, facts=hostile, need=hostile)

    assert render(redrawn(case, "ana")).count(hostile) >= 3


def test_the_first_message_is_kept_and_later_ones_stand_under_it_or_redraw_it() -> None:
    how = {kind.__name__: template.how for kind, template in TEMPLATES.items()}
    subjects = {template.subject(template.examples[0]) for template in TEMPLATES.values() if template.subject}

    assert [name for name, look in how.items() if look is How.NEW] == [
        "EscalationRaised",
        "EscalationLevelJoined",
        "EscalationMovedUp",
    ]
    assert [name for name, look in how.items() if look is How.REDRAW] == ["EscalationRedrawn"]
    assert subjects == {"escalation:e3"}


# --- replies and dialogs ----------------------------------------------------------------------------


def form_of(name: FormName, case: Escalation, key: str) -> Form:
    form = answer(EscalationFormAsked(name, case), reader(key)).form
    assert form is not None
    return form


@pytest.mark.parametrize(
    ("name", "case"),
    [
        (FormName.PROGRESS, examples.ACKNOWLEDGED_BY_BOTH),
        (FormName.RESOLUTION, examples.ACKNOWLEDGED_BY_BOTH),
        (FormName.DECLINE, examples.PROPOSED_CASE),
        (FormName.MOVE_UP, examples.ACKNOWLEDGED_BY_BOTH),
        (FormName.STATEMENT, examples.ASKED),
        (FormName.MEDIATOR, examples.NAMED),
        (FormName.WITHDRAW, examples.NEW),
    ],
)
def test_every_dialog_sends_what_its_step_needs(name: FormName, case: Escalation) -> None:
    form = form_of(name, case, "ana")
    inputs = {block.name: "words" for block in form.blocks if isinstance(block, TextBox) and block.required}

    intent = intent_of(form.token, {**inputs, "mediator": "nia"})

    assert vars_of(intent)["escalation_id"] == "e3"
    assert set(inputs.values()) <= set(map(str, vars_of(intent).values())) | {"words"}


def vars_of(intent: object) -> dict[str, object]:
    return {name: getattr(intent, name) for name in intent.__dataclass_fields__}  # type: ignore[attr-defined]


def test_the_statement_asks_what_the_other_company_needs() -> None:
    boxes = form_of(FormName.STATEMENT, examples.ASKED, "ana").blocks

    assert any(isinstance(box, TextBox) and box.label == "What do you think MC needs?" for box in boxes)


def test_owners_of_action_items_are_people_of_both_companies() -> None:
    form = form_of(FormName.RESOLUTION, examples.ACKNOWLEDGED_BY_BOTH, "jonas")

    assert "Jonas Weber (MC)" in str(form.blocks)
    assert "Ana Ruiz (DC)" in str(form.blocks)
    assert "Nia Adeyemi" not in str(form.blocks)


def test_the_raise_dialog_carries_what_it_comes_from() -> None:
    from_blocker = RaiseAsked("Title", "Facts", checkin_id=None, author=None)

    form = answer(from_blocker, reader("ana")).form

    assert form is not None
    written = {box.name: box.written for box in form.blocks if isinstance(box, TextBox)}
    assert written == {"title": "Title", "facts": "Facts", "need": ""}


def test_the_author_learns_who_was_told() -> None:
    reply = WasRaised(examples.NEW, (MemberId("ana"), MemberId("jonas")), before=False)

    message = answer(reply, reader("ana")).message

    assert message is not None
    assert "Ana Ruiz (DC) and Jonas Weber (MC)" in render(message)


def test_a_second_raise_leads_to_the_first() -> None:
    message = answer(WasRaised(examples.NEW, (), before=True), reader("ana")).message

    assert message is not None
    assert "raised before" in message.summary
    assert labels(message) == ["Show it"]


def test_the_list_of_none_says_how_to_raise_one() -> None:
    message = answer(EscalationsListed(()), reader("ana")).message

    assert message is not None
    assert "Say “raise”" in render(message)


def test_the_list_names_level_state_and_due_date() -> None:
    message = answer(EscalationsListed((examples.NEW, examples.NAMED)), reader("ana")).message

    assert message is not None
    text = " ".join(render(message).split())
    assert "2 escalations are open." in text
    assert "with the counterparts, waiting for acknowledgement until 11 March 2026, 15:30 UTC" in text
    assert labels(message) == ["Show 3", "Show 3"]


def test_a_mediators_proposal_waits_for_both_companies() -> None:
    resolution = Resolution(None, MemberId("nia"), "decision", "reason")
    case = replace(examples.MEDIATING, state=State.PROPOSED, resolution=resolution)

    assert "DC and MC can accept or decline it." in render(redrawn(case, "mara"))


def test_without_a_mediator_in_the_roster_nobody_is_offered_to_name_one() -> None:
    people = tuple(member for member in ROSTER.members if member.key != "nia")
    without: Roster = replace(ROSTER, members=people)
    dana = without.by_key("dana")

    message = word(EscalationRedrawn(**notice_with(examples.NAMING)), Reader(without, dana, dana.side))

    assert "Name a mediator" not in labels(message)


def test_the_fullest_card_is_one_message_on_both_platforms() -> None:
    words = "x" * 2000
    resolution = Resolution(sample.MC, MemberId("jonas"), words, words)
    statements = tuple(replace(given, facts=words, other_needs=words) for given in examples.UP.statements)
    history = (Entry(sample.NOW, Happened.SAID, MemberId("ana"), words, words),) * 30
    case = replace(
        examples.PROPOSED_CASE,
        title="t" * 120,
        facts=words,
        need=words,
        statements=statements,
        resolution=resolution,
        history=history,
    )

    message = redrawn(case, "ana")

    assert len(slack.render(message)) == 1
    assert len(teams.render(message)) == 1
