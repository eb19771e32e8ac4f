"""The computer's clock jumps, by three days or back by an hour: nothing happens twice, and nothing stands still."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from alliance.escalation import State
from alliance.roster import Platform
from alliance.rounds import RoundState
from handlers.dispatch import ChatIdentity
from handlers.intents import RaiseEscalation
from sandbox.stage import staged
from storage.outbox import DeliveryState
from storage.tables import TimerRow
from tests.fakes.bad_days import deliveries, given_up, let_pass, telling
from tests.fakes.clock import OwnClock
from tests.fakes.live import live
from tests.fakes.reliability import Counted
from tests.fakes.shifted import ShiftedClock
from tests.scenarios.conftest import Scene, serving
from tests.scenarios.test_platform_outages import marks

pytestmark = pytest.mark.slow

FAULT = "5 the clock jumps"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MATTER = "The pilot slips"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[tuple[Scene, OwnClock]]:
    """The sample alliance, its charter signed, with a liaison whose machine has a clock of its own."""
    async with staged(seed=1) as stage:
        clock = OwnClock(stage.clock)
        async with serving(stage, f"sqlite:///{tmp_path}/liaison.db", clock) as scene:
            await scene.begin()
            await scene.sign()
            yield scene, clock


def utc(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """In February 2026."""
    return dt.datetime(2026, 2, day, hour, minute, tzinfo=dt.UTC)


async def raised(scene: Scene, title: str) -> None:
    roster = await scene.roster()
    jonas = roster.by_key("mc-jonas")
    await scene.liaison.dispatch.ask(
        RaiseEscalation(alliance_id=roster.alliance_id, title=title, facts="Twice by now.", need="A date."),
        who=ChatIdentity(Platform(jonas.platform), jonas.workspace, jonas.address),
        key=title,
        now=scene.liaison.clock.now(),
    )
    await scene.timeline.settle()


def asked(scene: Scene, action: str) -> dict[str, int]:
    """How many messages each person has with a button that does `action`, of those who have any."""
    found = {
        key: sum(seen.button(action) is not None for seen in person.seat.inbox())
        for key, person in scene.stage.people.items()
    }
    return {key: count for key, count in found.items() if count}


async def nothing_is_left_over(scene: Scene) -> dict[str, int]:
    """Returns what was looked for, counted."""
    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow(reads=True) as uow:
        left_behind = await uow.timers.overdue(scene.liaison.clock.now())
        set_aside = len(await uow.timers.set_aside())
        assert await uow.audit.verify(here) is None
    posted = marks(scene.stage.slack)
    counts = {
        "timers_left_behind": left_behind,
        "set_aside": set_aside,
        "given_up": len(await given_up(scene)),
        "messages_on_Slack": len(posted),
        "twice": sum(times > 1 for times in posted.values()),
    }
    assert counts == {**dict.fromkeys(counts, 0), "messages_on_Slack": len(posted)}
    return counts


async def test_a_machine_that_slept_for_three_days_makes_up_for_what_must_not_be_left_out(
    machine: tuple[Scene, OwnClock], counted: Counted
) -> None:
    scene, _ = machine
    await scene.timeline.run_until(utc(4, 16, 30))  # pulse 1 is open on both sides until Monday, 16:00
    await raised(scene, MATTER)
    await scene.timeline.run_until(utc(6, 17, 30))
    async with scene.liaison.database.engine.begin() as connection:
        named = col(TimerRow.intent) == "OpenCheckpoint"
        await connection.execute(update(TimerRow).where(named).values(due_at=utc(9, 10)))
    before = asked(scene, "pulse.answer")

    scene.stage.clock.move_by(3 * DAY)
    await let_pass(scene, 120, step=10)

    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow(reads=True) as uow:
        pulse = await uow.pulses.newest(here)
        case = await uow.escalations.numbered(here, 1)
        opened = await uow.checkpoints.open_rounds(here)
    digests = {key: len(telling(scene, key, "Weekly digest")) for key in ("dc-dana", "dc-hiro", "mc-mara", "mc-samira")}
    results = {key: len(telling(scene, key, "Results of pulse 1")) for key in ("dc-cleo", "mc-lars")}
    assert pulse is not None
    assert pulse.state is RoundState.CLOSED
    assert case is not None
    assert case.state is not State.RESOLVED
    assert set(digests.values()) == {1}
    assert set(results.values()) == {1}
    assert set(before.values()) == {1}
    assert len(opened) == 1
    assert telling(scene, "dc-ana", MATTER)
    counts = await nothing_is_left_over(scene)
    counted(
        FAULT,
        "the machine slept for three days, with a pulse open, an escalation under way, a digest and a checkpoint due",
        executives_with_one_digest=list(digests.values()).count(1),
        checkpoints_opened=len(opened),
        **counts,
    )


async def test_a_clock_put_back_by_an_hour_doubles_nothing_and_keeps_nobody_waiting(
    machine: tuple[Scene, OwnClock], counted: Counted
) -> None:
    scene, clock = machine
    await scene.timeline.run_until(utc(4, 15, 30))
    clock.off = HOUR  # it shows 16:30, and DC's pulse was to open at 16:00
    scene.stage.slack.fail_next("chat.postMessage", status=503, times=5)
    scene.stage.slack.fail_next("chat.postMessage", retry_after=30)
    scene.stage.teams.fail_next("send", status=503, times=2)
    await raised(scene, MATTER)
    await let_pass(scene, 10, step=5)
    waiting = await unsent(scene)

    clock.off = dt.timedelta()
    await scene.liaison.housekeep()  # as the ticker lets happen, once it sees that the clock was put back
    since = scene.stage.clock.now()
    while await unsent(scene):
        await let_pass(scene, 10, step=5)
    waited = scene.stage.clock.now() - since
    await raised(scene, "The second matter")
    await scene.press("dc-ana", "escalation.acknowledge")
    await scene.timeline.run_until(utc(4, 18))

    invited = asked(scene, "pulse.answer")
    assert waiting > 0
    assert waited < dt.timedelta(minutes=2)
    assert set(invited.values()) == {1}
    assert len(invited) == 24
    for key in ("dc-ana", "mc-jonas"):
        assert telling(scene, key, "The second matter")
    counts = await nothing_is_left_over(scene)
    counted(
        FAULT,
        "the clock showed an hour too much and was put back, with messages that waited for another try",
        messages_that_waited=waiting,
        seconds_until_all_were_sent=int(waited.total_seconds()),
        rounds_doubled=sum(count > 1 for count in invited.values()),
        people_invited_once=list(invited.values()).count(1),
        **counts,
    )


async def unsent(scene: Scene) -> int:
    """How many deliveries are not sent yet."""
    found = await deliveries(scene)
    return found[DeliveryState.PENDING] + found[DeliveryState.SENDING]


async def test_a_process_whose_clock_is_put_back_goes_on_ticking(tmp_path: Path, counted: Counted) -> None:
    async with live(tmp_path) as stage:
        clock = ShiftedClock(tmp_path / "off", stage.environment)
        await stage.set_up()
        await stage.start()
        await stage.install_on_teams()
        for key, action in (("dc-cleo", "charter.propose"), ("dc-dana", "charter.sign"), ("mc-mara", "charter.sign")):
            await stage.press(key, action)
        await stage.quiet()

        clock.put(3600)
        await stage.bring_forward("OpenCheckin")
        await stage.in_sight("dc-ana", "checkin.answer")
        await stage.in_sight("mc-jonas", "checkin.answer")
        clock.put(0)
        began = asyncio.get_running_loop().time()
        await stage.bring_forward("OpenPulse")
        for key in ("dc-ana", "mc-jonas"):
            await stage.in_sight(key, "pulse.answer")
        waited = asyncio.get_running_loop().time() - began
        await stage.quiet()

        posted = Counter(stage.markers_on_slack())
        log = (tmp_path / "log").read_text()
    assert "the clock was put back" in log
    assert "Traceback" not in log
    assert set(posted.values()) == {1}
    counted(
        FAULT,
        "a real process saw its clock jump an hour ahead and an hour back",
        seconds_until_the_next_round_opened=int(waited),
        messages_on_Slack=len(posted),
        twice=sum(times > 1 for times in posted.values()),
    )
