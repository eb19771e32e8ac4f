"""`liaison demo`: eight weeks of the sample alliance on this machine, through real HTTP with real signatures."""

import asyncio
import datetime as dt
import json
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.alliance_cli import imported
from bot.app import Installation, assembled, listening
from bot.charter_file.checking import check
from bot.demo.report import figures_of, show_figures
from bot.demo.story import Story
from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel, Settings
from sandbox.agenda import Agenda, Timeline
from sandbox.stage import ALLIANCE_FILE, Stage, staged
from sandbox.story import prepare
from sandbox.troupe import Troupe

out = Console()
DEMO_KEY = "the demo keeps no secret worth more than this"
INTRODUCTION = """[bold]DC on Slack (Chicago) and MC on Teams (Stuttgart) launch a service together.[/bold]
Twelve people a side answer by themselves; both platforms are local stand-ins that speak the real protocols.
Each line: when (UTC), where, who was shown what, or what somebody pressed.
"""
LAST_DIGEST_AFTER = dt.timedelta(hours=2)
"""The story ends on a Monday, two hours after its first hour: by then both companies have read the last digest."""


def demo(
    headless: Annotated[bool, typer.Option(help="play in the terminal, without the page")] = True,
    weeks: Annotated[int, typer.Option(min=1, max=26, help="how many weeks to play")] = 8,
    seed: Annotated[int, typer.Option(help="fixes the characters of the teammates")] = 7,
    report: Annotated[Path | None, typer.Option(help="write the figures to this file, as JSON")] = None,
    database: Annotated[Path | None, typer.Option(help="keep the database in this file")] = None,
) -> None:
    """Play the sample alliance, DC on Slack and MC on Teams, from an unsigned charter to the last digest."""
    if not headless:
        out.print("The page comes with a later version; this plays in the terminal.")
    set_up_logs(LogLevel.ERROR, LogFormat.TEXT)
    out.print(INTRODUCTION)
    with tempfile.TemporaryDirectory() as folder:
        file = database or Path(folder) / "liaison.db"
        figures = asyncio.run(play(file, weeks=weeks, seed=seed, console=out))
    show_figures(figures, out)
    if report is not None:
        report.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        out.print(f"The figures are in {report}.")


async def play(file: Path, *, weeks: int, seed: int, console: Console) -> dict[str, Any]:
    """Play the story on a database in that file and return its figures."""
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(seed))
        settings = _settings(stage, file)
        liaison = await stack.enter_async_context(assembled(settings, stage.clock))
        stage.connect(await stack.enter_async_context(listening(liaison)))
        agenda = Agenda()
        timeline = Timeline(
            stage.clock, agenda, tick=liaison.tick, next_due=_next_due(liaison), idle=liaison.workers.idle
        )
        story = Story(stage.clock, console)
        prepare(stage, agenda)
        troupe = Troupe(stage, agenda, saw=story.saw, did=story.did)
        await timeline.doing(_import(liaison))
        await timeline.doing(stage.install_on_teams())
        await liaison.tick()
        await _live(timeline, stage, story, weeks)
        return await figures_of(liaison, stage, troupe.refusals, weeks=weeks, seed=seed)


def _settings(stage: Stage, file: Path) -> Settings:
    return Settings.model_validate(
        {"database_url": f"sqlite:///{file}", "secret_key": DEMO_KEY, "port": 0, **stage.settings()}
    )


def _next_due(liaison: Installation) -> Callable[[], Any]:
    async def next_due() -> dt.datetime | None:
        """When the bot has something to do next: a timer, or a message that waits to be tried again."""
        async with liaison.database.open_uow() as uow:
            instants = [await uow.timers.next_due()]
            instants += [await uow.outbox.next_at(lane) for lane, _ in await uow.outbox.counts()]
        return min((instant for instant in instants if instant is not None), default=None)

    return next_due


async def _import(liaison: Installation) -> None:
    """Import alliance.yaml as an operator does."""
    checked = check(ALLIANCE_FILE.read_bytes())
    assert checked.document is not None, checked.problems
    await imported(liaison.database.open_uow, checked.document, now=liaison.clock.now())


async def _live(timeline: Timeline, stage: Stage, story: Story, weeks: int) -> None:
    start = stage.clock.now()
    bar = Progress(
        TextColumn("week {task.completed:.0f} of {task.total:.0f}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=story.console,
    )
    with bar:
        task = bar.add_task("weeks", total=weeks)
        for week in range(1, weeks + 1):
            story.week(week)
            await timeline.run_until(start + dt.timedelta(weeks=week))
            bar.update(task, completed=week)
        await timeline.run_until(start + dt.timedelta(weeks=weeks) + LAST_DIGEST_AFTER)
        story.flush()
