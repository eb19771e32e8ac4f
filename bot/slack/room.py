"""Everything about Slack, put together: the way out first, then the entrance, which needs a desk."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from aiohttp import web

from alliance.roster import Platform
from bot.settings import Settings
from bot.slack.api import SlackApi
from bot.slack.front_door import Count
from bot.slack.inbound import Desk, Presence, SlackInbound
from bot.slack.platform import SlackPlatform
from bot.slack.socket_mode import SocketMode
from bot.slack.workspaces import KnownWorkspaces
from handlers.dispatch import ChatIdentity
from schedules.clock import Clock, SystemClock
from storage.unit_of_work import OpenUnitOfWork

_ACCOUNT_CLOSED = "their Slack account was closed"


class PeoplePresence(Protocol):
    """Told when a person can be reached, or no longer can."""

    async def arrived(self, who: ChatIdentity) -> None: ...

    async def lost(self, who: ChatIdentity, because: str) -> None: ...


class SlackRoom:
    """`platform` is for what goes out; `entrance` makes the handler of `/slack/events`.

    `start` connects by Socket Mode where there is an app token, `disconnect` ends that, and `stop` everything; all
    may be repeated.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._api = SlackApi(settings.slack_api_url, clock)
        self._inbound: SlackInbound | None = None
        self.socket: SocketMode | None = None
        self.platform = SlackPlatform(self._api)

    def entrance(
        self, desk: Desk, open_uow: OpenUnitOfWork, *, presence: PeoplePresence, count: Count
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Open the entrance and return what takes the POSTs of `/slack/events`."""

        async def person_left(who: ChatIdentity) -> None:
            await presence.lost(who, _ACCOUNT_CLOSED)

        self._inbound = SlackInbound(
            desk,
            self._api,
            KnownWorkspaces(open_uow, self._clock),
            self._clock,
            signing_secret=self._settings.slack_signing_secret.get_secret_value(),
            count=count,
            presence=Presence(arrived=presence.arrived, left=person_left, uninstalled=_token_remover(open_uow)),
        )
        return self._inbound.serve

    async def start(self) -> None:
        """Connect by Socket Mode, if there is an app token and an entrance."""
        token = self._settings.slack_app_token.get_secret_value()
        if token and self._inbound is not None and self.socket is None:
            # The watchdog looks after a connection of this computer, so it lives in the computer's own time.
            self.socket = SocketMode(self._inbound.app, token, SystemClock())
            await self.socket.start()

    async def disconnect(self) -> None:
        """Take nothing more by Socket Mode; what goes out still does."""
        if self.socket is not None:
            await self.socket.stop()
            self.socket = None

    async def stop(self) -> None:
        """Disconnect, let answers on their way arrive, and close the HTTP session."""
        await self.disconnect()
        if self._inbound is not None:
            await self._inbound.stop()
        await self._api.stop()


def _token_remover(open_uow: OpenUnitOfWork) -> Callable[[str], Awaitable[None]]:
    async def remove_tokens(team_id: str) -> None:
        """Forget the dead tokens; the row stays, so that what waits for the workspace waits until it is back."""
        async with open_uow() as uow:
            workspace = await uow.workspaces.find(Platform.SLACK, team_id)
            if workspace is not None and workspace.tokens:
                await uow.workspaces.save(replace(workspace, tokens={}))
                await uow.commit()

    return remove_tokens
