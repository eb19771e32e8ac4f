"""A platform that is down, busy, late, or loses what it says: nobody misses anything, and what comes twice is known."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from alliance.protocol import Urgency
from alliance.roster import Platform
from handlers.dispatch import ChatIdentity
from handlers.intents import RaiseEscalation
from sandbox.people import Teammate
from sandbox.seats import SlackSeat, TeamsSeat
from sandbox.slack import SlackStandIn
from storage.outbox import DeliveryState
from tests.fakes.bad_days import deliveries, given_up, let_pass
from tests.fakes.live import live
from tests.fakes.network_scene import NetworkScene, network_scene
from tests.fakes.reliability import Counted
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

FAULT = "4 the platform goes away"
IN_FORCE = "is in force, version 1"
MATTER = "The pilot slips"
MINUTES = 60.0
SLACK, TEAMS = "Slack", "Teams"
UNDER_WAY = dt.timedelta(seconds=5)
"""Within it are the calls that were made before the answer of another was heard."""


# --- looking ----------------------------------------------------------------------------------------


def marks(slack: SlackStandIn, *, direct: bool = False) -> Counter[str]:
    """How often each delivery stands in Slack, by its messages' marks; `direct`: in direct conversations alone."""
    found: Counter[str] = Counter()
    for workspace in slack.world.workspaces.values():
        for channel in workspace.channels.values():
            if direct and channel.im_with is None:
                continue
            for message in channel.messages.values():
                if message.metadata and message.metadata["event_type"] == "liaison_delivery":
                    found[str(message.metadata["event_payload"]["marker"])] += 1
    return found


def times(scene: Scene, on: type[SlackSeat] | type[TeamsSeat], words: str) -> list[int]:
    """How often each person on that platform was told something with these words."""
    people = [person for person in scene.stage.people.values() if isinstance(person.seat, on) and person.side]
    return [sum(words in seen.summary for seen in person.seat.inbox()) for person in people]


def in_order(scene: Scene, keys: Iterable[str], *words: str) -> bool:
    """Whether these people first saw what these words say in this order."""
    for key in keys:
        said = [seen.summary for seen in scene.person(key).seat.inbox()]
        first = [next(place for place, summary in enumerate(said) if word in summary) for word in words]
        if first != sorted(first):
            return False
    return True


async def matter_raised(scene: Scene) -> None:
    """Somebody at MC raises a matter, which is told to both counterparts."""
    roster = await scene.roster()
    jonas = roster.by_key("mc-jonas")
    await scene.liaison.dispatch.ask(
        RaiseEscalation(alliance_id=roster.alliance_id, title=MATTER, facts="Twice by now.", need="A date."),
        who=ChatIdentity(Platform(jonas.platform), jonas.workspace, jonas.address),
        key="raised",
        now=scene.liaison.clock.now(),
    )
    await scene.timeline.settle()


async def almost_signed(scene: Scene, last: str) -> None:
    """One press of the person named `last` brings the charter into force."""
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara" if last == "dc-dana" else "dc-dana", "charter.sign")


# --- down for ten minutes ---------------------------------------------------------------------------


async def goes_down(scene: Scene, platform: str, *, refuses: bool) -> None:
    slack, teams = scene.stage.slack, scene.stage.teams
    if refuses:
        await (slack.stop() if platform == SLACK else teams.stop())
    elif platform == SLACK:
        slack.fail_next("*", status=503, times=100_000)
    else:
        for operation in ("create", "send", "update"):
            teams.fail_next(operation, status=503, times=100_000)


async def comes_back(scene: Scene, platform: str, *, refuses: bool) -> None:
    slack, teams = scene.stage.slack, scene.stage.teams
    if not refuses:
        slack.fail_no_more()
        teams.faults.waiting.clear()
    elif platform == SLACK:
        await slack.start(port=int(slack.base_url.rpartition(":")[2]))
    else:
        await teams.start(port=int(teams.base_url.rpartition(":")[2]))


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses connections", "answers 503"])
@pytest.mark.parametrize("platform", [SLACK, TEAMS])
async def test_ten_minutes_without_a_platform_are_made_up_for_when_it_is_back(
    scene: Scene, counted: Counted, platform: str, refuses: bool
) -> None:
    last = "mc-mara" if platform == SLACK else "dc-dana"
    away, there = (SlackSeat, TeamsSeat) if platform == SLACK else (TeamsSeat, SlackSeat)
    await almost_signed(scene, last)
    await goes_down(scene, platform, refuses=refuses)
    await scene.press(last, "charter.sign")
    await let_pass(scene, 1 * MINUTES, step=20)
    others_at_once = times(scene, there, IN_FORCE)
    await matter_raised(scene)
    await let_pass(scene, 9 * MINUTES, step=30)
    meanwhile = times(scene, away, IN_FORCE)
    await comes_back(scene, platform, refuses=refuses)
    await let_pass(scene, 15 * MINUTES, step=60)

    told = times(scene, away, IN_FORCE)
    assert (set(others_at_once), set(meanwhile)) == ({1}, {0})
    assert set(told) == set(times(scene, there, IN_FORCE)) == {1}
    assert in_order(scene, ["dc-ana", "mc-jonas"], IN_FORCE, MATTER)
    assert set(marks(scene.stage.slack).values()) == {1}
    assert await given_up(scene) == []
    how = "refused connections" if refuses else "answered 503"
    counted(
        FAULT,
        f"{platform} {how} for ten minutes; the other platform went on meanwhile",
        people_told_once=sum(one == 1 for one in told),
        twice=sum(one > 1 for one in told),
        missed=told.count(0),
        given_up=len(await given_up(scene)),
    )


# --- answers that are lost, or late -----------------------------------------------------------------


async def test_half_of_the_answers_are_lost_after_the_platforms_took_the_messages(
    scene: Scene, counted: Counted
) -> None:
    await almost_signed(scene, "mc-mara")
    for _ in range(50):
        scene.stage.slack.fail_next("chat.postMessage", after_accepting=True)
        scene.stage.slack.fail_next("chat.postMessage", delay=0)
        scene.stage.teams.fail_next("send", status=502, after_accepting=True)
        scene.stage.teams.fail_next("send", status=None)
    await scene.press("mc-mara", "charter.sign")
    await matter_raised(scene)
    await let_pass(scene, 5 * MINUTES, step=15)

    on_slack, on_teams = times(scene, SlackSeat, IN_FORCE), times(scene, TeamsSeat, IN_FORCE)
    assert set(on_slack) == {1}
    # In a channel, which nobody has let the liaison read, what is in doubt comes again.
    assert set(marks(scene.stage.slack, direct=True).values()) == {1}
    assert min(on_teams) >= 1
    assert in_order(scene, ["dc-ana", "mc-jonas"], IN_FORCE, MATTER)
    assert await given_up(scene) == []
    assert set(await deliveries(scene)) <= {DeliveryState.SENT, DeliveryState.UNWANTED}
    counted(
        FAULT,
        "every second answer was lost after the message had been taken, on both platforms at once",
        told_once_on_Slack=sum(one == 1 for one in on_slack),
        twice_on_Slack=sum(one > 1 for one in on_slack),
        told_on_Teams=sum(one >= 1 for one in on_teams),
        more_than_once_on_Teams=sum(one > 1 for one in on_teams),
        given_up=len(await given_up(scene)),
    )


async def test_answers_that_are_late_but_within_the_limit_are_waited_for(scene: Scene, counted: Counted) -> None:
    await almost_signed(scene, "mc-mara")
    # In the stage's time it is twenty seconds, in the computer's, by which calls are given up, no time at all.
    scene.stage.slack.fail_next("chat.postMessage", delay=20, after_accepting=True, times=100)
    scene.stage.teams.fail_next("send", status=None, delay=20, times=100)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 5 * MINUTES, step=15)

    told = times(scene, SlackSeat, IN_FORCE) + times(scene, TeamsSeat, IN_FORCE)
    assert set(told) == {1}
    assert set(marks(scene.stage.slack).values()) == {1}
    counted(
        FAULT,
        "every answer came 20 s late and was waited for, on both platforms",
        people_told_once=told.count(1),
        twice=sum(one > 1 for one in told),
    )


@pytest.mark.heavy
async def test_answers_that_come_after_a_call_was_given_up_make_nobody_on_slack_hear_it_twice(
    tmp_path: Path, counted: Counted
) -> None:
    async with live(tmp_path) as stage:
        await stage.set_up()
        await stage.start()
        await stage.install_on_teams()
        await stage.in_sight("dc-cleo", "charter.propose")
        await stage.quiet()
        stage.slack.fail_next("chat.postMessage", delay=20, after_accepting=True, times=2)
        stage.teams.fail_next("send", status=None, delay=20, times=2)
        await stage.press("dc-cleo", "charter.propose")
        for key in ("dc-dana", "dc-hiro", "mc-mara", "mc-samira"):
            await stage.in_sight(key, "charter.sign")
        await stage.quiet()

        placed = Counter(stage.markers_on_slack())
        asked = {
            key: sum(bool(seen.button("charter.sign")) for seen in person.seat.inbox())
            for key, person in stage.people.items()
        }
    assert set(placed.values()) == {1}
    assert {asked[key] for key in ("dc-dana", "dc-hiro")} == {1}
    assert {asked[key] for key in ("mc-mara", "mc-samira")} <= {1, 2}
    counted(
        FAULT,
        "answers came 20 s late, after the call had been given up; a real process",
        messages_on_Slack=len(placed),
        twice_on_Slack=sum(count > 1 for count in placed.values()),
        twice_on_Teams=sum(count > 1 for count in asked.values()),
    )


# --- a storm of 429 ---------------------------------------------------------------------------------


async def raised_in_the_middle(net: NetworkScene) -> dt.datetime:
    """An urgent matter between the first invitations and the last; returns when."""
    at = net.stage.clock.now()
    await net.raise_escalation("net1/dc-ana", MATTER, Urgency.URGENT)
    await net.timeline.settle()
    return at


def seen_at(net: NetworkScene, name: str, words: str) -> dt.datetime:
    place: Any = next(seen.place for seen in net.person(name).seat.inbox() if words in seen.summary)
    return place.sent_at if hasattr(place, "sent_at") else dt.datetime.fromtimestamp(float(place.ts), tz=dt.UTC)


async def test_a_storm_of_429_holds_up_no_other_workspace_and_nothing_urgent(tmp_path: Path, counted: Counted) -> None:
    async with network_scene(f"sqlite:///{tmp_path}/liaison.db", alliances=2, members=16) as net:
        slack = net.stage.slack
        await net.timeline.run_until(dt.datetime(2026, 2, 4, 15, 59, 50, tzinfo=dt.UTC))
        for _ in range(40):
            slack.fail_next("chat.postMessage", delay=0, team="T0NET1")
            slack.fail_next("chat.postMessage", retry_after=20, team="T0NET1")
        opened = net.stage.clock.now() + dt.timedelta(seconds=10)
        await let_pass(net, 12, step=2)
        raised = await raised_in_the_middle(net)
        await let_pass(net, 15 * MINUTES, step=5)

        mine = [made for made in slack.requests if made.at >= opened and made.method == "chat.postMessage"]
        storm = [made for made in mine if made.team_id == "T0NET1"]
        urgent = seen_at(net, "net1/dc-ana", MATTER)
        surveys_first = [made for made in storm if made.status == 200 and raised < made.at < urgent]
        refusals = [made for made in storm if made.status == 429]
        too_soon = [
            made for made in storm for no in refusals if no.at + UNDER_WAY < made.at < no.at + dt.timedelta(seconds=20)
        ]
        others = [made.at - opened for made in mine if made.team_id == "T0NET2" and made.status == 200]
        assert len(refusals) >= 8
        assert too_soon == []
        assert surveys_first == []
        assert seen_at(net, "net1/mc-jonas", MATTER) - raised < dt.timedelta(seconds=5)
        assert max(others) < dt.timedelta(seconds=15)
        assert set(marks(slack).values()) == {1}
        assert await given_up(net) == []
        inboxes = [net.person(name).seat.inbox() for name in net.on("net1", "dc")]
        invited = [sum(seen.button("pulse.answer") is not None for seen in inbox) for inbox in inboxes]
        assert set(invited) == {1}
        counted(
            FAULT,
            "every second message to one workspace got a 429 with Retry-After 20, with an urgent matter in the middle",
            refused=len(refusals),
            asked_too_soon=len(too_soon),
            surveys_before_the_urgent_one=len(surveys_first),
            people_invited_once=invited.count(1),
            seconds_until_the_other_workspace_had_all=int(max(others).total_seconds()),
        )


async def test_a_storm_of_429_on_teams_is_waited_out_chat_by_chat(scene: Scene, counted: Counted) -> None:
    await almost_signed(scene, "dc-dana")
    for _ in range(40):
        scene.stage.teams.fail_next("send", status=None)
        scene.stage.teams.fail_next("send", status=429, retry_after=20)
    begun = scene.stage.clock.now()
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 8 * MINUTES, step=5)

    sent = [made for made in scene.stage.teams.requests if made.at >= begun and made.operation == "send"]
    refusals = [made for made in sent if made.status == 429]
    too_soon = [
        made
        for no in refusals
        for made in sent
        if made.path == no.path and no.at < made.at < no.at + dt.timedelta(seconds=20)
    ]
    told = times(scene, TeamsSeat, IN_FORCE)
    assert len(refusals) >= 6
    assert too_soon == []
    assert (set(told), await given_up(scene)) == ({1}, [])
    counted(
        FAULT,
        "every second message on Teams got a 429 with Retry-After 20",
        refused=len(refusals),
        asked_too_soon=len(too_soon),
        people_told_once=told.count(1),
        given_up=len(await given_up(scene)),
    )


async def test_a_method_that_slack_limits_holds_up_no_other_method(scene: Scene, counted: Counted) -> None:
    await almost_signed(scene, "mc-mara")
    scene.stage.slack.fail_next("conversations.open", retry_after=60)
    signed = scene.stage.clock.now()
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 20, step=5)
    at_once = {key for key, person in scene.stage.people.items() if key.startswith("dc-") and told_of(person)}
    await let_pass(scene, 2 * MINUTES, step=5)

    opened = [
        made.at for made in scene.stage.slack.requests if made.method == "conversations.open" and made.at > signed
    ]
    assert {"dc-cleo", "dc-dana", "dc-hiro"} <= at_once < {key for key in scene.stage.people if key.startswith("dc-")}
    assert min(opened) >= signed + dt.timedelta(seconds=60)
    assert set(times(scene, SlackSeat, IN_FORCE)) == {1}
    counted(
        FAULT,
        "one method of Slack, which opens conversations, got a 429 with Retry-After 60",
        told_at_once_in_open_conversations=len(at_once),
        told_in_the_end=times(scene, SlackSeat, IN_FORCE).count(1),
    )


def told_of(person: Teammate) -> bool:
    return any(IN_FORCE in seen.summary for seen in person.seat.inbox())
