"""Charter, check-ins, pulses and escalations as both companies meet them, on both platforms at once."""

import datetime as dt
import json
from typing import Any

import pytest

from bot.alliance_cli import imported
from bot.charter_file.checking import check
from sandbox.seats import Refusal, Seen
from sandbox.slack.state import Message as SlackMessage
from sandbox.stage import ALLIANCE_FILE, START
from sandbox.teams.state import Message as TeamsMessage
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FINE = {"course": "on track", "moved": "The list is done.", "next": "The training."}
BLOCKED = {**FINE, "course": "blocked", "in_the_way": "The date moved and nobody asked us."}
MATTER = {
    "title": "The pilot slips",
    "facts": "The milestone moved twice.",
    "need": "One date that both keep.",
    "urgency": "routine",
}
STATEMENT = {"facts": "The facts of {}.", "other_needs": "What the other needs, says {}."}


def newest(scene: Scene, key: str, words: str) -> Seen:
    inbox = scene.person(key).seat.inbox()
    found = [seen for seen in inbox if words in seen.summary]
    assert found, (words, [seen.summary for seen in inbox])
    return found[-1]


def summaries(scene: Scene, key: str) -> list[str]:
    return [seen.summary for seen in scene.person(key).seat.inbox()]


async def raise_one(scene: Scene, by: str = "dc-ana") -> None:
    """By a word, which is answered with what is to be filled in."""
    await scene.timeline.doing(scene.person(by).seat.say("raise"))
    await scene.timeline.settle()
    await scene.press(by, "escalation.raise", MATTER)


# --- charter ----------------------------------------------------------------------------------------


async def import_amended(scene: Scene, old: str, new: str) -> None:
    text = ALLIANCE_FILE.read_text(encoding="utf-8")
    assert old in text
    checked = check(text.replace(old, new, 1).encode())
    assert checked.document is not None, checked.problems
    await imported(scene.liaison.database.open_uow, checked.document, now=scene.stage.clock.now())
    await scene.liaison.tick()
    await scene.timeline.settle()


async def test_an_amendment_shows_its_diff_to_both_and_changes_nothing_before_both_sign(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + HOUR)
    await raise_one(scene)
    await import_amended(scene, "- {who: counterparts, acknowledge: 1d", "- {who: counterparts, acknowledge: 3d")
    await scene.press("mc-lars", "charter.propose")

    for key in ("dc-dana", "mc-mara"):
        card = newest(scene, key, "version 2")
        assert "acknowledge" in card.text
        assert "3 joint working days" in card.text
        assert "1 joint working day" in card.text
    await scene.press("dc-dana", "charter.sign")
    async with scene.liaison.database.open_uow() as uow:
        assert (await uow.charters.in_force((await scene.roster()).alliance_id)).version == 1
    await scene.press("mc-mara", "charter.sign")
    async with scene.liaison.database.open_uow() as uow:
        here = (await scene.roster()).alliance_id
        in_force = await uow.charters.in_force(here)
        running = await uow.escalations.numbered(here, 1)
    assert in_force.version == 2
    assert running is not None
    assert running.charter_version == 1
    assert running.protocol.levels[0].acknowledge.days == 1


async def test_an_amendment_that_nobody_signs_lapses_after_the_days_that_both_agreed(scene: Scene) -> None:
    await scene.sign()
    await import_amended(scene, "sign_within_days: 10", "sign_within_days: 90")
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")

    await scene.timeline.run_until(START + 11 * DAY)

    for key in ("dc-dana", "mc-mara"):
        assert any("lapsed" in summary for summary in summaries(scene, key))
    async with scene.liaison.database.open_uow() as uow:
        assert (await uow.charters.in_force((await scene.roster()).alliance_id)).version == 1


async def test_the_channel_says_that_messages_wait_and_nothing_of_what_they_say(scene: Scene) -> None:
    """DC's agreed back-up is its channel, MC's is another way."""
    await scene.sign()
    await scene.stage.slack.deactivate("T0DC", "U0DCANA")
    mc_jonas = scene.person("mc-jonas").seat
    await scene.stage.teams.uninstall(scene.stage.tenant, mc_jonas.person)  # type: ignore[attr-defined]

    await scene.timeline.run_until(START + 1 * DAY + 2 * HOUR)

    posted = [m.text for m in scene.stage.slack.messages("T0DC", "C0DCALLY") if "wait" in m.text]
    assert posted == ["Messages of the liaison wait for Ana Ruiz (DC), who cannot be reached directly."]
    assert any("Ana Ruiz (DC) can no longer be reached" in summary for summary in summaries(scene, "dc-cleo"))
    assert any("Jonas Weber (MC) can no longer be reached" in summary for summary in summaries(scene, "mc-lars"))


# --- check-ins --------------------------------------------------------------------------------------


async def close_a_checkin(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + DAY + 2 * HOUR)
    await scene.press("dc-ana", "checkin.answer", BLOCKED)
    await scene.press("mc-jonas", "checkin.answer", FINE)
    await scene.timeline.run_until(START + 3 * DAY + 2 * HOUR)


@pytest.mark.parametrize("presses", ["dc-tyrone", "mc-aylin", "mc-jonas", "mc-katrin"])
async def test_one_press_and_one_look_turn_a_blocker_into_an_escalation(scene: Scene, presses: str) -> None:
    """The dialog is filled in; whoever presses, the author and their counterpart carry it."""
    await close_a_checkin(scene)
    seen, button = scene.sees(presses, "escalation.ask-raise")
    dialog = await scene.person(presses).seat.press(seen, button, {})
    assert dialog is not None
    await scene.person(presses).seat.submit(dialog, filled_in(dialog))
    await scene.timeline.settle()

    for key in {"dc-ana", "mc-jonas", presses}:
        assert "The date moved and nobody asked us." in newest(scene, key, "raised escalation 1").text
    for key in ("dc-ana", "mc-jonas"):
        await scene.press(key, "escalation.acknowledge")
    with pytest.raises((Refusal, AssertionError)):
        await scene.press("dc-mei", "escalation.acknowledge")


def filled_in(dialog: Seen) -> dict[str, str]:
    """What stands in the dialog when it opens, as a platform sends it back untouched."""
    body = getattr(dialog.place, "blocks", None) or (getattr(dialog.place, "card", None) or {}).get("body", [])
    found: dict[str, str] = {}
    for part in walked(body):
        if str(part.get("type", "")).startswith("Input."):
            found[str(part["id"])] = str(part.get("value", ""))
        elif part.get("type") == "input":
            element = part["element"]
            chosen = (element.get("initial_option") or {}).get("value")
            found[str(part["block_id"])] = str(element.get("initial_value") or chosen or "")
    return found


def walked(part: object) -> list[dict[str, Any]]:
    match part:
        case dict():
            return [part, *(found for value in part.values() for found in walked(value))]
        case list():
            return [found for value in part for found in walked(value)]
        case _:
            return []


# --- pulses -----------------------------------------------------------------------------------------


async def test_a_pulse_s_results_reach_both_companies_at_one_moment_each_with_a_chart_of_the_platform(
    scene: Scene,
) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + 2 * DAY + 2 * HOUR)
    people = [key for key in scene.stage.people if key != "nia"]
    for number, key in enumerate(people):
        seen, _ = scene.sees(key, "pulse.answer")
        ratings = {field.name: field.options[number % 4 + 1] for field in seen.inputs if field.options}
        await scene.press(key, "pulse.answer", {**ratings, "comment": f"A thought of {key}."})
    await scene.timeline.run_until(START + 9 * DAY)

    on_slack, on_teams = newest(scene, "dc-ben", "Results of pulse 1"), newest(scene, "mc-katrin", "Results of pulse 1")
    assert on_slack.summary == on_teams.summary
    assert isinstance(on_slack.place, SlackMessage)
    assert isinstance(on_teams.place, TeamsMessage)
    assert '"type": "data_visualization"' in on_slack.text
    assert '"type": "Chart.VerticalBar.Grouped"' in on_teams.text
    assert at(on_slack) == at(on_teams)
    for key in ("dc-ana", "mc-jonas", "dc-dana", "mc-mara"):
        assert not [summary for summary in summaries(scene, key) if "Results of pulse" in summary]
    for key, own, other in (("dc-ben", "dc-ana", "mc-jonas"), ("mc-katrin", "mc-jonas", "dc-ana")):
        said = json.dumps([seen.text for seen in scene.person(key).seat.inbox()])
        assert f"A thought of {own}." in said
        assert f"A thought of {other}." not in said


def at(seen: Seen) -> dt.datetime:
    """The instant at which it was posted, to the minute that both clocks show."""
    if isinstance(seen.place, SlackMessage):
        return dt.datetime.fromtimestamp(int(float(seen.place.ts)), dt.UTC).replace(second=0)
    assert isinstance(seen.place, TeamsMessage)
    return seen.place.sent_at.replace(second=0, microsecond=0)


async def test_a_pulse_says_plainly_what_is_anonymous_and_what_is_not(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + 2 * DAY + 2 * HOUR)

    for key in ("dc-ana", "mc-jonas"):
        asked, _ = scene.sees(key, "pulse.answer")
        for words in ("Anonymous: ", "Not anonymous: ", "at least 5 people", "at least 10 of you"):
            assert words in asked.text
        assert 3 <= sum(bool(field.options) for field in asked.inputs) <= 5


# --- escalations ------------------------------------------------------------------------------------


async def test_an_escalation_from_both_counterparts_to_the_managers_and_to_its_end(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + HOUR / 2)
    await raise_one(scene)
    ours, theirs = (newest(scene, key, "raised escalation 1") for key in ("dc-ana", "mc-jonas"))
    assert ours.summary == theirs.summary
    assert at(ours) == at(theirs)

    await scene.press("dc-ana", "escalation.acknowledge")
    await scene.press("mc-jonas", "escalation.ask.move-up", {"reason": "This is above us."})
    await scene.press("dc-ana", "escalation.ask.statement", {k: v.format("DC") for k, v in STATEMENT.items()})
    assert "The facts of DC." not in json.dumps([s.text for s in scene.person("mc-jonas").seat.inbox()])
    await scene.press("mc-jonas", "escalation.ask.statement", {k: v.format("MC") for k, v in STATEMENT.items()})

    ours, theirs = (newest(scene, key, "moved up to the managers") for key in ("dc-ben", "mc-katrin"))
    assert (ours.summary, at(ours)) == (theirs.summary, at(theirs))
    for seen in (ours, theirs):
        for side in ("DC", "MC"):
            assert f"The facts of {side}." in seen.text
            assert f"What the other needs, says {side}." in seen.text
    for key in ("dc-ben", "mc-paolo"):
        await scene.press(key, "escalation.acknowledge")
    decided = {"decision": "The 13th of April.", "reason": "Both can keep it."}
    await scene.press("dc-rosa", "escalation.ask.resolution", decided)
    assert not any(seen.button("escalation.accept") for seen in scene.person("dc-ben").seat.inbox())
    await scene.press("mc-katrin", "escalation.accept")

    for key in ("dc-ana", "mc-jonas", "dc-ben", "mc-katrin"):
        card = newest(scene, key, f"Escalation 1 is resolved: {MATTER['title']}")
        assert {button.action for button in card.buttons} <= {"escalation.show", "escalation.redraw"}
    for key in ("dc-tyrone", "mc-aylin"):
        await scene.timeline.doing(scene.person(key).seat.say("escalation 1"))
        await scene.timeline.settle()
        assert "The facts of MC." in newest(scene, key, "Escalation 1, resolved").text


async def test_the_message_says_when_the_clock_resumes(scene: Scene) -> None:
    """At 18:00 UTC Stuttgart is shut; both are open again at 15:00 UTC of the next day."""
    await scene.sign()
    await scene.timeline.run_until(START + 3 * HOUR)
    await raise_one(scene)

    for key in ("dc-ana", "mc-jonas"):
        assert "The clock is paused and resumes" in newest(scene, key, "raised escalation 1").text
    # Half of one joint day, which is an hour and a half, has passed at 15:45 UTC of Tuesday; all of it at 16:30.
    await scene.timeline.run_until(START + DAY + HOUR / 2)
    assert not any("waits for DC and MC to acknowledge" in summary for summary in summaries(scene, "dc-ana"))
    await scene.timeline.run_until(START + DAY + HOUR)
    for key in ("dc-ana", "mc-jonas"):
        assert any("waits for DC and MC to acknowledge" in summary for summary in summaries(scene, key))
    await scene.timeline.run_until(START + DAY + 2 * HOUR)
    for key in ("dc-ben", "dc-rosa", "mc-katrin", "mc-paolo"):
        assert any("the managers of both companies join" in summary for summary in summaries(scene, key))
