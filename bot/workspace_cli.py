"""`liaison workspace …`: the chat workspaces beyond the first, which the settings describe."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.database import opened
from bot.platform import PlatformError
from bot.settings import NEW_TOKEN, Settings, is_address
from bot.terminal import PROBLEM, complain, out, run_or_exit, settings_or_exit
from schedules.clock import SystemClock
from storage.seal import SENTENCE, CannotUnseal
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace

app = typer.Typer(help="Chat workspaces: Slack teams and Teams tenants.", no_args_is_help=True, add_completion=False)


@app.command("list")
def list_workspaces(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """List the workspaces; tokens are never shown. Those that the secret key does not open are named."""

    async def work(open_uow: OpenUnitOfWork) -> None:
        async with open_uow(reads=True) as uow:
            found = await uow.workspaces.all(even_locked=True)
        _list(found, as_json=as_json)
        if any(workspace.locked for workspace in found):
            raise CannotUnseal(SENTENCE)

    _in_database(work)


@app.command()
def add(
    platform: Annotated[Platform, typer.Argument(help="slack or teams")],
    external_id: Annotated[str, typer.Argument(help="the Teams tenant id; for slack '-' asks Slack by the token")],
    name: Annotated[str, typer.Option(help="what people call it")] = "",
    token: Annotated[str, typer.Option(envvar=NEW_TOKEN, help="Slack's bot token (xoxb-…)", prompt=False)] = "",
    service_url: Annotated[str, typer.Option(help="Teams' service address, if it is known")] = "",
) -> None:
    """Connect a workspace, or give a known one a new token. Tokens are kept sealed."""

    async def work(open_uow: OpenUnitOfWork) -> None:
        wanted = await _described(platform, external_id, name, token, service_url)
        async with open_uow() as uow:
            known = await uow.workspaces.find(platform, wanted.external_id, even_locked=True)
            saved = Workspace(
                id=known.id if known else WorkspaceId(uow.new_id()),
                platform=platform,
                external_id=wanted.external_id,
                name=wanted.name or (known.name if known else wanted.external_id),
                tokens=wanted.tokens,
                service_url=wanted.service_url or (known.service_url if known else None),
                bot_user=wanted.bot_user,
            )
            await uow.workspaces.save(saved)
            await uow.workspaces.hurry(saved, SystemClock().now())
            await uow.commit()
        out.print(f"{'Renewed' if known else 'Connected'}: {platform} {saved.external_id} ({saved.name})", markup=False)

    _in_database(work)


@app.command()
def remove(
    platform: Annotated[Platform, typer.Argument(help="slack or teams")],
    external_id: Annotated[str, typer.Argument(help="its id, as the list shows it")],
) -> None:
    """Disconnect a workspace: its tokens are deleted, its alliances stay."""

    async def work(open_uow: OpenUnitOfWork) -> None:
        async with open_uow() as uow:
            found = await uow.workspaces.find(platform, external_id, even_locked=True)
            if found is None:
                complain(f"There is no {platform} workspace {external_id}; nothing was changed.")
                raise typer.Exit(PROBLEM)
            await uow.workspaces.remove(found.id)
            await uow.commit()
        out.print(f"Disconnected: {platform} {external_id}", markup=False)
        if _is_first(found, settings_or_exit()):
            out.print("The settings describe it: take it out of them too, or it is back with the next start.")

    _in_database(work)


def _list(found: Sequence[Workspace], *, as_json: bool) -> None:
    if as_json:
        out.print_json(data=[_shown(workspace) for workspace in found])
        return
    table = Table(box=None, pad_edge=False)
    for name in ("platform", "id", "name", "service address", "tokens"):
        table.add_column(name, overflow="fold")
    for workspace in found:
        address, tokens = workspace.service_url or "", "locked" if workspace.locked else "sealed"
        shown = (workspace.platform, workspace.external_id, workspace.name, address, tokens)
        table.add_row(*(Text(cell) for cell in shown))
    out.print(table if found else "No workspace is connected yet.")


async def _described(platform: Platform, external_id: str, name: str, token: str, service_url: str) -> Workspace:
    """What is to be connected, as Slack itself says it when a token is given."""
    if platform is Platform.TEAMS:
        if service_url and not is_address(service_url):
            raise typer.BadParameter("write a whole address, with https://", param_hint="--service-url")
        return Workspace(WorkspaceId(""), platform, external_id, name, service_url=service_url or None)
    if not token:
        complain("A Slack workspace needs its bot token: --token, or LIAISON_NEW_TOKEN. Nothing was changed.")
        raise typer.Exit(2)
    from bot.slack.room import SlackRoom

    room = SlackRoom(settings_or_exit(), SystemClock())
    try:
        found = await room.platform.identify(token)
    except PlatformError as error:
        complain(f"Slack did not take the token: {error}. Nothing was changed.")
        raise typer.Exit(PROBLEM) from None
    finally:
        await room.stop()
    if external_id not in ("-", found.team_id):
        complain(f"That token belongs to {found.team_id}, not to {external_id}. Nothing was changed.")
        raise typer.Exit(PROBLEM)
    return Workspace(
        WorkspaceId(""), platform, found.team_id, name or found.name, {"bot": token}, bot_user=found.bot_user
    )


def _is_first(workspace: Workspace, settings: Settings) -> bool:
    if workspace.platform is Platform.TEAMS:
        return workspace.external_id == settings.teams_tenant_id
    token = settings.slack_bot_token.get_secret_value()
    return bool(token) and workspace.tokens.get("bot") == token


def _shown(workspace: Workspace) -> dict[str, str | bool | None]:
    return {
        "platform": workspace.platform,
        "id": workspace.external_id,
        "name": workspace.name,
        "service_url": workspace.service_url,
        "locked": workspace.locked,
    }


def _in_database(work: Callable[[OpenUnitOfWork], Awaitable[None]]) -> None:
    async def opened_work() -> None:
        async with opened(settings_or_exit()) as open_uow:
            await work(open_uow)

    run_or_exit(opened_work())
