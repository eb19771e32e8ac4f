"""What every command shares: where it prints, how settings are read, and how trouble ends it in a sentence."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.settings import BadSettings, Settings, load_settings

T = TypeVar("T")

FINE = 0
"""Exit code: all is well, and what was asked for is done."""
PROBLEM = 1
"""Exit code: something is wrong that the output names; or a question was answered with no."""
WRONG_USE = 2
"""Exit code: a wrong use of the command, such as an unknown option or a missing argument."""
STOPPED = 130
"""Exit code: stopped with Ctrl-C, as shells count it."""
EXIT_CODES = {
    FINE: "all is well, and what was asked for is done",
    PROBLEM: "something is wrong that the output names, or a question was answered with no",
    WRONG_USE: "a wrong use of the command: an unknown option, a missing argument, a file that is not there",
    STOPPED: "stopped with Ctrl-C",
}
"""What a script may rely on; docs/reference/command-line.md shows them."""

WIDE = 160
"""Letters of a row where no terminal says how wide it is."""

out = Console()
err = Console(stderr=True)


def complain(*sentences: str) -> None:
    """Say what is wrong on standard error, whole and as it is: people copy and search such lines."""
    for sentence in sentences:
        err.print(sentence, markup=False, highlight=False, soft_wrap=True)


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their head, words as they are; nothing is cut short, not even where nobody watches."""
    table = Table(box=None, pad_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    (out if out.is_terminal else Console(width=WIDE)).print(table)


def settings_or_exit() -> Settings:
    """Read the settings; every problem is shown, and the command ends."""
    try:
        return load_settings()
    except BadSettings as bad:
        complain(
            "The settings need another look:",
            *(f"  {problem}" for problem in bad.problems),
            "Set them in the environment or in a file named .env; nothing was started or changed.",
        )
        raise typer.Exit(PROBLEM) from None


def run_or_exit(work: Coroutine[Any, Any, T], *, serves: bool = False) -> T:
    """Run a command's work; trouble with the database, its key or the address to listen on is said in a sentence.

    What `serves` requests gets the faster event loop, where there is one.
    """
    from alliance.errors import AllianceError
    from bot.http import CannotListen
    from bot.split import CannotSplit
    from storage.opening import DatabaseTrouble
    from storage.seal import CannotUnseal

    try:
        with asyncio.Runner(loop_factory=_faster_loop() if serves else None) as runner:
            return runner.run(work)
    except AllianceError as refusal:
        complain(refusal.sentence)
    except (DatabaseTrouble, CannotUnseal, CannotListen, CannotSplit) as trouble:
        complain(str(trouble))
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    raise typer.Exit(PROBLEM)


def _faster_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which is not made for Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _spare_what_stays() -> None:
    """Have the garbage collector look at what requests leave behind, not again and again at what the start has made."""
    gc.collect()
    gc.freeze()


def asked_to_stop(_address: str) -> Awaitable[object]:
    """From this call on Ctrl-C and SIGTERM end the process in order; what is returned waits for the first of them."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, asked.set)
    _spare_what_stays()
    return asked.wait()
