"""PostgreSQL's connections: how long they wait, what they may hold up, and how those that were closed are found out."""

import json
import math
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Dialect, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "liaison",
}
"""libpq's parameters where the address does not say them: a server that has vanished is noticed within a minute."""
LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}
"""What the server allows our transactions, where neither address, role nor server says another: a replica whose machine
vanished holds no lock for longer, and nobody waits behind another for as long as people and platforms would."""
_LIMITED = (
    "SELECT set_config(name, %(limits)s::jsonb ->> name, false) FROM pg_settings "
    "WHERE source = 'default' AND %(limits)s::jsonb ? name"
)
MOST = 20
"""Connections of one process for its units of work; who needs another waits."""
LONG_REST = 5.0
"""Seconds after which a connection is asked whether it still stands. One that is closed within them breaks off a
transaction, which is begun anew."""
_RESTS_SINCE = "rests since"


def made(url: URL) -> AsyncEngine:
    """Make the engine; nothing is connected before the first use."""
    url = url.update_query_dict({name: said for name, said in _PATIENCE.items() if name not in url.query})
    # The one that was used last first: it has most statements prepared, and the others may rest. None is closed after
    # a rush only to be opened in the next: that takes the server longer than some transactions.
    engine = create_async_engine(url, pool_size=MOST, max_overflow=0, pool_use_lifo=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "checkin", _rest)
    event.listen(engine.sync_engine, "checkout", _asking_after_rest(engine.dialect))
    return engine


def _prepare(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LIMITED, {"limits": json.dumps(LIMITS)})
    connection.commit()


def _rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


def _asking_after_rest(dialect: Dialect) -> Callable[[Any, ConnectionPoolEntry, object], None]:
    """Let no connection be used that was closed while it rested; to ask each time would be a way to the server more."""

    def ask(connection: Any, record: ConnectionPoolEntry, _borrowed: object) -> None:
        if time.monotonic() - record.info.get(_RESTS_SINCE, math.inf) < LONG_REST:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    return ask
