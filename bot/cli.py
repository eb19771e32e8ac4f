"""The command line: `liaison …`."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from bot.settings import Settings
from bot.split import Part
from bot.terminal import PROBLEM, asked_to_stop, out, run_or_exit, settings_or_exit

PACKAGE = "alliance-liaison"


def _alliance() -> typer.Typer:
    from bot.alliance_cli import app as alliance_app

    return alliance_app


def _workspace() -> typer.Typer:
    from bot.workspace_cli import app as workspace_app

    return workspace_app


def _manifest() -> typer.Typer:
    from bot.manifest_cli import app as manifest_app

    return manifest_app


def _init() -> Callable[..., None]:
    from bot.init_cli import init

    return init


def _db() -> typer.Typer:
    from bot.db_cli import app as db_app

    return db_app


def _keys() -> typer.Typer:
    from bot.keys_cli import app as keys_app

    return keys_app


def _backup() -> Callable[..., None]:
    from bot.backup_cli import backup

    return backup


def _lanes() -> Callable[..., None]:
    from bot.lanes_cli import lanes

    return lanes


def _demo() -> Callable[..., None]:
    from bot.demo import demo

    return demo


LATER: dict[str, tuple[str, Callable[[], Any]]] = {
    "init": ("Ask what the liaison needs to know, and write .env and an alliance.yaml to start from.", _init),
    "manifest": ("The app manifests for Slack and Teams, ready to upload.", _manifest),
    "alliance": ("The alliance of two companies and its charter, as a file.", _alliance),
    "backup": ("Copy the database to a file while the liaison runs (SQLite).", _backup),
    "db": ("The database's schema, and moving it all to another database.", _db),
    "keys": ("The secret key that tokens are sealed with.", _keys),
    "lanes": ("Show what waits for each workspace, how long the oldest has been waiting, and the pace.", _lanes),
    "workspace": ("Chat workspaces: Slack teams and Teams tenants.", _workspace),
    "demo": (
        "Play two sample companies, DC on Slack and MC on Teams: on a page, or with --headless in the terminal.",
        _demo,
    ),
}
"""Commands that import seconds of libraries: only when they are asked for. Their one line of help stands here too."""


class QuickGroup(TyperGroup):
    """Lists every command without importing what it needs."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, (words, _) in LATER.items():
            self.commands.setdefault(name, TyperGroup(name=name, help=words))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in LATER:
            self.commands[args[0]] = _commands_of(args[0])[args[0]]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="liaison",
    cls=QuickGroup,
    help="The neutral alliance-management bot between two companies, on Slack and Teams.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        out.print(f"liaison {version(PACKAGE)}", highlight=False)
        raise typer.Exit


@app.callback()
def liaison(
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """The neutral alliance-management bot between two companies, on Slack and Teams."""


@app.command()
def run(
    only: Annotated[
        Part | None,
        typer.Option(help="web: take requests; worker: keep the time and deliver. For processes on one PostgreSQL."),
    ] = None,
) -> None:
    """Start the liaison: take requests, keep the time, deliver messages. Stops on Ctrl-C or SIGTERM."""
    from bot.app import serve
    from bot.logs import set_up_logs
    from schedules.clock import SystemClock

    settings = settings_or_exit()
    set_up_logs(settings.log_level, settings.log_format)
    run_or_exit(serve(settings, SystemClock(), until=asked_to_stop, only=only), serves=True)


@app.command("settings")
def show_settings(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Show the settings as they were read, secrets masked."""
    shown = settings_or_exit().shown()
    if as_json:
        out.print_json(data=shown)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in shown.items():
        table.add_row(name, Text(value))
    out.print(table)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Prove each piece by calling it: settings, database, key, tokens, public address, clock, stuck work.

    Each finding says what is wrong and what to do. Ends with 1 when something is to be mended; "look" alone does not.
    """
    from bot.doctor import Health, examine, show

    settings = settings_or_exit()
    findings = run_or_exit(examine(settings))
    show(findings, out, as_json=as_json)
    if any(finding.health is Health.MEND for finding in findings):
        raise typer.Exit(PROBLEM)


@app.command()
def retry(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Set going again what failed too often: timers that were set aside and deliveries that were given up."""

    async def work(settings: Settings) -> None:
        from bot.database import opened
        from schedules.clock import SystemClock

        async with opened(settings) as open_uow, open_uow() as uow:
            timers = await uow.timers.set_going()
            deliveries = await uow.outbox.set_going(SystemClock().now())
            await uow.commit()
        if as_json:
            out.print_json(data={"timers": timers, "deliveries": deliveries})
            return
        out.print(
            f"Set going again: {timers} timers, {deliveries} deliveries. A running liaison takes them up by itself."
        )

    run_or_exit(work(settings_or_exit()))


def _mount(on: typer.Typer, *names: str) -> typer.Typer:
    for name in names:
        part = LATER[name][1]()
        if isinstance(part, typer.Typer):
            on.add_typer(part, name=name)
        else:
            on.command(name)(part)
    return on


def _commands_of(name: str) -> dict[str, Any]:
    alone = typer.Typer(add_completion=False)
    alone.callback()(liaison)  # with a callback it stays a group, though it holds one command
    group: Any = typer.main.get_command(_mount(alone, name))
    return dict(group.commands)


@cache
def command_line() -> typer.Typer:
    """Return the command line with every command on it."""
    return _mount(app, *LATER)


def main() -> None:
    """The entry point of the `liaison` command."""
    app()
