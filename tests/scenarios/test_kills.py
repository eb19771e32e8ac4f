"""The liaison dies at any moment: nothing accepted is lost, nothing happens twice, nobody on Slack is told twice."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from sandbox.seats import SlackSeat
from schedules.workers import InThisProcess
from storage.outbox import DeliveryState
from storage.tables import DeliveryRow
from tests.fakes.bad_days import deliveries, given_up, let_pass, telling
from tests.fakes.live import Live, live
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

TEAM = "T0DC"
ANSWER = {"course": "at risk", "moved": "The list is done.", "next": "The training.", "in_the_way": ""}
EVERYBODY = ("dc-ana", "dc-tyrone", "dc-mei", "mc-jonas", "mc-aylin", "mc-greta")


# --- dying between sending and noting it ------------------------------------------------------------


async def died_while_sending(scene: Scene) -> None:
    """Leave everything sent so far as a process does that dies before it notes an answer, and start another."""
    async with scene.liaison.database.engine.begin() as connection:
        await connection.execute(
            update(DeliveryRow)
            .where(col(DeliveryRow.state) == DeliveryState.SENT)
            .values(state=DeliveryState.SENDING, reference=None)
        )
    workers = scene.liaison.workers
    assert isinstance(workers, InThisProcess)
    workers._lanes.clear()


async def test_what_was_being_sent_is_found_on_slack_and_sent_again_on_teams(scene: Scene) -> None:
    await scene.sign()
    before = {key: len(scene.person(key).seat.inbox()) for key in scene.stage.people}
    await died_while_sending(scene)
    await let_pass(scene, 120)

    after = {key: len(scene.person(key).seat.inbox()) for key in scene.stage.people}
    for key, person in scene.stage.people.items():
        if isinstance(person.seat, SlackSeat):
            assert after[key] == before[key]
        else:
            assert after[key] >= before[key]
    assert set(await deliveries(scene)) <= {DeliveryState.SENT, DeliveryState.UNWANTED}


async def test_what_cannot_be_looked_up_at_once_is_still_not_sent_twice(scene: Scene) -> None:
    await scene.sign()
    before = {key: len(scene.person(key).seat.inbox()) for key in scene.stage.people if key.startswith("dc-")}
    await died_while_sending(scene)
    scene.stage.slack.fail_next("conversations.history", status=503, times=4)
    scene.stage.slack.fail_next("conversations.history", retry_after=20, times=4)
    await let_pass(scene, 300)

    assert {key: len(scene.person(key).seat.inbox()) for key in before} == before
    assert await given_up(scene) == []


async def test_a_card_that_is_late_shows_how_things_stand_by_now(scene: Scene) -> None:
    scene.stage.slack.fail_next("chat.postMessage", status=503, times=3)
    await scene.press("dc-cleo", "charter.propose")
    assert not telling(scene, "dc-dana", "charter")
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 60)

    (card,) = [seen for seen in scene.person("dc-dana").seat.inbox() if seen.button("charter.sign")]
    assert "Mara Schmidt" in card.text
    first, *rest = [seen.summary for seen in scene.person("dc-dana").seat.inbox()]
    assert "version 1" in first
    assert any("signed version 1" in summary for summary in rest)


async def test_who_was_gone_finds_the_card_as_things_stand_when_they_are_back(scene: Scene) -> None:
    dana = scene.person("dc-dana").seat
    assert isinstance(dana, SlackSeat)
    scene.stage.slack.world.workspace(TEAM).person(dana.user).deleted = True
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 30)
    scene.stage.slack.world.workspace(TEAM).person(dana.user).deleted = False
    await dana.say("status")
    await let_pass(scene, 60)

    (card,) = [seen for seen in dana.inbox() if seen.button("charter.sign")]
    assert "Mara Schmidt" in card.text
    assert await given_up(scene) == []


# --- a real process ---------------------------------------------------------------------------------


async def test_sigterm_ends_it_within_seconds_and_without_complaint(tmp_path: Path) -> None:
    async with live(tmp_path) as stage:
        await stage.set_up()
        await stage.start()
        await stage.in_sight("dc-cleo", "charter.propose")

        code, seconds = await stage.terminate()

        assert (code, seconds < 8) == (0, True)
        assert "Traceback" not in (tmp_path / "log").read_text()


async def test_sigterm_waits_for_no_pause_that_a_platform_asks_for_and_what_waited_is_sent_later(
    tmp_path: Path,
) -> None:
    async with live(tmp_path) as stage:
        await stage.set_up()
        await stage.start()
        await stage.install_on_teams()
        await stage.in_sight("dc-cleo", "charter.propose")
        stage.slack.fail_next("chat.postMessage", retry_after=300)
        await stage.press("dc-cleo", "charter.propose")
        await stage.refused_as_too_fast()
        # What goes to Slack from now on sleeps until those five minutes are over.
        await stage.press("mc-mara", "charter.sign")

        code, seconds = await stage.terminate()
        await stage.let_everything_be_due()
        await stage.start()
        await stage.in_sight("dc-dana", "charter.sign")
        await stage.quiet()

        assert (code, seconds < 8) == (0, True)
        assert max(Counter(stage.markers_on_slack()).values()) == 1


async def killed_and_started_again(stage: Live, after: float = 0.0) -> None:
    await asyncio.sleep(after)
    await stage.kill()
    await stage.start()


async def test_killed_right_after_each_accepted_press_and_at_random_moments_it_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    dice = random.Random(7)
    async with live(tmp_path) as stage:
        await stage.set_up()
        await stage.start()
        await stage.install_on_teams()

        for key, action in (
            ("dc-cleo", "charter.propose"),
            ("dc-dana", "charter.sign"),
            ("mc-mara", "charter.sign"),
        ):
            assert await stage.press(key, action)
            await killed_and_started_again(stage)
        await stage.quiet()

        await stage.terminate()
        assert await stage.bring_forward("OpenCheckin") == 2
        await stage.start()
        await killed_and_started_again(stage, after=dice.uniform(0.2, 1.5))

        for key in EVERYBODY:
            await stage.in_sight(key, "checkin.answer")
        for _ in range(2):
            presses = [asyncio.create_task(stage.press(key, "checkin.answer", ANSWER)) for key in EVERYBODY]
            await killed_and_started_again(stage, after=dice.uniform(0.0, 0.6))
            await asyncio.gather(*presses, return_exceptions=True)
        await stage.quiet()
        assert (await stage.terminate())[0] == 0

        await nothing_lost_or_doubled(stage)


async def nothing_lost_or_doubled(stage: Live) -> None:
    async with stage.opened() as database, database.open_uow() as uow:
        (roster,) = await uow.rosters.all()
        here = roster.alliance_id
        version = await uow.charters.get(here, 1)
        counts = await uow.outbox.counts()
        entries = Counter(entry.event for entry in await uow.audit.entries(here))
        rounds = await uow.checkins.open_rounds(here)
        answers = await uow.checkins.answers(rounds[0].id)
        broken = await uow.audit.verify(here)

    assert {roster.by_key(key).id for key in ("dc-dana", "mc-mara")} == {
        signer for signer, _ in version.signatures.values()
    }
    assert entries["charter signed"] == 2
    assert len(rounds) == 1
    accepted = {key for key, action in stage.accepted if action == "checkin.answer"}
    assert accepted
    assert {roster.by_key(key).id for key in accepted} <= {answer.member_id for answer in answers}
    assert {state for _, state in counts} <= {DeliveryState.SENT, DeliveryState.UNWANTED}
    doubled = [marker for marker, times in Counter(stage.markers_on_slack()).items() if times > 1]
    assert doubled == []
    assert broken is None
