"""Both companies get a notice at the same moment: whatever is told goes to all who hear it at once, on either side."""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.audience import ToChannel, ToMember, audience
from bot.messages import sample
from bot.messages.catalog import TEMPLATES
from handlers.call import Call
from storage.outbox import recipient_key
from storage.tables import DeliveryRow
from storage.unit_of_work import OpenUnitOfWork


async def test_all_who_hear_a_notice_are_due_at_one_moment_and_none_before_others(
    engine: AsyncEngine, open_uow: OpenUnitOfWork
) -> None:
    told = [notice for template in TEMPLATES.values() for notice in template.examples]
    async with open_uow() as uow:
        for minute, notice in enumerate(told):
            now = sample.NOW + dt.timedelta(minutes=minute)
            await Call(uow=uow, roster=sample.ROSTER, member=None, now=now).tell(notice)
        await uow.commit()

    async with AsyncSession(engine) as session:
        rows = (await session.exec(select(DeliveryRow).order_by(DeliveryRow.id))).all()  # type: ignore[arg-type]
    due: dict[str, list[DeliveryRow]] = {}
    for row in rows:
        due.setdefault(row.notice_id, []).append(row)
    assert len(due) == len(told)
    for notice, deliveries in zip(told, sorted(due.values(), key=lambda some: some[0].not_before), strict=True):
        heard = [recipient_key(to) for to in audience(notice, sample.ROSTER)]
        assert sorted(delivery.recipient for delivery in deliveries) == sorted(heard), type(notice).__name__
        assert len({(delivery.not_before, delivery.urgent, delivery.state) for delivery in deliveries}) == 1


def test_what_goes_to_a_channel_goes_to_those_of_both_companies() -> None:
    for template in TEMPLATES.values():
        for notice in template.examples:
            channels = {to.side for to in audience(notice, sample.ROSTER) if isinstance(to, ToChannel)}
            people = [to for to in audience(notice, sample.ROSTER) if isinstance(to, ToMember)]
            assert channels in (set(), {sample.DC, sample.MC}) or not people, type(notice).__name__
