"""Many alliances living through days on a clock that is moved: the real rules, database, lanes and words."""

import datetime as dt
import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from alliance.checkin import Course
from alliance.errors import AllianceError
from alliance.ids import MemberId, SideKey
from alliance.items import ITEMS
from alliance.pulse import Pulse
from alliance.roster import Member, Roster
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import AnswerCheckin, AnswerPulse, PersonIntent, RaiseEscalation
from handlers.own_intents import PlaceHome
from sandbox.clock import MovableClock
from schedules.retention import housekeep
from schedules.sweep import sweep
from schedules.workers import InThisProcess
from storage.opening import Database

ANSWER = 0.8
"""How many of those who are asked answer."""
AT_HOME = 0.2
"""How many have looked at their home once, so that it is drawn anew from then on."""
WITHIN = dt.timedelta(hours=30)
LOOK_EVERY = dt.timedelta(minutes=10)
"""How often it is looked for rounds that have opened, to which people then answer in their own time."""
KEEP_HOUSE_EVERY = dt.timedelta(hours=1)

Asking = Callable[[], PersonIntent]


@dataclass(slots=True)
class Living:
    """An installation whose people act. `seconds` is the processor's time by what it was spent on."""

    database: Database
    clock: MovableClock
    dispatch: Dispatch
    workers: InThisProcess
    rosters: Sequence[Roster]
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    seconds: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    _acts: list[tuple[dt.datetime, int, Member, PersonIntent]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _invited: set[tuple[str, SideKey]] = field(default_factory=set)

    async def until(self, end: dt.datetime, told: Callable[[dt.datetime], None]) -> None:
        """Let everything up to that instant happen, each in its time; `told` hears how far it is."""
        self._settle_in()
        look_at = keep_house_at = self.clock.now()
        while self.clock.now() < end:
            await self._settle()
            if self.clock.now() >= look_at:
                await self._look_for_rounds()
                look_at = self.clock.now() + LOOK_EVERY
            if self.clock.now() >= keep_house_at:
                with self._spent("housekeeping"):
                    await housekeep(self.database.open_uow, self.clock.now(), self.database.scrub)
                keep_house_at = self.clock.now() + KEEP_HOUSE_EVERY
            await self._act()
            self.clock.move_to(await self._next(look_at))
            told(self.clock.now())
        await self._settle()

    @contextmanager
    def _spent(self, on: str) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            self.seconds[on] += time.process_time() - began  # type: ignore[assignment]  # a Counter counts any number

    async def _settle(self) -> None:
        """Do what is due; the tick of every second in which nothing is, is left out."""
        with self._spent("ticks"):
            timer, delivery = await self._promised()
        now = self.clock.now()
        if timer is not None and timer <= now:
            with self._spent("timers"):
                self.happened["timers"] += await sweep(self.dispatch, self.clock)
        with self._spent("deliveries"):
            if delivery is not None and delivery <= now:
                await self.workers.wake_waiting()
            await self.workers.idle()

    async def _promised(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        async with self.database.open_uow(reads=True) as uow:
            return await uow.timers.next_due(), await uow.outbox.next_at()

    async def _next(self, look_at: dt.datetime) -> dt.datetime:
        with self._spent("ticks"):
            promised = await self._promised()
        acts = [self._acts[0][0]] if self._acts else []
        soonest = min([look_at, *acts, *(instant for instant in promised if instant is not None)])
        return max(soonest, self.clock.now() + dt.timedelta(seconds=1))

    # --- what people do -----------------------------------------------------------------------------

    def _settle_in(self) -> None:
        """Some look at their home on the first day; in each alliance somebody raises a matter within four."""
        for roster in self.rosters:
            here, people = roster.alliance_id, [member for member in roster.active() if member.side]
            for member in people:
                if self.chance.random() < AT_HOME:
                    self._plan(member, PlaceHome(alliance_id=here), dt.timedelta(hours=12))
            matter = RaiseEscalation(
                alliance_id=here,
                title="The pilot slips",
                facts="The second milestone moved.",
                need="One date for both.",
            )
            self._plan(self.chance.choice(people), matter, dt.timedelta(days=4))

    def _plan(self, member: Member, intent: PersonIntent, within: dt.timedelta) -> None:
        """At some whole minute within that time, so that the clock need not be moved for each."""
        minutes = self.chance.randint(1, int(within.total_seconds() // 60))
        at = self.clock.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=minutes)
        heapq.heappush(self._acts, (at, next(self._numbers), member, intent))

    async def _look_for_rounds(self) -> None:
        async with self.database.open_uow(reads=True) as uow:
            for roster in self.rosters:
                for checkin in await uow.checkins.open_rounds(roster.alliance_id):
                    answer = AnswerCheckin(
                        alliance_id=roster.alliance_id,
                        checkin_id=checkin.id,
                        course=Course.ON_TRACK,
                        moved="The list of sites is agreed, and the second visit is planned.",
                        next="Training for the three new people.",
                        in_the_way="",
                    )
                    self._invite(roster, checkin.id, checkin.invited, partial(_same, answer))
                for pulse in await uow.pulses.open_rounds(roster.alliance_id):

                    def rate(roster: Roster = roster, pulse: Pulse = pulse) -> PersonIntent:
                        ratings = {
                            key: self.chance.randint(ITEMS[key].lowest, ITEMS[key].highest) for key in pulse.items
                        }
                        return AnswerPulse(
                            alliance_id=roster.alliance_id, pulse_id=pulse.id, ratings=ratings, comment=""
                        )

                    self._invite(roster, pulse.id, pulse.invited, rate)

    def _invite(
        self, roster: Roster, round_id: str, invited: Mapping[SideKey, tuple[MemberId, ...]], answer: Asking
    ) -> None:
        for side, members in invited.items():
            if (round_id, side) in self._invited:
                continue
            self._invited.add((round_id, side))
            for member in members:
                if self.chance.random() < ANSWER:
                    self._plan(roster.member(member), answer(), WITHIN)

    async def _act(self) -> None:
        while self._acts and self._acts[0][0] <= self.clock.now():
            _, number, member, intent = heapq.heappop(self._acts)
            who = ChatIdentity(member.platform, member.workspace, member.address)
            kind = type(intent).__name__
            with self._spent(kind):
                try:
                    await self.dispatch.ask(intent, who=who, key=f"press {number}", now=self.clock.now())
                    self.happened[kind] += 1
                except AllianceError as refusal:
                    self.happened[f"{kind} refused: {type(refusal).__name__}"] += 1


def _same(intent: PersonIntent) -> PersonIntent:
    return intent
