"""What every command shares: where it prints, how settings are read, and how trouble ends it in a sentence."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer
from rich.console import Console

from bot.settings import BadSettings, Settings, load_settings

T = TypeVar("T")

PROBLEM = 1
"""Exit code: something is wrong that the output names. 0 is fine, 2 is a wrong use of the command."""
STOPPED = 130
"""Exit code: stopped with Ctrl-C, as shells count it."""

out = Console()
err = Console(stderr=True)


def complain(*sentences: str) -> None:
    """Say what is wrong on standard error, whole and as it is: people copy and search such lines."""
    for sentence in sentences:
        err.print(sentence, markup=False, highlight=False, soft_wrap=True)


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


def run_or_exit(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; trouble with the database, its key or the address to listen on is said in a sentence."""
    from alliance.errors import AllianceError
    from bot.http import CannotListen
    from storage.opening import DatabaseTrouble
    from storage.seal import CannotUnseal

    try:
        return asyncio.run(work)
    except AllianceError as refusal:
        complain(refusal.sentence)
    except (DatabaseTrouble, CannotUnseal, CannotListen) as trouble:
        complain(str(trouble))
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    raise typer.Exit(PROBLEM)
