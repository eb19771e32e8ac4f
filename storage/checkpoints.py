"""Checkpoints, their answers and their retrospectives."""

import datetime as dt

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.checkpoint import Checkpoint, CheckpointAnswer, Retrospective
from alliance.errors import NotFound
from alliance.ids import AllianceId, CheckpointId, MemberId
from alliance.rounds import RoundState
from storage.codec import decode, encode
from storage.tables import CheckpointAnswerRow, CheckpointRow


class Checkpoints:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, checkpoint_id: CheckpointId) -> Checkpoint:
        """Return one checkpoint, locked; NotFound when there is none."""
        row = await self._session.get(CheckpointRow, checkpoint_id, with_for_update=True)
        if row is None:
            raise NotFound
        return decode(Checkpoint, row.document)

    async def is_open(self, checkpoint_id: CheckpointId) -> bool:
        """Whether the round takes answers; asked often, and so without reading who was invited."""
        state = await self._session.exec(select(CheckpointRow.state).where(CheckpointRow.id == checkpoint_id))
        return state.first() == RoundState.OPEN

    async def on(self, alliance_id: AllianceId, day: dt.date) -> Checkpoint | None:
        query = select(CheckpointRow).where(CheckpointRow.alliance_id == alliance_id, CheckpointRow.day == day)
        row = (await self._session.exec(query.with_for_update())).first()
        return decode(Checkpoint, row.document) if row else None

    async def open_rounds(self, alliance_id: AllianceId) -> list[Checkpoint]:
        query = select(CheckpointRow).where(
            CheckpointRow.alliance_id == alliance_id, CheckpointRow.state == RoundState.OPEN
        )
        rows = await self._session.exec(query.order_by(col(CheckpointRow.day)))
        return [decode(Checkpoint, row.document) for row in rows]

    async def save(self, checkpoint: Checkpoint) -> None:
        row = await self._session.get(CheckpointRow, checkpoint.id)
        if row is None:
            row = CheckpointRow(
                id=checkpoint.id,
                alliance_id=checkpoint.alliance_id,
                day=checkpoint.day,
                state=checkpoint.state,
                document=encode(checkpoint),
            )
        row.state = checkpoint.state
        row.document = encode(checkpoint)
        self._session.add(row)
        await self._session.flush()

    async def save_answer(self, checkpoint_id: CheckpointId, answer: CheckpointAnswer) -> None:
        await self._session.merge(
            CheckpointAnswerRow(checkpoint_id=checkpoint_id, member_id=answer.member_id, document=encode(answer))
        )
        await self._session.flush()

    async def answers(self, checkpoint_id: CheckpointId) -> list[CheckpointAnswer]:
        rows = await self._session.exec(
            select(CheckpointAnswerRow)
            .where(CheckpointAnswerRow.checkpoint_id == checkpoint_id)
            .order_by(col(CheckpointAnswerRow.member_id))
        )
        return [decode(CheckpointAnswer, row.document) for row in rows]

    async def answered_by(self, checkpoint_id: CheckpointId) -> frozenset[MemberId]:
        """Who has answered a round."""
        rows = await self._session.exec(
            select(CheckpointAnswerRow.member_id).where(CheckpointAnswerRow.checkpoint_id == checkpoint_id)
        )
        return frozenset(MemberId(member) for member in rows)

    async def answer_of(self, checkpoint_id: CheckpointId, member_id: MemberId) -> CheckpointAnswer | None:
        row = await self._session.get(CheckpointAnswerRow, (checkpoint_id, member_id))
        return decode(CheckpointAnswer, row.document) if row else None

    async def save_retrospective(self, retrospective: Retrospective) -> None:
        row = await self._session.get_one(CheckpointRow, retrospective.checkpoint_id)
        row.retrospective = encode(retrospective)
        await self._session.flush()

    async def retrospective_of(self, checkpoint_id: CheckpointId) -> Retrospective | None:
        """One checkpoint's retrospective; None while the checkpoint is open."""
        row = await self._session.get(CheckpointRow, checkpoint_id)
        return decode(Retrospective, row.retrospective) if row and row.retrospective else None

    async def retrospectives(self, alliance_id: AllianceId, limit: int) -> list[Retrospective]:
        """The newest retrospectives, newest first."""
        return [retrospective for _, retrospective in await self.closed(alliance_id, limit)]

    async def closed(self, alliance_id: AllianceId, limit: int) -> list[tuple[Checkpoint, Retrospective]]:
        """The newest closed checkpoints, each with its retrospective, newest first."""
        rows = await self._session.exec(
            select(CheckpointRow)
            .where(CheckpointRow.alliance_id == alliance_id, CheckpointRow.state == RoundState.CLOSED)
            .order_by(col(CheckpointRow.day).desc())
            .limit(limit)
        )
        return [
            (decode(Checkpoint, row.document), decode(Retrospective, row.retrospective))
            for row in rows
            if row.retrospective
        ]
