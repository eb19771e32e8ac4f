"""Homes: Slack's Home tab and the card in Teams show what waits for a person, and are drawn anew when that changes."""

import datetime as dt
import json
from typing import Any

import pytest

from sandbox.seats import SlackSeat, TeamsSeat
from sandbox.stage import START
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

TEAM = "T0DC"


def slack_home(scene: Scene, key: str) -> Any:
    seat = scene.person(key).seat
    assert isinstance(seat, SlackSeat)
    return scene.stage.slack.home(TEAM, seat.user)


def teams_home(scene: Scene, key: str) -> Any:
    seat = scene.person(key).seat
    assert isinstance(seat, TeamsSeat)
    return scene.stage.teams.home(tenant(scene), seat.person)


def tenant(scene: Scene) -> str:
    return next(iter(scene.stage.teams.directory.tenants))


def slack_text(scene: Scene, key: str) -> str:
    home = slack_home(scene, key)
    return json.dumps(home.blocks, ensure_ascii=False) if home else ""


def teams_text(scene: Scene, key: str) -> str:
    home = teams_home(scene, key)
    return json.dumps(home.card, ensure_ascii=False) if home else ""


async def look(scene: Scene, key: str) -> None:
    seat = scene.person(key).seat
    assert isinstance(seat, SlackSeat)
    await scene.stage.slack.open_home(TEAM, seat.user)
    await scene.timeline.settle()


async def test_a_home_follows_what_happens_on_both_sides(scene: Scene) -> None:
    before = slack_home(scene, "dc-dana")
    await look(scene, "dc-dana")
    first, card = slack_text(scene, "dc-dana"), teams_home(scene, "mc-mara").id

    await scene.press("dc-cleo", "charter.propose")
    waiting = slack_text(scene, "dc-dana"), teams_text(scene, "mc-mara")
    await scene.press("dc-dana", "charter.sign")
    signed = slack_text(scene, "dc-dana"), teams_text(scene, "mc-mara")

    assert before is None
    assert "Nothing waits for you" in first
    assert all("1 thing waits for you" in text for text in waiting)
    assert "Nothing waits for you" in signed[0]
    assert "1 thing waits for you" in signed[1]
    assert teams_home(scene, "mc-mara").id == card, "drawn anew in its place"


async def test_a_button_of_a_home_works_and_leaves_the_home(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await look(scene, "dc-dana")
    home = slack_home(scene, "dc-dana")
    seat = scene.person("dc-dana").seat
    assert isinstance(seat, SlackSeat)
    sign = next(e["action_id"] for b in home.blocks if b["type"] == "actions" for e in b["elements"])

    await scene.stage.slack.press(TEAM, seat.user, home, sign)
    await scene.timeline.settle()
    card = teams_home(scene, "mc-mara")
    person = scene.person("mc-mara").seat
    assert isinstance(person, TeamsSeat)
    verb = next(
        a["verb"] for e in card.card["body"] if e["type"] == "ActionSet" for a in e["actions"] if "Sign" in a["title"]
    )
    answer = await scene.stage.teams.execute(tenant(scene), person.person, card, verb)
    await scene.timeline.settle()

    assert answer.ok
    assert answer.card is None
    async with scene.liaison.database.open_uow(reads=True) as uow:
        (roster,) = await uow.rosters.all()
        assert (await uow.charters.in_force(roster.alliance_id)).version == 1
    assert "Next check-in" in slack_text(scene, "dc-dana")
    assert "Next check-in" in teams_text(scene, "mc-mara")


async def test_a_check_in_is_answered_from_a_home_on_both_platforms(scene: Scene) -> None:
    await scene.sign()
    await look(scene, "dc-ana")
    await scene.timeline.run_until(START + dt.timedelta(days=1, hours=2))
    asked = slack_text(scene, "dc-ana"), teams_text(scene, "mc-jonas")
    ana, jonas = scene.person("dc-ana").seat, scene.person("mc-jonas").seat
    assert isinstance(ana, SlackSeat)
    assert isinstance(jonas, TeamsSeat)

    home = slack_home(scene, "dc-ana")
    await scene.stage.slack.press(TEAM, ana.user, home, button_of(home.blocks, "Answer the check-in"))
    await scene.stage.slack.submit(TEAM, ana.user, None, {"course": "on track", "moved": "The pilot"})
    card = teams_home(scene, "mc-jonas")
    token = button_of(card.card, "Answer the check-in")
    dialog = await scene.stage.teams.fetch_task(tenant(scene), jonas.person, card, {"token": token})
    closed = await scene.stage.teams.submit_task(
        tenant(scene), jonas.person, dialog, inputs={"course": "on track", "moved": "The pilot"}
    )
    await scene.timeline.settle()

    assert all("Answer the check-in" in text for text in asked)
    assert not closed.is_open
    assert all(
        "Change my check-in answer" in text for text in (slack_text(scene, "dc-ana"), teams_text(scene, "mc-jonas"))
    )
    assert teams_home(scene, "mc-jonas").id == card.id
    for key in ("dc-ana", "mc-jonas"):
        asking = [seen for seen in scene.person(key).seat.inbox() if seen.button("checkin.answer")]
        assert asking == [], "the message that asked says that the answer is in"


def button_of(drawn: Any, label: str) -> str:
    """The token of the button with that label, anywhere in blocks or a card."""
    if isinstance(drawn, list):
        return next((found for part in drawn if (found := button_of(part, label))), "")
    if not isinstance(drawn, dict):
        return ""
    text = drawn.get("text")
    if drawn.get("title") == label or (isinstance(text, dict) and text.get("text") == label and "action_id" in drawn):
        data = drawn.get("data") or {}
        return str(drawn.get("action_id") or data.get("token") or "")
    return next((found for part in drawn.values() if (found := button_of(part, label))), "")


async def test_an_answered_pulse_shows_in_a_home_and_in_no_row(scene: Scene) -> None:
    await scene.sign()
    await look(scene, "dc-ana")
    await scene.timeline.run_until(START + dt.timedelta(days=2, hours=2))
    ana = scene.person("dc-ana").seat
    assert isinstance(ana, SlackSeat)
    home = slack_home(scene, "dc-ana")
    before = await homes_sent(scene)

    await scene.stage.slack.press(TEAM, ana.user, home, button_of(home.blocks, "Answer the pulse"))
    (dialog,) = scene.stage.slack.views(TEAM, ana.user)
    scales = [block["block_id"] for block in dialog.blocks if block["type"] == "input"]
    given = {name: "4" for name in scales if name != "comment"}
    await scene.stage.slack.submit(TEAM, ana.user, dialog, given)
    await scene.liaison.nudges.idle()

    assert "Change my pulse answer" in slack_text(scene, "dc-ana")
    assert await homes_sent(scene) == before


async def homes_sent(scene: Scene) -> int:
    async with scene.liaison.database.open_uow(reads=True) as uow:
        roster = await scene.roster()
        return sum((await uow.outbox.sent_by_recipient(roster.alliance_id, "HomeChanged")).values())
