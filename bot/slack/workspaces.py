"""Which workspaces the liaison is installed in, asked of the database and remembered for a short while."""

from alliance.roster import Platform
from schedules.clock import Clock
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace

_KEPT = 60.0
"""Seconds."""


class KnownWorkspaces:
    """Finds workspaces by team id; a workspace that is not there is asked for again every time."""

    def __init__(self, open_uow: OpenUnitOfWork, clock: Clock) -> None:
        self._open_uow = open_uow
        self._clock = clock
        self._kept: dict[str, tuple[float, Workspace]] = {}

    async def find(self, team_id: str) -> Workspace | None:
        """Return the workspace, at most a minute old."""
        now = self._clock.steady()
        at, workspace = self._kept.get(team_id, (now, None))
        if workspace is not None and now - at < _KEPT:
            return workspace
        async with self._open_uow(reads=True) as uow:
            found = await uow.workspaces.find(Platform.SLACK, team_id)
        if found is None:
            self._kept.pop(team_id, None)
        else:
            self._kept[team_id] = (now, found)
        return found

    def forget(self, team_id: str) -> None:
        """Ask the database the next time."""
        self._kept.pop(team_id, None)
