"""`liaison db …`: the database's schema, and moving it all to another database."""

from typing import Annotated

import typer

from bot.progress import progress
from bot.settings import PREFIX, Settings
from bot.terminal import STOPPED, complain, out, run_or_exit, settings_or_exit
from storage import opening
from storage.copying import Copied, copied

app = typer.Typer(
    help="The database's schema, and moving it all to another database.", no_args_is_help=True, add_completion=False
)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to this version's schema; nothing happens when it is there already.

    Replicas may run meanwhile. It stands in their way for seconds at most, and tries again while tables are in use.
    """

    async def work(settings: Settings) -> None:
        secret_key = settings.secret_key.get_secret_value()
        with progress("Bringing the database up to date") as told:
            async with opening.opened(
                settings.database_url, secret_key, migrate=True, told=told, waits=_say_who
            ) as database:
                at = await database.standing()
        later = "a later version's schema, which fits this one" if at.is_newer else "this version's schema"
        out.print(f"The database is at {later}.")

    run_or_exit(work(settings_or_exit()))


def _say_who(is_in_the_way: str) -> None:
    complain(f"{is_in_the_way} Nobody is kept waiting; it is tried again in a moment.")


@app.command("copy")
def copy(
    source: Annotated[
        str, typer.Option("--from", metavar="ADDRESS", help="The database that is moved; it is only read.")
    ],
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help=f"An empty database; {PREFIX}DATABASE_URL when not said."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Move everything to another, empty database, such as from SQLite to PostgreSQL. Stop the liaison first.

    It is one transaction. Before it counts, every row is compared, every audit trail is verified, and the source is
    looked at once more. Broken off, it leaves nothing.
    """

    async def work(settings: Settings) -> Copied:
        with progress("Copying, comparing, looking again") as told:
            secret_key = settings.secret_key.get_secret_value()
            return await copied(source, target or settings.database_url, secret_key, told=told)

    settings = settings_or_exit()
    try:
        found = run_or_exit(work(settings))
    except typer.Exit as ended:
        if ended.exit_code == STOPPED:
            complain("Stopped. Nothing was copied.")
        raise
    if as_json:
        out.print_json(data={"rows": dict(found.rows), "audit_trails": dict(found.trails)})
        return
    _say(found)


def _say(found: Copied) -> None:
    held = ", ".join(f"{key} ({count} entries)" for key, count in found.trails.items()) or "there is none yet"
    out.print(
        f"Copied {sum(found.rows.values()):,} rows of {len(found.rows)} tables; each was compared.",
        f"Audit trails that hold: {held}.",
        f"Now let {PREFIX}DATABASE_URL name the new database, start the liaison, and ask liaison doctor.",
        sep="\n",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
