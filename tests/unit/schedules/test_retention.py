"""Housekeeping: what is kept only for a while goes when its time is over, and not before."""

import datetime as dt

import pytest

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId, PulseId
from alliance.notices import CharterLapsed, PulseComments
from schedules.retention import COMMENTS_KEPT, INBOX_KEPT, NOTICES_KEPT, housekeep
from storage.chores import SCRUB
from storage.outbox import UNREACHABLE, DeliveryState
from storage.unit_of_work import OpenUnitOfWork
from tests.fakes.builders import ALLIANCE, DC, MONDAY

LANE = "slack:T0DC"
A_MINUTE = dt.timedelta(minutes=1)


async def scrubbed() -> None:
    """In the place of a scrub that does nothing."""


async def tell(open_uow: OpenUnitOfWork, name: str, *, delivered: bool) -> None:
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
    recipients: dict[Recipient, str] = {ToMember(MemberId("dc-am")): LANE}
    async with open_uow() as uow:
        await uow.outbox.append(NoticeId(name), notice, recipients=recipients, urgent=False, now=MONDAY)
        if delivered:
            (delivery,) = await uow.outbox.claim(LANE, MONDAY, 1)
            await uow.outbox.sent(delivery, None, MONDAY)
        await uow.commit()


async def test_a_request_is_remembered_for_as_long_as_it_could_be_repeated(open_uow: OpenUnitOfWork) -> None:
    async with open_uow() as uow:
        assert await uow.inbox.is_first("press 1", MONDAY)
        await uow.commit()

    await housekeep(open_uow, MONDAY + INBOX_KEPT, scrubbed)
    async with open_uow() as uow:
        assert not await uow.inbox.is_first("press 1", MONDAY)

    await housekeep(open_uow, MONDAY + INBOX_KEPT + A_MINUTE, scrubbed)
    async with open_uow() as uow:
        assert await uow.inbox.is_first("press 1", MONDAY)


@pytest.mark.usefixtures("roster")
async def test_delivered_notices_go_and_what_still_waits_stays(open_uow: OpenUnitOfWork) -> None:
    await tell(open_uow, "n1", delivered=True)
    await tell(open_uow, "n2", delivered=False)

    await housekeep(open_uow, MONDAY + NOTICES_KEPT, scrubbed)
    async with open_uow() as uow:
        before = await uow.outbox.counts()
    await housekeep(open_uow, MONDAY + NOTICES_KEPT + A_MINUTE, scrubbed)
    async with open_uow() as uow:
        after = await uow.outbox.counts()

    assert before == {(LANE, DeliveryState.SENT): 1, (LANE, DeliveryState.PENDING): 1}
    assert after == {(LANE, DeliveryState.PENDING): 1}


async def tell_comments(open_uow: OpenUnitOfWork, *, reached: int) -> None:
    """Comments go to three managers, of whom so many can be reached."""
    said = PulseComments(
        alliance_id=ALLIANCE, pulse_id=PulseId("p1"), number=1, side=DC, comments=("Too slow.",), minimum=10
    )
    recipients: dict[Recipient, str] = {ToMember(MemberId(key)): LANE for key in ("dc-am", "dc-mgr1", "dc-mgr2")}
    async with open_uow() as uow:
        await uow.outbox.append(NoticeId("said"), said, recipients=recipients, urgent=False, now=MONDAY)
        for number, delivery in enumerate(await uow.outbox.claim(LANE, MONDAY, 3)):
            if number < reached:
                await uow.outbox.sent(delivery, None, MONDAY)
            else:
                await uow.outbox.dead(delivery, f"{UNREACHABLE}gone", MONDAY)
        await uow.commit()


async def comments_after(open_uow: OpenUnitOfWork, now: dt.datetime) -> tuple[str, ...] | None:
    await housekeep(open_uow, now, scrubbed)
    async with open_uow() as uow:
        notice = await uow.outbox.notice(NoticeId("said"))
    assert isinstance(notice, PulseComments)
    return notice.comments


@pytest.mark.usefixtures("roster")
async def test_comments_do_not_outlive_their_delivery(open_uow: OpenUnitOfWork) -> None:
    await tell_comments(open_uow, reached=3)

    assert await comments_after(open_uow, MONDAY + A_MINUTE) == ()
    async with open_uow() as uow:
        assert await uow.outbox.counts() == {(LANE, DeliveryState.SENT): 3}


@pytest.mark.usefixtures("roster")
async def test_comments_wait_two_weeks_for_a_manager_who_cannot_be_reached(open_uow: OpenUnitOfWork) -> None:
    await tell_comments(open_uow, reached=2)

    assert await comments_after(open_uow, MONDAY + COMMENTS_KEPT) == ("Too slow.",)
    assert await comments_after(open_uow, MONDAY + COMMENTS_KEPT + A_MINUTE) == ()
    async with open_uow() as uow:
        assert await uow.outbox.revive(MemberId("dc-mgr2"), LANE, MONDAY) == 0


@pytest.mark.usefixtures("roster")
async def test_scrubbing_is_owed_once_comments_went_and_not_before(open_uow: OpenUnitOfWork) -> None:
    owed: list[bool] = []
    await tell(open_uow, "n1", delivered=True)
    await tell_comments(open_uow, reached=3)

    async def scrub() -> None:
        async with open_uow() as uow:
            occasion = await uow.chores.owed(SCRUB)
            owed.append(occasion is not None)
            await uow.chores.done(SCRUB, occasion or "")
            await uow.commit()

    for now in (MONDAY, MONDAY + A_MINUTE, MONDAY + NOTICES_KEPT + A_MINUTE):
        await housekeep(open_uow, now, scrub)

    assert owed == [True, False, False]
