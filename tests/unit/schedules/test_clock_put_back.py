"""A clock that is put back leaves waits behind that end in what is now the future: housekeeping ends them."""

import datetime as dt

import pytest

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId
from alliance.notices import CharterLapsed
from handlers.time_intents import SendDigest
from schedules.retention import housekeep
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MONDAY

LANE = "slack:T0DC"
A_MINUTE = dt.timedelta(minutes=1)
DIGEST = SendDigest(alliance_id=ALLIANCE, side=DC, week=MONDAY.date())


async def scrubbed() -> None:
    """In the place of a scrub that does nothing."""


@pytest.mark.usefixtures("roster")
async def test_what_a_clock_that_was_put_back_told_to_wait_waits_no_longer(open_uow: OpenUnitOfWork) -> None:
    ahead = MONDAY + dt.timedelta(hours=1)
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
    people: dict[Recipient, str] = {ToMember(MemberId(name)): LANE for name in ("told-then", "told-now")}
    async with open_uow() as uow:
        await uow.outbox.append(NoticeId("n1"), notice, recipients=people, urgent=False, now=MONDAY)
        first, second = await uow.outbox.claim(LANE, MONDAY, 2)
        await uow.outbox.later(first, ahead + A_MINUTE, "503", counts=True)
        await uow.outbox.later(second, MONDAY + 10 * A_MINUTE, "503", counts=True)
        await uow.commit()

    await housekeep(open_uow, MONDAY, scrubbed)

    async with open_uow() as uow:
        assert [found.id for found in await uow.outbox.claim(LANE, MONDAY, 2)] == [first.id]


@pytest.mark.usefixtures("roster")
async def test_a_timer_that_failed_by_a_clock_that_was_put_back_is_tried_again(open_uow: OpenUnitOfWork) -> None:
    ahead, promised = MONDAY + dt.timedelta(hours=1), MONDAY - A_MINUTE
    async with open_uow() as uow:
        await uow.timers.set("failed", ALLIANCE, DIGEST, promised)
        await uow.timers.set("ahead", ALLIANCE, DIGEST, ahead)
        await uow.commit()
    async with open_uow() as uow:
        taken = await uow.timers.take_due(MONDAY)
        assert taken is not None
    async with open_uow() as uow:
        await uow.timers.failed(taken, ahead, "away")
        await uow.commit()

    await housekeep(open_uow, MONDAY, scrubbed)

    async with open_uow() as uow:
        due = [await uow.timers.take_due(MONDAY) for _ in range(2)]
    assert [timer.key for timer in due if timer] == ["failed"], "a promise for a date stays one"
