"""One press after the other, as people on both platforms make them, and what both companies then see."""

import asyncio
import datetime as dt

import aiohttp
import pytest

from alliance.charter import CharterState
from sandbox.seats import TeamsSeat
from sandbox.slack.state import Message as SlackMessage
from sandbox.stage import START
from sandbox.teams.state import Message as TeamsMessage
from tests.scenarios.conftest import Scene

ANSWER = {"course": "on track", "moved": "The list is done.", "next": "The training.", "in_the_way": ""}
WEDNESDAY_NIGHT = START + dt.timedelta(days=2, hours=7)


async def test_nothing_recurring_starts_before_both_signatures(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    await scene.timeline.run_until(START + dt.timedelta(days=5))

    everything = [seen.summary for key in scene.stage.people for seen in scene.person(key).seat.inbox()]
    assert not [summary for summary in everything if "check-in is open" in summary]
    async with scene.liaison.database.open_uow(reads=True) as uow:
        version = await uow.charters.newest((await scene.roster()).alliance_id)
    assert version is not None
    assert version.state is CharterState.PROPOSED


async def test_the_charter_comes_into_force_with_one_signature_of_each_company(scene: Scene) -> None:
    await scene.sign()

    for key in ("dc-ana", "mc-jonas"):
        assert any("in force" in seen.summary for seen in scene.person(key).seat.inbox())


async def test_a_checkin_goes_round_and_both_companies_read_the_same_summary(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + dt.timedelta(days=1, hours=2))
    await scene.press("dc-ana", "checkin.answer", ANSWER)
    await scene.press("mc-jonas", "checkin.answer", {**ANSWER, "course": "blocked", "in_the_way": "No test machine."})
    await scene.timeline.run_until(START + dt.timedelta(days=4))

    (on_slack,) = [s for s in scene.person("dc-ben").seat.inbox() if "blocker" in s.summary.lower()]
    (on_teams,) = [s for s in scene.person("mc-katrin").seat.inbox() if "blocker" in s.summary.lower()]
    assert on_slack.summary == on_teams.summary
    assert "No test machine." in on_slack.text
    assert "No test machine." in on_teams.text


async def test_a_double_click_has_one_effect(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    seen, button = scene.sees("dc-dana", "charter.sign")

    await asyncio.gather(
        *(scene.person("dc-dana").seat.press(seen, button, {}) for _ in range(3)), return_exceptions=True
    )

    async with scene.liaison.database.open_uow(reads=True) as uow:
        here = (await scene.roster()).alliance_id
        version = await uow.charters.get(here, 1)
        entries = await uow.audit.entries(here)
    assert len(version.signatures) == 1
    assert sum("sign" in entry.event for entry in entries) == 1


async def test_an_operational_member_cannot_sign_with_a_forged_button(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    seen, button = scene.sees("dc-dana", "charter.sign")
    assert isinstance(seen.place, SlackMessage)
    ana = scene.person("dc-ana")
    somewhere = ana.seat.inbox()

    forged = await scene.stage.slack.send_event(
        "T0DC",
        {"type": "message", "channel_type": "im", "user": "U0DCANA", "text": "sign", "channel": "D0", "ts": "1.1"},
    )
    await scene.timeline.settle()

    assert forged.is_taken
    assert button.token
    assert somewhere is not None
    async with scene.liaison.database.open_uow(reads=True) as uow:
        version = await uow.charters.get((await scene.roster()).alliance_id, 1)
    assert dict(version.signatures) == {}


async def test_an_answer_after_the_close_is_refused_and_changes_nothing(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + dt.timedelta(days=1, hours=2))
    seen, button = scene.sees("mc-jonas", "checkin.answer")
    await scene.timeline.run_until(START + dt.timedelta(days=4))

    with pytest.raises(Exception, match=r"."):
        await scene.person("mc-jonas").seat.press(seen, button, ANSWER)

    async with scene.liaison.database.open_uow(reads=True) as uow:
        (summary,) = await uow.checkins.summaries((await scene.roster()).alliance_id, 5)
    assert [side.answered for side in summary.sides] == [0, 0]


async def test_health_and_metrics_tell_how_it_is(scene: Scene) -> None:
    async with aiohttp.ClientSession() as session:
        live = await session.get(f"{scene.address}/health/live")
        ready = await session.get(f"{scene.address}/health/ready")
        metrics = await (await session.get(f"{scene.address}/metrics")).text()

    assert (live.status, ready.status) == (200, 200)
    assert "liaison_messages_sent_total" in metrics
    assert 'liaison_deliveries{lane="slack:T0DC",state="pending"}' in metrics


@pytest.mark.parametrize("path", ["/slack/events", "/api/messages"])
async def test_an_unsigned_request_is_refused_and_nothing_is_stored(scene: Scene, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{scene.address}{path}", json={"type": "message", "text": "sign"})
        body = await answer.text()

    assert answer.status in (401, 403, 400)
    assert "Traceback" not in body


async def test_an_escalation_raised_in_slack_arrives_in_teams_and_its_card_refreshes_itself(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.doing(scene.person("dc-ana").seat.say("raise"))
    written = {"title": "Launch date", "facts": "It moved twice.", "need": "One date.", "urgency": "routine"}
    await scene.press("dc-ana", "escalation.raise", written)
    seen, _ = scene.sees("mc-jonas", "escalation.acknowledge")
    assert isinstance(seen.place, TeamsMessage)
    before = seen.place.card
    await scene.press("dc-ana", "escalation.acknowledge")

    jonas = scene.person("mc-jonas").seat
    assert isinstance(jonas, TeamsSeat)
    fresh = await scene.stage.teams.refresh_card(scene.stage.tenant, jonas.person, seen.place)

    assert fresh.ok
    assert fresh.card is not None
    assert fresh.card != before
    assert "Launch date" in str(fresh.card)
