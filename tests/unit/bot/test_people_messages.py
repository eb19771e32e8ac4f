"""The everyday answers in words: status, counterparts, help, away, privacy, and two notices about people."""

import datetime as dt
from dataclasses import replace

import pytest

from alliance.action_item import ActionItem
from alliance.charter import CharterState
from alliance.disclosure import counterpart_view
from alliance.escalation import State
from alliance.ids import ActionItemId, CheckinId, CheckpointId, MemberId, PulseId
from alliance.notices import MemberUnreachable
from alliance.privacy import Trace
from alliance.roster import Tier
from alliance.standing import CharterStanding, Coming, OpenRound, WaitingMatter
from bot.actions.registry import intent_of
from bot.messages import sample
from bot.messages.blocks import Actions, Button, Does, Message, Tone
from bot.messages.people import REPLIES, TEMPLATES
from bot.messages.plain import render
from bot.messages.reader import Reader
from handlers import intents as i
from handlers.privacy import ForgettingAsked, Forgotten, StoredShown
from handlers.replies import Reply
from handlers.status import AwaySet, CounterpartsShown, HelpShown, StatusShown
from tests.fakes.messages import HOSTILE

ANA = sample.ROSTER.by_key("ana")
TODAY = dt.date(2026, 3, 10)
QUIET = StatusShown(
    alliance_id=sample.ALLIANCE,
    member=ANA,
    charter=CharterStanding(1, None, None, ()),
    checkin=None,
    pulse=None,
    checkpoint=None,
    open_escalations=0,
    waiting=(),
    items=(),
    coming=(),
    today=TODAY,
)
BUSY = replace(
    QUIET,
    charter=CharterStanding(1, 2, CharterState.PROPOSED, (sample.MC,)),
    checkin=OpenRound(CheckinId("c1"), sample.TOMORROW, answered=False),
    pulse=OpenRound(PulseId("u1"), sample.NEXT_WEEK, answered=True),
    checkpoint=OpenRound(CheckpointId("k1"), sample.NEXT_WEEK, answered=False),
    open_escalations=9,
    waiting=tuple(WaitingMatter(n, f"Matter {n}", state) for n, state in enumerate(State, start=1)),
    items=(
        ActionItem(
            ActionItemId("i1"),
            sample.ALLIANCE,
            4,
            "Book a room",
            ANA.id,
            dt.date(2026, 3, 2),
            "escalation 1",
            sample.NOW,
        ),
    ),
    coming=(Coming("check-in", sample.NEXT_WEEK),),
)


def message(reply: Reply, key: str = "ana") -> Message:
    shown = REPLIES[type(reply)](reply, sample.reader(key)).message
    assert shown is not None
    return shown


def flat(reply: Reply, key: str = "ana") -> str:
    return " ".join(render(message(reply, key)).split())


def buttons(shown: Message) -> list[Button]:
    return [b for block in shown.blocks if isinstance(block, Actions) for b in block.buttons]


@pytest.mark.parametrize("kind", TEMPLATES, ids=lambda kind: kind.__name__)
def test_every_example_reads_well(kind: type) -> None:
    for example in TEMPLATES[kind].examples:
        for key in ("cleo", "lars"):
            assert "!" not in render(TEMPLATES[kind].words(example, sample.reader(key)))


def test_a_quiet_status_is_short() -> None:
    assert "Nothing waits for you in DC and MC service launch." in flat(QUIET)
    assert [b.label for b in buttons(message(QUIET))] == ["What can I ask?"]


def test_a_busy_status_names_all_and_has_a_button_for_each() -> None:
    text = flat(BUSY)

    assert "12 things wait for you" in text
    assert "version 1 is in force; version 2 waits for the signature of MC" in text
    assert "Check-in: waiting for your answer" in text
    assert "Pulse: you have answered" in text
    assert "Escalation 1: Matter 1 – waiting to be acknowledged by your side" in text
    assert "and 4 more" in text
    assert "Your action items: 1, 1 overdue" in text
    made = buttons(message(BUSY))
    assert len(made) == len({b.token for b in made}) <= 25
    meant = [type(intent_of(b.token, {})) for b in made]
    assert meant[:3] == [i.ShowCheckin, i.ShowPulse, i.ShowCheckpoint]
    assert meant[3:] == [*([i.ShowEscalation] * 5), i.ListActionItems, i.ShowHelp]
    assert [b.does for b in made].count(Does.OPEN_FORM) == 1


def test_before_the_charter_is_in_force_status_says_what_is_missing() -> None:
    unsigned = CharterStanding(None, 1, CharterState.PROPOSED, (sample.DC, sample.MC))
    drafted = CharterStanding(None, 1, CharterState.DRAFT, (sample.DC, sample.MC))

    assert "not in force yet; version 1 waits for the signature of DC and MC" in flat(replace(QUIET, charter=unsigned))
    assert "version 1 is drafted and not yet proposed" in flat(replace(QUIET, charter=drafted))


def test_who_is_away_is_told_so() -> None:
    away = replace(QUIET, member=replace(ANA, away_until=dt.date(2026, 3, 12)))

    assert "Away until: 12 March 2026" in flat(away)


def test_both_sides_stand_in_one_table_and_the_own_counterpart_first() -> None:
    reply = CounterpartsShown(MemberId("jonas"), counterpart_view(sample.ROSTER))
    text = render(message(reply))

    assert "Across from you: Jonas Weber (MC)." in text
    assert "Ana Ruiz" in text
    assert "Mara Schmidt" in text
    assert "Nobody holds your responsibility" in flat(replace(reply, counterpart=None), "nia")


def test_help_lists_the_own_commands_and_the_nearest_word() -> None:
    text = flat(HelpShown(Tier.EXECUTIVE, "sgin"))

    assert "“sgin” was not understood. Did you mean sign?" in text
    assert "sign: sign the proposed charter version" in text
    assert "checkin:" not in text
    assert "not understood" not in flat(HelpShown(Tier.EXECUTIVE, None))
    assert "Did you mean" not in flat(HelpShown(Tier.EXECUTIVE, "quetzalcoatl"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_not_understood_is_shown_literally(text: str) -> None:
    shown = message(HelpShown(Tier.MANAGER, text))

    assert text not in shown.summary
    assert any(text == getattr(part, "text", None) for part in getattr(shown.blocks[0], "line", ()))


def test_away_says_the_last_day_and_how_to_come_back() -> None:
    away = message(AwaySet(sample.ALLIANCE, dt.date(2026, 3, 13)))

    assert "up to and including 13 March 2026" in away.summary
    assert intent_of(buttons(away)[0].token, {}) == i.SetAway(alliance_id=sample.ALLIANCE, until=None)
    assert "Welcome back" in flat(AwaySet(sample.ALLIANCE, None))


def test_what_is_stored_is_listed_with_what_is_not_linked() -> None:
    counts = {**dict.fromkeys(Trace, 0), Trace.CHECKIN_ANSWERS: 3}
    shown = message(StoredShown(ANA, counts))
    text = " ".join(render(shown).split())

    assert "Name: Ana Ruiz" in text
    assert "Reached by: Slack, U0ANA" in text
    assert "Check-in answers: 3" in text
    assert "Checkpoint answers" not in text
    assert "once a pulse has closed, nobody can tell which were yours" in text
    (delete,) = buttons(shown)
    assert delete.tone is Tone.DANGER
    assert intent_of(delete.token, {}) == i.ForgetMe(alliance_id=sample.ALLIANCE)


def test_who_asks_reads_their_own_words_and_what_has_no_room_is_counted() -> None:
    counts = {**dict.fromkeys(Trace, 0), Trace.CHECKIN_ANSWERS: 3}
    shown = message(StoredShown(ANA, counts, tuple(f"Text {n:02}." for n in range(23))))
    text = " ".join(render(shown).split())

    assert "What you wrote" in text
    assert "> Text 19." in text
    assert "Text 20." not in text
    assert "And 3 more texts of yours" in text


def test_before_deleting_what_goes_and_what_stays_is_said() -> None:
    shown = REPLIES[ForgettingAsked](ForgettingAsked(sample.ALLIANCE, 2), sample.reader("ana"))
    assert shown.message is not None
    text = flat(ForgettingAsked(sample.ALLIANCE, 2))

    assert shown.replaces
    assert "This cannot be undone" in text
    assert "you leave this alliance" in text
    assert "Figures in which you were counted stay" in text
    assert "2 open action items" in text
    delete, keep = buttons(shown.message)
    assert delete.tone is Tone.DANGER
    assert intent_of(delete.token, {}) == i.ForgetMe(alliance_id=sample.ALLIANCE, confirmed=True)
    assert intent_of(keep.token, {}) == i.ShowStatus(alliance_id=sample.ALLIANCE)


def test_the_last_word_is_said_to_somebody_who_is_no_member_any_more() -> None:
    shown = REPLIES[Forgotten](Forgotten(), Reader(sample.ROSTER, None, None))

    assert shown.replaces
    assert shown.message is not None
    assert "Your data is deleted" in shown.message.summary
    assert buttons(shown.message) == []


def test_a_role_that_is_free_is_named_without_the_person_who_was_forgotten() -> None:
    nameless = replace(ANA, name="", active=False)
    roster = replace(sample.ROSTER, members=tuple(nameless if m.id == ANA.id else m for m in sample.ROSTER.members))
    notice = MemberUnreachable(alliance_id=sample.ALLIANCE, member=ANA.id, because="they asked to be forgotten")

    text = render(TEMPLATES[MemberUnreachable].words(notice, Reader(roster, roster.by_key("cleo"), sample.DC)))

    assert "Ana" not in text
    assert "a former member (DC)" in text
    assert "Responsibility: launch" in text
