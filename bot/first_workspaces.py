"""The first workspace of each platform: described by the settings, kept as rows like every other one."""

import asyncio
import logging
from dataclasses import replace

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.platform import PlatformError
from bot.settings import Settings
from bot.slack.platform import SlackPlatform
from schedules.clock import Clock
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace

log = logging.getLogger(__name__)

NEW = WorkspaceId("")
PATIENCE = 5.0
"""Seconds, in the computer's own time, for Slack to say whose token it is."""
FIRST_RETRY_AFTER = 5.0
LONGEST_RETRY_AFTER = 300.0
"""Seconds between two tries, doubled each time: a platform that is away at the start is no obstacle."""


class FirstWorkspaces:
    """Connects them at the start, and goes on trying until Slack has said whose token it is."""

    def __init__(self, settings: Settings, open_uow: OpenUnitOfWork, slack: SlackPlatform, clock: Clock) -> None:
        self._settings = settings
        self._open_uow = open_uow
        self._slack = slack
        self._clock = clock
        self._trying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Try once; what fails is tried again in the background. Raises storage.seal.CannotUnseal."""
        if self._settings.teams_is_on and self._settings.teams_tenant_id:
            await self._keep(Workspace(NEW, Platform.TEAMS, self._settings.teams_tenant_id, "Teams"))
        if self._settings.slack_is_on and not await self._connect_slack():
            self._trying = asyncio.create_task(self._go_on(), name="first Slack workspace")

    async def stop(self) -> None:
        """Try no more."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})
            self._trying = None

    async def _go_on(self) -> None:
        wait = FIRST_RETRY_AFTER
        while True:
            await self._clock.sleep(wait)
            try:
                if await self._connect_slack():
                    return
            except Exception:
                # The database may be away for a while, too; nobody waits here who could be told.
                log.exception("the Slack workspace of the settings was not kept")
            wait = min(wait * 2, LONGEST_RETRY_AFTER)

    async def _connect_slack(self) -> bool:
        token = self._settings.slack_bot_token.get_secret_value()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._slack.identify(token)
        except (PlatformError, TimeoutError) as error:
            because = str(error) or "no answer in time"
            log.warning("the Slack workspace of the settings was not reached", extra={"because": because})
            return False
        described = Workspace(NEW, Platform.SLACK, found.team_id, found.name, {"bot": token}, bot_user=found.bot_user)
        await self._keep(described)
        log.info("Slack workspace connected", extra={"workspace": found.team_id})
        return True

    async def _keep(self, described: Workspace) -> None:
        """Keep it; one that is known keeps its id and what was learnt of it, and gets the token of the settings."""
        async with self._open_uow() as uow:
            await uow.workspaces.lock(described.platform, described.external_id)
            known = await uow.workspaces.find(described.platform, described.external_id)
            if known is None:
                wanted = replace(described, id=WorkspaceId(uow.new_id()))
            else:
                wanted = replace(known, tokens=described.tokens, bot_user=described.bot_user)
            if wanted != known:
                await uow.workspaces.save(wanted)
                await uow.workspaces.hurry(wanted, self._clock.now())
                await uow.commit()
