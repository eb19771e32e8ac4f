"""A Slack written from its public contract alone, without our sandbox: small, plain and as little helpful as allowed.

Its Web API is at /api/; it knows one workspace. People act by signed requests: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from schedules.clock import SystemClock

TEAM, BOT, BOT_TOKEN, SIGNING_SECRET = "T0DC", "U0THEBOT", "xoxb-from-the-emulator", "an emulated signing secret"
Json = dict[str, Any]
PATIENCE = 90.0
CLOCK = SystemClock()
"""A real process lives in the computer's own time, and so does whoever talks to it."""


@dataclass
class EmulatedSlack:
    """Keeps messages by (channel, ts) as the bot last wrote them, and the views it opened."""

    url: str = ""
    bot: str = ""
    messages: dict[tuple[str, str], Json] = field(default_factory=dict)
    whispers: list[Json] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    # --- the Web API ---------------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one call; arguments come as JSON, as a form or in the query."""
        method = request.match_info["method"]
        self.called.append(method)
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        given = await request.json() if request.content_type == "application/json" else dict(await request.post())
        answer = self._answer(method, {**request.query, **given})
        async with self._changed:
            self._changed.notify_all()
        return web.json_response(answer)

    def _answer(self, method: str, given: Json) -> Json:
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "team": "DC", "user_id": BOT, "a_field_of_next_year": []}
            case "conversations.open":
                return {"ok": True, "channel": {"id": f"D{given['users'][1:]}"}}
            case "chat.postMessage":
                ts = f"{int(CLOCK.now().timestamp())}.{next(self._numbers):06d}"
                channel = given["channel"] if given["channel"][0] != "U" else f"D{given['channel'][1:]}"
                self.messages[channel, ts] = {**given, "ts": ts, "channel": channel}
                return {"ok": True, "channel": channel, "ts": ts}
            case "chat.update":
                known = self.messages.get((given["channel"], given["ts"]))
                if known is None:
                    return {"ok": False, "error": "message_not_found"}
                known.update(given)
                return {"ok": True, "channel": given["channel"], "ts": given["ts"]}
            case "chat.postEphemeral":
                self.whispers.append(given)
                return {"ok": True, "message_ts": "1.1"}
            case "views.open":
                self.views.append({**given["view"], "id": f"V{next(self._numbers)}"})
                return {"ok": True, "view": self.views[-1]}
            case "conversations.history":
                return {"ok": True, "messages": [], "has_more": False}
            case _:
                return {"ok": False, "error": "unknown_method"}

    # --- people --------------------------------------------------------------------------------------

    async def command(self, user: str, text: str) -> Json:
        """Type `/alliance …`; what Slack shows at once."""
        body = {
            "command": "/alliance",
            "text": text,
            "team_id": TEAM,
            "user_id": user,
            "channel_id": f"D{user[1:]}",
            "trigger_id": f"trigger.{next(self._numbers)}",
            "response_url": f"{self.url}/response/{next(self._numbers)}",
        }
        said = await self._send(urlencode(body))
        return json.loads(said) if said else {}

    async def press(self, user: str, message: Json, label: str) -> None:
        """Press the button with that label."""
        button = next(one for one in buttons_of(message) if one["text"]["text"] == label)
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user},
            "trigger_id": f"trigger.{next(self._numbers)}",
            "response_url": f"{self.url}/response/{next(self._numbers)}",
            "container": {"type": "message", "channel_id": message["channel"], "message_ts": message["ts"]},
            "channel": {"id": message["channel"]},
            "message": {"ts": message["ts"], "text": message["text"], "blocks": message["blocks"]},
            "actions": [{**button, "block_id": "b1", "action_ts": "1.1"}],
        }
        await self._send(urlencode({"payload": json.dumps(payload)}))

    async def submit(self, user: str, view: Json, values: Mapping[str, str]) -> Json:
        """Fill in an opened modal by its inputs' block ids and send it."""
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user},
            "view": {**view, "state": {"values": dict(_filled_in(view, values))}},
        }
        said = await self._send(urlencode({"payload": json.dumps(payload)}))
        return json.loads(said) if said else {}

    async def until(self, found: Callable[[], Json | None]) -> Json:
        """Wait until something is there."""
        async with asyncio.timeout(PATIENCE), self._changed:
            while (seen := found()) is None:
                await self._changed.wait()
        return seen

    async def message_with(self, user: str, label: str) -> Json:
        """Wait for a message to that person that has a button with that label."""
        channel = f"D{user[1:]}"

        def newest() -> Json | None:
            seen = [message for (where, _), message in self.messages.items() if where == channel]
            offers = [one for one in seen if any(b["text"]["text"] == label for b in buttons_of(one))]
            return offers[-1] if offers else None

        return await self.until(newest)

    async def _send(self, body: str) -> str:
        stamp = str(int(CLOCK.now().timestamp()))
        proof = hmac.new(SIGNING_SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={proof}",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.bot}/slack/events", data=body, headers=headers) as answer,
        ):
            said = await answer.text()
            assert answer.status == 200, said
            return said


def buttons_of(message: Json) -> list[Json]:
    """Every button of a message."""
    rows = [block for block in message.get("blocks", []) if block["type"] == "actions"]
    return [element for row in rows for element in row["elements"] if element["type"] == "button"]


def _filled_in(view: Json, values: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, typed = block["element"], values.get(block["block_id"])
        held: Json = {"type": element["type"], "value": typed}
        if "options" in element:
            chosen = next((option for option in element["options"] if option["value"] == typed), None)
            held = {"type": element["type"], "selected_option": chosen}
        yield block["block_id"], {element["action_id"]: held}


@asynccontextmanager
async def emulated_slack() -> AsyncIterator[EmulatedSlack]:
    """Serve it on a free port of this machine."""
    slack = EmulatedSlack()

    async def respond(request: web.Request) -> web.Response:
        slack.whispers.append(await request.json())
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.serve)
    app.router.add_post("/response/{number}", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield slack
    await runner.cleanup()
