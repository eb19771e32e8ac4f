"""Platforms that fail, people who are gone: nothing is lost, nothing comes twice, nobody else waits."""

import asyncio
import dataclasses
import datetime as dt

import aiohttp
import pytest

from alliance.roster import Platform
from bot.doctor import Health, examine
from sandbox.seats import SlackSeat, TeamsSeat
from sandbox.stage import BOT_TOKEN
from storage.outbox import DeliveryState
from tests.fakes.bad_days import deliveries, given_up, let_pass, telling
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

TEAM = "T0DC"
ON_SLACK = [
    "dc-ana", "dc-tyrone", "dc-mei", "dc-priya", "dc-sam", "dc-olu", "dc-kate", "dc-ben", "dc-rosa", "dc-cleo",
    "dc-dana", "dc-hiro",
]  # fmt: skip
ON_TEAMS = [
    "mc-jonas", "mc-aylin", "mc-greta", "mc-milan", "mc-thi", "mc-felix", "mc-ewa", "mc-katrin", "mc-paolo",
    "mc-lars", "mc-mara", "mc-samira",
]  # fmt: skip
IN_FORCE = "is in force, version 1"


def heard(scene: Scene, keys: list[str]) -> dict[str, int]:
    return {key: len(telling(scene, key, IN_FORCE)) for key in keys}


def once_each(keys: list[str]) -> dict[str, int]:
    return dict.fromkeys(keys, 1)


def posts(scene: Scene) -> list[tuple[dt.datetime, int]]:
    return [(made.at, made.status) for made in scene.stage.slack.requests if made.method == "chat.postMessage"]


def on_slack(scene: Scene, key: str) -> str:
    seat = scene.person(key).seat
    assert isinstance(seat, SlackSeat)
    return seat.user


def on_teams(scene: Scene, key: str) -> str:
    seat = scene.person(key).seat
    assert isinstance(seat, TeamsSeat)
    return seat.person


# --- platforms that are busy, out of order, or lose what they say -----------------------------------


async def test_a_429_is_waited_out_as_long_as_slack_asks_and_teams_does_not_wait_with_it(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.slack.fail_next("chat.postMessage", retry_after=90)
    before = scene.stage.clock.now()
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 240)

    assert heard(scene, ON_SLACK + ON_TEAMS) == once_each(ON_SLACK + ON_TEAMS)
    refused = next(at for at, status in posts(scene) if status == 429)
    assert not [at for at, _ in posts(scene) if refused < at < refused + dt.timedelta(seconds=90)]
    chat = scene.stage.teams.inbox(scene.stage.tenant, on_teams(scene, "mc-jonas"))
    assert chat[-1].sent_at - before < dt.timedelta(seconds=60)
    assert await given_up(scene) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="503"),
        pytest.param({"status": 500}, id="500"),
        pytest.param({}, id="the connection broke"),
        pytest.param({"error": "internal_error"}, id="internal_error"),
    ],
)
async def test_what_slack_fails_to_take_is_sent_again(scene: Scene, fault: dict[str, object]) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.slack.fail_next("chat.postMessage", times=4, **fault)  # type: ignore[arg-type]
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 60)

    assert heard(scene, ON_SLACK) == once_each(ON_SLACK)
    assert await given_up(scene) == []


@pytest.mark.parametrize("fault", [{"status": 502}, {}], ids=["502", "the connection broke"])
async def test_what_slack_took_without_saying_so_is_not_sent_twice(scene: Scene, fault: dict[str, int]) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.slack.fail_next("chat.postMessage", times=4, after_accepting=True, **fault)  # type: ignore[arg-type]
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 120)

    assert heard(scene, ON_SLACK) == once_each(ON_SLACK)
    assert await given_up(scene) == []


async def test_what_teams_took_without_saying_so_is_not_lost(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.teams.fail_next("send", status=502, times=3, after_accepting=True)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 120)

    assert all(times in (1, 2) for times in heard(scene, ON_TEAMS).values())
    assert heard(scene, ON_SLACK) == once_each(ON_SLACK)


async def test_a_429_of_teams_is_waited_out_and_slack_does_not_wait_with_it(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    scene.stage.teams.fail_next("send", status=429, retry_after=60, times=2)
    before = scene.stage.clock.now()
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 180)

    assert heard(scene, ON_SLACK + ON_TEAMS) == once_each(ON_SLACK + ON_TEAMS)
    arrived = dt.datetime.fromtimestamp(
        float(scene.stage.slack.inbox(TEAM, on_slack(scene, "dc-ana"))[-1].ts), tz=dt.UTC
    )
    assert arrived - before < dt.timedelta(seconds=60)


async def test_a_token_outage_at_microsoft_delays_teams_alone_and_loses_nothing(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    scene.stage.teams.revoke_tokens()
    scene.stage.teams.token_outage = True
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 120)
    during = heard(scene, ON_TEAMS)
    scene.stage.teams.token_outage = False
    await let_pass(scene, 600, step=30)

    assert set(during.values()) == {0}
    assert heard(scene, ON_SLACK + ON_TEAMS) == once_each(ON_SLACK + ON_TEAMS)
    assert await given_up(scene) == []


async def test_an_outage_of_a_day_loses_nothing(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.slack.fail_next("chat.postMessage", status=503, times=100_000)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 86_400, step=600)
    during = heard(scene, ON_SLACK)
    scene.stage.slack.fail_no_more()
    await let_pass(scene, 2 * 3600, step=300)

    assert set(during.values()) == {0}
    assert heard(scene, ON_SLACK) == once_each(ON_SLACK)
    assert await given_up(scene) == []


async def test_a_workspace_that_took_the_liaison_out_gets_everything_once_it_is_back(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    await scene.stage.slack.uninstall(TEAM)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 3600, step=300)
    during = heard(scene, ON_TEAMS)
    findings = {finding.what: finding for finding in await examine(scene.liaison.settings)}
    scene.stage.slack.world.workspace(TEAM).is_installed = True
    async with scene.liaison.database.open_uow() as uow:
        workspace = await uow.workspaces.find(Platform.SLACK, TEAM)
        assert workspace is not None
        await uow.workspaces.save(dataclasses.replace(workspace, tokens={"bot": BOT_TOKEN}))
        await uow.commit()
    await let_pass(scene, 1800, step=300)

    assert during == once_each(ON_TEAMS)
    assert findings["workspaces"].health is Health.MEND
    assert TEAM in findings["workspaces"].seen
    assert heard(scene, ON_SLACK) == once_each(ON_SLACK)
    assert await given_up(scene) == []


async def test_deliveries_that_keep_failing_are_visible_to_the_operator(scene: Scene) -> None:
    scene.stage.slack.fail_next("chat.postMessage", status=503, times=1_000)
    await scene.press("dc-cleo", "charter.propose")
    await let_pass(scene, 900, step=60)

    findings = {finding.what: finding for finding in await examine(scene.liaison.settings)}
    async with aiohttp.ClientSession() as session:
        metrics = await (await session.get(f"{scene.address}/metrics")).text()

    waiting = findings["deliveries"]
    assert waiting.health is Health.MEND
    assert "slack:T0DC" in waiting.seen
    assert "503" in waiting.seen
    assert waiting.mend
    assert 'liaison_deliveries{lane="slack:T0DC",state="pending"}' in metrics


async def test_an_answer_that_slack_is_too_busy_for_is_shown_a_little_later(scene: Scene) -> None:
    scene.stage.slack.fail_next("chat.postMessage", retry_after=5, times=2)
    await scene.timeline.doing(scene.person("dc-ana").seat.say("help"))
    for _ in range(3):
        scene.stage.clock.move_by(dt.timedelta(seconds=5))
        await asyncio.sleep(0.2)

    assert len(telling(scene, "dc-ana", "What you can ask")) == 1


# --- people who are gone ----------------------------------------------------------------------------


async def test_whose_account_is_closed_is_told_to_their_alliance_manager_in_plain_words(scene: Scene) -> None:
    await scene.sign()
    await scene.stage.slack.deactivate(TEAM, on_slack(scene, "dc-ana"))
    await let_pass(scene, 30)

    (told,) = telling(scene, "dc-cleo", "Ana Ruiz (DC) can no longer be reached")
    assert "their Slack account was closed" in told.text
    assert not telling(scene, "mc-lars", "Ana Ruiz (DC) can no longer be reached")


@pytest.mark.parametrize("code", ["user_disabled", "user_not_found", "channel_not_found", "messages_tab_disabled"])
async def test_whom_slack_no_longer_knows_is_told_to_their_alliance_manager_in_plain_words(
    scene: Scene, code: str
) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    scene.stage.slack.fail_next("conversations.open", error=code)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 60)

    (told,) = telling(scene, "dc-cleo", "can no longer be reached")
    assert code not in told.text
    assert "Slack" in told.text
    (why,) = await given_up(scene)
    assert code in why, "the operator sees the platform's own word"
    assert sum(heard(scene, ON_SLACK).values()) == len(ON_SLACK) - 1


@pytest.mark.parametrize("code", ["ConversationBlockedByUser", "ForbiddenOperationException", "SomethingNew"])
async def test_who_cannot_be_reached_on_teams_is_told_to_their_alliance_manager_in_plain_words(
    scene: Scene, code: str
) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    scene.stage.teams.fail_next("send", status=403, code=code)
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 60)

    (told,) = telling(scene, "mc-lars", "can no longer be reached")
    assert code not in told.text
    assert "403" not in told.text


async def test_who_blocked_the_liaison_and_writes_to_it_again_gets_what_was_missed(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    jonas = on_teams(scene, "mc-jonas")
    scene.stage.teams.block(scene.stage.tenant, jonas)
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 60)
    missed = heard(scene, ["mc-jonas"])
    told = telling(scene, "mc-lars", "Jonas Weber (MC) can no longer be reached")
    scene.stage.teams.unblock(scene.stage.tenant, jonas)
    await scene.person("mc-jonas").seat.say("status")
    await let_pass(scene, 30)

    assert (missed, len(told)) == ({"mc-jonas": 0}, 1)
    assert heard(scene, ON_TEAMS) == once_each(ON_TEAMS)
    assert (await deliveries(scene))[DeliveryState.DEAD] == 0
    assert (await scene.roster()).by_key("mc-jonas").reachable


async def test_who_blocked_the_liaison_is_told_of_once_however_much_cannot_reach_them(scene: Scene) -> None:
    scene.stage.teams.block(scene.stage.tenant, on_teams(scene, "mc-mara"))
    await scene.press("dc-cleo", "charter.propose")
    await let_pass(scene, 30)
    await scene.press("dc-dana", "charter.sign")
    await scene.press("mc-samira", "charter.sign")
    await let_pass(scene, 30)

    assert len(telling(scene, "mc-lars", "Mara Schmidt (MC) can no longer be reached")) == 1


async def test_who_removed_the_liaison_and_added_it_again_gets_what_was_missed(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("mc-mara", "charter.sign")
    jonas = on_teams(scene, "mc-jonas")
    await scene.stage.teams.uninstall(scene.stage.tenant, jonas)
    await scene.press("dc-dana", "charter.sign")
    await let_pass(scene, 60)
    await scene.stage.teams.install(scene.stage.tenant, jonas)
    await let_pass(scene, 60)

    assert heard(scene, ["mc-jonas"]) == {"mc-jonas": 1}
    (told,) = telling(scene, "mc-lars", "Jonas Weber (MC) can no longer be reached")
    assert "removed the liaison" in told.text


async def test_whose_slack_account_is_opened_again_gets_what_was_missed(scene: Scene) -> None:
    await scene.press("dc-cleo", "charter.propose")
    await scene.press("dc-dana", "charter.sign")
    ana = on_slack(scene, "dc-ana")
    await scene.stage.slack.deactivate(TEAM, ana)
    await scene.press("mc-mara", "charter.sign")
    await let_pass(scene, 60)
    missed = heard(scene, ["dc-ana"])
    scene.stage.slack.world.workspace(TEAM).person(ana).deleted = False
    await scene.stage.slack.send_event(
        TEAM, {"type": "user_change", "user": {"id": ana, "team_id": TEAM, "deleted": False}}
    )
    await let_pass(scene, 60)

    assert missed == {"dc-ana": 0}
    assert heard(scene, ["dc-ana"]) == {"dc-ana": 1}


async def test_when_the_alliance_manager_is_the_one_who_is_gone_their_executives_are_told(scene: Scene) -> None:
    await scene.sign()
    await scene.stage.slack.deactivate(TEAM, on_slack(scene, "dc-cleo"))
    await let_pass(scene, 30)

    assert len(telling(scene, "dc-dana", "Cleo Park (DC) can no longer be reached")) == 1
    assert len(telling(scene, "dc-hiro", "Cleo Park (DC) can no longer be reached")) == 1
