"""The clock bar: steps, playing on, and who answers by themselves; in this order, as the story goes on."""

import asyncio
import datetime as dt
import json
from typing import Any

import aiohttp
import pytest

from alliance.calendar import WorkingCalendar
from sandbox.agenda import Agenda, Timeline
from sandbox.clock import MovableClock
from sandbox.people import Kind
from sandbox.web.backstage import Company
from sandbox.web.clockwork import Clockwork, Step
from sandbox.web.window import Impossible
from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def now(visitor: Visitor) -> str:
    return str((await visitor.state())["clock"]["now"])


async def person(visitor: Visitor, key: str) -> dict[str, Any]:
    return next(one for one in (await visitor.state())["people"] if one["key"] == key)


async def events(stream: aiohttp.ClientResponse) -> Any:
    """The events of a stream, one after the other; a comment, by which it stays open, is none."""
    fields: dict[str, str] = {}
    while True:
        async with asyncio.timeout(20):
            line = (await stream.content.readline()).decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif fields.keys() >= {"event", "data"}:
            yield fields["event"], json.loads(fields["data"])
            fields = {}


async def test_the_next_thing_is_named_and_stepped_to(visitor: Visitor) -> None:
    clock = (await visitor.state())["clock"]
    assert clock["what_is_next"].endswith("looks at the chat")

    await visitor.step("next")

    assert await now(visitor) == clock["next_due"]


async def test_who_is_played_does_nothing_by_themselves(visitor: Visitor) -> None:
    for key in ("dc-dana", "dc-hiro", "mc-mara", "mc-samira"):
        await visitor.act(key, "open", place="dm")
        assert (await person(visitor, key))["is_played"] is True

    await visitor.step("hour")

    clock = (await visitor.state())["clock"]
    assert clock["now"][:16] == "2026-02-02T16:35"
    assert not await visitor.tour()
    assert clock["what_is_next"] == "the proposed charter lapses unless both have signed"


async def test_whom_the_visitor_leaves_answers_again(visitor: Visitor) -> None:
    for key in ("dc-dana", "mc-mara"):
        status, left = await visitor.post(f"/api/people/{key}", {"is_played": False})
        assert (status, left["is_played"]) == (200, False)

    await visitor.step("hour")

    assert await visitor.tour() == {"sign"}


async def test_with_teammates_off_nothing_but_the_liaison_is_due(visitor: Visitor) -> None:
    await visitor.teammates(answer=False)
    clock = (await visitor.state())["clock"]

    assert clock["teammates"] is False
    assert clock["what_is_next"] == "a check-in opens at MC"

    await visitor.step("day")
    await visitor.step("hour")

    assert (await now(visitor))[:16] == "2026-02-03T18:35"
    assert (await visitor.sees("dc-kate", "checkin.answer"))[0]["is_new"] is True


async def test_back_on_they_look_at_what_waits_for_them(visitor: Visitor) -> None:
    await visitor.teammates(answer=True)

    assert (await visitor.state())["clock"]["what_is_next"].endswith("looks at the chat")


async def test_who_is_silent_does_not_even_look(visitor: Visitor) -> None:
    characters = {one["key"]: one["character"] for one in (await visitor.state())["people"]}
    for key in characters:
        status, changed = await visitor.post(f"/api/people/{key}", {"character": "silent"})
        assert (status, changed["character"]) == (200, Kind.SILENT.value)

    assert not (await visitor.state())["clock"]["what_is_next"].endswith("looks at the chat")

    for key, character in characters.items():
        await visitor.post(f"/api/people/{key}", {"character": character})
    assert (await visitor.state())["clock"]["what_is_next"].endswith("looks at the chat")


async def test_a_step_is_told_while_it_moves_and_no_second_one_is_taken(visitor: Visitor) -> None:
    before = await now(visitor)
    async with visitor.http.get(f"{visitor.address}/api/events") as stream:
        told = events(stream)
        await anext(told)
        answers = await asyncio.gather(*(visitor.post("/api/clock", {"step": "hour"}) for _ in range(3)))
        steps = []
        async for name, data in told:
            if name == "stepping":
                steps.append(data)
            if steps and steps[-1]["now"] == steps[-1]["until"] > before:
                break
    await visitor.session.clockwork.stand()

    assert sorted(status for status, _ in answers) == [202, 409, 409]
    refusal = next(body for status, body in answers if status == 409)
    assert "moving already" in refusal["error"]
    taken = next(body for status, body in answers if status == 202)
    assert taken["stepping"] is True
    assert all(step["now"] <= step["until"] for step in steps)


async def test_people_act_while_the_clock_moves(visitor: Visitor) -> None:
    await visitor.teammates(answer=False)
    await visitor.post("/api/clock", {"step": "day"})

    outcome = await visitor.act("dc-rosa", "say", place="dm", text="who")

    assert outcome["ok"] is True
    await visitor.session.clockwork.stand()
    assert "who" in await visitor.texts("dc-rosa")


async def test_it_plays_until_it_is_paused(visitor: Visitor) -> None:
    before = await now(visitor)
    assert (await visitor.post("/api/clock", {"playing": True}))[1]["playing"] is True
    async with visitor.http.get(f"{visitor.address}/api/events") as stream:
        async for _ in events(stream):
            if await now(visitor) > before:
                break

    assert (await visitor.post("/api/clock", {"playing": False}))[1]["playing"] is False


# --- without a stage --------------------------------------------------------------------------------

CALENDARS = {
    "dc": WorkingCalendar("America/Chicago", country="US"),
    "mc": WorkingCalendar("Europe/Berlin", country="DE", subdivision="BW"),
}
COMPANIES = tuple(Company(key, key.upper(), "slack", calendar) for key, calendar in CALENDARS.items())


def bare(start: str, *promised: dt.datetime) -> tuple[MovableClock, Clockwork]:
    """A clock bar beside a liaison that has promised these instants and does nothing."""
    clock = MovableClock(dt.datetime.fromisoformat(start))

    async def nothing() -> None:
        """What the liaison does."""

    async def next_due() -> dt.datetime | None:
        return min((instant for instant in promised if instant > clock.now()), default=None)

    timeline = Timeline(clock, Agenda(), tick=nothing, next_due=next_due, idle=nothing)
    return clock, Clockwork(clock, timeline, COMPANIES, changed=lambda: None, pace=0)


@pytest.mark.parametrize(
    ("start", "step", "end"),
    [
        ("2026-02-13T15:35+00:00", "day", "2026-02-17T15:35+00:00"),  # Presidents' Day is no working day at DC
        ("2026-04-02T12:00+00:00", "day", "2026-04-07T12:00+00:00"),  # Good Friday and Easter Monday are none at MC
        ("2026-02-10T12:00+00:00", "day", "2026-02-11T12:00+00:00"),
        ("2026-02-10T12:00+00:00", "hour", "2026-02-10T13:00+00:00"),
        ("2026-02-10T12:00+00:00", "week", "2026-02-17T12:00+00:00"),
        ("2026-02-10T12:00+00:00", "next", "2026-02-10T12:10+00:00"),
    ],
)
async def test_each_step_ends_where_it_says(start: str, step: Step, end: str) -> None:
    clock, clockwork = bare(start, dt.datetime(2026, 2, 10, 12, 10, tzinfo=dt.UTC))

    await clockwork.step(step)
    await clockwork.stand()

    assert clock.now() == dt.datetime.fromisoformat(end)


async def test_when_nothing_is_due_the_next_thing_cannot_be_stepped_to() -> None:
    _, clockwork = bare("2026-02-10T12:00+00:00")

    with pytest.raises(Impossible, match="Nothing is due") as refusal:
        await clockwork.step("next")

    assert refusal.value.status == 409


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-10T12:00+00:00", "2026-02-10T13:00+00:00"),
        ("2026-02-10T23:30+00:00", "2026-02-11T02:00+00:00"),
        ("2026-02-11T03:00+00:00", "2026-02-11T08:00+00:00"),
    ],
    ids=["by the hour in the day", "to what is promised in the night", "to the morning"],
)
async def test_playing_goes_by_the_hour_and_skips_the_night(start: str, end: str) -> None:
    clock, clockwork = bare(start, dt.datetime(2026, 2, 11, 2, tzinfo=dt.UTC))
    moved = asyncio.Event()
    clock.on_move(moved.set)

    clockwork.play(on=True)
    await moved.wait()
    clockwork.play(on=False)
    await clockwork.stop()

    assert clock.now() == dt.datetime.fromisoformat(end)


async def test_a_step_that_fails_says_so_and_the_next_one_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    clock, clockwork = bare("2026-02-10T12:00+00:00", dt.datetime(2026, 2, 10, 12, 10, tzinfo=dt.UTC))

    def fail() -> None:
        clock._watchers.clear()
        raise RuntimeError("no")

    clock.on_move(fail)
    await clockwork.step("hour")
    await clockwork.stand()
    assert clockwork.trouble is not None
    assert "the clock stopped" in caplog.text

    await clockwork.step("hour")
    await clockwork.stand()
    assert clockwork.trouble is None
