"""The HTTP server of the page: on this computer alone, JSON in and out, and a stream of what has changed."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast, get_args

from aiohttp import web

from sandbox.web import asked, shown
from sandbox.web.session import Session
from sandbox.web.window import Impossible, Json, PlaceName

HOST = "127.0.0.1"
DIST = Path(__file__).parent / "dist"
LARGEST_BODY = 256 * 1024
STILL_THERE = 15.0
"""Seconds, in the computer's own time, after which a quiet stream of events says that it lives."""
BREATH = 0.1
"""Seconds, in the computer's own time, between two events of one stream."""
NOT_BUILT = (
    "The page of the sandbox is not built yet.\n\n"
    "Build it with:  make page\n\n"
    "The demo itself is running; its JSON is at /api/state.\n"
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotServe(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Page:
    """The routes of one session; `dist` is where the built page lies."""

    def __init__(self, session: Session, dist: Path = DIST) -> None:
        self._session = session
        self._dist = dist.resolve()
        self.closing = asyncio.Event()
        self.addresses: frozenset[str] = frozenset()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._guard])
        app.router.add_get("/api/state", self._state)
        app.router.add_get("/api/places/{person}/{place}", self._place)
        app.router.add_get("/api/audit", self._audit)
        app.router.add_get("/api/requests", self._requests)
        app.router.add_get("/api/events", self._events)
        app.router.add_post("/api/clock", self._clock)
        app.router.add_post("/api/acts", self._act)
        app.router.add_post("/api/people/{person}", self._person)
        app.router.add_route("*", "/api/{rest:.*}", self._nothing)
        app.router.add_get("/{path:.*}", self._file)
        return app

    # --- who may ask -------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in only what a page of this very address asks, and answer every refusal in one sentence."""
        try:
            self._check_origin(request)
            response = await handler(request)
        except Impossible as refusal:
            response = answer({"error": refusal.text}, refusal.status)
        except web.HTTPRequestEntityTooLarge:
            response = answer({"error": "That is too large to be sent. Nothing was sent."}, 413)
        except web.HTTPMethodNotAllowed:
            response = answer({"error": "This address cannot be asked in this way."}, 405)
        except Exception:
            log.exception("the page's request failed")
            response = answer({"error": "Something went wrong in the demo; its terminal says what."}, 500)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    def _check_origin(self, request: web.Request) -> None:
        """Another site that points its name at this computer, or posts here, is turned away."""
        if request.headers.get("Host", "") not in self.addresses:
            raise Impossible(403, "This page answers at its own address only.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self.addresses:
            raise Impossible(403, "Another site may not use this page.")
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            raise Impossible(403, "Another site may not use this page.")

    # --- reading -----------------------------------------------------------------------------------

    async def _state(self, _request: web.Request) -> web.Response:
        return answer(await shown.state(self._session))

    async def _place(self, request: web.Request) -> web.Response:
        person = self._session.person(request.match_info["person"])
        name = request.match_info["place"]
        if name not in get_args(PlaceName):
            raise Impossible(404, f"There is no place called “{name[:60]}”: it is dm, channel or home.")
        return answer(await shown.place(self._session, person, cast(PlaceName, name)))

    async def _audit(self, request: web.Request) -> web.Response:
        return answer(await shown.audit(self._session, _after(request)))

    async def _requests(self, request: web.Request) -> web.Response:
        return answer(shown.requests(self._session, _after(request)))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Say what has changed until the page goes away or the demo ends."""
        stream = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        try:
            async for event in self._told():
                await stream.write(event)
                await asyncio.sleep(BREATH)
        except ConnectionError:
            pass
        return stream

    async def _told(self) -> AsyncIterator[bytes]:
        clockwork = self._session.clockwork
        told, moves = 0, self._session.clockwork.moves
        while not self.closing.is_set():
            if self._session.version == told and not await self._news(told):
                yield b": still there\n\n"
                continue
            # All of it is read at once: a move that ends while this is being told is news of its own.
            told, ended, trouble = self._session.version, clockwork.moves, clockwork.trouble
            until, now = clockwork.until, self._session.stage.clock.now()
            if until is not None or ended != moves:
                yield _event("stepping", {"now": shown.stamp(now), "until": shown.stamp(until or now)})
            if ended != moves and trouble is not None:
                yield _event("stepping", {"error": trouble})
            moves = ended
            yield _event("changed", {"version": told})

    async def _news(self, told: int) -> bool:
        """Whether something has changed, or the demo is ending; False after a while without either."""
        waits = {asyncio.ensure_future(self._session.news(told)), asyncio.ensure_future(self.closing.wait())}
        try:
            done, _ = await asyncio.wait(waits, timeout=STILL_THERE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return bool(done)

    # --- doing -------------------------------------------------------------------------------------

    async def _clock(self, request: web.Request) -> web.Response:
        wanted = asked.to_clock_of(await _body(request))
        if wanted.step is not None:
            await self._session.clockwork.step(wanted.step)
        elif wanted.playing is not None:
            self._session.clockwork.play(on=wanted.playing)
        elif wanted.teammates is not None:
            self._session.let_teammates(answer=wanted.teammates)
        return answer(await shown.clock(self._session), 202)

    async def _act(self, request: web.Request) -> web.Response:
        return answer(shown.outcome(await self._session.act(asked.act_of(await _body(request)))))

    async def _person(self, request: web.Request) -> web.Response:
        person = self._session.person(request.match_info["person"])
        wanted = asked.to_person_of(await _body(request))
        if wanted.character is not None:
            self._session.give_character(person, wanted.character)
        else:
            self._session.leave(person)
        return answer(shown.person(self._session, person))

    # --- the page itself ---------------------------------------------------------------------------

    async def _nothing(self, request: web.Request) -> web.Response:
        raise Impossible(404, f"There is nothing at {request.path[:100]}.")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"] or "index.html"
        found = (self._dist / name).resolve()
        if found.is_relative_to(self._dist) and found.is_file():
            return web.FileResponse(found)
        if name == "index.html":
            return web.Response(status=503, text=NOT_BUILT)
        raise Impossible(404, f"There is nothing at {request.path[:100]}.")


@contextmanager
def reserved(port: int) -> Iterator[socket.socket]:
    """Take a port of this computer alone before anything else is begun; 0 is any free one. Raises CannotServe."""
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        raise CannotServe(
            f"{HOST}:{port} cannot be listened on: {os.strerror(error.errno or 0)}. "
            "Is another demo running? Choose another port with --port."
        ) from error
    with listener:
        yield listener


@asynccontextmanager
async def serving(session: Session, listener: socket.socket, *, dist: Path = DIST) -> AsyncIterator[str]:
    """Serve the page there; yields its address."""
    page = Page(session, dist)
    port = listener.getsockname()[1]
    page.addresses = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
    runner = web.AppRunner(page.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://{HOST}:{port}"
    finally:
        page.closing.set()
        await session.clockwork.stop()
        await runner.cleanup()


def answer(body: Json, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _event(name: str, data: Json) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _after(request: web.Request) -> int:
    text = request.query.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Impossible(400, "“after” is a whole number.")
    return int(text)


async def _body(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise Impossible(415, "Send JSON (Content-Type: application/json). Nothing was sent.")
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Impossible(400, "That is not JSON. Nothing was sent.") from None
