"""`liaison backup`: a copy of the database while it is in use."""

from pathlib import Path
from typing import Annotated

import typer

from bot.progress import progress
from bot.terminal import PROBLEM, STOPPED, complain, out, settings_or_exit
from storage.backup import CannotBackUp, back_up, file_of
from storage.opening import DatabaseTrouble


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where the copy goes.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Copy the database to a file while the liaison runs (SQLite).

    The copy is whole and of one instant, is looked over, and can be read by its owner alone. It holds everything that
    the database holds, tokens sealed: keep it apart from the secret key.
    """
    settings = settings_or_exit()
    try:
        source = file_of(settings.database_url)
        if file.exists() and not force:
            complain(f"{file} is there already, and was left as it is. Name another file, or say --force.")
            raise typer.Exit(PROBLEM)
        with progress("Copying the database") as told:
            size = back_up(source, file, told=told)
    except (CannotBackUp, DatabaseTrouble) as trouble:
        complain(str(trouble))
        raise typer.Exit(PROBLEM) from None
    except KeyboardInterrupt:
        complain("Stopped. No copy was made.")
        raise typer.Exit(STOPPED) from None
    out.print(f"{file}: a whole copy of {source.name}, {size:,} bytes.", markup=False, highlight=False, soft_wrap=True)
