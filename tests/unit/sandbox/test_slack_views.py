import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack import CannotFillIn, Change, NotThere, ViewChanged
from tests.fakes.slack_bot import ANN, BEN, TEAM, Office, asking, button, modal, open_office, plain

Json = dict[str, Any]

TEXT = asking("words", {"type": "plain_text_input", "action_id": "w"})
MAYBE = asking("more", {"type": "plain_text_input", "action_id": "m"}, optional=True)
FORM = modal(TEXT, MAYBE, callback_id="form", private_metadata="E42")
HOME: Json = {
    "type": "home",
    "blocks": [{"type": "actions", "block_id": "h", "elements": [button("refresh")]}],
}


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as office:
        yield office


async def _trigger(office: Office, user: str = ANN) -> str:
    """Let somebody use a command and return its trigger id."""
    office.answer_with = 200
    delivered = await office.slack.command(TEAM, user, "/alliance", "form")
    office.answer_with = None
    return str(delivered.payload["trigger_id"])


async def _open(office: Office, view: Json = FORM) -> Json:
    answer = await office.client.views_open(trigger_id=await _trigger(office), view=view)
    opened: Json = answer["view"]
    return opened


async def _error_of(call: Any) -> Json:
    with pytest.raises(SlackApiError) as refusal:
        await call
    body: Json = refusal.value.response.data
    return body


def _answer_submissions(office: Office, **answer: Any) -> list[Json]:
    caught: list[Json] = []

    @office.app.view("form")
    async def take(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack(**answer)

    return caught


async def test_a_modal_is_opened_with_what_slack_adds(office: Office) -> None:
    opened = await _open(office)

    (view,) = office.slack.views(TEAM, ANN)
    assert opened["id"] == view.view_id == opened["root_view_id"]
    assert (opened["team_id"], opened["private_metadata"], opened["state"]) == (TEAM, "E42", {"values": {}})
    assert office.slack.views(TEAM, BEN) == []


async def test_a_trigger_opens_one_view_within_three_seconds(office: Office) -> None:
    used, late = await _trigger(office), await _trigger(office)
    await office.client.views_open(trigger_id=used, view=FORM)
    again = await _error_of(office.client.views_open(trigger_id=used, view=FORM))
    unknown = await _error_of(office.client.views_open(trigger_id="1.2.3", view=FORM))
    office.clock.move_by(dt.timedelta(seconds=3.1))
    expired = await _error_of(office.client.views_open(trigger_id=late, view=FORM))

    assert [again["error"], unknown["error"], expired["error"]] == [
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "expired_trigger_id",
    ]


async def test_a_bad_view_is_refused_with_its_places_and_spends_no_trigger(office: Office) -> None:
    trigger_id = await _trigger(office)
    answer = await _error_of(office.client.views_open(trigger_id=trigger_id, view=modal(title=plain("t" * 25))))
    await office.client.views_open(trigger_id=trigger_id, view=FORM)

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


async def test_a_view_above_250_kilobytes_is_too_large(office: Office) -> None:
    texts = [{"type": "section", "text": plain("x" * 3000)} for _ in range(90)]

    answer = await _error_of(office.client.views_open(trigger_id=await _trigger(office), view=modal(*texts)))

    assert answer["error"] == "view_too_large"


async def test_three_modals_are_stacked_at_most(office: Office) -> None:
    await _open(office)
    for _ in range(2):
        await office.client.views_push(trigger_id=await _trigger(office), view=FORM)

    answer = await _error_of(office.client.views_push(trigger_id=await _trigger(office), view=FORM))

    bottom, middle, top = office.slack.views(TEAM, ANN)
    assert answer["error"] == "push_limit_reached"
    assert (middle.previous_view_id, top.root_view_id) == (bottom.view_id, bottom.view_id)


async def test_an_update_with_a_stale_hash_is_refused(office: Office) -> None:
    opened = await _open(office)
    updated = await office.client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(MAYBE))

    stale = await _error_of(office.client.views_update(view_id=opened["id"], hash=opened["hash"], view=FORM))
    missing = await _error_of(office.client.views_update(view_id="V9", view=FORM))

    assert [stale["error"], missing["error"]] == ["hash_conflict", "not_found"]
    assert updated["view"]["hash"] != opened["hash"]
    assert [block["block_id"] for block in office.slack.views(TEAM, ANN)[0].blocks] == ["more"]


async def test_a_view_is_found_by_its_external_id_which_is_used_once(office: Office) -> None:
    await _open(office, {**FORM, "external_id": "E42"})
    trigger_id = await _trigger(office)

    taken = await _error_of(office.client.views_open(trigger_id=trigger_id, view={**FORM, "external_id": "E42"}))
    await office.client.views_update(external_id="E42", view=modal(MAYBE))

    assert taken["error"] == "duplicate_external_id"
    assert len(office.slack.views(TEAM, ANN)[0].blocks) == 1


async def test_a_submission_carries_the_values_and_an_empty_answer_closes(office: Office) -> None:
    caught = _answer_submissions(office)
    await _open(office)

    delivered = await office.slack.submit(TEAM, ANN, values={"words": "Hello"})

    assert (delivered.status, delivered.problem) == (200, None)
    assert caught[0]["view"]["state"]["values"] == {
        "words": {"w": {"type": "plain_text_input", "value": "Hello"}},
        "more": {"m": {"type": "plain_text_input", "value": None}},
    }
    assert caught[0]["view"]["private_metadata"] == "E42"
    assert office.slack.views(TEAM, ANN) == []


async def test_what_must_be_filled_in_is_asked_for_before_anything_is_sent(office: Office) -> None:
    await _open(office)
    sent = len(office.slack.delivery.log)

    with pytest.raises(CannotFillIn, match="words/w"):
        await office.slack.submit(TEAM, ANN, values={"more": "only this"})

    assert len(office.slack.delivery.log) == sent


async def test_errors_keep_the_modal_open(office: Office) -> None:
    _answer_submissions(office, response_action="errors", errors={"words": "Too short"})
    await _open(office)

    delivered = await office.slack.submit(TEAM, ANN, values={"words": "x"})

    assert delivered.json()["errors"] == {"words": "Too short"}
    assert delivered.problem is None
    assert len(office.slack.views(TEAM, ANN)) == 1


async def test_errors_on_a_block_that_is_no_input_are_a_problem(office: Office) -> None:
    _answer_submissions(office, response_action="errors", errors={"w": "by action id"})
    await _open(office)

    delivered = await office.slack.submit(TEAM, ANN, values={"words": "x"})

    assert delivered.problem == "invalid_response; errors name blocks that are no inputs: w"


async def test_a_modal_is_updated_pushed_and_cleared_by_the_answer(office: Office) -> None:
    answers: list[Json] = [
        {"response_action": "update", "view": {**FORM, "private_metadata": "two"}},
        {"response_action": "push", "view": {**FORM, "private_metadata": "three"}},
        {"response_action": "clear"},
    ]

    @office.app.view("form")
    async def take(ack: Any) -> None:
        await ack(**answers.pop(0))

    await _open(office)
    stacks = []
    for _ in range(3):
        await office.slack.submit(TEAM, ANN, values={"words": "x"})
        stacks.append([view.body["private_metadata"] for view in office.slack.views(TEAM, ANN)])

    assert stacks == [["two"], ["two", "three"], []]


async def test_an_update_with_a_bad_view_is_a_problem_and_changes_nothing(office: Office) -> None:
    _answer_submissions(office, response_action="update", view=modal({"type": "header"}))
    await _open(office)

    delivered = await office.slack.submit(TEAM, ANN, values={"words": "x"})

    assert delivered.problem is not None
    assert "json-pointer:/view/blocks/0" in delivered.problem
    assert office.slack.views(TEAM, ANN)[0].body["private_metadata"] == "E42"


async def test_closing_is_told_to_a_bot_that_asked_for_it(office: Office) -> None:
    caught: list[Json] = []

    @office.app.view_closed("form")
    async def take(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack()

    await _open(office)
    silent = await office.slack.close_view(TEAM, ANN)
    await _open(office, {**FORM, "notify_on_close": True})
    told = await office.slack.close_view(TEAM, ANN, clear=True)

    assert silent is None
    assert told is not None
    assert (told.status, caught[0]["is_cleared"]) == (200, True)
    with pytest.raises(NotThere):
        await office.slack.submit(TEAM, ANN)


async def test_the_home_tab_is_published_and_pressed(office: Office) -> None:
    caught: list[Json] = []

    @office.app.event("app_home_opened")
    async def opened(event: Json) -> None:
        await office.client.views_publish(user_id=event["user"], view=HOME)

    @office.app.action("refresh")
    async def pressed(ack: Any, body: Json) -> None:
        caught.append(body)
        await ack()

    seen: asyncio.Queue[ViewChanged] = asyncio.Queue()
    office.slack.on_view(seen.put)
    await office.slack.open_home(TEAM, ANN)
    shown = await asyncio.wait_for(seen.get(), 5)
    home = office.slack.home(TEAM, ANN)
    assert home is not None
    await office.slack.press(TEAM, ANN, home, "refresh")

    assert (shown.change, shown.view) == (Change.POSTED, home)
    assert caught[0]["container"] == {"type": "view", "view_id": home.view_id}
    assert "response_url" not in caught[0]


async def test_publishing_over_a_home_tab_checks_the_hash(office: Office) -> None:
    first = (await office.client.views_publish(user_id=ANN, view=HOME))["view"]
    await office.client.views_publish(user_id=ANN, view=HOME, hash=first["hash"])

    answer = await _error_of(office.client.views_publish(user_id=ANN, view=HOME, hash=first["hash"]))

    assert answer["error"] == "hash_conflict"


async def test_a_workspace_without_the_home_tab_refuses_to_publish(office: Office) -> None:
    office.slack.world.workspace(TEAM).home_enabled = False

    answer = await _error_of(office.client.views_publish(user_id=ANN, view=HOME))

    assert answer["error"] == "not_enabled"
