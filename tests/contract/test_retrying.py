"""What failed too often is set aside, and an operator sets it going again."""

import datetime as dt

from alliance.audience import Recipient, ToMember
from alliance.ids import MemberId, NoticeId
from alliance.notices import CharterLapsed
from handlers.time_intents import LapseCharter
from storage.opening import Database
from storage.outbox import DeliveryState
from storage.timers import ATTEMPTS_BEFORE_SET_ASIDE
from tests.fakes.builders import ALLIANCE, DC, MONDAY

LANE = "slack:T0DC"
LATER = MONDAY + dt.timedelta(days=2)


async def set_a_timer_aside(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.timers.set("lapse", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), MONDAY)
        await uow.commit()
    async with database.open_uow() as uow:
        timer = await uow.timers.take_due(MONDAY)
    assert timer is not None
    async with database.open_uow() as uow:
        for _ in range(ATTEMPTS_BEFORE_SET_ASIDE):
            await uow.timers.failed(timer, MONDAY, "broken")
        await uow.commit()


async def give_a_delivery_up(database: Database) -> None:
    notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
    async with database.open_uow() as uow:
        recipients: dict[Recipient, str] = {ToMember(MemberId("ana")): LANE}
        await uow.outbox.append(NoticeId("n1"), notice, recipients=recipients, urgent=False, now=MONDAY)
        (delivery,) = await uow.outbox.claim(LANE, MONDAY, 10)
        await uow.outbox.dead(delivery, "refused: invalid_blocks", MONDAY)
        await uow.commit()


async def test_a_timer_that_was_set_aside_is_due_at_once_when_it_is_set_going(database: Database) -> None:
    await set_a_timer_aside(database)

    async with database.open_uow() as uow:
        assert await uow.timers.take_due(LATER) is None
        count = await uow.timers.set_going()
        await uow.commit()

    assert count == 1
    async with database.open_uow() as uow:
        assert await uow.timers.set_aside() == []
        timer = await uow.timers.take_due(LATER)
    assert timer is not None
    assert (timer.key, timer.attempts, timer.error) == ("lapse", 0, None)


async def test_a_delivery_that_was_given_up_is_sent_again_when_it_is_set_going(database: Database) -> None:
    await give_a_delivery_up(database)

    async with database.open_uow() as uow:
        assert await uow.outbox.waiting_lanes(LATER) == []
        count = await uow.outbox.set_going(LATER)
        await uow.commit()

    assert count == 1
    async with database.open_uow() as uow:
        assert await uow.outbox.given_up() == []
        assert await uow.outbox.waiting_lanes(LATER) == [LANE]
        (delivery,) = await uow.outbox.claim(LANE, LATER, 10)
    assert (delivery.attempts, delivery.in_doubt) == (0, False)


async def test_setting_going_leaves_alone_what_never_failed(database: Database) -> None:
    async with database.open_uow() as uow:
        await uow.timers.set("lapse", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), LATER)
        notice = CharterLapsed(alliance_id=ALLIANCE, version=1, missing=(DC,))
        recipients: dict[Recipient, str] = {ToMember(MemberId("ana")): LANE}
        await uow.outbox.append(NoticeId("n1"), notice, recipients=recipients, urgent=False, now=LATER)
        await uow.commit()

    async with database.open_uow() as uow:
        counts = (await uow.timers.set_going(), await uow.outbox.set_going(MONDAY))
        await uow.commit()

    assert counts == (0, 0)
    async with database.open_uow() as uow:
        assert await uow.outbox.claim(LANE, MONDAY, 10) == []
        assert await uow.outbox.counts() == {(LANE, DeliveryState.PENDING): 1}
