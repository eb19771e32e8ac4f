"""The pulse rounds of the sample alliance, driven as dispatch drives them."""

import datetime as dt

from alliance.charter import CharterVersion
from alliance.ids import SideKey
from alliance.items import ITEMS
from alliance.notices import PulseClosed
from alliance.pulse import Pulse
from alliance.roster import Roster
from handlers.call import Call
from handlers.intents import AnswerPulse
from handlers.pulses import schedule_first
from handlers.replies import Reply
from tests.fakes.builders import ALLIANCE, DC, MC
from tests.fakes.calendars import utc
from tests.fakes.driving import Driver

DC_OPENS, MC_OPENS = utc("2026-02-04T16:00"), utc("2026-02-04T09:00")
CLOSES = utc("2026-02-09T16:00")
NEXT_MC_OPENS = utc("2026-02-18T09:00")
KEYS = ("op1", "op2", "op3", "op4", "op5", "op6", "op7", "mgr1", "mgr2", "am", "ex1", "ex2")


async def schedule(driver: Driver, roster: Roster, version: CharterVersion) -> dt.date | None:
    async with driver.open_uow() as uow:
        call = Call(uow=uow, roster=roster, member=None, now=driver.now)
        day = await schedule_first(call, version)
        await uow.commit()
    return day


async def the_pulse(driver: Driver) -> Pulse:
    async with driver.open_uow() as uow:
        pulse = await uow.pulses.newest(ALLIANCE)
    assert pulse is not None
    return pulse


def ratings_of(pulse: Pulse, rating: int) -> dict[str, int]:
    return {key: min(rating, ITEMS[key].highest) for key in pulse.items}


async def answer(driver: Driver, key: str, rating: int, comment: str = "", same_as: str | None = None) -> Reply:
    pulse = await the_pulse(driver)
    intent = AnswerPulse(alliance_id=ALLIANCE, pulse_id=pulse.id, ratings=ratings_of(pulse, rating), comment=comment)
    return await driver.ask(key, intent, same_as=same_as)


async def answers_of(driver: Driver, pulse: Pulse, side: SideKey) -> list[int]:
    async with driver.open_uow() as uow:
        answers = await uow.pulses.answers(pulse.id)
    return sorted(a.ratings[pulse.items[0]] for a in answers if a.side == side)


async def closed_pulse(driver: Driver, dc: int = 12, mc: int = 12, comment: str = "") -> PulseClosed:
    """Let the first pulse run with that many answers a side, and return what was told of it."""
    await driver.run_until(DC_OPENS)
    for side, count in ((DC, dc), (MC, mc)):
        for number, key in enumerate(KEYS[:count]):
            await answer(driver, f"{side}-{key}", number % 5 + 1, comment and f"{comment} of {side} {number}")
    await driver.run_until(CLOSES)
    (told,) = await driver.notices(PulseClosed)
    assert isinstance(told, PulseClosed)
    return told


async def audit_events(driver: Driver) -> list[str]:
    async with driver.open_uow() as uow:
        return [entry.event for entry in await uow.audit.entries(ALLIANCE)]
