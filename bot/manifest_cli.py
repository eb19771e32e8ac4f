"""`liaison manifest …`: what Slack and Teams take to install the liaison, written from the settings."""

from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from bot.files import CannotWrite, write_whole
from bot.manifest import slack as slack_manifest
from bot.manifest import teams as teams_manifest
from bot.settings import PREFIX, BadSettings, is_address, is_guid, is_loopback, written
from bot.terminal import PROBLEM, WRONG_USE, complain

app = typer.Typer(
    help="The app manifests for Slack and Teams, ready to upload.", no_args_is_help=True, add_completion=False
)
PublicUrl = Annotated[str, typer.Option(help="the https address, when it is not LIAISON_PUBLIC_URL")]
PACKAGE = Path("liaison-teams.zip")


@app.command("slack")
def for_slack(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write it to this file")] = None,
    public_url: PublicUrl = "",
    socket_mode: Annotated[
        bool | None,
        typer.Option(help="no address at all; when absent, as LIAISON_SLACK_APP_TOKEN says", show_default=False),
    ] = None,
) -> None:
    """Print Slack's app manifest, or write it: paste it at Create New App, From a manifest."""
    by_socket = bool(_written("slack_app_token")) if socket_mode is None else socket_mode
    address = "" if by_socket else _address(public_url)
    text = slack_manifest.as_yaml(slack_manifest.manifest(address, socket_mode=by_socket))
    if output is None:
        typer.echo(text, nl=False)
        return
    _save(output, text.encode())
    typer.echo(f"{output}: Slack's app manifest. At api.slack.com/apps: Create New App, From a manifest.")


@app.command("teams")
def for_teams(
    output: Annotated[Path, typer.Option("--output", "-o", help="write it to this file")] = PACKAGE,
    public_url: PublicUrl = "",
    app_id: Annotated[str, typer.Option(help="the application id, when it is not LIAISON_TEAMS_APP_ID")] = "",
    developer: Annotated[str, typer.Option(help="who runs it, as Teams shows it")] = "Your company",
    website: Annotated[str, typer.Option(help="where /privacy and /terms are; the public address when absent")] = "",
) -> None:
    """Write the app package for Teams, manifest and icons in a zip: upload it at Manage apps."""
    bot_id = app_id or _written("teams_app_id")
    if not is_guid(bot_id):
        _refuse(f"An application id is needed, as Entra shows it: set {PREFIX}TEAMS_APP_ID, or write --app-id.")
    if not 1 <= len(developer) <= 32:
        _refuse("Teams takes a developer's name of 1 to 32 letters.")
    if website and not website.startswith("https://"):
        _refuse("Teams takes addresses that begin with https://.")
    fields = teams_manifest.manifest(
        bot_id.lower(), developer=developer, public_url=_address(public_url), website=website
    )
    _save(output, teams_manifest.package(fields))
    typer.echo(f"{output}: the app package. In the Teams admin centre: Manage apps, Upload.")


def _address(given: str) -> str:
    address = (given or _written("public_url")).rstrip("/")
    if not address:
        _refuse(f"Set {PREFIX}PUBLIC_URL, or write --public-url: the https address at which the platforms call.")
    if not (is_address(address) and address.startswith("https://")) or is_loopback(urlsplit(address).hostname or ""):
        _refuse(f"{address} is nothing that a platform can call: write an https:// address of a public host.")
    return address


def _written(name: str) -> str:
    try:
        return written(name)
    except BadSettings as bad:
        complain(*bad.problems)
        raise typer.Exit(PROBLEM) from None


def _refuse(sentence: str) -> NoReturn:
    complain(sentence, "Nothing was written.")
    raise typer.Exit(WRONG_USE)


def _save(file: Path, content: bytes) -> None:
    """Write it; what was made before is replaced, since it can be made again at any time."""
    try:
        write_whole({file: content})
    except CannotWrite as trouble:
        complain(f"{trouble} Nothing was written.")
        raise typer.Exit(PROBLEM) from None
