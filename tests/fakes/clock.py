"""A clock for tests: it stands where it is put, and a sleeper moves it on."""

import asyncio
import datetime as dt


class FakeClock:
    """Time passes only by sleeping on it, or by setting `instant`; `slept` holds the seconds asked for."""

    def __init__(self, instant: dt.datetime) -> None:
        self.instant = instant
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += dt.timedelta(seconds=seconds)
        await asyncio.sleep(0)
