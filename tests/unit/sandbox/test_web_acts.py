"""Every kind of act on both platforms: a signed request each, and the platform's words for what is refused."""

import pytest
import pytest_asyncio

from tests.fakes.visitor import Json, Visitor, parts, tokens

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKUP = "<b>*moved*</b> & `again` <@U0DCANA>"
REVERSED = "\u202edevom"
RAISED = {"title": "Who may move the date", "facts": MARKUP, "need": "A yes first.", "urgency": "routine"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def signed(visitor: Visitor) -> Visitor:
    """The charter is in force: one executive of each company has pressed “Sign”."""
    for person in ("dc-dana", "mc-mara"):
        done = await visitor.press(person, "charter.sign")
        assert (done["ok"], done["errors"], done["dialog"]) == (True, {}, None)
    return visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def escalated(signed: Visitor) -> Visitor:
    """Ana has raised an escalation in a dialog of Slack."""
    opened = await signed.act("dc-ana", "say", place="dm", text="/alliance raise")
    done = await signed.act("dc-ana", "submit", dialog=opened["dialog"]["id"], inputs=RAISED)
    assert (done["ok"], done["dialog"]) == (True, None)
    return signed


async def latest(visitor: Visitor, person: str, place: str = "dm") -> Json:
    return dict((await visitor.place(person, place))["messages"][-1])


async def last_number(visitor: Visitor) -> int:
    return int((await visitor.requests())[-1]["number"])


# --- pressing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "name"), [("dc-dana", "block_actions"), ("mc-mara", "adaptiveCard/action")])
async def test_a_press_is_a_request_of_the_platform_and_redraws_the_message(
    signed: Visitor, person: str, name: str
) -> None:
    assert name in {one["name"] for one in await signed.requests()}
    shown = (await signed.place(person))["messages"]
    assert not [token for message in shown for token in tokens(message) if token.startswith("v1.charter.sign.")]
    assert "sign" in await signed.tour()


@pytest.mark.parametrize("person", ["dc-hiro", "mc-samira"])
async def test_a_button_that_was_drawn_long_ago_is_not_there_any_more(signed: Visitor, person: str) -> None:
    message = await latest(signed, person)
    old = {"as": person, "kind": "press", "place": "dm", "message": message["id"], "token": "v1.charter.sign.x.1"}

    status, said = await signed.post("/api/acts", old)

    assert status == 404
    assert "no longer there" in said["error"]


@pytest.mark.parametrize("person", ["dc-tyrone", "mc-aylin"])
async def test_inputs_of_a_message_travel_with_the_press(signed: Visitor, person: str) -> None:
    await signed.act(person, "say", place="dm", text="raise")
    message, token = await signed.sees(person, "escalation.raise")
    press = {"place": "dm", "message": message["id"], "token": token}

    too_long = await signed.act(person, "press", **press, inputs={**RAISED, "title": "x" * 500})
    assert too_long["ok"] is False
    assert set(too_long["errors"]) == {"title"}

    unknown = {"as": person, "kind": "press", **press, "inputs": {"colour": "red"}}
    assert (await signed.post("/api/acts", unknown))[0] == 400

    done = await signed.act(person, "press", **press, inputs={**RAISED, "title": f"{REVERSED} {person}"})
    assert done["ok"] is True
    for other in ("dc-tyrone", "mc-aylin"):
        assert any(person in text and "raised escalation" in text for text in await signed.texts(other))


# --- saying -----------------------------------------------------------------------------------------


async def test_a_slash_command_is_answered_to_one_person_alone(signed: Visitor) -> None:
    outcome = await signed.act("dc-ben", "say", place="channel", text="/alliance help")

    message = await latest(signed, "dc-ben", "channel")
    assert outcome["ok"] is True
    assert outcome["text"] == message["text"]
    assert message["is_private"] is True
    assert message["text"] not in await signed.texts("dc-rosa", "channel")


async def test_another_command_is_refused_by_slack_itself(signed: Visitor) -> None:
    before = await last_number(signed)

    outcome = await signed.act("dc-ben", "say", place="dm", text="/remind me")

    assert (outcome["ok"], "not a valid command" in outcome["text"]) == (False, True)
    assert await signed.requests(before) == []


@pytest.mark.parametrize("person", ["dc-mei", "mc-greta"])
@pytest.mark.parametrize("text", ["who", "/", "x" * 6000, MARKUP, f"{REVERSED} \u200f", "status\x00"])
async def test_whatever_is_said_gets_an_answer_in_the_chat(signed: Visitor, person: str, text: str) -> None:
    said = f"please {text}" if text == "/" else text

    assert (await signed.act(person, "say", place="dm", text=said))["ok"] is True

    *_, own, answer = (await signed.place(person))["messages"]
    assert (own["author"], own["text"]) == (person, said)
    assert (own["slack"], own["teams"], own["is_new"]) == (None, None, False)
    assert answer["author"] == "liaison"


@pytest.mark.parametrize("person", ["dc-kate", "mc-ewa"])
async def test_in_the_channel_the_liaison_hears_its_name_and_nothing_else(signed: Visitor, person: str) -> None:
    before = await last_number(signed)
    await signed.act(person, "say", place="channel", text="Good morning, everybody.")

    assert await signed.requests(before) == []
    said = await latest(signed, person, "channel")
    assert (said["author"], said["text"]) == (person, "Good morning, everybody.")

    await signed.act(person, "say", place="channel", text="@liaison who", thread=said["id"])

    heard = [one for one in await signed.requests(before) if one["direction"] == "platform→bot"]
    assert len(heard) == 1
    own = [one for one in (await signed.place(person, "channel"))["messages"] if one["author"] == person]
    asked = own[-1]
    assert (asked["text"].casefold(), asked["thread"]) == ("@liaison who", said["id"])


# --- dialogs ----------------------------------------------------------------------------------------


async def test_a_dialog_of_slack_shows_what_to_mend_beside_each_field(signed: Visitor) -> None:
    opened = await signed.act("dc-priya", "say", place="dm", text="/alliance raise")
    dialog = opened["dialog"]["id"]
    assert opened["dialog"]["title"] == "Raise an escalation"
    assert opened["dialog"]["slack"]["view"]["type"] == "modal"

    empty = await signed.act("dc-priya", "submit", dialog=dialog, inputs={"title": "", "facts": None})
    assert set(empty["errors"]) == {"title", "facts", "need"}
    assert empty["dialog"]["errors"] == empty["errors"]
    assert (await signed.place("dc-priya"))["dialogs"][0]["errors"] == empty["errors"]

    blank = await signed.act("dc-priya", "submit", dialog=dialog, inputs={**RAISED, "title": " \n "})
    assert (blank["ok"], set(blank["errors"])) == (False, {"title"})

    await signed.act("dc-priya", "close", dialog=dialog)
    assert (await signed.place("dc-priya"))["dialogs"] == []


@pytest.mark.parametrize(
    "wrong", [{"colour": "red"}, {"title": True}, {"title": ["a", "b"]}], ids=["unknown", "a toggle", "several"]
)
async def test_what_the_modal_cannot_hold_is_not_sent(signed: Visitor, wrong: Json) -> None:
    dialog = (await signed.act("dc-olu", "say", place="dm", text="/alliance raise"))["dialog"]["id"]
    before = await last_number(signed)

    status, said = await signed.post(
        "/api/acts", {"as": "dc-olu", "kind": "submit", "dialog": dialog, "inputs": {**RAISED, **wrong}}
    )

    assert status == 400 or said["errors"] == {"title": said["errors"]["title"]}
    assert await signed.requests(before) == []


async def test_people_of_both_companies_read_what_was_raised_letter_by_letter(escalated: Visitor) -> None:
    for person in ("dc-ana", "mc-jonas"):
        message = next(one for one in (await escalated.place(person))["messages"] if "raised escalation" in one["text"])
        drawn = [str(part.get("text")) for part in parts(message["slack"] or message["teams"])]
        assert any(MARKUP in text for text in drawn), drawn
    assert "escalation" in await escalated.tour()


async def test_a_dialog_of_teams_shows_what_to_mend_and_goes_on(escalated: Visitor) -> None:
    message, token = await escalated.sees("mc-jonas", "escalation.ask")
    opened = await escalated.act("mc-jonas", "press", place="dm", message=message["id"], token=token)
    dialog = opened["dialog"]["id"]
    assert opened["dialog"]["teams"]["card"]["type"] == "AdaptiveCard"
    assert (await escalated.place("mc-jonas"))["dialogs"] == [opened["dialog"]]

    empty = await escalated.act("mc-jonas", "submit", dialog=dialog, inputs={})
    assert (empty["ok"], list(empty["errors"])) == (False, ["reason"])
    too_long = await escalated.act("mc-jonas", "submit", dialog=dialog, inputs={"reason": "x" * 9000})
    assert (too_long["ok"], list(too_long["errors"])) == (False, ["reason"])
    unknown = {"as": "mc-jonas", "kind": "submit", "dialog": dialog, "inputs": {"colour": "red"}}
    assert (await escalated.post("/api/acts", unknown))[0] == 400

    blank = await escalated.act("mc-jonas", "submit", dialog=dialog, inputs={"reason": " \n "})
    assert blank["ok"] is False
    assert blank["dialog"]["id"] == dialog

    done = await escalated.act("mc-jonas", "submit", dialog=dialog, inputs={"reason": f"{REVERSED} {MARKUP}"})
    assert (done["ok"], done["dialog"]) == (True, None)
    assert [one["name"] for one in await escalated.requests()].count("task/submit") >= 2
    assert (await escalated.place("mc-jonas"))["dialogs"] == []


async def test_a_dialog_of_teams_can_be_closed_and_another_takes_its_place(escalated: Visitor) -> None:
    await escalated.act("mc-thi", "say", place="dm", text="raise")
    message, token = await escalated.sees("mc-jonas", "escalation.ask")
    press = {"place": "dm", "message": message["id"], "token": token}

    first = await escalated.act("mc-jonas", "press", **press)
    second = await escalated.act("mc-jonas", "press", **press)

    if second["dialog"] is not None:
        assert first["dialog"]["id"] != second["dialog"]["id"]
        assert [one["id"] for one in (await escalated.place("mc-jonas"))["dialogs"]] == [second["dialog"]["id"]]
        assert (await escalated.act("mc-jonas", "close", dialog=second["dialog"]["id"]))["ok"] is True
    assert (await escalated.place("mc-jonas"))["dialogs"] == []


# --- looking ----------------------------------------------------------------------------------------


async def test_opening_the_home_tab_lets_the_liaison_draw_it(signed: Visitor) -> None:
    assert (await signed.act("dc-hiro", "open", place="home"))["ok"] is True

    (home,) = (await signed.place("dc-hiro", "home"))["messages"]
    assert home["slack"]["blocks"]
    events = [one for one in await signed.requests() if one["name"] == "app_home_opened"]
    assert events


async def test_the_home_card_of_teams_is_the_latest_one_that_was_asked_for(signed: Visitor) -> None:
    await signed.act("mc-paolo", "say", place="dm", text="home")

    (home,) = (await signed.place("mc-paolo", "home"))["messages"]
    assert home["id"] == (await latest(signed, "mc-paolo"))["id"]
    before = await last_number(signed)
    assert (await signed.act("mc-paolo", "open", place="home"))["ok"] is True
    assert "adaptiveCard/action" in {one["name"] for one in await signed.requests(before)}


@pytest.mark.parametrize("person", ["dc-rosa", "mc-katrin"])
async def test_the_buttons_of_a_home_work_like_any_other(signed: Visitor, person: str) -> None:
    if person.startswith("mc"):
        await signed.act(person, "say", place="dm", text="home")
    await signed.act(person, "open", place="home")
    (home,) = (await signed.place(person, "home"))["messages"]
    pressed = list(tokens(home))
    assert pressed

    outcomes = [await signed.act(person, "press", place="home", message=home["id"], token=token) for token in pressed]

    assert all(outcome["ok"] for outcome in outcomes)
    assert [one for one in await signed.requests() if one["status"] >= 400] == []


async def test_opening_a_chat_of_teams_refreshes_the_cards_that_ask_for_it(escalated: Visitor) -> None:
    before = await last_number(escalated)

    assert (await escalated.act("mc-jonas", "open", place="dm"))["ok"] is True

    pressed = [one for one in await escalated.requests(before) if one["name"] == "adaptiveCard/action"]
    assert {one["request"]["value"]["trigger"] for one in pressed} == {"automatic"}


@pytest.mark.parametrize("person", ["dc-sam", "mc-felix"])
async def test_unread_marks_count_what_came_since_a_place_was_opened(signed: Visitor, person: str) -> None:
    async def unread() -> int:
        return int(next(one for one in (await signed.state())["people"] if one["key"] == person)["unread"]["dm"])

    assert await unread() > 0
    await signed.act(person, "open", place="dm")
    assert await unread() == 0
    assert (await latest(signed, person))["is_new"] is True

    await signed.act(person, "say", place="dm", text="who")
    assert await unread() == 1
    await signed.act(person, "open", place="dm")
    *_, before, own, answer = (await signed.place(person))["messages"]
    assert (before["is_new"], own["is_new"], answer["is_new"]) == (False, False, True)
