"""Pulse rounds and their anonymous answers.

A stored answer carries no member, no time and no order. While a round is open its key is an HMAC of the
member under the round's secret; at the close the secret is destroyed and every row is written anew under a
random key.

Databases remember more than their columns say: where a row lies in its page and (on PostgreSQL) which
transaction wrote it. Answers and participations of one press share both, and so would be joined by them. That
is why every save writes all rows of the round anew, in the order of their keys. An order of the tables' own would
not do: within a page SQLite lays rows down as they come, whatever their keys. The price is that the n-th answer of
a round writes 2n rows: with the 500 people of the largest file 1,000 rows at most, some hundredths of a second.
"""

import datetime as dt
import json
import random
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, cast, insert
from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from alliance.errors import AlreadyClosed, NotFound
from alliance.ids import AllianceId, MemberId, PulseId, SideKey
from alliance.pulse import Pulse, PulseAnswer, PulseResults
from alliance.pulse_results import EarlierPulse
from alliance.rounds import RoundState
from storage import anew
from storage.codec import decode, decode_text, encode
from storage.prepared import said
from storage.seal import Seal
from storage.tables import PulseAnswerRow, PulseCommentRow, PulseParticipationRow, PulseRow

_PULSES = PulseRow.metadata.tables["pulses"]
_LOCKED = (
    select(cast(_PULSES.c.document, Text), _PULSES.c.secret)
    .where(_PULSES.c.id == bindparam("pulse_id"))
    .with_for_update()
)


class Pulses:
    def __init__(self, session: AsyncSession, seal: Seal) -> None:
        self._session = session
        self._seal = seal
        self._sealed: dict[PulseId, str | None] = {}

    async def get(self, pulse_id: PulseId) -> Pulse:
        """Return one round, locked; NotFound when there is none."""
        found = await said(self._session, _LOCKED, pulse_id=pulse_id)
        if not found:
            raise NotFound
        ((document, self._sealed[pulse_id]),) = found
        return _read(document)

    async def is_open(self, pulse_id: PulseId) -> bool:
        """Whether the round takes answers; asked often, and so without reading who was invited, or holding it."""
        state = await self._session.exec(select(PulseRow.state).where(PulseRow.id == pulse_id))
        return state.first() == RoundState.OPEN

    async def newest(self, alliance_id: AllianceId) -> Pulse | None:
        """The round with the highest number, locked."""
        query = select(PulseRow).where(PulseRow.alliance_id == alliance_id)
        query = query.order_by(col(PulseRow.number).desc()).limit(1).with_for_update()
        row = (await self._session.exec(query)).first()
        return decode(Pulse, row.document) if row else None

    async def open_rounds(self, alliance_id: AllianceId) -> list[Pulse]:
        rows = await self._session.exec(
            select(PulseRow)
            .where(PulseRow.alliance_id == alliance_id, PulseRow.state == RoundState.OPEN)
            .order_by(col(PulseRow.number))
        )
        return [decode(Pulse, row.document) for row in rows]

    async def on_day(self, alliance_id: AllianceId, day: dt.date) -> Pulse | None:
        """The round of that date of the cadence, locked."""
        query = select(PulseRow).where(PulseRow.alliance_id == alliance_id, PulseRow.day == day)
        row = (await self._session.exec(query.with_for_update())).first()
        return decode(Pulse, row.document) if row else None

    async def add(self, pulse: Pulse) -> None:
        """Store a new round with a fresh secret, sealed."""
        self._session.add(
            PulseRow(
                id=pulse.id,
                alliance_id=pulse.alliance_id,
                number=pulse.number,
                day=pulse.day,
                state=pulse.state,
                secret=self._seal.close(secrets.token_hex(32)),
                document=encode(pulse),
            )
        )
        await self._session.flush()

    async def save(self, pulse: Pulse) -> None:
        row = await self._session.get_one(PulseRow, pulse.id)
        row.state = pulse.state
        row.document = encode(pulse)
        await self._session.flush()

    async def secret(self, pulse_id: PulseId) -> bytes:
        """The round's secret; AlreadyClosed once it was destroyed."""
        if pulse_id not in self._sealed:
            self._sealed[pulse_id] = (await self._session.get_one(PulseRow, pulse_id)).secret
        sealed = self._sealed[pulse_id]
        if sealed is None:
            raise AlreadyClosed
        return bytes.fromhex(self._seal.open_for_now(sealed))

    async def save_answer(self, pulse_id: PulseId, key: str, answer: PulseAnswer, by: MemberId) -> None:
        """Store or correct the answer under a key of `alliance.pulse.answer_key`, and that `by` need not be reminded.

        The caller holds the round (`get`), so that nobody else writes its answers meanwhile.
        """
        ratings = json.dumps(dict(answer.ratings))
        row = {"key": key, "side": answer.side, "ratings": ratings, "comment": answer.comment or None, "member_id": by}
        await anew.write(self._session, pulse_id, row)

    async def _keyed_answers(self, pulse_id: PulseId) -> dict[str, PulseAnswer]:
        columns: Any = (PulseAnswerRow.key, PulseAnswerRow.side, PulseAnswerRow.ratings, PulseAnswerRow.comment)
        rows: Iterable[Any] = await self._session.exec(select(*columns).where(PulseAnswerRow.pulse_id == pulse_id))
        return {
            key: PulseAnswer(side=SideKey(side), ratings=ratings, comment=comment or "")
            for key, side, ratings, comment in rows
        }

    async def _write_answers(self, pulse_id: PulseId, answers: Mapping[str, PulseAnswer]) -> None:
        await self._session.exec(delete(PulseAnswerRow).where(col(PulseAnswerRow.pulse_id) == pulse_id))
        rows = [
            {
                "pulse_id": pulse_id,
                "key": key,
                "side": answer.side,
                "ratings": dict(answer.ratings),
                "comment": answer.comment or None,
            }
            for key, answer in sorted(answers.items())
        ]
        if rows:
            await (await self._session.connection()).execute(insert(PulseAnswerRow), rows)

    async def remove_answer(self, pulse_id: PulseId, key: str) -> None:
        """Take back the answer under a key, if there is one; holds the round, so that no save brings it back."""
        await self.get(pulse_id)
        kept = await self._keyed_answers(pulse_id)
        if kept.pop(key, None) is not None:
            await self._write_answers(pulse_id, kept)

    async def answer_under(self, pulse_id: PulseId, key: str) -> PulseAnswer | None:
        row = await self._session.get(PulseAnswerRow, (pulse_id, key))
        return _answer(row) if row else None

    async def answers(self, pulse_id: PulseId) -> list[PulseAnswer]:
        return [answer for _, answer in sorted((await self._keyed_answers(pulse_id)).items())]

    async def comments(self, pulse_id: PulseId, side: SideKey) -> list[str]:
        """One side's comments of a closed round, in the random order they are kept in."""
        rows = await self._session.exec(
            select(PulseCommentRow)
            .where(PulseCommentRow.pulse_id == pulse_id, PulseCommentRow.side == side)
            .order_by(col(PulseCommentRow.key))
        )
        return [row.comment for row in rows]

    async def drop_comments(self, pulse_id: PulseId, side: SideKey) -> None:
        """Delete one side's comments of a closed round, which nobody may read."""
        of_that_side = and_(col(PulseCommentRow.pulse_id) == pulse_id, col(PulseCommentRow.side) == side)
        await self._session.exec(delete(PulseCommentRow).where(of_that_side))

    async def participants(self, pulse_id: PulseId) -> frozenset[MemberId]:
        rows = await self._session.exec(
            select(PulseParticipationRow.member_id).where(PulseParticipationRow.pulse_id == pulse_id)
        )
        return frozenset(MemberId(member_id) for member_id in rows)

    async def make_anonymous(self, pulse_id: PulseId) -> None:
        """Destroy the secret and who took part; write every row anew under a random key, comments apart."""
        answers = await self.answers(pulse_id)
        row = await self._session.get_one(PulseRow, pulse_id)
        row.secret = self._sealed[pulse_id] = None
        await self._session.exec(delete(PulseAnswerRow).where(col(PulseAnswerRow.pulse_id) == pulse_id))
        await self._session.exec(delete(PulseParticipationRow).where(col(PulseParticipationRow.pulse_id) == pulse_id))
        await self._session.flush()
        self._session.expunge_all()
        comments = [answer for answer in answers if answer.comment]
        await self._insert(PulseAnswerRow, [_without_comment(pulse_id, answer) for answer in answers])
        await self._insert(PulseCommentRow, [_only_comment(pulse_id, answer) for answer in comments])

    async def _insert(self, table: type[PulseAnswerRow | PulseCommentRow], rows: list[dict[str, Any]]) -> None:
        """Insert rows in an order that says nothing."""
        random.SystemRandom().shuffle(rows)
        if rows:
            await (await self._session.connection()).execute(insert(table), rows)

    async def sealed(self) -> list[str]:
        """The secrets of open rounds as they are stored: for telling which key opens them."""
        rows = await self._session.exec(select(PulseRow.secret).where(col(PulseRow.secret).is_not(None)))
        return [secret for secret in rows if secret is not None]

    async def reseal(self) -> int:
        """Seal the secrets of open rounds anew with the current key; returns how many."""
        rows = (await self._session.exec(select(PulseRow).where(col(PulseRow.secret).is_not(None)))).all()
        for row in rows:
            row.secret = self._seal.renew(row.secret or "")
        await self._session.flush()
        return len(rows)

    async def save_results(self, results: PulseResults) -> None:
        row = await self._session.get_one(PulseRow, results.pulse_id)
        row.results = encode(results)
        await self._session.flush()

    async def results(self, alliance_id: AllianceId, limit: int) -> list[PulseResults]:
        """The published results of the newest closed rounds, newest first."""
        return [past.results for past in await self.earlier(alliance_id, limit)]

    async def earlier(self, alliance_id: AllianceId, limit: int) -> list[EarlierPulse]:
        """The newest closed rounds, each with what was published of it, newest first."""
        rows = await self._session.exec(
            select(PulseRow)
            .where(PulseRow.alliance_id == alliance_id, PulseRow.state == RoundState.CLOSED)
            .order_by(col(PulseRow.number).desc())
            .limit(limit)
        )
        return [
            EarlierPulse(decode(Pulse, row.document), decode(PulseResults, row.results)) for row in rows if row.results
        ]


@lru_cache(maxsize=100)
def _read(document: str) -> Pulse:
    """A round as it was stored; while it is open it changes seldom, and names all who were invited."""
    return decode_text(Pulse, document)


def _without_comment(pulse_id: PulseId, answer: PulseAnswer) -> dict[str, Any]:
    ratings = dict(answer.ratings)
    return {"pulse_id": pulse_id, "key": secrets.token_hex(16), "side": answer.side, "ratings": ratings}


def _only_comment(pulse_id: PulseId, answer: PulseAnswer) -> dict[str, Any]:
    key = secrets.token_hex(16)
    return {"pulse_id": pulse_id, "key": key, "side": answer.side, "comment": answer.comment}


def _answer(row: PulseAnswerRow) -> PulseAnswer:
    return PulseAnswer(side=SideKey(row.side), ratings=row.ratings, comment=row.comment or "")
