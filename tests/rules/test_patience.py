"""A test that stands still ends, and says where."""

import asyncio

import pytest

from tests.fakes.patience import ends_within


async def waits_for_ever() -> None:
    await asyncio.Event().wait()


def test_what_waits_for_ever_fails_and_says_where_it_waits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"stood still: not over after 0\.05 seconds"), ends_within(0.05):
        asyncio.run(waits_for_ever())

    assert "in waits_for_ever" in capsys.readouterr().err


def test_what_is_over_in_time_is_left_alone() -> None:
    with ends_within(60):
        pass
