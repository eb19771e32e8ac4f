import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from handlers.time_intents import LapseCharter
from storage.opening import opened
from storage.timers import ATTEMPTS_BEFORE_SET_ASIDE
from tests.fakes.builders import ALLIANCE, MONDAY

SECRET = "a-secret-key-for-this-test-alone-0123456789"


async def with_a_timer_set_aside(url: str) -> None:
    async with opened(url, SECRET) as database, database.open_uow() as uow:
        await uow.timers.set("lapse", ALLIANCE, LapseCharter(alliance_id=ALLIANCE, version=1), MONDAY)
        (timer,) = await uow.timers.of(ALLIANCE)
        for _ in range(ATTEMPTS_BEFORE_SET_ASIDE):
            await uow.timers.failed(timer, MONDAY, "broken")
        await uow.commit()


def test_retry_says_what_it_set_going_and_leaves_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/liaison.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIAISON_DATABASE_URL", url)
    monkeypatch.setenv("LIAISON_SECRET_KEY", SECRET)
    asyncio.run(with_a_timer_set_aside(url))

    first, second = (CliRunner().invoke(command_line(), ["retry"]) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "1 timers, 0 deliveries" in first.output
    assert "0 timers, 0 deliveries" in second.output
