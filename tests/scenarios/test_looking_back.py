"""Checkpoints, digests and deletion as people meet them, on both platforms at once."""

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from sandbox.seats import Seen
from sandbox.stage import START
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.slow

SECRET = "The zebra crossing was never painted."
NEED = "Somebody who paints zebras at night."
RATED = {"standing:pilots": "on course", "measured:pilots": "7"}
CONTESTED = {"standing:pilots": "at risk", "measured:pilots": "4"}
FIRST_DIGEST = dt.datetime(2026, 2, 9, 7, 0, tzinfo=dt.UTC)
"""Monday 08:00 in Stuttgart; Chicago's is seven hours later."""


async def called_checkpoint(scene: Scene) -> None:
    """One that an alliance manager called, answered by one manager of each company, and closed."""
    await scene.sign()
    await scene.timeline.run_until(START + dt.timedelta(hours=1))
    await scene.timeline.doing(scene.person("mc-lars").seat.say("checkpoint now"))
    await scene.timeline.settle()
    await scene.press("dc-ben", "checkpoint.show", {"went_well": "The joint visits.", **RATED})
    await scene.press("mc-katrin", "checkpoint.show", {"went_well": "The first pilots.", **CONTESTED})
    await scene.timeline.run_until(START + dt.timedelta(days=6))


def newest(scene: Scene, key: str, words: str) -> Seen:
    inbox = scene.person(key).seat.inbox()
    found = [seen for seen in inbox if words in seen.summary]
    assert found, (words, [seen.summary for seen in inbox])
    return found[-1]


async def test_a_called_checkpoint_is_answered_before_and_read_by_both_at_the_close(scene: Scene) -> None:
    await called_checkpoint(scene)

    for key in ("dc-ben", "dc-dana", "mc-katrin", "mc-mara"):
        seen = newest(scene, key, "Retrospective of DC and MC, 2 February 2026")
        for words in ("contested", "unmeasured", "The joint visits.", "The first pilots.", "Since last time"):
            assert words in seen.text, (key, words)
        assert "Ben Okafor" not in seen.text


async def test_a_decision_an_item_and_an_amendment_follow_from_it(scene: Scene) -> None:
    await called_checkpoint(scene)

    await scene.press("mc-katrin", "checkpoint.ask-decision", {"decision": "We visit the first ten together."})
    await scene.press("dc-cleo", "checkpoint.ask-amendment", {"change": "Three days to resolve."})

    for key in ("dc-ben", "dc-dana", "mc-lars", "mc-mara"):
        assert "We visit the first ten together." in newest(scene, key, "recorded a decision").text
        assert "Three days to resolve." in newest(scene, key, "proposes to amend").text


async def test_each_company_s_executives_get_the_same_digest_at_their_own_hour(scene: Scene) -> None:
    await scene.sign()
    await scene.timeline.run_until(FIRST_DIGEST)
    on_teams = newest(scene, "mc-mara", "A quiet week")
    assert not [seen for seen in scene.person("dc-dana").seat.inbox() if "A quiet week" in seen.summary]

    await scene.timeline.run_until(FIRST_DIGEST + dt.timedelta(hours=7))

    on_slack = newest(scene, "dc-dana", "A quiet week")
    assert on_slack.summary == on_teams.summary
    assert on_slack.summary.endswith("nothing changed. Next checkpoint: 3 March 2026.")


async def test_a_person_who_leaves_is_in_no_table_any_more(scene: Scene, tmp_path: Path) -> None:
    await scene.sign()
    await scene.timeline.run_until(START + dt.timedelta(days=1, hours=2))
    words = {"course": "blocked", "moved": SECRET, "next": SECRET, "in_the_way": SECRET}
    await scene.press("dc-tyrone", "checkin.answer", words)
    await scene.timeline.run_until(START + dt.timedelta(days=4))
    await scene.timeline.doing(scene.person("dc-tyrone").seat.say("raise"))
    await scene.press("dc-tyrone", "escalation.raise", {"title": "Paint", "facts": SECRET, "need": NEED})
    await scene.timeline.run_until(START + dt.timedelta(days=7))
    assert found_in(tmp_path / "liaison.db", "Tyrone Jackson")
    assert found_in(tmp_path / "liaison.db", SECRET)

    await scene.timeline.doing(scene.person("dc-tyrone").seat.say("delete my data"))
    await scene.press("dc-tyrone", "privacy.forget")
    await scene.timeline.run_until(START + dt.timedelta(days=9))

    for trace in ("Tyrone Jackson", "U0DCTYRONE", SECRET, NEED):
        assert found_in(tmp_path / "liaison.db", trace) == [], trace
    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow() as uow:
        summaries = await uow.checkins.summaries(here, 5)
        assert await uow.audit.verify(here) is None
    assert sum(side.answered for summary in summaries for side in summary.sides) == 1


def found_in(database: Path, words: str) -> list[str]:
    """Every table and column in which a row holds these words."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            f"{table}.{column[1]}"
            for table in tables
            for column in connection.execute(f'PRAGMA table_info("{table}")')
            if connection.execute(
                f'SELECT 1 FROM "{table}" WHERE instr(CAST("{column[1]}" AS TEXT), ?) > 0 LIMIT 1', (words,)
            ).fetchone()
        ]
