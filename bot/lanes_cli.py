"""`liaison lanes`: what waits for each workspace, how long, and how fast it goes."""

import datetime as dt
from typing import Annotated

import typer
from rich.table import Table

from bot.settings import Settings
from bot.terminal import out, run_or_exit, settings_or_exit
from storage.lanes import LaneState

HEADINGS = ("lane", "due", "oldest", "later", "sending", "given up", "sent in the last minute")


def lanes(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Show what waits for each workspace, how long the oldest has been waiting, and the pace."""

    async def work(settings: Settings) -> tuple[dt.datetime, list[LaneState]]:
        from bot.database import opened
        from schedules.clock import SystemClock

        now = SystemClock().now()
        async with opened(settings) as open_uow, open_uow(reads=True) as uow:
            return now, await uow.lanes.all(now)

    now, found = run_or_exit(work(settings_or_exit()))
    if as_json:
        out.print_json(data=[_figures(lane, now) for lane in found])
        return
    table = Table(*HEADINGS, box=None, pad_edge=False)
    for lane in found:
        counts = (lane.due, _said(lane.age(now)), lane.later, lane.sending, lane.given_up, lane.sent_last_minute)
        table.add_row(lane.lane, *(str(count) for count in counts))
    out.print(table if found else "No workspace is connected, and nothing waits.")


def _figures(lane: LaneState, now: dt.datetime) -> dict[str, str | int]:
    return {
        "lane": lane.lane,
        "due": lane.due,
        "oldest_seconds": int(lane.age(now).total_seconds()),
        "later": lane.later,
        "sending": lane.sending,
        "given_up": lane.given_up,
        "sent_last_minute": lane.sent_last_minute,
    }


def _said(age: dt.timedelta) -> str:
    """An age as an operator reads it: 45 s, 12 min, 3 h."""
    seconds = int(age.total_seconds())
    if seconds < 120:
        return f"{seconds} s" if seconds else "–"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
