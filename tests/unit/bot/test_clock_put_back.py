"""What is remembered for a short while is, even when somebody puts the clock back meanwhile."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from bot.slack.workspaces import KnownWorkspaces
from bot.slack.writing import Writing
from handlers.dispatch import ChatIdentity
from sandbox.clock import MovableClock
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import MONDAY
from tests.fakes.clock import OwnClock

ME = ChatIdentity(Platform.SLACK, "T0DC", "U-dc-am")
BEFORE = Workspace(WorkspaceId("w1"), Platform.SLACK, "T0DC", "DC", {"bot": "xoxb-before"})


class Hour:
    """A machine whose clock shows an hour too much until it is put back; `pass_` lets time pass on both."""

    def __init__(self) -> None:
        self._stage = MovableClock(MONDAY)
        self.clock = OwnClock(self._stage)
        self.clock.off = dt.timedelta(hours=1)

    def put_back(self) -> None:
        self.clock.off = dt.timedelta()

    def pass_(self, seconds: float) -> None:
        self._stage.move_by(dt.timedelta(seconds=seconds))


@pytest.fixture
def hour() -> Hour:
    return Hour()


async def test_a_workspace_is_asked_for_again_after_a_minute(open_uow: OpenUnitOfWork, hour: Hour) -> None:
    known = KnownWorkspaces(open_uow, hour.clock)
    async with open_uow() as uow:
        await uow.workspaces.save(BEFORE)
        await uow.commit()
    await known.find("T0DC")
    async with open_uow() as uow:
        await uow.workspaces.save(replace(BEFORE, tokens={"bot": "xoxb-after"}))
        await uow.commit()

    hour.put_back()
    hour.pass_(61)

    found = await known.find("T0DC")
    assert found is not None
    assert found.tokens == {"bot": "xoxb-after"}


async def test_what_is_typed_is_kept_after_seconds(hour: Hour) -> None:
    kept: list[str] = []

    async def keep(_who: ChatIdentity, _token: str, inputs: Mapping[str, str]) -> None:
        kept.append(inputs["title"])

    writing = Writing(keep, hour.clock)
    await writing.heard("V1", ME, "v1.escalation.raise", {"title": "T"})
    hour.put_back()
    hour.pass_(4)
    await writing.heard("V1", ME, "v1.escalation.raise", {"title": "The pilot"})

    assert kept == ["T", "The pilot"]
