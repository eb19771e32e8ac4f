"""Escalations driven through dispatch: raising, acknowledging, proposing, and a look at what became of it."""

import datetime as dt
from typing import TypeVar

from alliance import notices as n
from alliance.action_item import ActionItem
from alliance.escalation import Escalation
from alliance.ids import CheckinId, EscalationId, MemberId
from alliance.protocol import Urgency
from handlers import intents as i
from storage.timers import Timer
from tests.fakes.builders import ALLIANCE
from tests.fakes.driving import Driver

N = TypeVar("N", bound=n.Notice)


def a_matter(
    *, checkin_id: CheckinId | None = None, author: str | None = None, urgency: Urgency = Urgency.ROUTINE
) -> i.RaiseEscalation:
    return i.RaiseEscalation(
        alliance_id=ALLIANCE,
        title="The pilot slips",
        facts="The second milestone moved twice.",
        need="One date that both keep.",
        urgency=urgency,
        checkin_id=checkin_id,
        author=MemberId(author) if author else None,
    )


async def the_case(driver: Driver, number: int = 1) -> Escalation:
    async with driver.open_uow() as uow:
        case = await uow.escalations.numbered(ALLIANCE, number)
    assert case is not None
    return case


async def raise_one(driver: Driver, by: str = "dc-op1") -> EscalationId:
    await driver.ask(by, a_matter())
    return (await the_case(driver)).id


async def timers(driver: Driver) -> list[Timer]:
    async with driver.open_uow() as uow:
        return [timer for timer in await uow.timers.of(ALLIANCE) if "escalation:" in timer.key]


async def items(driver: Driver) -> list[ActionItem]:
    async with driver.open_uow() as uow:
        return await uow.action_items.open_ones(ALLIANCE)


async def events(driver: Driver) -> list[str]:
    async with driver.open_uow() as uow:
        assert await uow.audit.verify(ALLIANCE) is None
        entries = await uow.audit.entries(ALLIANCE)
    return [entry.event for entry in entries if entry.event.startswith("escalation")]


async def told(driver: Driver, kind: type[N]) -> list[N]:
    return [notice for notice in await driver.notices(kind) if isinstance(notice, kind)]


def acknowledging(case: EscalationId, level: int = 0) -> i.AcknowledgeEscalation:
    return i.AcknowledgeEscalation(alliance_id=ALLIANCE, escalation_id=case, level=level)


async def acknowledged(driver: Driver) -> EscalationId:
    case = await raise_one(driver)
    for key in ("dc-op1", "mc-op1"):
        await driver.ask(key, acknowledging(case))
    return case


def proposing(case: EscalationId, *tasks: i.TaskWords) -> i.ProposeResolution:
    return i.ProposeResolution(
        alliance_id=ALLIANCE, escalation_id=case, decision="13 April.", reason="It holds.", tasks=tasks
    )


def accepting(case: EscalationId, by: str = "dc-op1", number: int = 1) -> i.AcceptResolution:
    return i.AcceptResolution(alliance_id=ALLIANCE, escalation_id=case, proposed_by=MemberId(by), proposal=number)


def task(owner: str = "mc-op1", due: dt.date | None = dt.date(2026, 2, 20)) -> i.TaskWords:
    return i.TaskWords(title="Send the new date", owner=owner, due=due)
