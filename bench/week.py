"""A simulated week: `python -m bench.week` lets 200 alliances of 200 people live from one Monday to the next.

Both platforms accept everything at once, after every message was drawn for them. Shows what the week took, and keeps
it in bench/week.json.
"""

import asyncio
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func
from sqlmodel import SQLModel, select

from alliance.roster import Member, Platform, Roster
from bench import machine
from bench.accepting import AcceptingPlatform
from bench.crowd import multiply
from bench.large import enlarged
from bench.living import Living
from bench.population import described
from bot.alliance_cli import imported
from bot.charter_file.checking import check
from bot.delivery import Deliverer
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.dispatch import ChatIdentity, Dispatch
from handlers.intents import PersonIntent, ProposeCharter, SignCharter
from sandbox.clock import MovableClock
from sandbox.stage import START
from schedules.deliveries import Lane
from schedules.workers import InThisProcess
from storage import opening
from storage.opening import Database
from tests.fakes.live import SECRET_KEY

KEPT = Path(__file__).parent / "week.json"
END = START + dt.timedelta(days=7, hours=4)
"""A check-in, a pulse and the digests of a Monday are within."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the week happens in."""

    folder: Path
    living: Living
    platforms: Mapping[Platform, AcceptingPlatform]
    peaks: Counter[str]


@asynccontextmanager
async def site(alliances: int, members: int) -> AsyncIterator[Site]:
    """So many alliances with so many people on each side, their charters in force; nothing waits."""
    with tempfile.TemporaryDirectory() as name:
        clock = MovableClock(START)
        async with opening.opened(f"sqlite:///{name}/liaison.db", SECRET_KEY, migrate=True) as database:
            workers: list[InThisProcess] = []

            def wake(lanes: Iterable[str]) -> None:
                workers[0].wake(lanes)

            dispatch = Dispatch(database.open_uow, wake=wake, scrub=database.scrub)
            platforms = {
                Platform.SLACK: AcceptingPlatform(
                    lambda message: [(part.text, part.blocks) for part in slack.render(message)]
                ),
                Platform.TEAMS: AcceptingPlatform(lambda message: [part.card for part in teams.render(message)]),
            }
            courier = Deliverer(
                database.open_uow, platforms, lost=_nobody, sent=lambda _platform, _kind: None, clock=clock
            )

            def lane(name: str) -> Lane:
                return Lane(name, open_uow=database.open_uow, courier=courier, clock=clock)

            workers.append(InThisProcess(lane, open_uow=database.open_uow, clock=clock))
            rosters = await _populated(database, dispatch, alliances, members)
            await workers[0].wake_waiting()
            await workers[0].idle()
            for platform in platforms.values():
                platform.calls.clear()
                platform.sent = 0
            living = Living(database, clock, dispatch, workers[0], rosters)
            yield Site(Path(name), living, platforms, Counter())
            await workers[0].stop()


async def _nobody(_who: ChatIdentity, because: str) -> None:
    raise AssertionError(because)


async def _populated(database: Database, dispatch: Dispatch, alliances: int, members: int) -> list[Roster]:
    (content,) = described(alliances=1, members=12).files
    checked = check(content)
    assert checked.document is not None
    await imported(database.open_uow, checked.document, now=START)
    async with database.open_uow() as uow:
        (small,) = await uow.rosters.all()
        await uow.rosters.save(enlarged(small, members))
        await uow.commit()
    await _sign(dispatch, small)
    await multiply(database, enlarged(small, members), alliances)
    async with database.open_uow(reads=True) as uow:
        return await uow.rosters.all()


async def _sign(dispatch: Dispatch, roster: Roster) -> None:
    asked: tuple[tuple[Member, PersonIntent], ...] = (
        (roster.by_key("dc-cleo"), ProposeCharter(alliance_id=roster.alliance_id, version=1)),
        (roster.by_key("dc-dana"), SignCharter(alliance_id=roster.alliance_id, version=1)),
        (roster.by_key("mc-mara"), SignCharter(alliance_id=roster.alliance_id, version=1)),
    )
    for member, intent in asked:
        who = ChatIdentity(member.platform, member.workspace, member.address)
        await dispatch.ask(intent, who=who, key=f"{member.key}:{type(intent).__name__}", now=START)


async def lived(alliances: int, members: int, progress: Progress) -> dict[str, object]:
    """Let the week pass, and return what it took."""
    task = progress.add_task(f"{alliances} alliances", total=(END - START).total_seconds())
    async with site(alliances, members) as here:
        began, cpu = time.perf_counter(), time.process_time()

        def told(now: dt.datetime) -> None:
            progress.update(task, completed=(now - START).total_seconds())

        await here.living.until(END, told)
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        rows = await _rows(here.living.database)
        size = sum(file.stat().st_size for file in here.folder.iterdir())
        return {
            "alliances": alliances,
            "members": sum(len(roster.active()) for roster in here.living.rosters),
            "machine": machine.described(),
            "seconds of processor": round(busy, 1),
            "seconds by the clock": round(took, 1),
            "seconds of processor by work": {what: round(one, 1) for what, one in here.living.seconds.most_common()},
            "happened": dict(here.living.happened.most_common()),
            "calls": _calls(here),
            "MB sent": round(sum(platform.sent for platform in here.platforms.values()) / 1e6, 1),
            "database MB": round(size / 1e6, 1),
            "rows": {name: count for name, count in rows.most_common() if count},
            "peak memory MB": round(_peak_memory()),
        }


def _calls(here: Site) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for name, platform in here.platforms.items():
        for (_, kind), count in platform.calls.items():
            totals[f"{name} {kind}"] += count
    return dict(totals.most_common())


async def _rows(database: Database) -> Counter[str]:
    counted: Counter[str] = Counter()
    async with database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            counted[table.name] = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    return counted


def _peak_memory() -> float:
    """Megabytes; Linux counts in kilobytes, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main(
    alliances: Annotated[int, typer.Option(help="So many alliances.")] = 200,
    members: Annotated[int, typer.Option(help="So many people on each side.")] = 100,
    keep: Annotated[Path, typer.Option(help="Where what it took is kept.")] = KEPT,
) -> None:
    """Let a week pass, and tell what it took."""
    console = Console()
    with Progress(console=console) as progress:
        took = asyncio.run(lived(alliances, members, progress))
    keep.write_text(json.dumps(took, indent=2) + "\n", encoding="utf-8")
    console.print_json(data=took)


if __name__ == "__main__":
    typer.run(main)
