"""Long work in a terminal: a bar while it lasts, on standard error; nothing where nobody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.terminal import err

Told = Callable[[int, int], None]
"""Hears how much is done, and of how much; 0 of 0 while nobody knows."""


@contextmanager
def progress(what: str, console: Console = err) -> Iterator[Told]:
    """Show that `what` goes on, and how far it is; it disappears at the end, and never mixes with what is printed."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def told(done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole or None)

        yield told
