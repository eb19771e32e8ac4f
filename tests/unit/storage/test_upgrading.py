"""Bringing a database up to date says how far it is, and nothing when nothing is missing."""

from pathlib import Path

from storage.opening import opened
from storage.schema import known_revisions


async def test_each_migration_is_told_and_a_second_time_none(tmp_path: Path) -> None:
    url, secret = f"sqlite:///{tmp_path}/liaison.db", "a secret key for tests"
    told: list[tuple[int, int]] = []

    async with opened(url, secret, told=lambda done, whole: told.append((done, whole))):
        pass
    first = list(told)
    async with opened(url, secret, told=lambda done, whole: told.append((done, whole))):
        pass

    whole = len(known_revisions())
    assert first == [(done, whole) for done in range(1, whole + 1)]
    assert told == first
