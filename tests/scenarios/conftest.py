"""A liaison put together on the stage, taking real requests of both platforms."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from alliance.roster import Roster
from bot.alliance_cli import imported
from bot.app import Installation, assembled, listening
from bot.charter_file.checking import check
from bot.settings import Settings
from sandbox.agenda import Agenda, Timeline
from sandbox.people import Teammate
from sandbox.seats import Seen, SeenButton
from sandbox.stage import ALLIANCE_FILE, Stage, staged
from schedules.clock import Clock


@dataclass
class Scene:
    """The stage, the liaison that serves it, and the time that both live in; nobody acts by themselves."""

    stage: Stage
    liaison: Installation
    timeline: Timeline
    address: str

    def person(self, key: str) -> Teammate:
        return self.stage.people[key]

    def sees(self, key: str, action: str) -> tuple[Seen, SeenButton]:
        """The newest message in that person's chat with a button that does `action`."""
        for seen in reversed(self.person(key).seat.inbox()):
            if button := seen.button(action):
                return seen, button
        raise AssertionError(f"{key} sees nothing to {action}: {[s.summary for s in self.person(key).seat.inbox()]}")

    async def press(self, key: str, action: str, inputs: dict[str, str] | None = None) -> None:
        """Press that button, or fill in the dialog that it opens."""
        seen, button = self.sees(key, action)
        dialog = await self.person(key).seat.press(seen, button, inputs or {})
        if dialog is not None:
            await self.person(key).seat.submit(dialog, inputs or {})
        await self.timeline.settle()

    async def roster(self) -> Roster:
        async with self.liaison.database.open_uow(reads=True) as uow:
            (found,) = await uow.rosters.all()
        return found

    async def begin(self) -> None:
        """Import the sample alliance, and let everybody be reachable."""
        checked = check(ALLIANCE_FILE.read_bytes())
        assert checked.document is not None
        await imported(self.liaison.database.open_uow, checked.document, now=self.stage.clock.now())
        await self.timeline.doing(self.stage.install_on_teams())
        await self.liaison.tick()
        await self.timeline.settle()

    async def sign(self) -> None:
        """Bring the charter into force."""
        await self.press("dc-cleo", "charter.propose")
        await self.press("dc-dana", "charter.sign")
        await self.press("mc-mara", "charter.sign")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """The sample alliance imported, everybody reachable, the charter drafted."""
    async with scene_on(f"sqlite:///{tmp_path}/liaison.db") as made:
        yield made


@asynccontextmanager
async def scene_on(database_url: str) -> AsyncIterator[Scene]:
    """Set the scene on that database."""
    async with staged(seed=1) as stage, serving(stage, database_url) as scene:
        await scene.begin()
        yield scene


@asynccontextmanager
async def serving(stage: Stage, database_url: str, clock: Clock | None = None) -> AsyncIterator[Scene]:
    """Let a liaison on that database, as it finds it, serve the stage; by a clock of its own, if it has one."""
    settings = Settings.model_validate(
        {"database_url": database_url, "secret_key": "a secret key for tests", "port": 0, **stage.settings()}
    )
    async with assembled(settings, clock or stage.clock) as liaison, listening(liaison) as address:
        stage.connect(address)

        async def next_due() -> dt.datetime | None:
            async with liaison.database.open_uow(reads=True) as uow:
                return await uow.timers.next_due()

        timeline = Timeline(stage.clock, Agenda(), tick=liaison.tick, next_due=next_due, idle=liaison.idle)
        yield Scene(stage, liaison, timeline, address)
