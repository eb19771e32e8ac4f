"""Workspaces: what waits for one goes at once when it is connected or served anew."""

import datetime as dt

import pytest

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId, WorkspaceId
from alliance.notices import CharterLapsed
from alliance.roster import Platform
from storage.unit_of_work import OpenUnitOfWork
from storage.workspaces import Workspace
from tests.fakes.builders import ALLIANCE, DC, MONDAY

TEAMS = Workspace(WorkspaceId("w1"), Platform.TEAMS, "tenant-mc", "MC")
SLACK = Workspace(WorkspaceId("w2"), Platform.SLACK, "T0DC", "DC")


@pytest.mark.usefixtures("roster")
async def test_what_waits_for_a_workspace_goes_at_once_and_nothing_else(open_uow: OpenUnitOfWork) -> None:
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
    recipients: dict[Recipient, str] = {
        ToMember(MemberId("mc-am")): TEAMS.lane,
        ToMember(MemberId("mc-ex1")): TEAMS.lane,
        ToMember(MemberId("dc-am")): SLACK.lane,
    }
    async with open_uow() as uow:
        await uow.outbox.append(NoticeId("n1"), notice, recipients=recipients, urgent=False, now=MONDAY)
        first, second = await uow.outbox.claim(TEAMS.lane, MONDAY, 9)
        (other,) = await uow.outbox.claim(SLACK.lane, MONDAY, 9)
        await uow.outbox.sent(second, None, MONDAY)
        for waiting in (first, other):
            await uow.outbox.later(waiting, MONDAY + dt.timedelta(hours=1), "no answer", counts=True)
        await uow.commit()

    async with open_uow() as uow:
        await uow.workspaces.hurry(TEAMS, MONDAY)
        await uow.commit()

    async with open_uow() as uow:
        (again,) = await uow.outbox.claim(TEAMS.lane, MONDAY, 9)
        assert await uow.outbox.claim(SLACK.lane, MONDAY, 9) == []
    assert again.id == first.id
    assert again.attempts == 1
