"""What both ways of playing the demo share: the stage with a liaison beside it, and the timeline that moves both."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.alliance_cli import imported
from bot.app import Installation, assembled, listening
from bot.charter_file.checking import check
from bot.settings import Settings
from sandbox.agenda import Agenda, Timeline
from sandbox.stage import ALLIANCE_FILE, Stage, staged

DEMO_KEY = "the demo keeps no secret worth more than this"


@dataclass(frozen=True, slots=True)
class Scene:
    """The stand-ins, the liaison that is pointed at them, and what is still to happen."""

    stage: Stage
    liaison: Installation
    agenda: Agenda
    timeline: Timeline

    async def begin(self) -> None:
        """Import alliance.yaml as an operator does, and let everybody at MC add the liaison."""
        await self.timeline.doing(self._import())
        await self.timeline.doing(self.stage.install_on_teams())
        await self.liaison.tick()

    async def _import(self) -> None:
        checked = check(ALLIANCE_FILE.read_bytes())
        assert checked.document is not None, checked.problems
        await imported(self.liaison.database.open_uow, checked.document, now=self.liaison.clock.now())


@asynccontextmanager
async def on_stage(file: Path, seed: int) -> AsyncIterator[Scene]:
    """Set the stage, with the liaison's database in that file; nothing has happened yet."""
    async with staged(seed) as stage:
        settings = Settings.model_validate(
            {"database_url": f"sqlite:///{file}", "secret_key": DEMO_KEY, "port": 0, **stage.settings()}
        )
        async with assembled(settings, stage.clock) as liaison, listening(liaison) as address:
            stage.connect(address)
            agenda = Agenda()

            async def next_due() -> dt.datetime | None:
                return await due_at(liaison)

            timeline = Timeline(stage.clock, agenda, tick=liaison.tick, next_due=next_due, idle=liaison.idle)
            yield Scene(stage, liaison, agenda, timeline)


async def due_at(liaison: Installation) -> dt.datetime | None:
    """When the bot has something to do next: a timer, or a message that waits to be tried again."""
    async with liaison.database.open_uow(reads=True) as uow:
        instants = [await uow.timers.next_due(), await uow.outbox.next_at()]
    return min((instant for instant in instants if instant is not None), default=None)
