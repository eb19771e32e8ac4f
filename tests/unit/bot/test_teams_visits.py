"""Coming and going in Teams: who is welcomed, what is remembered of them, what is forgotten."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.messages.greetings import stranger, welcome
from storage.conversations import Conversation
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace
from tests.fakes.teams_bot import CHANNEL, MIA, TENANT, TOM
from tests.fakes.teams_room import RoomStage, room_stage


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def remembered(stage: RoomStage, address: str = MIA) -> Conversation | None:
    async with stage.open_uow() as uow:
        return await uow.conversations.find(stage.workspace.id, address)


async def stored_workspace(stage: RoomStage) -> Workspace | None:
    async with stage.open_uow() as uow:
        return await uow.workspaces.get(stage.workspace.id)


def chat_of(stage: RoomStage, person: str = MIA) -> str:
    return stage.teams.directory.personal(stage.teams.directory.person(TENANT, person)).id


async def test_a_member_who_adds_the_app_is_welcomed_once(stage: RoomStage) -> None:
    """Teams sends two activities for one installation."""
    await stage.teams.install(TENANT, MIA)

    assert len(stage.teams.deliveries) == 2
    assert stage.summaries() == [welcome().summary]
    assert stage.presence.told == [("arrived", MIA)]


async def test_where_a_person_and_their_tenant_are_served_is_remembered(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, MIA)

    workspace = await stored_workspace(stage)
    assert await remembered(stage) == Conversation(chat_of(stage), stage.teams.service_url)
    assert workspace is not None
    assert workspace.service_url == stage.teams.service_url


async def test_somebody_unknown_gets_a_polite_word_once(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, TOM)

    assert stage.summaries(TOM) == [stranger().summary]


async def test_somebody_of_a_tenant_we_are_not_in_gets_a_polite_word_too(stage: RoomStage) -> None:
    elsewhere = "33333333-0000-4000-8000-000000000000"
    stage.teams.add_tenant(elsewhere, "Elsewhere")
    stage.teams.add_person(elsewhere, "eve", "Eve Ender", email="eve@else.example")

    await stage.teams.install(elsewhere, "eve")

    assert [message.summary for message in stage.teams.inbox(elsewhere, "eve")] == [stranger().summary]
    assert stage.presence.told == []


async def test_whoever_writes_first_is_remembered_without_a_welcome(stage: RoomStage) -> None:
    await stage.teams.say(TENANT, MIA, "status")

    assert await remembered(stage) == Conversation(chat_of(stage), stage.teams.service_url)
    assert stage.summaries() == ["Done."]


async def test_who_removes_the_app_is_forgotten_and_it_is_told(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, MIA)

    await stage.teams.uninstall(TENANT, MIA)

    assert await remembered(stage) is None
    assert stage.presence.told == [("arrived", MIA), ("left", MIA)]


async def test_who_comes_back_is_welcome_and_known_again(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, MIA)
    await stage.teams.uninstall(TENANT, MIA)

    await stage.teams.install(TENANT, MIA)

    assert await remembered(stage) is not None
    assert stage.summaries() == [welcome().summary] * 2
    assert stage.presence.told[-1] == ("arrived", MIA)


@pytest.mark.parametrize("action", ["add-upgrade", "remove-upgrade"])
async def test_an_update_of_the_app_is_no_coming_and_no_going(stage: RoomStage, action: str) -> None:
    await stage.teams.install(TENANT, MIA)

    await stage.teams.send_activity(TENANT, installation(stage, action=action))

    assert await remembered(stage) is not None
    assert stage.presence.told == [("arrived", MIA)]
    assert len(stage.summaries()) == 1


async def test_a_team_that_removes_the_app_takes_it_from_nobody(stage: RoomStage) -> None:
    await stage.teams.install(TENANT, MIA)
    channel = {"id": CHANNEL, "conversationType": "channel", "isGroup": True}

    await stage.teams.send_activity(TENANT, installation(stage, action="remove", conversation=channel))

    assert await remembered(stage) is not None
    assert stage.presence.told == [("arrived", MIA)]


async def test_a_service_address_that_moved_is_followed(stage: RoomStage) -> None:
    await stage.teams.say(TENANT, MIA, "status")
    moved = "https://smba.trafficmanager.net/emea/"

    await stage.teams.send_activity(
        TENANT,
        installation(stage, action="add-upgrade", serviceUrl=moved),
        service_url=moved,
    )

    workspace = await stored_workspace(stage)
    assert workspace is not None
    assert workspace.service_url == moved
    assert await remembered(stage) == Conversation(chat_of(stage), moved)


async def test_in_a_channel_the_tenant_is_learnt_and_no_personal_chat(stage: RoomStage) -> None:
    await stage.teams.channel_say(TENANT, CHANNEL, MIA, "status")

    workspace = await stored_workspace(stage)
    assert workspace is not None
    assert workspace.service_url == stage.teams.service_url
    assert await remembered(stage) is None
    assert stage.presence.told == []


def installation(stage: RoomStage, **more: Any) -> dict[str, Any]:
    return {
        "type": "installationUpdate",
        "id": "f:1",
        "from": {"id": "29:mia", "aadObjectId": MIA},
        "conversation": {"id": chat_of(stage), "conversationType": "personal"},
        **more,
    }
