"""A visitor of the sandbox: asks its server over HTTP as the page does, and reads what the page would draw."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.page import opened
from bot.demo.scene import on_stage
from sandbox.web import Session, reserved, serving

Json = dict[str, Any]


@dataclass
class Visitor:
    """`session` is there to wait for the clock, never to act."""

    session: Session
    address: str
    http: aiohttp.ClientSession

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.http.get(f"{self.address}{path}", headers=headers) as answer:
            return answer.status, await _body(answer)

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        async with self.http.post(f"{self.address}{path}", json=body) as answer:
            return answer.status, await _body(answer)

    async def state(self) -> Json:
        status, body = await self.get("/api/state")
        assert status == 200, body
        return dict(body)

    async def place(self, person: str, place: str = "dm") -> Json:
        status, body = await self.get(f"/api/places/{person}/{place}")
        assert status == 200, body
        return dict(body)

    async def act(self, person: str, kind: str, **more: object) -> Json:
        """Do something that the page lets people do."""
        status, body = await self.post("/api/acts", {"as": person, "kind": kind, **more})
        assert status == 200, body
        return dict(body)

    async def step(self, step: str, times: int = 1) -> None:
        for _ in range(times):
            status, body = await self.post("/api/clock", {"step": step})
            assert status == 202, body
            await self.session.clockwork.stand()

    async def teammates(self, *, answer: bool) -> None:
        assert (await self.post("/api/clock", {"teammates": answer}))[0] == 202

    async def sees(self, person: str, action: str, place: str = "dm") -> tuple[Json, str]:
        """The newest message in that place with a button that does `action`, and the button's token."""
        shown = await self.place(person, place)
        for message in reversed(shown["messages"]):
            for token in tokens(message):
                if token.startswith(f"v1.{action}."):
                    return message, token
        raise AssertionError(f"{person} sees nothing to {action}: {[one['text'] for one in shown['messages']]}")

    async def press(self, person: str, action: str, place: str = "dm", **inputs: object) -> Json:
        message, token = await self.sees(person, action, place)
        return await self.act(person, "press", place=place, message=message["id"], token=token, inputs=inputs)

    async def tour(self) -> set[str]:
        """The steps that are done."""
        return {step["key"] for step in (await self.state())["tour"]["steps"] if step["done"]}

    async def texts(self, person: str, place: str = "dm") -> list[str]:
        return [message["text"] for message in (await self.place(person, place))["messages"]]

    async def requests(self, after: int = 0) -> list[Json]:
        return list((await self.get(f"/api/requests?after={after}"))[1]["requests"])


@asynccontextmanager
async def visiting(folder: Path, *, seed: int = 7) -> AsyncIterator[Visitor]:
    """Visit a fresh sandbox whose page is not built; its clock plays as fast as it can."""
    async with on_stage(folder / "liaison.db", seed) as scene, aiohttp.ClientSession() as http:
        session = await opened(scene, pace=0)
        with reserved(0) as listener:
            async with serving(session, listener, dist=folder / "dist") as address:
                yield Visitor(session, address, http)


def tokens(message: Json) -> Iterator[str]:
    """What the buttons of a message send, on either platform."""
    for part in parts(message["slack"] or message["teams"]):
        if part.get("type") == "button":
            yield part["action_id"]
        elif str(part.get("type", "")).startswith("Action.") and isinstance(part.get("data"), dict):
            yield str(part["data"].get("token"))


def parts(value: object) -> Iterator[Json]:
    """Every object of a payload that a client draws, outside in."""
    if isinstance(value, list):
        for part in value:
            yield from parts(part)
    elif isinstance(value, dict):
        yield value
        for name, part in value.items():
            if name not in ("fallback", "data", "refresh"):
                yield from parts(part)


async def _body(answer: aiohttp.ClientResponse) -> Any:
    text = await answer.text()
    return json.loads(text) if answer.content_type == "application/json" else text
