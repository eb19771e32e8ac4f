"""A clock for tests: it stands where it is put, and a sleeper moves it on."""

import asyncio
import datetime as dt

from sandbox.clock import MovableClock


class FakeClock:
    """Time passes only by sleeping on it, or by setting `instant`; `slept` holds the seconds asked for."""

    def __init__(self, instant: dt.datetime) -> None:
        self.instant = instant
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self.instant

    def steady(self) -> float:
        return self.instant.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += dt.timedelta(seconds=seconds)
        await asyncio.sleep(0)


class OwnClock:
    """The clock of a machine on the stage, which somebody may have set wrong: it is `off` from the stage's own."""

    def __init__(self, stage: MovableClock) -> None:
        self._stage = stage
        self.off = dt.timedelta()

    def now(self) -> dt.datetime:
        return self._stage.now() + self.off

    def steady(self) -> float:
        return self._stage.steady()

    async def sleep(self, seconds: float) -> None:
        await self._stage.sleep(seconds)
