"""Hostile words typed wherever something can be: people read them as they were typed, and nothing else happens."""

import datetime as dt
import io
import json
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.alliance_cli import imported
from bot.charter_file.checking import check
from bot.messages.literal import literal
from bot.storable import storable
from sandbox.seats import SlackSeat, TeamsSeat
from sandbox.slack.sign import signature_headers
from sandbox.stage import ALLIANCE_FILE, BOT_USER, SIGNING_SECRET, START
from tests.fakes.bad_days import let_pass, tables
from tests.fakes.messages import INVISIBLE
from tests.fakes.visible import (
    acting_on_slack,
    acting_on_teams,
    read_on_slack,
    read_on_teams,
    slack_payloads,
    strings,
    teams_payloads,
)
from tests.scenarios.conftest import Scene

TEAM = "T0DC"
HOSTILE = (
    "<!channel> <@U012ABC> @everyone *b* {{DATE(1999-01-01T00:00:00Z)}} ${x} <at>x</at> "
    "\x00\x07\u202e\ud800👩‍👩‍👧 <b>&amp; :smile:"
)
TUESDAY = START + dt.timedelta(days=1, hours=2)


@dataclass
class Writer:
    """Makes up what is typed: the hostile words, marked by the field that they were typed into."""

    typed: list[str] = field(default_factory=list)

    def into(self, name: str) -> str:
        self.typed.append(name)
        return f"{name} {HOSTILE}"

    def all_into(self, *names: str) -> dict[str, str]:
        return {name.rpartition("/")[2]: self.into(name) for name in names}


def as_read(name: str) -> str:
    """How people are to read it."""
    return literal(storable(f"{name} {HOSTILE}"))


def nothing_acts(scene: Scene) -> None:
    people = frozenset(scene.stage.slack.world.workspace(TEAM).people) | {BOT_USER}
    for payload in slack_payloads(scene.stage):
        assert acting_on_slack(payload, people) == []
        assert not [words for words in strings(payload) if INVISIBLE.search(words)]
    for payload in teams_payloads(scene.stage):
        assert acting_on_teams(payload) == []
        assert not [words for words in strings(payload) if INVISIBLE.search(words)]


def nothing_broke(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert not [d.answer.status for d in scene.stage.teams.deliveries if d.answer.status >= 500]
    assert not [d.status for d in scene.stage.slack.delivery.log if not 200 <= d.status < 500]
    assert not [made for made in scene.stage.slack.requests if made.answer.get("error")]
    # The stage's clock runs on while a call is under way, so that some arrive closer together than they were let out:
    # being asked to wait is no refusal. How calls are paced has tests of its own, tests/contract/test_teams_pace.py.
    assert not [made for made in scene.stage.teams.requests if made.status >= 400 and made.status != 429]


def read_by(scene: Scene) -> tuple[str, str]:
    """All that was ever shown on Slack, and all on Teams."""
    slack = "\n".join(map(read_on_slack, slack_payloads(scene.stage)))
    return slack, "\n".join(map(read_on_teams, teams_payloads(scene.stage)))


async def say_everywhere(scene: Scene, text: str) -> None:
    for key in ("dc-ana", "mc-jonas"):
        await scene.person(key).seat.say(text)
        await let_pass(scene, 5, step=5)


async def command(scene: Scene, key: str, words: str) -> None:
    seat = scene.person(key).seat
    assert isinstance(seat, SlackSeat)
    await scene.stage.slack.command(TEAM, seat.user, "/alliance", words)
    await scene.timeline.settle()


# --- what people type -------------------------------------------------------------------------------


async def test_typed_words_come_back_as_they_were_typed(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    await say_everywhere(scene, HOSTILE)
    await say_everywhere(scene, f"away until {HOSTILE}")
    await say_everywhere(scene, f"in {HOSTILE}")
    await command(scene, "dc-ana", HOSTILE.replace("\ud800", ""))

    nothing_acts(scene)
    nothing_broke(scene, caplog)


@pytest.mark.slow
async def test_everything_in_checkins_and_pulses_is_read_as_it_was_typed(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer()
    await scene.sign()
    await scene.timeline.run_until(TUESDAY)
    for key in ("dc-ana", "mc-jonas"):
        answer = writer.all_into(f"{key}/moved", f"{key}/next", f"{key}/in_the_way")
        await scene.press(key, "checkin.answer", {"course": "blocked", **answer})
    while not any(seen.button("pulse.answer") for seen in scene.person("dc-ana").seat.inbox()):
        await scene.timeline.run_until(scene.stage.clock.now() + dt.timedelta(days=1))
    for key in ("dc-ana", "mc-jonas"):
        seen, _ = scene.sees(key, "pulse.answer")
        ratings = {field.name: field.options[0] for field in seen.inputs if field.options}
        await scene.press(key, "pulse.answer", {**ratings, "comment": writer.into("comment")})
    await scene.timeline.run_until(scene.stage.clock.now() + dt.timedelta(days=7))

    on_slack, on_teams = read_by(scene)
    for key in ("dc-ana", "mc-jonas"):
        assert as_read(f"{key}/in_the_way") in on_slack
        assert as_read(f"{key}/in_the_way") in on_teams
    assert as_read("comment") not in on_slack + on_teams
    nothing_acts(scene)
    nothing_broke(scene, caplog)


@pytest.mark.slow
async def test_everything_in_an_escalation_is_read_as_it_was_typed(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer()
    await scene.sign()
    await raise_it(scene, writer.all_into("title", "facts", "need"))
    await scene.press("mc-jonas", "escalation.acknowledge")
    await scene.press("dc-ana", "escalation.acknowledge")
    await scene.press("dc-ana", "escalation.ask.progress", writer.all_into("text"))
    decided = writer.all_into("decision", "reason", "title_1")
    await scene.press("dc-ana", "escalation.ask.resolution", {**decided, "owner_1": "dc-ana", "due_1": "2026-03-20"})
    await scene.press("mc-jonas", "escalation.ask.decline", writer.all_into("decline/reason"))
    await scene.press("mc-jonas", "escalation.ask.move-up", writer.all_into("move-up/reason"))
    await scene.press("dc-ana", "escalation.ask.statement", writer.all_into("a/facts", "a/other_needs"))
    await scene.press("mc-jonas", "escalation.ask.statement", writer.all_into("j/facts", "j/other_needs"))
    await let_pass(scene, 60)
    for words in ("escalations", "escalation 1", "status", "actions", "digest"):
        await say_everywhere(scene, words)
    await raise_it(scene, {"title": "Another", "facts": "f", "need": "n"})
    await scene.press("dc-ana", "escalation.ask.withdraw", writer.all_into("withdraw/reason"))
    await scene.timeline.run_until(START + dt.timedelta(days=8))

    on_slack, on_teams = read_by(scene)
    for name in writer.typed:
        assert as_read(name) in on_slack, name
        assert as_read(name) in on_teams, name
    nothing_acts(scene)
    nothing_broke(scene, caplog)


async def test_the_reason_to_decline_a_charter_is_read_as_it_was_typed(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer()
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.ask-decline", writer.all_into("declined/reason"))
    await let_pass(scene, 30)

    for read in read_by(scene):
        assert as_read("declined/reason") in read
    nothing_acts(scene)
    nothing_broke(scene, caplog)


async def say_to(scene: Scene, key: str, words: str) -> None:
    await scene.person(key).seat.say(words)
    await scene.timeline.settle()


async def raise_it(scene: Scene, words: dict[str, str]) -> None:
    ana = scene.person("dc-ana").seat
    assert isinstance(ana, SlackSeat)
    await command(scene, "dc-ana", "raise")
    (dialog,) = scene.stage.slack.views(TEAM, ana.user)
    await scene.stage.slack.submit(TEAM, ana.user, dialog, {**words, "urgency": "routine"})
    await scene.timeline.settle()


@pytest.mark.slow
async def test_a_look_back_is_read_as_it_was_typed(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    writer = Writer()
    await scene.sign()
    await say_to(scene, "dc-cleo", "checkpoint now")
    for key in ("dc-ben", "mc-katrin"):
        names = ("went_well", "differently", "learned", "changed", "skills", "adapt")
        await scene.press(key, "checkpoint.show", writer.all_into(*(f"{key}/{name}" for name in names)))
    await scene.timeline.run_until(START + dt.timedelta(days=15))

    on_slack, on_teams = read_by(scene)
    for name in writer.typed:
        assert as_read(name) in on_slack, name
        assert as_read(name) in on_teams, name
    nothing_acts(scene)
    nothing_broke(scene, caplog)


# --- what the file of the alliance says -------------------------------------------------------------


NAME = "<!here> *Eve* {{DATE(1999-01-01T00:00:00Z)}} ${x} <at>x</at> :smile:"


async def test_hostile_names_in_the_file_are_only_names(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    text = ALLIANCE_FILE.read_text(encoding="utf-8")
    for before in ("name: Ana Ruiz", "name: Jonas Weber", "name: Dana Whitfield", "name: DC\n", "name: MC\n"):
        assert before in text
        after = f'name: "{before[6:].strip()} {NAME}"' + ("\n" if before.endswith("\n") else "")
        text = text.replace(before, after)
    checked = check(text.encode())
    assert checked.document is not None, checked
    await imported(scene.liaison.database.open_uow, checked.document, now=scene.stage.clock.now())
    await scene.sign()
    await raise_it(scene, {"title": "t", "facts": "f", "need": "n"})
    for words in ("status", "who", "charter", "privacy", "help", "escalation 1"):
        await say_everywhere(scene, words)
    await let_pass(scene, 60)

    on_slack, on_teams = read_by(scene)
    for name in ("Ana Ruiz", "Jonas Weber"):
        assert f"{name} {NAME}" in on_slack
        assert f"{name} {NAME}" in on_teams
    nothing_acts(scene)
    nothing_broke(scene, caplog)


@pytest.mark.parametrize("name", [r'"Ana\0Ruiz"', r'"Ana\ud800"', r'"Ana \U0000202e Ruiz"', '"Ana\x07Ruiz"'])
async def test_what_no_database_takes_is_refused_in_the_file_or_taken_harmlessly(scene: Scene, name: str) -> None:
    text = ALLIANCE_FILE.read_text(encoding="utf-8").replace("name: Ana Ruiz", f"name: {name}")
    checked = check(text.encode())
    if checked.document is None:
        assert checked.problems
        return
    await imported(scene.liaison.database.open_uow, checked.document, now=scene.stage.clock.now())
    stored = (await scene.roster()).by_key("dc-ana").name
    assert stored == storable(stored)


# --- texts without end ------------------------------------------------------------------------------


async def test_a_text_too_long_is_refused_beside_its_field_or_said_to_be_too_long(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.sign()
    await scene.timeline.run_until(TUESDAY)
    before = await tables(scene.liaison.database.engine)
    long = "word " * 4_000
    seen, button = scene.sees("mc-jonas", "checkin.answer")
    assert isinstance(scene.person("mc-jonas").seat, TeamsSeat)
    answer = await scene.stage.teams.execute(
        scene.stage.tenant,
        scene.person("mc-jonas").seat.person,  # type: ignore[attr-defined]
        seen.place,  # type: ignore[arg-type]
        button.token,
        {"course": "on track", "moved": long, "next": "x"},
        force=True,
    )
    await scene.person("mc-jonas").seat.say(long)
    await scene.person("dc-ana").seat.say(long)
    await scene.timeline.settle()

    assert "2,000 characters" in str(answer.text) + read_by(scene)[1]
    assert await tables(scene.liaison.database.engine) == before
    assert "too long to be read as a request" in read_by(scene)[0]
    assert "too long to be read as a request" in read_by(scene)[1]
    nothing_broke(scene, caplog)


async def test_a_megabyte_is_refused_at_the_door(scene: Scene) -> None:
    before = await tables(scene.liaison.database.engine)
    body = json.dumps({"type": "event_callback", "event": {"text": "x" * 1_000_000}})
    signed = signature_headers(SIGNING_SECRET, int(scene.stage.clock.now().timestamp()), body)
    statuses = []
    async with aiohttp.ClientSession() as session:
        for path in ("/slack/events", "/api/messages"):
            headers = {"Content-Type": "application/json", **signed}
            async with session.post(
                f"{scene.address}{path}", data=io.BytesIO(body.encode()), headers=headers
            ) as answer:
                statuses.append(answer.status)

    assert statuses == [413, 413]
    assert await tables(scene.liaison.database.engine) == before
    assert scene.liaison.metrics.requests()["slack"]["too large"] == 1
    assert scene.liaison.metrics.requests()["teams"]["too large"] == 1


async def test_a_dialog_with_texts_too_long_stays_open_and_names_the_field(scene: Scene) -> None:
    await scene.sign()
    before = await tables(scene.liaison.database.engine, but=("drafts",))  # what was typed is kept as a draft
    ana = scene.person("dc-ana").seat
    assert isinstance(ana, SlackSeat)
    await command(scene, "dc-ana", "raise")
    (dialog,) = scene.stage.slack.views(TEAM, ana.user)
    for block in dialog.blocks:  # as a client does that does not count
        block.get("element", {}).pop("max_length", None)
    for name, longest in (("title", 121), ("facts", 2001), ("need", 2_500)):
        words = {"title": "t", "facts": "f", "need": "n", "urgency": "routine", name: "x" * longest}
        delivered = await scene.stage.slack.submit(TEAM, ana.user, dialog, words)
        answer = delivered.json()
        assert answer["response_action"] == "errors"
        assert list(answer["errors"]) == [name]
        assert "characters" in answer["errors"][name]
    assert await tables(scene.liaison.database.engine, but=("drafts",)) == before
