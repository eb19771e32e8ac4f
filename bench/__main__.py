"""`python -m bench [NAMES]`: measure, show the table, write results.json."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import machine
from bench.figure import Figure
from bench.harness import NoSuchFigure, chosen, every_figure, measure
from bench.report import RESULTS, Kept, kept, must, table, write
from schedules.clock import SystemClock

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    names: Annotated[list[str] | None, typer.Argument(help="Parts of figures' names; all figures without.")] = None,
    rounds: Annotated[int | None, typer.Option(help="So many rounds instead of each figure's own number.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Only name the figures.")] = False,
) -> None:
    """Measure what is promised about speed, each figure against its baseline in the same run."""
    console = Console()
    try:
        figures = chosen(every_figure(), names or [])
    except NoSuchFigure as error:
        raise typer.BadParameter(str(error)) from None
    if listed:
        for figure in figures:
            console.print(f"{figure.name}: {figure.title} ({must(figure) or 'reported'})", highlight=False)
        return
    results = asyncio.run(_measured(figures, rounds, console))
    console.print(table(results))
    console.print(machine.described(), highlight=False)
    if any(one["reached"] is False for one in results.values()):
        raise typer.Exit(1)


async def _measured(figures: list[Figure], rounds: int | None, console: Console) -> dict[str, Kept]:
    """Measure one after the other; each is kept as soon as it is there, so that a run that breaks off is not lost."""
    results: dict[str, Kept] = {}
    columns = (TextColumn("{task.completed}/{task.total}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as progress:
        task = progress.add_task("", total=len(figures))
        for figure in figures:

            def step(said: str, figure: Figure = figure) -> None:
                progress.update(task, description=f"{figure.name} · {said}")

            measured = await measure(figure, step, rounds)
            results[figure.name] = kept(measured, machine.described(), SystemClock().now())
            write({figure.name: results[figure.name]}, RESULTS)
            progress.advance(task)
            progress.console.print(_line(results[figure.name], figure.name), highlight=False)
    return results


def _line(one: Kept, name: str) -> str:
    ratio = f", ratio {one['ratio']}" if one["ratio"] is not None else ""
    return f"{name}: {one['ours']['median']} {one['unit']}{ratio}"


if __name__ == "__main__":
    app()
