"""The composition root: every part is made here once and given what it needs."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from alliance.roster import Member, Platform
from bot.addresses import SLACK_PATH, TEAMS_PATH
from bot.delivery import Deliverer
from bot.desk import Desk
from bot.first_workspaces import FirstWorkspaces
from bot.http import CannotListen, RequestHandler, make_web_app
from bot.metrics import Metrics
from bot.nudges import Nudges
from bot.platform import ChatPlatform
from bot.settings import Settings
from bot.slack.room import SlackRoom
from bot.split import CannotSplit, Part
from bot.teams.room import TeamsRoom
from handlers.dispatch import ChatIdentity, Dispatch
from schedules.clock import Clock
from schedules.deliveries import Lane
from schedules.retention import housekeep
from schedules.sweep import sweep
from schedules.ticker import Ticker
from schedules.workers import InThisProcess, Workers
from storage import opening
from storage.engine import connection_parameters
from storage.opening import Database
from storage.unit_of_work import giving_way

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """One liaison, put together; nothing runs before `serving`."""

    settings: Settings
    clock: Clock
    database: Database
    dispatch: Dispatch
    workers: Workers
    desk: Desk
    metrics: Metrics
    nudges: Nudges
    slack: SlackRoom
    teams: TeamsRoom
    web_app: web.Application

    async def tick(self) -> None:
        """Do what has fallen due, and wake the lanes that have something to send; nothing while nothing can be kept."""
        if not await self.database.works():
            return
        await sweep(self.dispatch, self.clock)
        await self.workers.wake_waiting()

    async def idle(self) -> None:
        """Return once nothing is on its way to anybody."""
        await self.workers.idle()
        await self.nudges.idle()
        await self.teams.idle()

    async def housekeep(self) -> None:
        if await self.database.works():
            await housekeep(self.database.open_uow, self.clock.now(), self.database.scrub)


class Presence:
    """Notes in every alliance of a person whether they can be reached."""

    def __init__(self, dispatch: Dispatch, clock: Clock) -> None:
        self._dispatch = dispatch
        self._clock = clock

    async def arrived(self, who: ChatIdentity) -> None:
        await self._dispatch.reach(who, lost=None, now=self._clock.now())

    async def left(self, who: ChatIdentity) -> None:
        await self.lost(who, "they removed the liaison from their chat")

    async def lost(self, who: ChatIdentity, because: str) -> None:
        await self._dispatch.reach(who, lost=because, now=self._clock.now())


@asynccontextmanager
async def assembled(settings: Settings, clock: Clock, only: Part | None = None) -> AsyncIterator[Installation]:
    """Put the installation, or one part of it, together on its database.

    Raises storage.opening.DatabaseTrouble, and CannotSplit for a part on SQLite. At the end what is in flight is
    finished, and the database's files are left without deleted answers.
    """
    async with AsyncExitStack() as stack:
        secret_key = settings.secret_key.get_secret_value()
        database = await stack.enter_async_context(opening.opened(settings.database_url, secret_key))
        await database.unwritable()  # known from the start, so that nothing is begun that could not be kept
        await database.scrub()  # a process that was killed may have left in the files what it had deleted
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack = SlackRoom(settings, clock)
        teams = TeamsRoom(settings, session, clock)
        stack.push_async_callback(slack.stop)
        stack.push_async_callback(teams.stop)
        installation = _wired(settings, clock, database, slack=slack, teams=teams, only=only)
        stack.push_async_callback(installation.nudges.stop)
        yield installation


def _wired(
    settings: Settings, clock: Clock, database: Database, *, slack: SlackRoom, teams: TeamsRoom, only: Part | None
) -> Installation:
    open_uow, for_lanes = database.open_uow, giving_way(database.open_uow, database.engine)
    metrics = Metrics()
    lanes: list[Workers] = []

    def wake(names: Iterable[str]) -> None:
        lanes[0].wake(names)

    def look_again(member: Member) -> None:
        nudges(member)

    dispatch = Dispatch(open_uow, wake=wake, scrub=database.scrub, look_again=look_again)
    presence = Presence(dispatch, clock)
    platforms: dict[Platform, ChatPlatform] = {Platform.SLACK: slack.platform, Platform.TEAMS: teams.platform}
    courier = Deliverer(for_lanes, platforms, lost=presence.lost, sent=metrics.sent, clock=clock)
    nudges = Nudges(open_uow, courier.redraw_home)
    workers = _workers(
        database, lambda name: Lane(name, open_uow=for_lanes, courier=courier, clock=clock), clock=clock, only=only
    )
    lanes.append(workers)
    desk = Desk(dispatch, open_uow, now=clock.now)
    entrances: dict[str, RequestHandler] = {
        SLACK_PATH: slack.entrance(desk, open_uow, presence=presence, count=metrics.request),
        TEAMS_PATH: teams.entrance(
            desk, open_uow, memberships=dispatch.memberships, presence=presence, count=metrics.request
        ).handle,
    }
    return Installation(
        settings=settings,
        clock=clock,
        database=database,
        dispatch=dispatch,
        workers=workers,
        desk=desk,
        metrics=metrics,
        nudges=nudges,
        slack=slack,
        teams=teams,
        web_app=make_web_app(database, metrics, clock, {} if only is Part.WORKER else entrances),
    )


def _workers(database: Database, make_lane: Callable[[str], Lane], *, clock: Clock, only: Part | None) -> Workers:
    """Who drains the lanes: on SQLite this process, on PostgreSQL any replica but one that only takes requests."""
    shared = connection_parameters(database.engine)
    if shared is not None:
        from schedules.replicas import AnyReplica  # with its library and driver, which SQLite has no use for

        return AnyReplica(
            make_lane,
            open_uow=database.open_uow,
            clock=clock,
            database=shared,
            drains=only is not Part.WEB,
        )
    if only is not None:
        raise CannotSplit(
            f"--only {only} splits the work between processes that share one PostgreSQL, and LIAISON_DATABASE_URL "
            "names SQLite, which serves one process. Leave --only out, or name a PostgreSQL."
        )
    return InThisProcess(make_lane, open_uow=database.open_uow, clock=clock)


@asynccontextmanager
async def listening(installation: Installation, only: Part | None = None) -> AsyncIterator[str]:
    """Connect the first workspaces, take requests and drain lanes; yields the address. Port 0 takes any free one.

    Raises bot.http.CannotListen. A workspace that cannot be connected now is tried again until it is.
    """
    settings = installation.settings
    first = FirstWorkspaces(settings, installation.database.open_uow, installation.slack.platform, installation.clock)
    runner = web.AppRunner(installation.web_app, access_log=None, shutdown_timeout=10)
    await runner.setup()
    try:
        await first.start()
        address = await _bound(runner, settings)
        await installation.workers.start()
        if only is not Part.WORKER:
            await installation.slack.start()
        yield address
    finally:
        await first.stop()
        await installation.slack.disconnect()
        # What was taken is answered, and what is in flight arrives: the ways out stay open until then.
        await asyncio.gather(runner.cleanup(), installation.workers.stop())


async def _bound(runner: web.AppRunner, settings: Settings) -> str:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) and error.errno is not None else 0
        because = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"{settings.host}:{settings.port} cannot be listened on: {because}. "
            "Is another liaison running there? Set LIAISON_HOST and LIAISON_PORT to an address that is free."
        ) from error
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(
    settings: Settings, clock: Clock, *, until: Callable[[str], Awaitable[object]], only: Part | None = None
) -> None:
    """Run the liaison, or one part of it, until `until(address)` returns: take requests, tick, drain lanes."""
    async with assembled(settings, clock, only) as installation, listening(installation, only) as address:
        ticker = Ticker(sweep=installation.tick, housekeep=installation.housekeep)
        if only is not Part.WEB:
            ticker.start()
        stopped = until(address)
        log.info("liaison is running", extra={"address": address, "only": only})
        try:
            await stopped
        finally:
            log.info("liaison is stopping")
            if only is not Part.WEB:
                await ticker.stop()
