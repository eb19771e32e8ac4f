"""What happens in the sample alliance besides people answering: the plant's winter break."""

import datetime as dt

from sandbox.agenda import Act, Agenda
from sandbox.people import Teammate
from sandbox.stage import Stage

BREAK_BEGINS = dt.datetime(2026, 2, 16, 9, 0, tzinfo=dt.UTC)
LAST_DAY_AWAY = dt.date(2026, 2, 24)
STAY = 4
"""How many people of MC stay: fewer than a score needs, so that the pulse of that week is withheld."""


def prepare(stage: Stage, agenda: Agenda) -> None:
    """Let most of MC say that they are away, each in a message to the liaison."""
    of_mc = sorted((person for person in stage.people.values() if person.side == "mc"), key=lambda p: p.tier)
    for number, person in enumerate(of_mc[STAY:]):
        person.away = (BREAK_BEGINS.date(), LAST_DAY_AWAY)
        agenda.add(BREAK_BEGINS + dt.timedelta(minutes=number), f"{person.key} away", _away(person))


def _away(person: Teammate) -> Act:
    async def say() -> None:
        await person.seat.say(f"away until {LAST_DAY_AWAY.isoformat()}")

    return say
