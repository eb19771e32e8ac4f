"""The installation's database, opened from its settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage import opening
from storage.unit_of_work import OpenUnitOfWork


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[OpenUnitOfWork]:
    """Open it for a command line; raises storage.opening.DatabaseTrouble, whose text says what to do."""
    secret_key = settings.secret_key.get_secret_value()
    async with opening.opened(settings.database_url, secret_key) as database:
        yield database.open_uow
