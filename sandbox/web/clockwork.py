"""The clock bar: steps that people ask for, and playing on by itself; one thing at a time."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Literal

from alliance.calendar import is_open, is_working_day, local_date, next_open
from sandbox.agenda import Timeline
from sandbox.clock import MovableClock
from sandbox.web.backstage import Company
from sandbox.web.window import Impossible

log = logging.getLogger(__name__)

Step = Literal["next", "hour", "day", "week"]
HOUR = dt.timedelta(hours=1)
ONE_DAY = dt.timedelta(days=1)
LONGEST_WAIT = 60
"""Days within which two companies have a working day in common."""
PACE = 1.0
"""Seconds, in the computer's own time, from one hour of the sandbox to the next while it plays."""


class Clockwork:
    """`changed` is called whenever something about the clock is different; `pace` as PACE.

    `until` is where it is moving to, `moves` counts the moves that have ended, `trouble` says how the last one failed.
    """

    def __init__(
        self,
        clock: MovableClock,
        timeline: Timeline,
        companies: tuple[Company, ...],
        *,
        changed: Callable[[], None],
        pace: float = PACE,
    ) -> None:
        self._clock = clock
        self._timeline = timeline
        self._companies = companies
        self._changed = changed
        self._pace = pace
        self._stepping: asyncio.Task[None] | None = None
        self._player: asyncio.Task[None] | None = None
        self.is_playing = False
        self.until: dt.datetime | None = None
        self.moves = 0
        self.trouble: str | None = None

    @property
    def is_stepping(self) -> bool:
        return self._stepping is not None

    async def step(self, step: Step) -> None:
        """Begin to move on; Impossible (409) while a step is under way, or when nothing is due."""
        if self._stepping is not None:
            raise Impossible(409, "The clock is moving already. Wait until it stands; nothing was changed.")
        until = await self._end_of(step)
        # Another request may have begun a step while this one looked for the end of its own.
        if self._stepping is not None:
            raise Impossible(409, "The clock is moving already. Wait until it stands; nothing was changed.")
        self._stepping = asyncio.create_task(self._step(until))
        self._changed()

    def play(self, *, on: bool) -> None:
        """Move on by itself, or stop doing so once what is on its way has arrived."""
        self.is_playing = on
        if on and (self._player is None or self._player.done()):
            self._player = asyncio.create_task(self._play())
        self._changed()

    async def stand(self) -> None:
        """Return once no step is under way."""
        while self._stepping is not None:
            await asyncio.wait({self._stepping})

    async def stop(self) -> None:
        tasks = [task for task in (self._stepping, self._player) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- moving ------------------------------------------------------------------------------------

    async def _step(self, until: dt.datetime) -> None:
        try:
            await self._move(until)
        finally:
            self._stepping = None
            self._changed()

    async def _play(self) -> None:
        while self.is_playing:
            await self._move(await self._next_stop())
            await asyncio.sleep(self._pace)

    async def _move(self, until: dt.datetime) -> None:
        self.until, self.trouble = until, None
        self._changed()
        try:
            await self._timeline.run_until(until)
        except Exception:
            log.exception("the clock stopped")
            self.trouble = "Something went wrong while the clock moved; the terminal says what. It can be moved on."
        finally:
            self.until = None
            self.moves += 1
            self._changed()

    async def _next_stop(self) -> dt.datetime:
        """An hour on; while both companies are shut on to the next thing, as nobody wants to watch a night."""
        now = self._clock.now()
        if any(is_open(company.calendar, now) for company in self._companies):
            return now + HOUR
        opens = min(next_open(company.calendar, now) for company in self._companies)
        due = await self._timeline.next_at()
        return max(min(opens, due or opens), now + dt.timedelta(minutes=1))

    async def _end_of(self, step: Step) -> dt.datetime:
        now = self._clock.now()
        match step:
            case "hour":
                return now + HOUR
            case "week":
                return now + 7 * ONE_DAY
            case "day":
                return self._next_working_day(now)
            case "next":
                due = await self._timeline.next_at()
                if due is None:
                    raise Impossible(409, "Nothing is due: step by an hour, a day or a week. Nothing was changed.")
                return max(due, now)

    def _next_working_day(self, now: dt.datetime) -> dt.datetime:
        """The same hour on the next day that is a working day of all companies."""
        for days in range(1, LONGEST_WAIT):
            then = now + days * ONE_DAY
            calendars = [company.calendar for company in self._companies]
            if all(is_working_day(calendar, local_date(then, calendar.zone)) for calendar in calendars):
                return then
        return now + ONE_DAY
