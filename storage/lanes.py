"""How each lane is getting on: what waits, for how long, and how fast it goes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.outbox import DeliveryState
from storage.tables import DeliveryRow, WorkspaceRow

PACE_OVER = dt.timedelta(minutes=1)
_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class LaneState:
    """`due` deliveries could go now, the oldest since `due_since`; `later` ones wait for another try.

    `sending` are on their way, `given_up` need the operator, `sent_last_minute` is the pace.
    """

    lane: str
    due: int
    due_since: dt.datetime | None
    later: int
    sending: int
    given_up: int
    sent_last_minute: int

    def age(self, now: dt.datetime) -> dt.timedelta:
        """How long the oldest that could go has been waiting; nothing where none is."""
        return now - self.due_since if self.due_since else dt.timedelta(0)


class Lanes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, now: dt.datetime) -> list[LaneState]:
        """Every lane of a workspace, or that has something open, by name.

        Every figure comes from one range of the index of each lane, so that what was sent long ago costs nothing.
        """
        open_lanes = select(DeliveryRow.lane).where(col(DeliveryRow.state).in_(_OPEN))
        of_workspaces = select(col(WorkspaceRow.platform) + ":" + col(WorkspaceRow.external_id))
        lanes: Any = sqlalchemy.union(open_lanes, of_workspaces).subquery()
        name = lanes.c[0]

        def figure(state: DeliveryState, *conditions: Any, of: Any = None) -> Any:
            wanted: Any = select(func.count() if of is None else of).select_from(DeliveryRow)
            found = wanted.where(DeliveryRow.state == state, col(DeliveryRow.lane) == name, *conditions)
            return found.correlate(lanes).scalar_subquery()

        is_due = col(DeliveryRow.not_before) <= now
        figures: Any = sqlalchemy.select(
            name,
            figure(DeliveryState.PENDING, is_due),
            figure(DeliveryState.PENDING, is_due, of=func.min(DeliveryRow.not_before)),
            figure(DeliveryState.PENDING, ~is_due),
            figure(DeliveryState.SENDING),
            figure(DeliveryState.DEAD),
            figure(DeliveryState.SENT, col(DeliveryRow.not_before) > now - PACE_OVER, is_due),
        ).order_by(name)
        rows = (await self._session.exec(figures)).all()
        return [_lane_state(row) for row in rows]


def _lane_state(figures: Any) -> LaneState:
    lane, due, since, *others = figures
    return LaneState(lane, due, since and since.replace(tzinfo=since.tzinfo or dt.UTC), *others)
