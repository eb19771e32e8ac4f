"""What an operator is told of each lane, on either engine."""

import datetime as dt

from alliance.ids import WorkspaceId
from alliance.roster import Platform
from storage.lanes import LaneState
from storage.opening import Database
from storage.outbox import recipient_key
from storage.workspaces import Workspace
from tests.contract.test_storage import LANE, put_notice
from tests.fakes.builders import MONDAY

MINUTE = dt.timedelta(minutes=1)


async def test_a_lane_tells_what_waits_how_long_and_how_fast_it_goes(database: Database) -> None:
    await put_notice(database, "n1", "sent", "sent-long-ago", "later", "given-up", "sending")
    now = MONDAY + 10 * MINUTE
    async with database.open_uow() as uow:
        claimed = {recipient_key(found.recipient): found for found in await uow.outbox.claim(LANE, MONDAY, 5)}
        await uow.outbox.sent(claimed["member:sent"], None, now - dt.timedelta(seconds=30))
        await uow.outbox.sent(claimed["member:sent-long-ago"], None, MONDAY)
        await uow.outbox.later(claimed["member:later"], now + MINUTE, "busy", counts=True)
        await uow.outbox.dead(claimed["member:given-up"], "gone", now)
        await uow.commit()
    await put_notice(database, "n2", "somebody", "somebody-else")

    async with database.open_uow(reads=True) as uow:
        (lane,) = await uow.lanes.all(now)

    assert lane == LaneState(LANE, 2, MONDAY, 1, 1, 1, 1)
    assert lane.age(now) == 10 * MINUTE


async def test_a_workspace_for_which_nothing_waits_is_shown_too(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.workspaces.save(Workspace(WorkspaceId("w1"), Platform.TEAMS, "tenant", "MC"))
        await uow.commit()

    async with database.open_uow(reads=True) as uow:
        (lane,) = await uow.lanes.all(MONDAY)

    assert lane == LaneState("teams:tenant", 0, None, 0, 0, 0, 0)
    assert not lane.age(MONDAY)
