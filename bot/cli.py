"""The command line: `liaison …`."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import BadSettings, Settings, load_settings
from storage.opening import DatabaseTrouble
from storage.seal import CannotUnseal

PROBLEM = 1
"""Exit code: something is wrong that the output names. 0 is fine, 2 is a wrong use of the command."""

app = typer.Typer(
    name="liaison",
    help="The neutral alliance-management bot between two companies, on Slack and Teams.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
db_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
keys_app = typer.Typer(help="The secret key that tokens are sealed with.", no_args_is_help=True)
app.add_typer(db_app, name="db")
app.add_typer(keys_app, name="keys")

out = Console()
err = Console(stderr=True)


def settings_or_exit() -> Settings:
    """Read the settings; every problem is shown, and the command ends."""
    try:
        return load_settings()
    except BadSettings as bad:
        err.print("[bold]The settings need another look:[/bold]")
        for problem in bad.problems:
            err.print(f"  {problem}", markup=False, highlight=False)
        err.print("Set them in the environment or in a file named .env; nothing was started or changed.")
        raise typer.Exit(PROBLEM) from None


def run_or_exit(work: Coroutine[Any, Any, None]) -> None:
    """Run a command; trouble with the database or its key is said in one sentence."""
    try:
        asyncio.run(work)
    except (DatabaseTrouble, CannotUnseal) as trouble:
        err.print(str(trouble), markup=False, highlight=False)
        raise typer.Exit(PROBLEM) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def run() -> None:
    """Start the liaison: take requests, keep the time, deliver messages. Stops on Ctrl-C or SIGTERM."""
    from bot.app import serve
    from bot.logs import set_up_logs
    from schedules.clock import SystemClock

    settings = settings_or_exit()
    set_up_logs(settings.log_level, settings.log_format)
    run_or_exit(serve(settings, SystemClock(), until=_asked_to_stop))


async def _asked_to_stop(_address: str) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, asked.set)
    await asked.wait()


@app.command("settings")
def show_settings(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Show the settings as they were read, secrets masked."""
    shown = settings_or_exit().shown()
    if as_json:
        out.print_json(data=shown)
        return
    table = Table("setting", "value", box=None, pad_edge=False)
    for name, value in shown.items():
        table.add_row(name, value)
    out.print(table)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Check settings, database, tokens, clock and stuck work, and say how to mend each finding."""
    from bot.doctor import Health, examine, show

    settings = settings_or_exit()
    findings = asyncio.run(examine(settings))
    show(findings, out, as_json=as_json)
    if any(finding.health is Health.MEND for finding in findings):
        raise typer.Exit(PROBLEM)


@db_app.command("upgrade")
def upgrade() -> None:
    """Bring the database to this version's schema; nothing happens when it is there already."""

    async def work(settings: Settings) -> None:
        from storage import opening

        secret_key = settings.secret_key.get_secret_value()
        async with opening.opened(settings.database_url, secret_key, migrate=True):
            out.print("The database is at this version's schema.")

    run_or_exit(work(settings_or_exit()))


@keys_app.command("rotate")
def rotate() -> None:
    """Seal every token anew with the current secret key (the first of LIAISON_SECRET_KEY, separated by commas)."""

    async def work(settings: Settings) -> None:
        from bot.database import opened

        async with opened(settings) as open_uow, open_uow() as uow:
            count = await uow.workspaces.reseal()
            pulses = await uow.pulses.reseal()
            await uow.commit()
        out.print(f"Sealed anew: {count} workspaces, {pulses} open pulses.")
        out.print("Former keys can be taken out of LIAISON_SECRET_KEY.")

    run_or_exit(work(settings_or_exit()))


def _mount() -> None:
    from bot.alliance_cli import app as alliance_app
    from bot.demo import demo
    from bot.workspace_cli import app as workspace_app

    app.add_typer(alliance_app, name="alliance")
    app.add_typer(workspace_app, name="workspace")
    app.command()(demo)


def main() -> None:
    """The entry point of the `liaison` command."""
    _mount()
    app()
