"""One transaction and the repositories that work in it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cached_property
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.action_items import ActionItems
from storage.audit import AuditTrail
from storage.charters import Charters
from storage.checkins import Checkins
from storage.checkpoints import Checkpoints
from storage.chores import Chores
from storage.conversations import Conversations
from storage.digests import Digests
from storage.drafts import Drafts
from storage.engine import at_once, broke_off, in_words, is_sqlite, lasts, reading, refuses_to_write, writers_turn
from storage.escalations import Escalations
from storage.homes import Homes
from storage.inbox import Inbox
from storage.known import KnownRosters
from storage.lanes import Lanes
from storage.outbox import Outbox
from storage.posts import Posts
from storage.prepared import connection_of
from storage.pulse_notices import PulseNotices
from storage.pulses import Pulses
from storage.rosters import Rosters
from storage.seal import Seal
from storage.threads import Threads
from storage.timers import Timers
from storage.traces import Traces
from storage.trouble import Trouble
from storage.warnings import Warnings
from storage.workspaces import Workspaces


class UnitOfWork:
    """The repositories of one transaction. Nothing is kept unless `commit` is called; only dispatch and lanes do."""

    def __init__(self, session: AsyncSession, seal: Seal, known: KnownRosters | None = None) -> None:
        self._session = session
        self._seal = seal
        self._known = known

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self._session, self._known)

    @cached_property
    def charters(self) -> Charters:
        return Charters(self._session)

    @cached_property
    def checkins(self) -> Checkins:
        return Checkins(self._session)

    @cached_property
    def pulses(self) -> Pulses:
        return Pulses(self._session, self._seal)

    @cached_property
    def escalations(self) -> Escalations:
        return Escalations(self._session)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(self._session)

    @cached_property
    def action_items(self) -> ActionItems:
        return ActionItems(self._session)

    @cached_property
    def warnings(self) -> Warnings:
        return Warnings(self._session)

    @cached_property
    def digests(self) -> Digests:
        return Digests(self._session)

    @cached_property
    def timers(self) -> Timers:
        return Timers(self._session)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self._session)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self._session)

    @cached_property
    def lanes(self) -> Lanes:
        return Lanes(self._session)

    @cached_property
    def chores(self) -> Chores:
        return Chores(self._session)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self._session, self._seal)

    @cached_property
    def homes(self) -> Homes:
        return Homes(self._session)

    @cached_property
    def threads(self) -> Threads:
        return Threads(self._session)

    @cached_property
    def pulse_notices(self) -> PulseNotices:
        return PulseNotices(self._session)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self._session)

    @cached_property
    def audit(self) -> AuditTrail:
        return AuditTrail(self._session)

    @cached_property
    def traces(self) -> Traces:
        return Traces(self._session)

    @cached_property
    def workspaces(self) -> Workspaces:
        return Workspaces(self._session, self._seal)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self._session)

    def new_id(self) -> str:
        """A fresh id: 16 random hexadecimal digits, so that no order can be read from it."""
        return secrets.token_hex(8)

    async def commit(self) -> None:
        is_awake = self._session.in_transaction()  # it sleeps where all was said past it (storage.prepared)
        await (self._session if is_awake else connection_of(self._session)).commit()


class Interrupted(Exception):
    """The database broke a transaction off, or is away: the same again may well go through.

    When that was during the commit, nobody knows whether it took place; the inbox tells the second time.
    """


class OpenUnitOfWork(Protocol):
    """Opens a unit of work: `async with open_uow() as uow`. What was not committed is rolled back at the end.

    One that only `reads` waits for no writer on SQLite, and cannot write there. Units of work are short and never one
    inside the other: the inner one would wait for the outer one.
    """

    def __call__(self, *, reads: bool = False) -> AbstractAsyncContextManager[UnitOfWork]: ...


def unit_of_work(engine: AsyncEngine, seal: Seal, trouble: Trouble | None = None) -> OpenUnitOfWork:
    """Return the opener of units of work on this database; `trouble` hears what keeps it from its work."""
    reader, turn, known = reading(engine), writers_turn(engine), KnownRosters()
    forgets = not is_sqlite(engine)

    @asynccontextmanager
    async def open_uow(*, reads: bool = False) -> AsyncIterator[UnitOfWork]:
        try:
            async with (
                nullcontext() if reads else turn,
                (reader if reads else engine).connect() as connection,
            ):
                # What is not committed ends with the connection. To end the session too would take as long as a query.
                session = AsyncSession(connection, expire_on_commit=False, join_transaction_mode="control_fully")
                uow = UnitOfWork(session, seal, known)
                yield uow
                if reads and forgets:  # at a rollback psycopg forgets all statements that it has prepared
                    await uow.commit()
        except DBAPIError as error:
            if not broke_off(error) or refuses_to_write(error, reads=reads):
                raise
            if trouble is not None and lasts(error):
                trouble.met(in_words(error, engine))
            raise Interrupted(in_words(error, engine)) from error
        except NoneFree as error:
            raise Interrupted("every connection to the database is in use") from error

    return open_uow


def giving_way(open_uow: OpenUnitOfWork, engine: AsyncEngine) -> OpenUnitOfWork:
    """Return the opener for what nobody stands and waits for: a quarter at most is at work, however many there are.

    Those who wait go on in the order they came. People need not queue behind them, nor for a connection.
    """
    gate = asyncio.Semaphore(max(1, at_once(engine) // 4))

    @asynccontextmanager
    async def open_later(*, reads: bool = False) -> AsyncIterator[UnitOfWork]:
        async with gate, open_uow(reads=reads) as uow:
            yield uow

    return open_later
