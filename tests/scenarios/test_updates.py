"""A rolling update: two versions side by side on one database, and the schema changed under both."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from storage.schema import newest_revision
from tests.fakes.cluster import SIGNERS, Cluster, cluster
from tests.fakes.nothing_lost import nothing_is_lost_or_doubled
from tests.fakes.processes import Ended, environment, liaison, running
from tests.fakes.reliability import Counted
from tests.fakes.replicas import Replica
from tests.fakes.versions import earlier_version, next_version, of_version

FAULT = "7 two versions side by side"
TWO_AND_ONE: Mapping[str, tuple[str, ...]] = {"old-0": (), "old-1": (), "new": ()}


async def command(given: Mapping[str, str], folder: Path, *arguments: str) -> Ended:
    """Run one command of whichever version the environment names."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env=dict(given),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def agreed(stage: Cluster) -> None:
    """Everybody is there, and the charters are signed."""
    await stage.install_on_teams()
    for key, action in SIGNERS:
        await asyncio.gather(*(stage.press(f"{one}/{key}", action) for one in stage.net.alliances))
    await stage.in_time(stage.quiet())


@asynccontextmanager
async def watched(replicas: list[Replica]) -> AsyncIterator[list[int]]:
    """Ask them again and again whether they are ready; yields what they answered."""
    answers: list[int] = []

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                for replica in replicas:
                    async with session.get(f"http://127.0.0.1:{replica.port}/health/ready") as answer:
                        answers.append(answer.status)
                await asyncio.sleep(0.05)

    asking = asyncio.create_task(ask())
    try:
        yield answers
    finally:
        asking.cancel()
        await asyncio.wait([asking])


async def rolled(stage: Cluster) -> None:
    """Half of the people answer, the new replica starts, an old one is replaced by a new one, the others answer."""
    first, second, new = stage.replicas
    people = list(stage.net.people)
    async with asyncio.TaskGroup() as group:
        for name in people[::2]:
            group.create_task(stage.answer_pulse(name))
        await new.start()
        assert await first.terminate() == 0
        first.environment = new.environment
        await first.start()
        for name in people[1::2]:
            group.create_task(stage.answer_pulse(name))
    await stage.in_time(stage.quiet())
    assert second.process is not None
    assert second.process.returncode is None


@pytest.mark.slow
async def test_the_next_version_is_rolled_out_under_load(tmp_path: Path, counted: Counted) -> None:
    version = next_version(tmp_path / "next")
    async with cluster(tmp_path, alliances=1, members=20, names=TWO_AND_ONE) as stage:
        await stage.set_up()
        first, second, new = stage.replicas
        new.environment = of_version(new.environment, version)
        early, *_ = await asyncio.gather(command(new.environment, tmp_path, "run"), first.start(), second.start())
        await agreed(stage)

        await stage.bring_forward("OpenPulse")
        async with watched([first, second]) as answers:
            upgraded = await asyncio.gather(*(command(new.environment, tmp_path, "db", "upgrade") for _ in range(2)))
        await rolled(stage)

        counts = await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]
    assert early.code == 1
    assert "Run: liaison db upgrade" in early.err
    assert [ended.code for ended in upgraded] == [0, 0], upgraded
    assert set(answers) == {200}
    assert "UndefinedColumn" not in second.log
    did = "two replicas, the next version's schema made under them by two processes at once, then replaced one by one"
    counted(FAULT, did, asked_whether_ready=len(answers), not_ready=0, **counts)


@pytest.mark.heavy
async def test_the_version_before_goes_on_with_this_ones_schema(tmp_path: Path, counted: Counted) -> None:
    version = earlier_version(tmp_path / "before")
    if version is None:
        pytest.skip("no history with an earlier schema here; the next version beside this one is tried above")
    async with cluster(tmp_path, alliances=1, members=20, names=TWO_AND_ONE) as stage:
        first, second, _ = stage.replicas
        first.environment = second.environment = of_version(first.environment, version)
        upgraded = await command(first.environment, tmp_path, "db", "upgrade")
        assert upgraded.code == 0, upgraded.err
        await asyncio.gather(first.start(), second.start())

        await stage.set_up()  # which brings the database to this version's schema first
        await agreed(stage)
        await stage.bring_forward("OpenPulse")
        await rolled(stage)

        counts = await nothing_is_lost_or_doubled(stage)
        assert [await replica.terminate() for replica in stage.replicas] == [0, 0, 0]
    did = "two replicas of the newest earlier version with another schema, this one's made under them, then rolled out"
    counted(FAULT, did, **counts)


@pytest.mark.slow
async def test_what_a_later_version_has_only_added_to_is_used_as_it_is(tmp_path: Path) -> None:
    version = next_version(tmp_path / "next")
    await command(of_version(environment(), version), tmp_path, "db", "upgrade")

    again = await liaison(tmp_path, "db", "upgrade")
    async with running(tmp_path) as started, aiohttp.ClientSession() as session:
        ready = await session.get(f"{started.address}/health/ready")

    assert (again.code, again.out) == (0, "The database is at a later version's schema, which fits this one.\n")
    assert ready.status == 200
    assert any(line["event"] == "database is at a later schema, which fits" for line in started.logs)


@pytest.mark.slow
async def test_where_a_later_version_took_something_away_this_one_does_not_start(tmp_path: Path) -> None:
    version = next_version(tmp_path / "next", contracts=True)
    await command(of_version(environment(), version), tmp_path, "db", "upgrade")

    ended = await liaison(tmp_path, "run")

    later = f"{int(newest_revision()) + 1:04}"
    assert ended.code == 1
    assert ended.err == (
        f"The database is at schema {later}, which took away what this version ({newest_revision()}) needs. "
        f"Use a version that needs {later} or later.\n"
    )
