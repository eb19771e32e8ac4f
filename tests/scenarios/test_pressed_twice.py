"""Double clicks, repeats of a platform, several people at once, and presses that nobody may make: over real HTTP."""

import asyncio
import datetime as dt
from collections.abc import Sequence

import pytest

from alliance.escalation import Happened
from bot.actions.registry import ACTIONS
from bot.actions.tokens import token
from sandbox.seats import Refusal, SlackSeat, TeamsSeat
from sandbox.slack.delivery import Kind
from sandbox.stage import START
from tests.fakes.bad_days import let_pass, tables, telling
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

TEAM = "T0DC"
ANSWER = {"course": "on track", "moved": "The list is done.", "next": "The training.", "in_the_way": ""}
RAISED = {"title": "The pilot slips", "facts": "Nobody agreed the date.", "need": "A date.", "urgency": "routine"}
TUESDAY = START + dt.timedelta(days=1, hours=2)


async def audited(scene: Scene, event: str) -> int:
    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow() as uow:
        return sum(entry.event == event for entry in await uow.audit.entries(here))


async def all_at_once(scene: Scene, action: str, *keys: str, times: int = 1) -> Sequence[object]:
    """Let these people press the same kind of button in the same moment, each so many times."""
    seen = {key: scene.sees(key, action) for key in keys}
    presses = [scene.person(key).seat.press(*seen[key], {}) for key in keys for _ in range(times)]
    outcomes = await asyncio.gather(*presses, return_exceptions=True)
    await scene.timeline.settle()
    return outcomes


async def raised(scene: Scene) -> None:
    """Let Ana raise something, so that it stands with the counterparts Ana and Jonas."""
    ana = scene.person("dc-ana").seat
    assert isinstance(ana, SlackSeat)
    await scene.stage.slack.command(TEAM, ana.user, "/alliance", "raise")
    (dialog,) = scene.stage.slack.views(TEAM, ana.user)
    await scene.stage.slack.submit(TEAM, ana.user, dialog, RAISED)
    await scene.timeline.settle()


def answers_of_the_bot(scene: Scene) -> list[int]:
    teams = [delivery.answer.status for delivery in scene.stage.teams.deliveries]
    return teams + [delivered.status for delivered in scene.stage.slack.delivery.log]


# --- twice, and at once -----------------------------------------------------------------------------


async def test_both_executives_of_both_companies_sign_at_once_each_several_times(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await all_at_once(scene, "charter.sign", "dc-dana", "dc-hiro", "mc-mara", "mc-samira", times=3)
    await let_pass(scene, 30)

    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow() as uow:
        version = await uow.charters.in_force(here)
    assert len(version.signatures) == 2
    assert await audited(scene, "charter signed") == 2
    assert await audited(scene, "charter in force") == 1
    assert len(telling(scene, "dc-ana", "is in force, version 1")) == 1
    assert not [status for status in answers_of_the_bot(scene) if status >= 400]


async def test_two_people_acknowledge_and_a_whole_company_presses_at_once(scene: Scene) -> None:
    await scene.sign()
    await raised(scene)
    outcomes = await all_at_once(scene, "escalation.acknowledge", "dc-ana", "mc-jonas", times=4)
    await let_pass(scene, 60)

    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow() as uow:
        (case,) = await uow.escalations.open_ones(here)
    assert len(case.acknowledged) == 2
    assert sum(entry.what is Happened.ACKNOWLEDGED for entry in case.history) == 2
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, Refusal)]


async def test_forty_answers_at_once_are_all_kept_and_nothing_is_locked(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.sign()
    await scene.timeline.run_until(TUESDAY)
    members = [k for k, p in scene.stage.people.items() if p.tier == "operational"]
    seen = {key: scene.sees(key, "checkin.answer") for key in members}
    await asyncio.gather(
        *(scene.person(key).seat.press(*seen[key], ANSWER) for key in members for _ in range(3)),
        return_exceptions=True,
    )
    await scene.timeline.settle()

    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow() as uow:
        (checkin,) = await uow.checkins.open_rounds(here)
        answers = await uow.checkins.answers(checkin.id)
    assert len(answers) == len(members) == 14
    assert "locked" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert not [status for status in answers_of_the_bot(scene) if status >= 400]


async def test_an_event_that_slack_delivers_again_is_answered_once(scene: Scene) -> None:
    ana = scene.person("dc-ana").seat
    assert isinstance(ana, SlackSeat)
    first = await scene.stage.slack.say(TEAM, ana.user, "away until Friday")
    again = await asyncio.gather(*(scene.stage.slack.redeliver(first) for _ in range(3)))
    await scene.timeline.settle()

    assert all(delivered.is_taken for delivered in again)
    assert len(telling(scene, "dc-ana", "You are away")) == 1


async def test_an_activity_that_teams_delivers_again_has_one_effect(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    seen, button = scene.sees("mc-mara", "charter.sign")
    await scene.person("mc-mara").seat.press(seen, button, {})
    sent = scene.stage.teams.deliveries[-1].activity
    again = await asyncio.gather(*(scene.stage.teams.send_activity(scene.stage.tenant, sent) for _ in range(3)))
    await scene.timeline.settle()

    assert {answer.status for answer in again} == {200}
    assert await audited(scene, "charter signed") == 1


# --- presses that nobody may make -------------------------------------------------------------------


async def press_on_slack(scene: Scene, key: str, made: str, inputs: dict[str, str] | None = None) -> str:
    """Send a press of any token, signed as Slack signs; returns what the person is shown alone."""
    seat = scene.person(key).seat
    assert isinstance(seat, SlackSeat)
    channel, _ = scene.stage.slack.world.open_im(scene.stage.slack.world.workspace(TEAM), seat.user)
    values = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in (inputs or {}).items()}
    delivered = await scene.stage.slack.delivery.deliver(
        Kind.INTERACTION,
        {
            "type": "block_actions",
            "user": {"id": seat.user, "team_id": TEAM},
            "team": {"id": TEAM},
            "trigger_id": scene.stage.slack.world.new_trigger(TEAM, seat.user),
            "channel": {"id": channel.channel_id},
            "container": {"type": "message", "message_ts": "1.0", "channel_id": channel.channel_id},
            "state": {"values": values},
            "actions": [{"type": "button", "action_id": made, "block_id": "b", "value": made, "action_ts": "1.0"}],
        },
    )
    await scene.timeline.settle()
    assert delivered.status == 200
    shown = scene.stage.slack.messages(TEAM, channel.channel_id)
    return shown[-1].text if shown else ""


async def press_on_teams(scene: Scene, key: str, made: str, inputs: dict[str, str] | None = None) -> str:
    """Send a press of any token, signed as Microsoft signs; returns the line that the person is shown."""
    seat = scene.person(key).seat
    assert isinstance(seat, TeamsSeat)
    person = scene.stage.teams.directory.person(scene.stage.tenant, seat.person)
    chat = scene.stage.teams.directory.personal(person)
    action = {"type": "Action.Execute", "verb": made, "data": {"token": made, **(inputs or {})}}
    activity = {
        "type": "invoke",
        "name": "adaptiveCard/action",
        "id": f"forged-{len(scene.stage.teams.deliveries)}",
        "from": {"id": person.id, "aadObjectId": person.aad_object_id, "name": person.name},
        "conversation": {"id": chat.id, "conversationType": "personal", "tenantId": scene.stage.tenant},
        "value": {"action": action, "trigger": "manual"},
    }
    answer = await scene.stage.teams.send_activity(scene.stage.tenant, activity)
    await scene.timeline.settle()
    if answer.status == 400:  # what no card can have sent
        return str(answer.body["value"]["message"])
    assert answer.status == 200
    return str(answer.body["value"])


async def press(scene: Scene, key: str, made: str, inputs: dict[str, str] | None = None) -> str:
    on_slack = isinstance(scene.person(key).seat, SlackSeat)
    return await (press_on_slack if on_slack else press_on_teams)(scene, key, made, inputs)


GARBAGE = [
    "", "x", "v1", "v1...", "v9.charter.sign.x.1", "v1.charter.sign", "v1.nothing.known.a", "v1.charter.sign..1",
    "v1.charter.sign.%00.1", "v1.checkin.answer.%F0%9F%92.x", "v1.escalation.acknowledge.a.b.c.d", "a" * 10_240,
    "v1.charter.sign." + "9" * 10_240, "v1.checkin.answer.' OR 1=1 --.x", "../../etc/passwd", "{{DATE(2026)}}", "\x00",
    "v1.pulse.answer.\ud800.x",
]  # fmt: skip


@pytest.mark.parametrize("key", ["dc-dana", "mc-mara"])
async def test_garbage_is_refused_with_a_reason_and_changes_nothing(
    scene: Scene, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.press("dc-cleo", "charter.propose")
    before = await tables(scene.liaison.database.engine)
    for made in GARBAGE:
        said = await press(scene, key, made)
        assert "Traceback" not in said
        assert "broke" not in said, made
    assert await tables(scene.liaison.database.engine) == before
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("key", ["dc-ana", "mc-jonas"])
async def test_ids_of_nothing_and_of_another_alliance_are_refused_on_every_button(
    scene: Scene, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.sign()
    own = (await scene.roster()).alliance_id
    # What somebody wrote in a dialog that came back is kept for them alone, whatever it was about.
    before = await tables(scene.liaison.database.engine, but=("drafts",))
    for action in ACTIONS:
        if action.startswith(("status.", "privacy.", "escalation.ask-raise", "action-item.ask")):
            continue
        for alliance in (own, type(own)("0123456789abcdef")):
            forged = token(action, alliance, "fedcba9876543210", "7", "1")
            said = await press(scene, key, forged, {"title": "x", "facts": "x", "need": "x", "reason": "x"})
            assert said, action

    assert await tables(scene.liaison.database.engine, but=("drafts",)) == before
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("key", ["dc-ana", "mc-jonas", "dc-ben", "mc-katrin"])
async def test_who_has_no_right_to_sign_or_propose_is_refused_with_the_reason(scene: Scene, key: str) -> None:
    here = (await scene.roster()).alliance_id
    before = await tables(scene.liaison.database.engine)
    refused = [await press(scene, key, token("charter.propose", here, 1))]
    await scene.press("dc-cleo", "charter.propose")
    proposed = await tables(scene.liaison.database.engine, but=("inbox",))
    refused.append(await press(scene, key, token("charter.sign", here, 1)))
    refused.append(await press(scene, key, token("charter.decline", here, 1), {"reason": "no"}))

    assert before["charters"] != proposed["charters"]
    assert await tables(scene.liaison.database.engine, but=("inbox",)) == proposed
    assert all(said.startswith("Only ") and "Nothing was changed" in said for said in refused)


@pytest.mark.parametrize("key", ["dc-ana", "mc-jonas"])
async def test_after_the_close_an_answer_is_refused_with_the_reason_and_changes_nothing(scene: Scene, key: str) -> None:
    await scene.sign()
    await scene.timeline.run_until(TUESDAY)
    _, button = scene.sees(key, "checkin.answer")
    await scene.timeline.run_until(START + dt.timedelta(days=4))
    before = await tables(scene.liaison.database.engine)
    said = await press(scene, key, button.token, ANSWER)

    assert "closed" in said
    assert await tables(scene.liaison.database.engine) == before


async def test_a_stranger_and_somebody_of_another_workspace_are_told_so(scene: Scene) -> None:
    scene.stage.slack.add_person(TEAM, "U0STRANGER", "Eve", "UTC", "eve@dc.example")
    before = await tables(scene.liaison.database.engine)
    await scene.stage.slack.say(TEAM, "U0STRANGER", "sign")
    await scene.timeline.settle()
    shown = scene.stage.slack.inbox(TEAM, "U0STRANGER")

    assert any("not a member" in message.text for message in shown)
    assert await tables(scene.liaison.database.engine) == before
