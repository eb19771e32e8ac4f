"""The one web application: both platforms' entrances, health and metrics."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.metrics import Metrics
from schedules.clock import Clock
from storage.opening import Database

LARGEST_BODY = 512 * 1024
"""Bytes; Slack's largest payloads are views of 250 KB (platforms.md 1.4)."""
CHECKED_WITHIN = 4.0
"""Seconds, in the computer's own time; a health check of the image waits five."""
LATE_AFTER = dt.timedelta(minutes=1)

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(Exception):
    """The address in the settings cannot be listened on; the text says why and what to do."""


def make_web_app(
    database: Database, metrics: Metrics, clock: Clock, entrances: Mapping[str, RequestHandler]
) -> web.Application:
    """Return the application; `entrances` maps a path to the handler of a platform's POSTs."""

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_request: web.Request) -> web.Response:
        wrong = {"database": await _soon(database.unreadable()), "writable": await _soon(database.unwritable())}
        checks = {name: because is None for name, because in wrong.items()}
        if all(checks.values()):
            return web.json_response({"status": "ready", "checks": checks})
        because = " ".join(dict.fromkeys(why for why in wrong.values() if why is not None))
        return web.json_response({"status": "not ready", "checks": checks, "because": because}, status=503)

    async def show_metrics(_request: web.Request) -> web.Response:
        if await _soon(database.unreadable()) is not None:
            return web.Response(text="the database does not answer", status=503)
        now = clock.now()
        async with database.open_uow(reads=True) as uow:
            lanes = await uow.lanes.all(now)
            late = await uow.timers.overdue(now - LATE_AFTER)
            set_aside = len(await uow.timers.set_aside())
        body = metrics.text(lanes, now=now, late=late, set_aside=set_aside)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/metrics", show_metrics)
    for path, entrance in entrances.items():
        app.router.add_post(path, entrance)
    return app


async def _soon(check: Awaitable[str | None]) -> str | None:
    """What a check finds wrong; whoever asks would not wait for one that takes long, and that is wrong too."""
    try:
        async with asyncio.timeout(CHECKED_WITHIN):
            return await check
    except TimeoutError:
        return f"The database did not answer within {CHECKED_WITHIN:.0f} seconds."
