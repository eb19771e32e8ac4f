"""A liaison that is copied, or restored from a backup, in the middle of its rounds: people notice nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from alliance.escalation import State
from alliance.rounds import RoundState
from sandbox.stage import staged
from storage.backup import back_up
from storage.copying import copied
from storage.opening import opened
from storage.outbox import DeliveryState
from storage.tables import DeliveryRow
from tests.contract.conftest import SECRET, empty_database
from tests.contract.test_whole_liaison import (
    ANSWERING,
    FRIDAY,
    NEXT_MONDAY,
    ON_TRACK,
    TUESDAY,
    WEDNESDAY,
    WORDS,
    answer_the_pulse,
    settle_the_blocker,
)
from tests.fakes.postgresql import program
from tests.scenarios.conftest import Scene, serving

pytestmark = pytest.mark.slow

Move = Callable[[str], Awaitable[str]]
"""Takes the address of a database that nobody uses, and returns that of the one that is used from now on."""


async def stay(database_url: str) -> str:
    return database_url


async def played(first: str, move: Move = stay, move_again: Move = stay) -> dict[str, Counter[str]]:
    """Play a week, interrupted in an open check-in and in an open pulse; returns what each person has in sight."""
    async with staged(seed=1) as stage:
        async with serving(stage, first) as scene:
            await scene.begin()
            await scene.sign()
            await scene.timeline.run_until(TUESDAY)
            await scene.press("dc-ana", "checkin.answer", {**ON_TRACK, "course": "blocked", "in_the_way": WORDS})
        second = await move(first)
        async with serving(stage, second) as scene:
            await scene.press("mc-jonas", "checkin.answer", ON_TRACK)
            await scene.timeline.run_until(WEDNESDAY)
            await answer_the_pulse(scene)
        third = await move_again(second)
        async with serving(stage, third) as scene:
            await scene.timeline.run_until(FRIDAY)
            await settle_the_blocker(scene)
            await scene.timeline.run_until(NEXT_MONDAY)
            await ended_well(scene)
        return {key: Counter(seen.summary for seen in person.seat.inbox()) for key, person in stage.people.items()}


async def ended_well(scene: Scene) -> None:
    here = (await scene.roster()).alliance_id
    async with scene.liaison.database.open_uow(reads=True) as uow:
        (summary,) = await uow.checkins.summaries(here, 5)
        case = await uow.escalations.numbered(here, 1)
        pulse = await uow.pulses.newest(here)
        assert pulse is not None
        answers = await uow.pulses.answers(pulse.id)
        assert await uow.audit.verify(here) is None
        assert (await uow.timers.set_aside(), await uow.outbox.given_up()) == ([], [])
        assert {state for _, state in await uow.outbox.counts()} <= {DeliveryState.SENT, DeliveryState.UNWANTED}
    assert [side.answered for side in summary.sides] == [1, 1]
    assert case is not None
    assert case.state is State.RESOLVED
    assert (pulse.state, len(answers)) == (RoundState.CLOSED, 10)


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    """What everybody has in sight after a week in one database."""
    folder = tmp_path_factory.mktemp("unmoved")
    return asyncio.run(played(f"sqlite:///{folder}/liaison.db"))


async def leave_in_doubt(database_url: str) -> None:
    """Let the newest invitation on Slack be what a process was sending when it died."""
    async with opened(database_url, SECRET, migrate=False) as database, database.engine.begin() as connection:
        changed = await connection.execute(
            update(DeliveryRow)
            .where(col(DeliveryRow.kind) == "CheckinOpened", col(DeliveryRow.lane).startswith("slack:"))
            .values(state=DeliveryState.SENDING, reference=None)
        )
    assert changed.rowcount > 0


async def test_an_installation_that_moves_to_postgresql_and_back_goes_on_where_it_was(
    tmp_path: Path, postgresql: str, unmoved: dict[str, Counter[str]]
) -> None:
    async with empty_database(postgresql) as there:

        async def move(here: str) -> str:
            await leave_in_doubt(here)
            await copied(here, there, SECRET)
            return there

        async def move_back(_here: str) -> str:
            back = f"sqlite:///{tmp_path}/back.db"
            await copied(there, back, SECRET)
            return back

        seen = await played(f"sqlite:///{tmp_path}/liaison.db", move, move_back)

    assert seen == unmoved


# --- restored from a backup, as docs/howto/back-up-and-restore.md says --------------------------------------

Copy = Callable[[Path], Awaitable[object]]
"""Makes a backup of that name while the liaison runs."""


async def restored(database_url: str, folder: Path, copy: Copy, restore: Callable[[Path], Awaitable[str]]) -> None:
    """Make backups while people answer, go back to one of the middle, and play on from there."""
    copies: list[Path] = []
    async with staged(seed=1) as stage:
        async with serving(stage, database_url) as scene:
            await scene.begin()
            await scene.sign()
            await scene.timeline.run_until(TUESDAY)
            await scene.press("dc-ana", "checkin.answer", {**ON_TRACK, "course": "blocked", "in_the_way": WORDS})
            await scene.press("mc-jonas", "checkin.answer", ON_TRACK)
            await scene.timeline.run_until(WEDNESDAY)
            answering = asyncio.create_task(answer_the_pulse(scene))
            while not answering.done() or not copies:
                copies.append(folder / f"{len(copies)}.copy")
                await copy(copies[-1])
            await answering
        back = await restore(copies[len(copies) // 2])
        async with serving(stage, back) as scene:
            await answer_once_more(scene)
            await scene.timeline.run_until(FRIDAY)
            await settle_the_blocker(scene)
            await scene.timeline.run_until(NEXT_MONDAY)
            await ended_well(scene)


async def answer_once_more(scene: Scene) -> None:
    """Some answers are younger than the copy, and nobody knows whose."""
    for side, people in zip(("dc", "mc"), ANSWERING, strict=True):
        for name in people:
            await scene.press(f"{side}-{name}", "pulse.show")
    await answer_the_pulse(scene)


async def test_a_backup_of_a_file_that_is_in_use_is_put_back_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "liaison.db"

    async def copy(to: Path) -> None:
        await asyncio.to_thread(back_up, file, to)

    async def restore(from_copy: Path) -> str:
        for old in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            await asyncio.to_thread(old.unlink, missing_ok=True)
        await asyncio.to_thread(from_copy.rename, file)
        return f"sqlite:///{file}"

    await restored(f"sqlite:///{file}", tmp_path, copy, restore)


async def test_a_dump_of_a_server_that_is_in_use_is_restored_elsewhere_and_goes_on(
    tmp_path: Path, postgresql: str
) -> None:
    async with empty_database(postgresql) as here, empty_database(postgresql) as there:
        async with opened(here, SECRET, migrate=True):
            pass

        async def copy(to: Path) -> None:
            await run("pg_dump", "--format=custom", f"--file={to}", here)

        async def restore(from_copy: Path) -> str:
            await run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={there}", str(from_copy))
            async with opened(there, SECRET, migrate=True):
                return there

        await restored(here, tmp_path, copy, restore)


async def run(name: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(program(name), *arguments, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
