"""`liaison demo`: the sample alliance on this machine, through real HTTP with real signatures: on a page, or told."""

import asyncio
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.demo.page import show
from bot.demo.report import figures_of, show_figures
from bot.demo.scene import on_stage
from bot.demo.story import Story
from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel
from bot.terminal import asked_to_stop, run_or_exit
from sandbox.agenda import Timeline
from sandbox.stage import Stage
from sandbox.story import prepare
from sandbox.troupe import Troupe

out = Console()
INTRODUCTION = """[bold]DC on Slack (Chicago) and MC on Teams (Stuttgart) launch a service together.[/bold]
Twelve people a side answer by themselves; both platforms are local stand-ins that speak the real protocols.
Each line: when (UTC), where, who was shown what, or what somebody pressed.
"""
LAST_DIGEST_AFTER = dt.timedelta(hours=2)
"""The story ends on a Monday, two hours after its first hour: by then both companies have read the last digest."""


def demo(
    *,
    headless: Annotated[bool, typer.Option("--headless", help="play in the terminal, without the page")] = False,
    weeks: Annotated[int, typer.Option(min=1, max=26, help="how many weeks to play; with --headless")] = 8,
    seed: Annotated[int, typer.Option(help="fixes the characters of the teammates")] = 7,
    report: Annotated[
        Path | None, typer.Option(help="write the figures to this file, as JSON; with --headless")
    ] = None,
    database: Annotated[Path | None, typer.Option(help="keep the database in this file")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="where the page is; 0 takes any free port")] = 8080,
    browser: Annotated[bool, typer.Option(help="open the page where there is a screen")] = True,
) -> None:
    """Play two sample companies, DC on Slack and MC on Teams: on a page, or with --headless in the terminal."""
    set_up_logs(LogLevel.ERROR, LogFormat.TEXT)
    with tempfile.TemporaryDirectory() as folder:
        file = database or Path(folder) / "liaison.db"
        if not headless:
            run_or_exit(_shown(file, seed=seed, port=port, browser=browser))
            return
        out.print(INTRODUCTION)
        figures = asyncio.run(play(file, weeks=weeks, seed=seed, console=out))
    show_figures(figures, out)
    if report is not None:
        report.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        out.print(f"The figures are in {report}.")


async def _shown(file: Path, *, seed: int, port: int, browser: bool) -> None:
    """Show the page until Ctrl-C or SIGTERM."""
    await show(file, seed=seed, port=port, browser=browser, console=out, until=asked_to_stop)


async def play(file: Path, *, weeks: int, seed: int, console: Console) -> dict[str, Any]:
    """Play the story on a database in that file and return its figures."""
    async with on_stage(file, seed) as scene:
        stage = scene.stage
        story = Story(stage.clock, console)
        prepare(stage, scene.agenda)
        troupe = Troupe(stage, scene.agenda, saw=story.saw, did=story.did)
        await scene.begin()
        await _live(scene.timeline, stage, story, weeks)
        return await figures_of(scene.liaison, stage, troupe.refusals, weeks=weeks, seed=seed)


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
