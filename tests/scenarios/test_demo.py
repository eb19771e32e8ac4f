"""The main job, end to end: the demo's story through real HTTP with real signatures, on SQLite in a file."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.demo import play


async def played(folder: Path, *, weeks: int, seed: int = 7) -> tuple[dict[str, Any], str]:
    story = StringIO()
    figures = await play(folder / "liaison.db", weeks=weeks, seed=seed, console=Console(file=story, width=160))
    return figures, story.getvalue()


async def test_the_first_week_brings_signatures_a_checkin_a_pulse_and_a_digest(tmp_path: Path) -> None:
    figures, story = await played(tmp_path, weeks=1)

    assert figures["signatures"] == 2
    assert figures["checkins_closed"] == 1
    assert figures["pulses_closed"] == 1
    assert set(figures["digests_sent"].values()) == {1}
    assert figures["audit"]["verified"] is True
    assert figures["refused_by_the_platforms"] == {"slack": 0, "teams": 0}
    assert "Slack" in story
    assert "Teams" in story


@pytest.mark.slow
async def test_eight_weeks_bring_everything_that_the_liaison_promises(tmp_path: Path) -> None:
    figures, _ = await played(tmp_path, weeks=8)

    climbed = [case for case in figures["escalations"] if case["levels_passed"] >= 3]
    assert figures["signatures"] == 2
    assert figures["checkins_closed"] >= 8
    assert figures["pulses_closed"] >= 4
    assert figures["figures_withheld"] >= 1
    assert figures["gaps_found"] >= 1
    assert any(case["ended_by_acceptance_of_the_other_side"] for case in climbed)
    assert figures["checkpoints_closed"] == 2
    assert figures["contested_criteria"] >= 1
    assert set(figures["digests_sent"].values()) == {8}
    assert set(figures["messages"]) == {"slack", "teams"}
    assert figures["audit"]["verified"] is True
    assert figures["refused_by_the_platforms"] == {"slack": 0, "teams": 0}
    assert figures["deliveries_given_up"] == 0
    assert figures["timers_set_aside"] == 0


@pytest.mark.slow
async def test_the_same_seed_gives_the_same_report(tmp_path: Path) -> None:
    first, _ = await played(tmp_path / "first", weeks=4, seed=11)
    second, _ = await played(tmp_path / "second", weeks=4, seed=11)

    assert json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
