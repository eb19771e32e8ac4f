"""`liaison keys …`: the secret key that tokens are sealed with, and its replacement."""

from typing import Annotated

import typer
from rich.table import Table

from bot.database import opened
from bot.progress import progress
from bot.settings import PREFIX, Settings
from bot.terminal import out, run_or_exit, settings_or_exit
from storage.seal import SENTENCE, CannotUnseal, Seal, keys_of

app = typer.Typer(help="The secret key that tokens are sealed with.", no_args_is_help=True, add_completion=False)


@app.command("list")
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """List the keys of LIAISON_SECRET_KEY by their place, and how much of what is stored each opens; never a key."""

    async def work(settings: Settings) -> None:
        keys = keys_of(settings.secret_key.get_secret_value())
        sealed = await _sealed(settings)
        opens = [sum(Seal(key).opens(one) for one in sealed) for key in keys]
        rows = [
            {"place": place, "seals": place == 1, "opens": count, "of": len(sealed)}
            for place, count in enumerate(opens, start=1)
        ]
        if as_json:
            out.print_json(data=rows)
        else:
            _show(opens, len(sealed))
        if sum(opens) < len(sealed):
            raise CannotUnseal(SENTENCE)

    settings = settings_or_exit()
    run_or_exit(work(settings))


@app.command("rotate")
def rotate() -> None:
    """Seal every token anew with the current secret key (the first of LIAISON_SECRET_KEY, separated by commas)."""

    async def work(settings: Settings) -> None:
        with progress("Sealing anew"):
            async with opened(settings) as open_uow, open_uow() as uow:
                count = await uow.workspaces.reseal()
                pulses = await uow.pulses.reseal()
                await uow.commit()
        out.print(f"Sealed anew: {count} workspaces, {pulses} open pulses.")
        out.print(f"Former keys can be taken out of {PREFIX}SECRET_KEY.")

    run_or_exit(work(settings_or_exit()))


async def _sealed(settings: Settings) -> list[str]:
    async with opened(settings) as open_uow, open_uow(reads=True) as uow:
        return [*await uow.workspaces.sealed(), *await uow.pulses.sealed()]


def _show(opens: list[int], of: int) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("place", "use", "opens"):
        table.add_column(name, overflow="fold")
    for place, count in enumerate(opens, start=1):
        spare = place > 1 and not count
        use = "seals and opens" if place == 1 else "can be taken out" if spare else "opens"
        table.add_row(str(place), use, f"{count} of {of}")
    out.print(table)
