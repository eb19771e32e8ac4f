"""Check-in rounds, their answers and their summaries."""

import datetime as dt

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.checkin import Checkin, CheckinAnswer, CheckinSummary
from alliance.errors import NotFound
from alliance.ids import AllianceId, CheckinId, MemberId
from alliance.rounds import RoundState
from storage.codec import decode, encode
from storage.tables import CheckinAnswerRow, CheckinRow


class Checkins:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, checkin_id: CheckinId) -> Checkin:
        """Return one round, locked; NotFound when there is none."""
        row = await self._session.get(CheckinRow, checkin_id, with_for_update=True)
        if row is None:
            raise NotFound
        return decode(Checkin, row.document)

    async def is_open(self, checkin_id: CheckinId) -> bool:
        """Whether the round takes answers; asked often, and so without reading who was invited."""
        state = await self._session.exec(select(CheckinRow.state).where(CheckinRow.id == checkin_id))
        return state.first() == RoundState.OPEN

    async def on(self, alliance_id: AllianceId, day: dt.date) -> Checkin | None:
        """The round of that date of the cadence, locked."""
        query = select(CheckinRow).where(CheckinRow.alliance_id == alliance_id, CheckinRow.day == day)
        row = (await self._session.exec(query.with_for_update())).first()
        return decode(Checkin, row.document) if row else None

    async def open_rounds(self, alliance_id: AllianceId) -> list[Checkin]:
        query = select(CheckinRow).where(CheckinRow.alliance_id == alliance_id, CheckinRow.state == RoundState.OPEN)
        rows = await self._session.exec(query.order_by(col(CheckinRow.day)))
        return [decode(Checkin, row.document) for row in rows]

    async def save(self, checkin: Checkin) -> None:
        row = await self._session.get(CheckinRow, checkin.id)
        if row is None:
            row = CheckinRow(
                id=checkin.id,
                alliance_id=checkin.alliance_id,
                day=checkin.day,
                state=checkin.state,
                document=encode(checkin),
            )
        row.state = checkin.state
        row.document = encode(checkin)
        self._session.add(row)
        await self._session.flush()

    async def save_answer(self, checkin_id: CheckinId, answer: CheckinAnswer) -> None:
        await self._session.merge(
            CheckinAnswerRow(checkin_id=checkin_id, member_id=answer.member_id, document=encode(answer))
        )
        await self._session.flush()

    async def answers(self, checkin_id: CheckinId) -> list[CheckinAnswer]:
        """Every answer of a round, by member id."""
        rows = await self._session.exec(
            select(CheckinAnswerRow)
            .where(CheckinAnswerRow.checkin_id == checkin_id)
            .order_by(col(CheckinAnswerRow.member_id))
        )
        return [decode(CheckinAnswer, row.document) for row in rows]

    async def answered_by(self, checkin_id: CheckinId) -> frozenset[MemberId]:
        """Who has answered a round."""
        rows = await self._session.exec(
            select(CheckinAnswerRow.member_id).where(CheckinAnswerRow.checkin_id == checkin_id)
        )
        return frozenset(MemberId(member) for member in rows)

    async def answer_of(self, checkin_id: CheckinId, member_id: MemberId) -> CheckinAnswer | None:
        row = await self._session.get(CheckinAnswerRow, (checkin_id, member_id))
        return decode(CheckinAnswer, row.document) if row else None

    async def save_summary(self, summary: CheckinSummary) -> None:
        """Keep what was told when the round closed."""
        row = await self._session.get_one(CheckinRow, summary.checkin_id)
        row.summary = encode(summary)
        await self._session.flush()

    async def summaries(self, alliance_id: AllianceId, limit: int) -> list[CheckinSummary]:
        """The newest closed rounds' summaries, newest first."""
        return [summary for _, summary in await self.closed(alliance_id, limit)]

    async def closed(self, alliance_id: AllianceId, limit: int) -> list[tuple[Checkin, CheckinSummary]]:
        """The newest closed rounds, each with its summary, newest first."""
        rows = await self._session.exec(
            select(CheckinRow)
            .where(CheckinRow.alliance_id == alliance_id, CheckinRow.state == RoundState.CLOSED)
            .order_by(col(CheckinRow.day).desc())
            .limit(limit)
        )
        return [(decode(Checkin, row.document), decode(CheckinSummary, row.summary)) for row in rows if row.summary]
