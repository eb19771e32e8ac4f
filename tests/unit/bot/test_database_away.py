"""While the database is away nothing is taken, and each platform is told so in its own way: with a 503."""

from collections.abc import AsyncIterator

import pytest

from storage.unit_of_work import OpenUnitOfWork
from tests.fakes import slack_room, teams_room
from tests.fakes.slack_bot import ANN, TEAM
from tests.fakes.slack_room import ASK, TAKE
from tests.fakes.teams_bot import MIA, TENANT

TEAMS_TAKE = "v1.case.take.al1.7"


@pytest.fixture
async def on_slack(open_uow: OpenUnitOfWork) -> AsyncIterator[slack_room.RoomStage]:
    async with slack_room.room_stage(open_uow) as made:
        made.desk.away = True
        yield made


@pytest.fixture
async def on_teams(open_uow: OpenUnitOfWork) -> AsyncIterator[teams_room.RoomStage]:
    async with teams_room.room_stage(open_uow) as made:
        made.desk.away = True
        yield made


async def test_slack_shows_that_a_press_was_not_taken_and_the_next_one_is(on_slack: slack_room.RoomStage) -> None:
    shown = await on_slack.post()

    refused = await on_slack.slack.press(TEAM, ANN, shown, TAKE)
    on_slack.desk.away = False
    taken = await on_slack.slack.press(TEAM, ANN, shown, TAKE)

    assert (refused.status, taken.status) == (503, 200)
    assert on_slack.desk.effects == {TAKE: 1}


async def test_slack_shows_that_a_command_was_not_taken(on_slack: slack_room.RoomStage) -> None:
    assert (await on_slack.slack.command(TEAM, ANN, "/alliance", "status")).status == 503


async def test_a_dialog_in_slack_stays_open_with_what_was_written(on_slack: slack_room.RoomStage) -> None:
    on_slack.desk.away = False
    on_slack.desk.answers["raise"] = ASK
    await on_slack.slack.command(TEAM, ANN, "/alliance", "raise")
    on_slack.desk.away = True

    refused = await on_slack.slack.submit(TEAM, ANN, values={"color": "red"})

    assert refused.status == 503
    assert len(on_slack.slack.views(TEAM, ANN)) == 1


async def test_slack_repeats_a_message_until_it_is_taken(on_slack: slack_room.RoomStage) -> None:
    refused = await on_slack.slack.say(TEAM, ANN, "status")
    on_slack.desk.away = False
    taken = await on_slack.slack.retry_until_taken(refused)

    assert (refused.status, taken.status) == (503, 200)
    assert on_slack.desk.effects == {"status": 1}


async def test_teams_shows_that_a_press_was_not_taken_and_the_next_one_is(on_teams: teams_room.RoomStage) -> None:
    shown = await on_teams.post()

    refused = await on_teams.teams.execute(TENANT, MIA, shown, TEAMS_TAKE)
    on_teams.desk.away = False
    taken = await on_teams.teams.execute(TENANT, MIA, shown, TEAMS_TAKE)

    assert (refused.ok, taken.ok) == (False, True)
    assert refused.http_status == 503
    assert on_teams.desk.effects == {TEAMS_TAKE: 1}


async def test_a_message_to_the_liaison_in_teams_is_not_taken(on_teams: teams_room.RoomStage) -> None:
    assert (await on_teams.teams.say(TENANT, MIA, "status")).status == 503
