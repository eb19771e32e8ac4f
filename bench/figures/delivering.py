"""Delivering: a lane drained into a stand-in without limits, from rows that wait to rows that say it is sent."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import col, select

from alliance.ids import NoticeId, SideKey
from alliance.roster import Platform
from bench.figure import Figure, Measuring, Reading, ratio_at_least
from bench.large import Large, large
from bench.population import converse, sent
from bench.servers import far_end, new_key
from bot.delivery import Deliverer
from bot.messages.catalog import TEMPLATES
from bot.messages.parts import Json
from bot.messages.reader import Reader
from bot.pacing import Bucket
from bot.slack.api import SlackApi
from bot.slack.marks import marking
from bot.slack.platform import SlackPlatform
from bot.slack.render import render
from handlers.dispatch import ChatIdentity
from schedules.clock import SystemClock
from schedules.deliveries import CONVERSATIONS_AT_ONCE, Lane
from storage.tables import DeliveryRow

SIDE = SideKey("dc")
MEMBERS = 1_000
"""On each side; one side is told."""


class Unpaced(SlackApi):
    """Calls that wait for no turn: the stand-in has no limits, and Slack's own would be all that is measured."""

    def _buckets_of(self, team: str, method: str, channel: str | None) -> list[Bucket]:
        del team, method, channel
        return []


class RoundClock(SystemClock):
    """A clock at the hour of the round."""

    def __init__(self, hour: dt.datetime) -> None:
        self._hour = hour

    def now(self) -> dt.datetime:
        return self._hour


@asynccontextmanager
async def _measuring(*, shares_session: bool) -> AsyncIterator[Measuring]:
    async with far_end(new_key()) as far_url, large(MEMBERS) as here:
        await converse(here.database, here.roster.active(SIDE))
        clock = RoundClock(await _opened(here))
        arguments = await _arguments(here)
        api = Unpaced(f"{far_url}/api/", clock)
        lane = _lane(here, SlackPlatform(api), clock)

        async def ours() -> Reading:
            await _opened(here)
            began = time.perf_counter()
            await lane.drain()
            took = time.perf_counter() - began
            if (done := await sent(here.database)) != MEMBERS:
                raise AssertionError(f"{done} messages of {MEMBERS} were sent")
            return Reading(MEMBERS / took)

        async def baseline() -> Reading:
            began = time.perf_counter()
            messages = [{**arguments, "channel": f"D{number}"} for number in range(MEMBERS)]
            await _plainly(f"{far_url}/api/", messages, shares_session=shares_session)
            return Reading(MEMBERS / (time.perf_counter() - began))

        try:
            yield Measuring(ours, baseline)
        finally:
            await api.stop()


def _lane(here: Large, platform: SlackPlatform, clock: RoundClock) -> Lane:
    async def lost(_who: ChatIdentity, because: str) -> None:
        raise AssertionError(because)

    open_uow = here.database.open_uow
    courier = Deliverer(
        open_uow, {Platform.SLACK: platform}, lost=lost, sent=lambda _platform, _kind: None, clock=clock
    )
    return Lane(_lane_name(here), open_uow=open_uow, courier=courier, clock=clock)


def _lane_name(here: Large) -> str:
    side = here.roster.side(SIDE)
    return f"{side.platform}:{side.workspace}"


async def _opened(here: Large) -> dt.datetime:
    """Let a fresh pulse wait to be told to the side, and nothing else; returns its hour."""
    await here.clear()
    await here.open_pulse(hour := await here.promise_pulse())
    return hour


async def _arguments(here: Large) -> Json:
    """What one of these messages is posted with, worded and drawn once."""
    async with here.database.engine.connect() as connection:
        waiting = select(DeliveryRow.notice_id).where(col(DeliveryRow.lane) == _lane_name(here)).limit(1)
        (notice_id,) = (await connection.execute(waiting)).scalars()
    async with here.database.open_uow(reads=True) as uow:
        notice = await uow.outbox.notice(NoticeId(notice_id))
    member = here.roster.active(SIDE)[0]
    (part,) = render(TEMPLATES[type(notice)].words(notice, Reader(here.roster, member, SIDE)))
    return {
        "text": part.text,
        "blocks": list(part.blocks),
        "metadata": marking("delivery-1-0123456789abcdef"),
        "unfurl_links": False,
        "unfurl_media": False,
    }


async def _plainly(base_url: str, messages: Sequence[Json], *, shares_session: bool) -> None:
    """Post them as slack_sdk's own documentation would, so many at a time."""
    waiting = iter(messages)
    async with aiohttp.ClientSession() if shares_session else nullcontext() as session:
        client = AsyncWebClient("xoxb-1", base_url=base_url, session=session)

        async def one_after_the_other() -> None:
            for message in waiting:
                await client.chat_postMessage(**message)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONVERSATIONS_AT_ONCE):
                group.create_task(one_after_the_other())


_LOOP = f"chat_postMessage loop, {CONVERSATIONS_AT_ONCE} at a time as well"
FIGURES = (
    Figure(
        name="delivering",
        title=f"Delivering a pulse to {MEMBERS:,} members of a company on Slack",
        unit="/s",
        against=f"a bare AsyncWebClient in a {_LOOP}",
        must=ratio_at_least(0.6),
        measuring=partial(_measuring, shares_session=False),
    ),
    Figure(
        name="delivering-in-one-session",
        title=f"Delivering a pulse to {MEMBERS:,} members of a company on Slack",
        unit="/s",
        against=f"an AsyncWebClient that is given one session for all its calls, in a {_LOOP}",
        must=None,
        measuring=partial(_measuring, shares_session=True),
    ),
)
