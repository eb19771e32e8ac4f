"""Everything about Teams, put together: the way out first, then the entrance, which needs a desk."""

import aiohttp

from bot.settings import Settings
from bot.teams.adapter import TeamsAdapter
from bot.teams.auth import TeamsTokenCheck
from bot.teams.connector import Connector
from bot.teams.handler import FrontDesk, Liaison
from bot.teams.inbound import Count, TeamsEntrance
from bot.teams.login import AppIdentity, OutboundToken
from bot.teams.platform import TeamsPlatform
from bot.teams.replies import Replies
from bot.teams.visits import Memberships, Presence, Visits
from schedules.clock import Clock
from storage.unit_of_work import OpenUnitOfWork


class TeamsRoom:
    """`platform` is for what goes out; `entrance` makes the handler of `/api/messages`; `stop` ends both.

    The session is shared, and closed by whoever opened it.
    """

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        identity = AppIdentity(
            app_id=settings.teams_app_id,
            password=settings.teams_app_password.get_secret_value(),
            tenant=settings.teams_tenant_id,
            login_url=settings.teams_login_url,
        )
        self._token = OutboundToken(identity, session, clock)
        self._connector = Connector(session, self._token, clock)
        self.platform = TeamsPlatform(self._connector, identity)
        self._replies = Replies(self._connector, self.platform, clock)

    async def log_in(self) -> None:
        """Get a token, to see whether the app's settings are right; raises Unavailable or RateLimited."""
        await self._token.get()

    def entrance(
        self,
        desk: FrontDesk,
        open_uow: OpenUnitOfWork,
        *,
        memberships: Memberships,
        presence: Presence,
        count: Count,
    ) -> TeamsEntrance:
        """Open the entrance; its `handle` takes the POSTs of `/api/messages`."""
        check = TeamsTokenCheck(
            self._settings.teams_app_id,
            self._settings.teams_openid_url,
            self._session,
            self._clock,
            allow_unsigned=self._settings.teams_allow_unsigned,
        )
        visits = Visits(open_uow, memberships, presence, self._clock.now)
        liaison = Liaison(desk, self._replies, visits)
        return TeamsEntrance(check, TeamsAdapter(self._connector), liaison, count)

    async def idle(self) -> None:
        """Return once no reply is on its way."""
        await self._replies.idle()

    async def stop(self) -> None:
        """Give replies that are still on their way a few seconds."""
        await self._replies.stop()
