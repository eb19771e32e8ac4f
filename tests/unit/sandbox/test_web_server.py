"""The page's server: who may ask, what is there, what comes back for nonsense."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.web import CannotServe, reserved, serving
from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "x" * 12_001
REVERSED = "\u202eevil\u202c"


# --- who may ask ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_only_a_page_of_this_address_is_answered(visitor: Visitor, headers: dict[str, str], status: int) -> None:
    for path in ("/api/state", "/api/events") if status == 403 else ("/api/state",):
        code, body = await visitor.get(path, **headers)

        assert code == status
        assert status == 200 or "error" in body


async def test_the_address_itself_may_ask_under_both_its_names(visitor: Visitor) -> None:
    port = visitor.address.rpartition(":")[2]
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{port}"

        assert (await visitor.get("/api/state", Host=host, Origin=f"http://{host}"))[0] == 200


async def test_a_form_of_another_site_is_turned_away(visitor: Visitor) -> None:
    async with visitor.http.post(f"{visitor.address}/api/clock", data={"step": "hour"}) as answer:
        assert answer.status == 415
        assert "JSON" in (await answer.json())["error"]


async def test_an_address_that_is_taken_is_said_in_a_sentence(visitor: Visitor) -> None:
    port = int(visitor.address.rpartition(":")[2])
    with pytest.raises(CannotServe, match="Choose another port"), reserved(port):
        pass


# --- what is there ----------------------------------------------------------------------------------


async def test_the_state_names_everybody_and_both_calendars(visitor: Visitor) -> None:
    state = await visitor.state()

    people = {person["key"]: person for person in state["people"]}
    assert len([person for person in people.values() if person["company"] == "dc"]) == 12
    assert len([person for person in people.values() if person["company"] == "mc"]) == 12
    assert people["nia"]["company"] == ""
    assert people["dc-ana"] == {
        "key": "dc-ana",
        "name": "Ana Ruiz",
        "address": "U0DCANA",
        "company": "dc",
        "platform": "slack",
        "tier": "operational",
        "zone": "America/Chicago",
        "character": "prompt",
        "is_played": False,
        "unread": {"dm": 0, "channel": 0},
    }
    assert people["mc-mara"]["platform"] == "teams"
    clock = state["clock"]
    assert clock["now"] == "2026-02-02T15:15:00Z"
    assert (clock["playing"], clock["stepping"], clock["teammates"]) == (False, False, True)
    assert [(one["key"], one["platform"], one["is_open"], one["changes_at"]) for one in clock["companies"]] == [
        ("dc", "slack", True, "2026-02-02T23:00:00Z"),
        ("mc", "teams", True, "2026-02-02T16:30:00Z"),
    ]
    assert [step["key"] for step in state["tour"]["steps"]] == [
        *("sign", "checkin", "pulse", "gap", "escalation", "missed", "checkpoint")
    ]
    assert {one["key"] for one in state["characters"]} == {"prompt", "slow", "silent", "unhappy"}


async def test_at_the_start_the_charter_waits_for_signatures_on_both_sides(visitor: Visitor) -> None:
    slack = (await visitor.place("dc-dana"))["messages"][-1]
    teams = (await visitor.place("mc-mara"))["messages"][-1]

    for message in (slack, teams):
        assert "waits for one signature of each company" in message["text"]
        assert (message["author"], message["name"], message["is_new"]) == ("liaison", "Liaison", True)
    assert slack["slack"]["blocks"][0]["type"] == "header"
    assert slack["teams"] is None
    assert teams["teams"]["card"]["type"] == "AdaptiveCard"
    assert teams["teams"]["summary"] == teams["text"]
    assert teams["slack"] is None


async def test_the_audit_trail_names_who_did_what_and_verifies(visitor: Visitor) -> None:
    _, trail = await visitor.get("/api/audit")

    assert trail["verified"] is True
    proposed = next(entry for entry in trail["entries"] if entry["action"] == "charter proposed")
    assert proposed["actor"] == "dc-cleo"
    assert proposed["subject"] == "charter 1"
    _, later = await visitor.get(f"/api/audit?after={proposed['number']}")
    assert [entry["number"] for entry in later["entries"]] == [
        entry["number"] for entry in trail["entries"] if entry["number"] > proposed["number"]
    ]


async def test_the_last_requests_are_shown_in_both_directions(visitor: Visitor) -> None:
    await visitor.act("dc-ana", "say", place="dm", text="who")
    await visitor.act("mc-jonas", "say", place="dm", text="who")

    _, found = await visitor.get("/api/requests")

    shown = {(one["platform"], one["direction"], one["name"]) for one in found["requests"]}
    assert ("slack", "platform→bot", "message") in shown
    assert ("slack", "bot→platform", "chat.postMessage") in shown
    assert ("teams", "platform→bot", "message") in shown
    numbers = [one["number"] for one in found["requests"]]
    assert numbers == sorted(numbers)
    assert len(numbers) <= 100
    posted = next(one for one in reversed(found["requests"]) if one["name"] == "chat.postMessage")
    assert posted["response"]["ok"] is True
    assert "Ana Ruiz" not in posted["request"]["channel"]
    _, none = await visitor.get(f"/api/requests?after={numbers[-1]}")
    assert none == {"requests": []}
    assert "sandbox-app-password" not in json.dumps(found)
    assert "xoxb" not in json.dumps(found)


async def test_changes_are_told_as_a_stream(visitor: Visitor) -> None:
    async with visitor.http.get(f"{visitor.address}/api/events") as stream:
        assert stream.content_type == "text/event-stream"
        first = await _event(stream)
        await visitor.act("dc-ana", "open", place="dm")
        second = await _event(stream)

    assert first[0] == second[0] == "changed"
    assert second[1]["version"] > first[1]["version"]


async def _event(stream: aiohttp.ClientResponse) -> tuple[str, Any]:
    async with asyncio.timeout(10):
        name = (await stream.content.readline()).decode().removeprefix("event: ").strip()
        data = json.loads((await stream.content.readline()).decode().removeprefix("data: "))
        await stream.content.readline()
        return name, data


# --- the page itself --------------------------------------------------------------------------------


async def test_without_a_built_page_the_way_to_build_it_is_said(visitor: Visitor) -> None:
    status, text = await visitor.get("/")

    assert status == 503
    assert "make page" in text


async def test_the_built_page_is_served_and_nothing_beside_it(visitor: Visitor, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>The sandbox</title>")
    (dist / "assets" / "page.js").write_text("1;")
    (tmp_path / "secret").write_text("secret")
    (dist / "way-out").symlink_to(tmp_path / "secret")
    with reserved(0) as listener:
        async with serving(visitor.session, listener, dist=dist) as address, aiohttp.ClientSession() as http:
            async with http.get(f"{address}/") as answer:
                assert (answer.status, await answer.text()) == (200, "<title>The sandbox</title>")
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
            async with http.get(f"{address}/assets/page.js") as answer:
                assert answer.content_type.endswith("/javascript")
            for path in ("/../secret", "/%2e%2e/secret", "/way-out", "/assets", "/nothing.js"):
                async with http.get(f"{address}{path}") as answer:
                    assert answer.status == 404, path


# --- nonsense ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/places/nobody/dm", 404),
        ("/api/places/dc-ana/attic", 404),
        ("/api/nothing", 404),
        ("/api/audit?after=-1", 400),
        ("/api/audit?after=later", 400),
        ("/api/requests?after=%F0%9F%98%80", 400),
        ("/api/acts", 404),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(visitor: Visitor, path: str, status: int) -> None:
    code, body = await visitor.get(path)

    assert code == status
    assert body["error"].endswith((".", "home."))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/clock", {}),
        ("/api/clock", {"step": "year"}),
        ("/api/clock", {"step": "hour", "playing": True}),
        ("/api/clock", {"step": "hour", "teammates": None, "speed": 2}),
        ("/api/clock", []),
        ("/api/clock", "next"),
        ("/api/acts", {}),
        ("/api/acts", {"as": "dc-ana", "kind": "sing"}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "dm", "text": ""}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "dm", "text": " \n\t "}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "dm", "text": LONG}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "dm", "text": "half \ud83d"}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "home", "text": "hello"}),
        ("/api/acts", {"as": "dc-ana", "kind": "say", "place": "dm", "text": 5}),
        ("/api/acts", {"as": 5, "kind": "open", "place": "dm"}),
        ("/api/acts", {"as": "dc-ana", "kind": "open", "place": "dm", "extra": 1}),
        ("/api/acts", {"as": "dc-ana", "kind": "press", "place": "dm", "token": "t", "inputs": ["a"]}),
        ("/api/acts", {"as": "dc-ana", "kind": "press", "place": "dm", "token": "t", "inputs": {"a": {"b": 1}}}),
        ("/api/acts", {"as": "dc-ana", "kind": "submit", "dialog": "d", "inputs": {"a": LONG}}),
        ("/api/people/dc-ana", {"character": "cheerful"}),
        ("/api/people/dc-ana", {"is_played": True}),
        ("/api/people/dc-ana", {}),
    ],
)
async def test_a_wrong_body_is_said_in_a_sentence_and_nothing_is_sent(
    visitor: Visitor, path: str, body: object
) -> None:
    before = (await visitor.get("/api/requests"))[1]

    status, said = await visitor.post(path, body)

    assert status == 400
    assert said["error"]
    assert "\n" not in said["error"]
    assert (await visitor.get("/api/requests"))[1] == before


@pytest.mark.parametrize(
    "act",
    [
        {"as": "nobody", "kind": "open", "place": "dm"},
        {"as": f"{REVERSED}<b>", "kind": "open", "place": "dm"},
        {"as": "dc-ana", "kind": "press", "place": "dm", "message": "1.2", "token": "t"},
        {"as": "mc-jonas", "kind": "press", "place": "dm", "message": "1.2", "token": "t"},
        {"as": "mc-jonas", "kind": "press", "place": "home", "message": "1.2", "token": "t"},
        {"as": "dc-ana", "kind": "press", "place": "dialog", "dialog": "V1", "token": "t"},
        {"as": "dc-ana", "kind": "submit", "dialog": "V1"},
        {"as": "mc-jonas", "kind": "submit", "dialog": "task-9"},
        {"as": "dc-ana", "kind": "close", "dialog": "V1"},
        {"as": "mc-jonas", "kind": "close", "dialog": "task-9"},
        {"as": "dc-ana", "kind": "say", "place": "channel", "text": "hello", "thread": "1.2"},
        {"as": "mc-jonas", "kind": "say", "place": "channel", "text": "hello", "thread": "1.2"},
    ],
)
async def test_acting_on_what_is_not_there_is_refused(visitor: Visitor, act: dict[str, str]) -> None:
    status, said = await visitor.post("/api/acts", act)

    assert status == 404
    assert said["error"].endswith(".")


async def test_broken_and_oversized_bodies_are_refused(visitor: Visitor) -> None:
    headers = {"Content-Type": "application/json"}
    for body, status in ((b"{", 400), (b"\xff", 400), (b"[" * 100_000, 400), (b" " * 300_000, 413)):
        async with visitor.http.post(f"{visitor.address}/api/acts", data=body, headers=headers) as answer:
            assert answer.status == status
            assert (await answer.json())["error"].endswith(".")
