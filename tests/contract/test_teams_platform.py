"""TeamsPlatform against the stand-in: conversations, cards, updates, and every way in which Teams can fail."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.messages.blocks import Actions, Button, Message, Quote
from bot.messages.replies import said
from bot.platform import ChatPlatform, MessageGone, PlatformError, RateLimited, Rejected, Unavailable, Unreachable
from bot.teams.connector import Connector
from bot.teams.login import AppIdentity, OutboundToken
from bot.teams.platform import TeamsPlatform
from bot.teams.room import TeamsRoom
from sandbox.teams.login import LIFETIME
from storage.conversations import Conversation
from storage.outbox import Reference
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.teams_bot import APP_ID, CHANNEL, HOME, MIA, PASSWORD, TENANT, TOM
from tests.fakes.teams_room import BUTTONS, RoomStage, room_stage, settings_for

HELLO = said("The pulse is open")
A_MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
async def stage(open_uow: OpenUnitOfWork) -> AsyncIterator[RoomStage]:
    async with room_stage(open_uow) as made:
        yield made


async def opened(stage: RoomStage, address: str = MIA) -> Conversation:
    return await stage.room.platform.open_conversation(stage.workspace, address)


async def posted(
    stage: RoomStage, message: Message = HELLO, under: Reference | None = None, address: str = MIA
) -> Reference:
    return await stage.room.platform.post(
        stage.workspace, await opened(stage, address), message, under=under, marker="delivery-1-n1"
    )


def tokens_asked_for(stage: RoomStage) -> int:
    return stage.teams.counts["token"]


def test_it_is_a_chat_platform(stage: RoomStage) -> None:
    platform: ChatPlatform = stage.room.platform

    assert platform is not None


# --- what works ---------------------------------------------------------------------------------------


async def test_a_person_is_reached_without_having_written_first(stage: RoomStage) -> None:
    reference = await posted(stage, BUTTONS)

    (message,) = stage.teams.inbox(TENANT, MIA)
    assert message.id == reference.message
    assert message.summary == BUTTONS.summary
    assert message.card is not None
    assert not message.warnings


async def test_the_conversation_with_a_person_is_always_the_same(stage: RoomStage) -> None:
    assert await opened(stage) == await opened(stage)


async def test_the_tenant_is_named_and_the_token_comes_from_home(stage: RoomStage) -> None:
    await opened(stage)

    create = next(call for call in stage.teams.requests if call.operation == "create")
    token = next(call for call in stage.teams.requests if call.operation == "token")
    assert create.body["tenantId"] == TENANT == create.body["channelData"]["tenant"]["id"]
    assert token.path == f"/{HOME}/oauth2/v2.0/token"


async def test_a_channel_is_its_own_conversation(stage: RoomStage) -> None:
    reference = await posted(stage, address=CHANNEL)

    assert reference.conversation == CHANNEL
    assert [message.id for message in stage.teams.messages(CHANNEL)] == [reference.message]


async def test_in_a_channel_a_message_goes_under_the_one_it_belongs_to(stage: RoomStage) -> None:
    root = await posted(stage, address=CHANNEL)

    below = await posted(stage, said("Acknowledged"), under=root, address=CHANNEL)
    further = await posted(stage, said("Resolved"), under=below, address=CHANNEL)

    threads = {message.id: message.reply_to for message in stage.teams.messages(CHANNEL)}
    assert threads == {root.message: None, below.message: root.message, further.message: root.message}


async def test_a_personal_chat_has_no_threads(stage: RoomStage) -> None:
    root = await posted(stage)

    below = await posted(stage, said("Acknowledged"), under=root)

    assert below.conversation == root.conversation
    assert stage.teams.inbox(TENANT, MIA)[-1].reply_to is None


@pytest.mark.parametrize("address", [MIA, CHANNEL])
async def test_a_message_is_replaced_in_place(stage: RoomStage, address: str) -> None:
    root = await posted(stage, BUTTONS, address=address)
    reference = await posted(stage, BUTTONS, under=root, address=address)

    await stage.room.platform.update(stage.workspace, reference, said("Acknowledged by Tom"))

    messages = stage.teams.messages(reference.conversation)
    assert [message.summary for message in messages] == [BUTTONS.summary, "Acknowledged by Tom"]


async def test_a_message_too_large_for_one_card_is_known_by_its_last_part_with_the_buttons(
    stage: RoomStage,
) -> None:
    words = tuple(Quote("word " * 1_400) for _ in range(6))
    button = Actions((Button("Acknowledge", "v1.case.take.al1.7"),))

    reference = await posted(stage, Message("Long", (*words, button)))

    messages = stage.teams.inbox(TENANT, MIA)
    assert len(messages) > 1
    assert messages[-1].id == reference.message
    assert ["Acknowledge" in str(message.card) for message in messages] == [False] * (len(messages) - 1) + [True]


async def test_all_parts_of_a_message_are_redrawn_and_what_is_left_of_it_goes(stage: RoomStage) -> None:
    def long(quotes: int) -> Message:
        return Message(f"{quotes} quotes", tuple(Quote("word " * 1_400) for _ in range(quotes)))

    platform = stage.room.platform
    reference = await posted(stage, long(9))
    stage.clock.move_by(A_MINUTE)
    fewer = await platform.update(stage.workspace, reference, long(6))
    drawn = [message.summary for message in stage.teams.inbox(TENANT, MIA)]
    stage.clock.move_by(A_MINUTE)
    one = await platform.update(stage.workspace, fewer, said("Done."))
    ended = [message.summary for message in stage.teams.inbox(TENANT, MIA)]
    stage.clock.move_by(A_MINUTE)
    again = await platform.update(stage.workspace, one, long(6))

    assert len(reference.parts) > len(fewer.parts) > 1
    assert drawn == ["6 quotes"] * len(fewer.parts)
    assert (ended, one.parts) == (["Done."], ())
    assert (again.message, len(again.parts)) == (reference.message, len(fewer.parts))


async def test_nothing_can_be_found_by_a_marker_so_that_what_is_in_doubt_is_sent_again(stage: RoomStage) -> None:
    first = await posted(stage)

    again = await stage.room.platform.post(
        stage.workspace, await opened(stage), HELLO, under=None, marker="delivery-1-n1", in_doubt=True
    )

    assert again.message != first.message


# --- the token ----------------------------------------------------------------------------------------


async def test_one_token_serves_many_calls_at_once(stage: RoomStage) -> None:
    chat = await opened(stage)
    stage.teams.counts.clear()
    fresh = TeamsRoom(settings_for(stage.teams.base_url), _session(stage), stage.clock)

    await asyncio.gather(
        *(fresh.platform.post(stage.workspace, chat, HELLO, under=None, marker=f"delivery-{n}") for n in range(5))
    )

    assert tokens_asked_for(stage) == 1


async def test_a_token_is_renewed_before_it_ends_without_a_restart(stage: RoomStage) -> None:
    await posted(stage)
    stage.clock.move_by(dt.timedelta(seconds=LIFETIME - 60))

    await posted(stage)

    assert tokens_asked_for(stage) == 2
    assert all(call.status in (200, 201) for call in stage.teams.requests)


async def test_a_running_token_lasts_while_the_login_is_out_of_order(stage: RoomStage) -> None:
    await posted(stage)
    stage.teams.token_outage = True
    stage.clock.move_by(dt.timedelta(seconds=LIFETIME - 60))

    await posted(stage)

    assert len(stage.teams.inbox(TENANT, MIA)) == 2


async def test_after_its_end_an_outage_of_the_login_is_an_outage(stage: RoomStage) -> None:
    await posted(stage)
    stage.teams.token_outage = True
    stage.clock.move_by(dt.timedelta(seconds=LIFETIME))

    with pytest.raises(Unavailable, match="no token: 503"):
        await posted(stage)


async def test_a_refused_token_is_renewed_once(stage: RoomStage) -> None:
    await posted(stage)
    stage.teams.revoke_tokens()

    await posted(stage)

    assert len(stage.teams.inbox(TENANT, MIA)) == 2
    assert tokens_asked_for(stage) == 2


async def test_a_token_refused_again_is_an_outage_and_asked_for_twice_only(stage: RoomStage) -> None:
    stage.teams.fail_next("create", status=401, times=9)

    with pytest.raises(Unavailable, match="401"):
        await opened(stage)

    assert (tokens_asked_for(stage), stage.teams.counts["create"]) == (2, 2)


async def test_a_wrong_password_keeps_messages_waiting(stage: RoomStage) -> None:
    settings = settings_for(stage.teams.base_url, teams_app_password="wrong")
    room = TeamsRoom(settings, _session(stage), stage.clock)

    with pytest.raises(Unavailable, match="invalid_client"):
        await room.platform.open_conversation(stage.workspace, MIA)


@pytest.mark.parametrize(("app_id", "password"), [("", ""), (APP_ID, "")])
async def test_without_a_registration_no_token_is_asked_for(stage: RoomStage, app_id: str, password: str) -> None:
    identity = AppIdentity(app_id, password, HOME, stage.teams.base_url)

    token = await OutboundToken(identity, _session(stage), stage.clock).get()

    assert token == ""
    assert tokens_asked_for(stage) == 0


# --- bad days -----------------------------------------------------------------------------------------

BAD_DAYS: list[tuple[int, str | None, type[PlatformError]]] = [
    (400, None, Rejected),
    (403, None, Unreachable),
    (403, "BotNotInConversationRoster", Unreachable),
    (404, "ConversationNotFound", Unreachable),
    (404, "ActivityNotFoundInConversation", Rejected),
    (412, None, Unavailable),
    (413, None, Rejected),
    (500, None, Rejected),
    (502, None, Unavailable),
    (503, None, Unavailable),
    (504, None, Unavailable),
]


@pytest.mark.parametrize(("status", "code", "meaning"), BAD_DAYS)
async def test_every_refusal_has_its_meaning_and_is_not_tried_again_here(
    stage: RoomStage, status: int, code: str | None, meaning: type[PlatformError]
) -> None:
    stage.teams.fail_next("send", status=status, code=code)

    with pytest.raises(meaning):
        await posted(stage)

    assert stage.teams.counts["send"] == 1


async def test_a_limit_says_how_long_to_wait(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=429, retry_after=17)

    with pytest.raises(RateLimited) as limit:
        await posted(stage)

    assert limit.value.retry_after == 17


async def test_a_limit_without_a_time_still_waits(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=429)

    with pytest.raises(RateLimited) as limit:
        await posted(stage)

    assert limit.value.retry_after > 0


async def test_a_gateway_page_instead_of_json_is_an_outage(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=502, body="<html>Bad Gateway</html>")

    with pytest.raises(Unavailable, match="502"):
        await posted(stage)


async def test_an_address_that_nobody_listens_at_is_an_outage(stage: RoomStage) -> None:
    await opened(stage)
    nowhere = Conversation("a:1chat", "http://127.0.0.1:1/teams/")

    with pytest.raises(Unavailable):
        await stage.room.platform.post(stage.workspace, nowhere, HELLO, under=None, marker="delivery-1")


async def test_an_answer_that_never_comes_is_an_outage(stage: RoomStage) -> None:
    chat = await opened(stage)
    session, identity = _session(stage), AppIdentity(APP_ID, PASSWORD, HOME, stage.teams.base_url)
    token, soon = OutboundToken(identity, session, stage.clock), aiohttp.ClientTimeout(total=0.2)
    hasty = TeamsPlatform(Connector(session, token, stage.clock, timeout=soon), identity)
    stage.teams.fail_next("send", status=None, delay=3600)

    with pytest.raises(Unavailable, match="Timeout"):
        await hasty.post(stage.workspace, chat, HELLO, under=None, marker="delivery-1")

    stage.clock.move_by(dt.timedelta(hours=2))


async def test_somebody_who_never_installed_the_app_is_unreachable(stage: RoomStage) -> None:
    with pytest.raises(Unreachable, match="not installed"):
        await opened(stage, TOM)


async def test_somebody_who_blocked_the_app_is_unreachable(stage: RoomStage) -> None:
    stage.teams.block(TENANT, MIA)

    with pytest.raises(Unreachable, match="blocked"):
        await posted(stage)


async def test_a_message_that_is_gone_cannot_be_replaced(stage: RoomStage) -> None:
    reference = await posted(stage)

    with pytest.raises(MessageGone):
        await stage.room.platform.update(stage.workspace, replace(reference, message="1700000000000"), said("Anew"))


async def test_a_home_is_drawn_in_its_card_and_anew_where_that_is_gone(stage: RoomStage) -> None:
    show, where = stage.room.platform.show_home, await opened(stage)

    first = await show(stage.workspace, MIA, where, said("One"), shown=None)
    same = await show(stage.workspace, MIA, where, said("Two"), shown=first)
    other = await show(stage.workspace, MIA, where, said("Three"), shown=replace(first, message="1700000000000"))

    assert same == first != other
    assert [message.summary for message in stage.teams.inbox(TENANT, MIA)] == ["Two", "Three"]


async def test_a_service_address_that_is_none_is_refused_here(stage: RoomStage) -> None:
    broken = Conversation("a:1chat", "http://127.0.0.1:port/")

    with pytest.raises(Rejected):
        await stage.room.platform.post(stage.workspace, broken, HELLO, under=None, marker="delivery-1")


async def test_nothing_is_sent_after_a_redirect(stage: RoomStage) -> None:
    stage.teams.fail_next("send", status=307)

    with pytest.raises(Rejected, match="307"):
        await posted(stage)


def _session(stage: RoomStage) -> aiohttp.ClientSession:
    assert stage.teams.session is not None
    return stage.teams.session
